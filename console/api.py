"""The JSON API: responses, cases and recordings, for other people's programs. All but one address only read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Blueprint, Response, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from console.listening import Player
from console.openapi import CASE_STATES, describe
from console.paging import PAGE, read_cursor, render_page
from console.problems import Problem, render_problem
from console.responses import Questions, response_json
from console.tokens import find_reader
from ivr.moments import read_moment
from recovery import opt_out
from recovery.case import case_json
from storage import cases, responses
from storage.audio import AudioDamaged, AudioMissing, AudioStore, AudioStoreDown
from storage.database import Database
from storage.models import Case
from storage.responses import Place

log = structlog.get_logger()

PREFIX = "/api/v1"
GREATEST = 2**63 - 1  # that a database counts to
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Api:
    """What the API reads from. `tokens` are those of API_TOKENS, `public_url` is where people reach case pages."""

    tokens: Sequence[str]
    public_url: str
    database: Database
    audio: AudioStore
    questions: Questions
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def admit(self) -> None:
        reader = find_reader(request.headers.get("Authorization"), self.tokens)
        if reader is None:
            advice = "send `Authorization: Bearer TOKEN`, with a token that API_TOKENS names"
            raise Problem(401, advice, {"WWW-Authenticate": "Bearer"})
        if "\0" in request.path or any("\0" in text for text in request.args.values()):
            raise Problem(400, "leave the NUL (%00) out of the address")
        g.reader = reader

    def get_response(self, call_sid: str) -> Response:
        with self.database.reading() as db:
            found = responses.find(db, call_sid)
            if found is None:
                raise Problem(404, "no call with this SID has been through a survey")
            return _json(self._response(found))

    def list_responses(self) -> Response:
        survey, since = request.args.get("survey") or None, _since(request.args.get("since"))
        after = read_cursor(request.args.get("cursor"), _place)
        with self.database.reading() as db:
            rows = responses.page(db, PAGE + 1, survey, since, after)
            return _json(render_page(rows, self._response, _place_of))

    def get_case(self, number: int) -> Response:
        with self.database.reading() as db:
            found = cases.find(db, number)
            if found is None:
                raise Problem(404, "there is no case of this number")
            return _json(self._case(db, found))

    def list_cases(self) -> Response:
        state, team = _state(request.args.get("state")), request.args.get("team") or None
        after = read_cursor(request.args.get("cursor"), _number)
        with self.database.reading() as db:
            rows = cases.page(db, state, team, after, PAGE + 1)
            return _json(render_page(rows, lambda row: self._case(db, row), lambda row: (row.number,)))

    def confirm_opt_out(self, number: int) -> Response:
        """A person has said yes to what a machine proposed; the program that tells us says who."""
        if not g.reader.full:
            raise Problem(403, "this changes a case: use a token that was set up with `:full`")
        by = _person(request.get_json(silent=True))
        with self.database.transaction() as db:
            if cases.find(db, number) is None:
                raise Problem(404, "there is no case of this number")
            case = cases.lock(db, number)
            if not opt_out.confirm(db, case, by, self.now()):
                raise Problem(409, "nothing is proposed in this case that has not been confirmed")
            return _json(self._case(db, case))

    def get_recording(self, recording_sid: str) -> Response:
        with self.database.reading() as db:
            verbatim = responses.find_recording(db, recording_sid)
        if verbatim is None:
            raise Problem(404, "there is no such recording")
        try:
            played = Player(self.database, self.audio, self.now).play(verbatim, by="the API")
        except (AudioMissing, AudioDamaged) as error:
            log.error("recording_lost", recording_sid=recording_sid, error=type(error).__name__)
            raise Problem(500, "the stored audio is missing or damaged") from error
        if played is None:
            raise Problem(404, f"this recording is {verbatim.status}")
        played.headers["Cache-Control"] = "private, no-cache"
        return played

    def get_openapi(self) -> Response:
        return _json(describe(self.public_url))

    def _response(self, row: responses.Response) -> Any:
        return response_json(row, self.questions, g.reader.full)

    def _case(self, db: Session, row: Case) -> Any:
        return case_json(db, row, g.reader.full, self.public_url)


def api(views: Api) -> Blueprint:
    """The blueprint: every address under `/api/v1`, each behind a token."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    blueprint.before_request(views.admit)
    _answer_errors(blueprint)
    blueprint.get("/responses")(views.list_responses)
    blueprint.get("/responses/<call_sid>")(views.get_response)
    blueprint.get("/cases")(views.list_cases)
    blueprint.get(f"/cases/<int(max={GREATEST}):number>")(views.get_case)
    blueprint.post(f"/cases/<int(max={GREATEST}):number>/opt_out")(views.confirm_opt_out)
    blueprint.get("/recordings/<recording_sid>.mp3")(views.get_recording)
    blueprint.get("/openapi.json")(views.get_openapi)
    return blueprint


def _answer_errors(blueprint: Blueprint) -> None:
    """Every error under our addresses is a problem+json, also for an address or a method that does not exist."""
    blueprint.register_error_handler(Problem, render_problem)
    blueprint.register_error_handler(HTTPException, _refused)
    blueprint.register_error_handler(OperationalError, _down)
    blueprint.register_error_handler(AudioStoreDown, _down)
    blueprint.register_error_handler(Exception, _failed)
    for status in (404, 405):  # found out before any blueprint is chosen
        blueprint.app_errorhandler(status)(_nowhere)


def _refused(error: HTTPException) -> Response:
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return render_problem(Problem(error.code or 500, error.description or error.name, headers))


def _nowhere(error: HTTPException) -> Response | HTTPException:
    return _refused(error) if request.path.startswith(f"{PREFIX}/") else error


def _down(error: Exception) -> Response:
    log.error("api_down", path=request.path, error=type(error).__name__)
    return render_problem(Problem(503, "what we keep cannot be reached at the moment; ask again", {"Retry-After": "5"}))


def _failed(_error: Exception) -> Response:
    log.exception("api_failed", path=request.path)
    return render_problem(Problem(500, "something went wrong on our side; it has been written down"))


def _since(text: str | None) -> datetime | None:
    try:
        return read_moment(text) if text else None
    except ValueError as error:
        raise Problem(400, "since: write a moment such as 2026-11-21T10:00:00Z, or a date") from error


def _state(text: str | None) -> str | None:
    if text and text not in CASE_STATES:
        raise Problem(400, f"state: write one of {', '.join(CASE_STATES)}")
    return text or None


def _person(body: Any) -> str:
    by = body.get("by") if isinstance(body, dict) else None
    if not isinstance(by, str) or not 0 < len(by.strip()) <= LONGEST_NAME or "\0" in by:
        raise Problem(400, 'write who has confirmed it, such as {"by": "ines@harbor.example"}')
    return by.strip()


def _place_of(row: responses.Response) -> tuple[str, str]:
    return row.call.started_at.isoformat(), row.call.call_sid


def _place(started_at: str, call_sid: str) -> Place:
    return Place(read_moment(started_at), _storable(call_sid))


def _number(number: int) -> int:
    if not 0 <= number <= GREATEST:
        raise ValueError("no number of a case")
    return number


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("PostgreSQL keeps no NUL")
    return text


def _json(body: Any) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, headers={"Cache-Control": "no-store"}, mimetype="application/json")
