"""A verbatim given to somebody to hear: what was stored and nothing else, and written down."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Response, request
from werkzeug.datastructures import Range

from storage import verbatims
from storage.audio import AudioStore, Checked
from storage.database import Database
from storage.models import Verbatim

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Player:
    """Plays verbatims from the audio store; every listen is a row."""

    database: Database
    audio: AudioStore
    now: Callable[[], datetime]

    def play(self, verbatim: Verbatim, by: str, name: str | None = None) -> Response | None:
        """The MP3, or the part that a `Range` header asks for; None where the verbatim has no audio.

        It is checked whole before its first byte leaves, then read piece by piece. `by` says who listens: a person,
        a program's token, a signed link.

        Raises:
            AudioMissing, AudioDamaged, AudioStoreDown: see storage/audio.py.
            RequestedRangeNotSatisfiable: the part is none of it.
        """
        mp3 = verbatims.for_listeners(verbatim)
        if mp3 is None:
            return None
        played = _answer(self.audio.check(mp3.key, mp3.sha256), mp3.sha256, name)
        if _from_the_start():
            self._write_down(verbatim, by)
        return played

    def _write_down(self, verbatim: Verbatim, by: str) -> None:
        with self.database.transaction() as db:
            verbatims.listened(db, verbatim.id, by, self.now())
        log.info("recording_listened", call_sid=verbatim.call_sid, verbatim=verbatim.id, by=by)


def _answer(sound: Checked, sha256: str, name: str | None) -> Response:
    """What was asked for: all of it, a part (206), nothing new (304). Its digest is told whatever was announced."""
    played = Response(mimetype="audio/mpeg", direct_passthrough=True)
    played.content_length = sound.size
    played.set_etag(sha256)
    played.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
    if name:
        played.headers.set("Content-Disposition", "inline", filename=name)
    asked = dict(request.environ)
    if _part_asked_for() is None:
        asked.pop("HTTP_RANGE", None)  # several parts, or what is not understood, may be answered with the whole
    played.make_conditional(asked, accept_ranges=True, complete_length=sound.size)
    part = played.content_range
    played.response = sound.pieces(part.start or 0, part.stop or sound.size)
    return played


def _part_asked_for() -> Range | None:
    asked = request.range if request.method == "GET" else None  # of nothing else there are parts: RFC 9110, 14.2
    return asked if asked and asked.units == "bytes" and len(asked.ranges) == 1 else None


def _from_the_start() -> bool:
    """A player looks first, and asks for one recording in several parts; that is one listen."""
    part = _part_asked_for()
    return request.method == "GET" and (part is None or part.ranges[0][0] == 0)
