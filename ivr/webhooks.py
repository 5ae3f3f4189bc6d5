"""What the carrier calls. Checks that it is the carrier, hears the request, and answers from the books.

Well-signed requests never get a 3xx or 5xx: a failure inside is logged and the caller hears an apology.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from ivr.books import Books, Opening
from ivr.call import Hangup, HungUp, Say
from ivr.survey import phrases
from ivr.survey.publish import Surveys
from ivr.twilio import form, twiml
from ivr.twilio.signature import holds

log = structlog.get_logger()

FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}
CARRIERS = ("/voice", "/sms")


@dataclass(frozen=True, slots=True)
class Line:
    """What the carrier's side needs: where we are, whose signatures hold, and the books.

    `wake` tells a queue's workers that something is due; it never fails.
    """

    public_url: str
    tokens: tuple[str, ...]
    books: Books
    surveys: Surveys
    wake: Callable[[str], object]


def voice(line: Line) -> Blueprint:
    """The addresses of the carrier, all under `/voice` and `/sms`."""
    pages = Blueprint("voice", __name__)
    pages.before_app_request(lambda: _only_the_carrier(line))
    pages.register_error_handler(Exception, lambda error: _apologise(line, error))

    @pages.route("/voice/<survey>", methods=["GET", "POST"])
    def start(survey: str) -> Response:
        return _start(line, survey)

    @pages.route("/voice/<call_sid>/<int:turn>", methods=["GET", "POST"])
    def answer(call_sid: str, turn: int) -> Response:
        return _xml(line.books.take(call_sid, turn, form.read_input(request.values)) or _goodbye())

    @pages.route("/voice/recording/<call_sid>/<step>", methods=["GET", "POST"])
    def recording(call_sid: str, step: str) -> Response:
        if news := form.read_recording(request.values):
            line.books.recording(call_sid, step, news)
            line.wake("alerts")
        return Response(status=204)

    @pages.route("/voice/status", methods=["GET", "POST"])
    def status() -> Response:
        if request.values.get("CallStatus") in FINAL:
            line.books.hang_up(request.values.get("CallSid", ""), HungUp(), form.read_seconds(request.values))
            line.wake("alerts")
        return Response(status=204)

    @pages.route("/voice/fallback", methods=["GET", "POST"])
    def fallback() -> Response:
        log.error("carrier_fell_back", call_sid=_call_sid(), error_code=request.values.get("ErrorCode"))
        return _xml(line.books.fail(_call_sid()) or _apology())

    @pages.route("/voice/<path:anything>", methods=["GET", "POST"])
    def lost(anything: str) -> Response:
        log.error("unknown_voice_address", path=anything, call_sid=_call_sid())
        return _xml(_goodbye())

    @pages.route("/sms", methods=["GET", "POST"])
    def sms() -> Response:
        return _xml(twiml.render((), ""))

    return pages


def _only_the_carrier(line: Line) -> None:
    """Refuse, whatever it asks, what does not carry the carrier's signature."""
    if not request.path.startswith(CARRIERS):
        return
    body = request.get_data()  # before the form is read, which would leave nothing of it
    query = request.query_string.decode("latin-1")
    url = line.public_url + request.path + (f"?{query}" if query else "")
    sent = list(request.form.items(multi=True)) if request.method == "POST" else []
    if not holds(url, sent, request.headers.get("X-Twilio-Signature", ""), line.tokens, body):
        log.warning("signature_refused", path=request.path, signed="X-Twilio-Signature" in request.headers)
        abort(403)


def _start(line: Line, survey: str) -> Response:
    context, problems = form.read_context(request.args, request.form)
    if not _call_sid() or request.values.get("CallStatus") in FINAL:
        return _xml(twiml.render((Hangup(),), ""))  # the caller left with the agent: no survey began
    published = line.surveys.current(survey)
    if published is None:
        log.error("unknown_survey", survey=survey, call_sid=_call_sid())
        return _xml(_goodbye(context.get("language")))
    missing = [f"{name} is missing" for name in published.survey.required_context() if name not in context]
    opening = Opening(
        call_sid=_call_sid(),
        account_sid=request.values.get("AccountSid", ""),
        direction="outbound" if request.values.get("Direction", "").startswith("outbound") else "inbound",
        from_number=form.read_number(request.values.get("From")),
        to_number=form.read_number(request.values.get("To")),
        context=context,
        data_problems=(*problems, *missing),
    )
    return _xml(line.books.begin(opening, published) or _goodbye(context.get("language")))


def _apologise(line: Line, error: Exception) -> Response | HTTPException:
    """What the caller hears when we fail: an apology in their language; what they answered stays."""
    if isinstance(error, HTTPException):
        return error
    log.exception("call_failed", call_sid=_call_sid(), path=request.path)
    try:
        return _xml(line.books.fail(_call_sid()) or _apology())
    except Exception:  # the database or the engine is what failed; the clock closes the books later
        log.exception("apology_without_books", call_sid=_call_sid())
        return _xml(_apology())


def _call_sid() -> str:
    return request.values.get("CallSid", "")


def _apology() -> str:
    return _farewell("apology", None)


def _goodbye(language: str | None = None) -> str:
    return _farewell("goodbye", language)


def _farewell(name: str, language: str | None) -> str:
    """A last sentence of our own, in a language that has it."""
    spoken = language if language and language in phrases.PHRASES[name] else phrases.MASTER
    return twiml.render((Say(phrases.phrase(name, spoken), spoken), Hangup()), "")


def _xml(document: str) -> Response:
    return Response(document, mimetype="text/xml")
