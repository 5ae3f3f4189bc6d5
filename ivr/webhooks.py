"""What the carrier calls: hears each request that the gate lets in, and answers from the books.

A WSGI application of its own before that of the web framework: nothing here redirects, an error has one way out, and
a key press costs no more than it must. Well-signed requests never get a 3xx or 5xx: a failure inside is logged, and
the caller hears an apology.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ivr.books import Books, Opening
from ivr.call import Hangup, HungUp, Say
from ivr.gate import Asked, Gate
from ivr.survey import phrases
from ivr.survey.publish import Surveys
from ivr.twilio import form, twiml

log = structlog.get_logger()

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
ADDRESSES = ("voice", "sms")
FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}
HASTE_S = 5.0  # the carrier waits for 15 s: who has waited for so long will not try the books again
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
TURN = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """What the carrier's side needs: the gate, the books, the surveys.

    `wake` tells a queue's workers that something is due; it never fails. `count_failure` counts what went wrong on
    our side, also while the database is away.
    """

    gate: Gate
    books: Books
    surveys: Surveys
    wake: Callable[[str], object]
    count_failure: Callable[[], object]


def with_voice(line: Line, app: WsgiApp) -> WsgiApp:
    """The application with the carrier's addresses before it, all under `/voice` and `/sms`."""

    def both(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = [part for part in environ["PATH_INFO"].split("/") if part]
        if not path or path[0] not in ADDRESSES:
            return app(environ, start_response)
        asked = line.gate.read(environ)
        if asked is None:
            start_response("403 Forbidden", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        document = _answer(line, path, asked)
        if document is None:
            start_response("204 No Content", [])
            return []
        body = document.encode()
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]  # a list leaves in one piece

    return both


def _answer(line: Line, path: Sequence[str], asked: Asked) -> str | None:
    """The document that answers; None where nothing is to be said. Whatever goes wrong, there is an answer in time."""
    began = time.monotonic()
    try:
        return _hear(line, path, asked)
    except Exception:
        line.count_failure()
        log.exception("call_failed", call_sid=asked.call_sid)
    try:
        if time.monotonic() - began < HASTE_S:
            return _fail(line, asked)
    except Exception:  # the database or the engine is what failed; the clock closes the books later
        log.exception("apology_without_books", call_sid=asked.call_sid)
    return _apology(asked)


def _hear(line: Line, path: Sequence[str], asked: Asked) -> str | None:
    """What each address is for."""
    match path:
        case ["voice", call_sid, turn] if CALL_SID.fullmatch(call_sid) and TURN.fullmatch(turn):
            return line.books.take(call_sid, int(turn), form.read_input(asked.fields)) or _goodbye(asked)
        case ["voice", "status"]:
            _note_the_end(line, asked)
            return None
        case ["voice", "fallback"]:
            return _fall_back(line, asked)
        case ["voice", survey]:
            return _start(line, survey, asked)
        case ["voice", "recording", call_sid, step] if CALL_SID.fullmatch(call_sid) and step.isprintable():
            _note_recording(line, call_sid, step, asked)
            return None
        case ["sms", *_]:
            return twiml.render((), "")
    log.error("unknown_voice_address", call_sid=asked.call_sid)
    return _goodbye(asked)


def _start(line: Line, survey: str, asked: Asked) -> str:
    context, problems = form.read_context(asked.query, asked.form)
    if asked.fields.get("CallStatus") in FINAL:
        return twiml.render((Hangup(),), "")  # the caller left with the agent: no survey began
    published = line.surveys.current(survey)
    if published is None or not CALL_SID.fullmatch(asked.call_sid):
        unserved = "broken_survey" if survey in line.surveys.ids() else "unknown_survey"
        log.error(unserved if published is None else "no_call_sid", survey=survey, call_sid=asked.call_sid)
        return _goodbye(asked)
    opening = Opening(
        call_sid=asked.call_sid,
        account_sid=asked.fields.get("AccountSid", ""),
        direction="outbound" if asked.fields.get("Direction", "").startswith("outbound") else "inbound",
        from_number=form.read_number(asked.fields.get("From")),
        to_number=form.read_number(asked.fields.get("To")),
        context=context,
        data_problems=problems,
    )
    return line.books.begin(opening, published)


def _note_the_end(line: Line, asked: Asked) -> None:
    if asked.fields.get("CallStatus") in FINAL and CALL_SID.fullmatch(asked.call_sid):
        line.books.hang_up(asked.call_sid, HungUp(), form.read_seconds(asked.fields))
        line.wake("alerts")


def _note_recording(line: Line, call_sid: str, step: str, asked: Asked) -> None:
    if news := form.read_recording(asked.fields):
        line.books.recording(call_sid, step, news)
        line.wake("recordings" if news.status == "completed" else "alerts")


def _fall_back(line: Line, asked: Asked) -> str:
    log.error("carrier_fell_back", call_sid=asked.call_sid, error_code=asked.fields.get("ErrorCode"))
    return _fail(line, asked)


def _fail(line: Line, asked: Asked) -> str:
    """End the call because of us, with an apology in its language; what was answered stays."""
    document = line.books.fail(asked.call_sid) if CALL_SID.fullmatch(asked.call_sid) else None
    return document or _apology(asked)


def _apology(asked: Asked) -> str:
    return _farewell("apology", asked)


def _goodbye(asked: Asked) -> str:
    return _farewell("goodbye", asked)


def _farewell(name: str, asked: Asked) -> str:
    """A last sentence of our own, in the language that came along, where we have it."""
    context, _ = form.read_context(asked.query, asked.form)
    language = context.get("language", "").partition("-")[0].lower()
    spoken = language if language in phrases.PHRASES[name] else phrases.MASTER
    return twiml.render((Say(phrases.phrase(name, spoken), spoken), Hangup()), "")
