"""Calls that left a recording, as the benches of recordings need them in their tables."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage import transcripts
from storage.audio import AudioStore, open_audio_store
from storage.database import Database
from storage.models import Call, SurveyVersion, Verbatim
from storage.schema import migrate


@contextmanager
def stored(folder: Path, clips: Sequence[bytes], url: str | None = None) -> Iterator[tuple[Database, AudioStore]]:
    """A database and an audio store with these clips in it, each waiting to be transcribed."""
    folder.mkdir(exist_ok=True)
    url = url or f"sqlite:///{folder}/bench.db"
    migrate(url)
    database, audio = Database(url), open_audio_store(f"file:{folder}/recordings")
    with database.transaction() as db:
        db.add(SurveyVersion(version="bench", survey="bench", source="", published_at=utc_now()))
    for number, clip in enumerate(clips):
        audio.put(f"{number}.wav", clip)
        kept = {
            "status": "stored",
            "original_key": f"{number}.wav",
            "original_sha256": hashlib.sha256(clip).hexdigest(),
        }
        with database.transaction() as db:
            verbatim = add_verbatim(db, f"CA{number:032x}", "AC", **kept)
            transcripts.queue(db, verbatim.id, None, utc_now())
    yield database, audio
    database.dispose()


def add_verbatim(db: Any, call_sid: str, account_sid: str, **columns: Any) -> Verbatim:
    """A call that is over, and what was said in it."""
    now = utc_now()
    common = {
        "language": "en",
        "account_sid": account_sid,
        "survey": "bench",
        "version": "bench",
        "direction": "inbound",
    }
    blank = {"context": {}, "data_problems": [], "turn": 1, "state": "{}", "reply": ""}
    db.add(Call(call_sid=call_sid, started_at=now, heard_at=now, ended_at=now, **common, **blank))
    db.flush()
    verbatim = Verbatim(call_sid=call_sid, step="why", language="en", asked_at=now, stored_at=now, **columns)
    db.add(verbatim)
    db.flush()
    return verbatim


def utc_now() -> datetime:
    return datetime.now(UTC)
