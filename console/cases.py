"""The page of a case, and its recordings: behind signed links, to look at and listen to. Nothing changes by it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from alerts.phrases import speaking
from alerts.teams import Teams
from console.case_page import CaseFile, show_case
from console.listening import Player
from ivr.survey.shapes import Survey
from recovery.links import Links
from recovery.opt_out import proposals
from storage import calls, deliveries, responses, verbatims
from storage import cases as kept
from storage.audio import AudioDamaged, AudioMissing, AudioStore, AudioStoreDown
from storage.database import Database

log = structlog.get_logger()

CLOSED_DOOR = "This link opens nothing"


@dataclass(frozen=True, slots=True)
class CasePages:
    """What the pages read from. `survey` gives a published version of a survey."""

    database: Database
    audio: AudioStore
    teams: Callable[[], Teams]
    survey: Callable[[str], Survey]
    links: Links
    now: Callable[[], datetime]

    def show(self, number: int) -> Response:
        key = request.args.get("key", "")
        if not self.links.opens_case(number, key):
            return self._refuse()
        file = self._file(number, key)
        if file is None:
            return self._refuse("There is no case of this number", status=404)
        page, say = show_case(file), speaking(file.team.language)
        return _private(Response(render_template("case.html", page=page, say=say), mimetype="text/html"))

    def _file(self, number: int, key: str) -> CaseFile | None:
        with self.database.reading() as db:
            case = kept.find(db, number)
            if case is None:
                return None
            found = self._responses(db, number)
            told, events, proposed = deliveries.of_case(db, number), kept.events(db, number), proposals(db, number)
        surveys = [self._survey(response.call.version) for response in found]
        return CaseFile(case, found, surveys, told, events, proposed, self.teams(), self.links, key, self.now())

    @staticmethod
    def _responses(db: Session, number: int) -> list[responses.Response]:
        """The responses of a case; calls that went on with each other are one, told by the last."""
        raising = dict.fromkeys(trigger.call_sid for trigger in kept.triggers(db, number))
        last = dict.fromkeys(calls.line(db, calls.get(db, call_sid))[-1] for call_sid in raising)
        return [response for call_sid in last if (response := responses.find(db, call_sid))]

    def _survey(self, version: str) -> Survey | None:
        try:
            return self.survey(version)
        except (LookupError, ValueError):  # answers are shown without the survey's words rather than not at all
            log.exception("survey_version_unreadable", version=version)
            return None

    def play(self, verbatim_id: int) -> Response:
        if not self.links.opens_recording(verbatim_id, request.args.get("key", "")):
            return self._refuse()
        with self.database.reading() as db:
            verbatim = verbatims.find(db, verbatim_id)
            case = kept.find_of_call(db, verbatim.call_sid) if verbatim else None
        name = f"case-{case.number}.mp3" if case else f"recording-{verbatim_id}.mp3"
        try:
            played = verbatim and Player(self.database, self.audio, self.now).play(verbatim, "a signed link", name)
        except (AudioMissing, AudioDamaged, AudioStoreDown) as error:
            log.error("recording_not_readable", verbatim=verbatim_id, error=type(error).__name__)
            return self._refuse("The recording cannot be read just now", status=503)
        return _private(played) if played else self._refuse("This recording is not kept any more", status=404)

    def _refuse(self, what: str = CLOSED_DOOR, status: int = 403) -> Response:
        page = render_template("closed.html", what=what, expired=status == 403, days=self.links.days)
        return _private(Response(page, status=status, mimetype="text/html"))


def cases(pages: CasePages) -> Blueprint:
    """`/cases/<number>` and `/recordings/<verbatim>.mp3`, both with a signed `key`."""
    blueprint = Blueprint("cases", __name__, template_folder="templates")
    blueprint.get("/cases/<int:number>")(pages.show)
    blueprint.get("/recordings/<int:verbatim_id>.mp3")(pages.play)
    return blueprint


def _private(response: Response) -> Response:
    """For the one who holds the link: no cache, no search engine, no other site learns of it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    return response
