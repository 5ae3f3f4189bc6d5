"""What the carrier calls. Hears each request that the gate lets in, and answers from the books.

Well-signed requests never get a 3xx or 5xx: a failure inside is logged, and the caller hears an apology.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog
from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import Forbidden, HTTPException

from ivr.books import Books, Opening
from ivr.call import Hangup, HungUp, Say
from ivr.gate import Asked, Gate
from ivr.survey import phrases
from ivr.survey.publish import Surveys
from ivr.twilio import form, twiml

log = structlog.get_logger()

FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}
CARRIERS = ("/voice", "/sms")
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
ASKED = "aftercall.asked"


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


def voice(line: Line) -> Blueprint:
    """The addresses of the carrier, all under `/voice` and `/sms`."""
    pages = Blueprint("voice", __name__)
    pages.before_app_request(lambda: _let_in(line))
    pages.register_error_handler(Exception, lambda error: _apologise(line, error))
    route = {"methods": ["GET", "POST"], "strict_slashes": False}

    @pages.route("/voice/<survey>", **route)
    def start(survey: str) -> Response:
        return _start(line, survey, _asked())

    @pages.route("/voice/<call_sid>/<int:turn>", **route)
    def answer(call_sid: str, turn: int) -> Response:
        if not CALL_SID.fullmatch(call_sid):
            return _lost()
        return _xml(line.books.take(call_sid, turn, form.read_input(_asked().fields)) or _goodbye())

    @pages.route("/voice/recording/<call_sid>/<step>", **route)
    def recording(call_sid: str, step: str) -> Response:
        news = form.read_recording(_asked().fields)
        if news and CALL_SID.fullmatch(call_sid) and step.isprintable():
            line.books.recording(call_sid, step, news)
            line.wake("alerts")
        return Response(status=204)

    @pages.route("/voice/status", **route)
    def status() -> Response:
        asked = _asked()
        if asked.fields.get("CallStatus") in FINAL and CALL_SID.fullmatch(asked.call_sid):
            line.books.hang_up(asked.call_sid, HungUp(), form.read_seconds(asked.fields))
            line.wake("alerts")
        return Response(status=204)

    @pages.route("/voice/fallback", **route)
    def fallback() -> Response:
        asked = _asked()
        log.error("carrier_fell_back", call_sid=asked.call_sid, error_code=asked.fields.get("ErrorCode"))
        known = CALL_SID.fullmatch(asked.call_sid) and line.books.fail(asked.call_sid)
        return _xml(known or _apology(asked))

    @pages.route("/sms", **route)
    def sms() -> Response:
        return _xml(twiml.render((), ""))

    return pages


def _let_in(line: Line) -> Response | None:
    """Let only the carrier go on to its addresses; what it asks beside them is answered here."""
    if not request.path.startswith(CARRIERS):
        return None
    asked = line.gate.read(request)
    if asked is None:
        abort(403)
    request.environ[ASKED] = asked
    return _lost() if request.routing_exception else None


def _asked() -> Asked:
    return cast(Asked, request.environ[ASKED])


def _start(line: Line, survey: str, asked: Asked) -> Response:
    context, problems = form.read_context(asked.query, asked.form)
    if asked.fields.get("CallStatus") in FINAL:
        return _xml(twiml.render((Hangup(),), ""))  # the caller left with the agent: no survey began
    published = line.surveys.current(survey)
    if published is None or not CALL_SID.fullmatch(asked.call_sid):
        log.error("unknown_survey" if published is None else "no_call_sid", survey=survey, call_sid=asked.call_sid)
        return _xml(_goodbye(context.get("language")))
    opening = Opening(
        call_sid=asked.call_sid,
        account_sid=asked.fields.get("AccountSid", ""),
        direction="outbound" if asked.fields.get("Direction", "").startswith("outbound") else "inbound",
        from_number=form.read_number(asked.fields.get("From")),
        to_number=form.read_number(asked.fields.get("To")),
        context=context,
        data_problems=problems,
    )
    return _xml(line.books.begin(opening, published) or _goodbye(context.get("language")))


def _apologise(line: Line, error: Exception) -> Response | HTTPException:
    """What the caller hears when we fail: an apology in their language; what they answered stays."""
    if isinstance(error, HTTPException):
        return error
    if ASKED not in request.environ:  # the gate itself failed, so nobody is let in
        log.exception("gate_failed")
        return Forbidden()
    asked = _asked()
    line.count_failure()
    log.exception("call_failed", call_sid=asked.call_sid, endpoint=request.endpoint)
    try:
        return _xml(line.books.fail(asked.call_sid) or _apology(asked))
    except Exception:  # the database or the engine is what failed; the clock closes the books later
        log.exception("apology_without_books", call_sid=asked.call_sid)
        return _xml(_apology(asked))


def _lost() -> Response:
    log.error("unknown_voice_address", call_sid=_asked().call_sid)
    return _xml(_goodbye())


def _apology(asked: Asked) -> str:
    return _farewell("apology", asked.query.get("language"))


def _goodbye(language: str | None = None) -> str:
    return _farewell("goodbye", language)


def _farewell(name: str, language: str | None) -> str:
    """A last sentence of our own, in a language that has it."""
    spoken = language if language and language in phrases.PHRASES[name] else phrases.MASTER
    return twiml.render((Say(phrases.phrase(name, spoken), spoken), Hangup()), "")


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")
