"""A verbatim given to somebody to hear: what was stored and nothing else, and written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import structlog
from flask import Response, request, send_file

from storage import verbatims
from storage.audio import AudioStore
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

        `by` says who listens: a person, a program's token, a signed link.

        Raises:
            AudioMissing, AudioDamaged, AudioStoreDown: see storage/audio.py.
        """
        mp3 = verbatims.for_listeners(verbatim)
        if mp3 is None:
            return None
        sound = self.audio.get(mp3.key, mp3.sha256)
        if _from_the_start():
            self._write_down(verbatim, by)
        return send_file(BytesIO(sound), "audio/mpeg", download_name=name, conditional=True, etag=mp3.sha256)

    def _write_down(self, verbatim: Verbatim, by: str) -> None:
        with self.database.transaction() as db:
            verbatims.listened(db, verbatim.id, by, self.now())
        log.info("recording_listened", call_sid=verbatim.call_sid, verbatim=verbatim.id, by=by)


def _from_the_start() -> bool:
    """A player looks first, and asks for one recording in several parts; that is one listen."""
    begins = request.range is None or any(start == 0 for start, _ in request.range.ranges)
    return request.method == "GET" and begins
