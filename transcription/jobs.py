"""What the queue does with recordings that have come home: have them read."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from ivr.twilio.sound import cut_and_level, mute, read_sound, write_mp3
from storage import outbox, transcripts, verbatims
from storage.audio import AudioDamaged, AudioMissing, AudioStore, AudioStoreDown
from storage.database import Database
from storage.models import Verbatim
from storage.outbox import Again, Done, GaveUp, Job, Outcome
from storage.verbatims import Mp3
from transcription.model import NoModel
from transcription.redact import Redaction, redact
from transcription.transcriber import BrokenAudio, RecogniserFailed, Transcriber
from transcription.transcript import Transcript, as_rows, from_second

log = structlog.get_logger()

TRIES = 3


def transcribe(
    job: Job, database: Database, audio: AudioStore, transcriber: Transcriber, now: Callable[[], datetime]
) -> Outcome:
    """Write down what is said in one verbatim, or why that cannot be told."""
    verbatim = _unread(database, job)
    if verbatim is None:
        return Done()
    try:
        recording = audio.get(verbatim.original_key or "", verbatim.original_sha256)
        tries = _count_try(database, verbatim)
        if tries > TRIES:
            return _give_up(database, verbatim, f"the recogniser did not survive it, {TRIES} times", now())
        heard = transcriber.transcribe(recording, verbatim.language, verbatim.hotwords)
        _keep(database, audio, verbatim, recording, heard, transcriber.name, now())
        return Done()
    except AudioStoreDown as error:
        return outbox.when_store_is_back(job, str(error), now())
    except (AudioMissing, AudioDamaged):
        return _give_up(database, verbatim, "the recording is no longer what was stored", now())
    except BrokenAudio as error:
        return _give_up(database, verbatim, str(error), now())
    except RecogniserFailed as error:
        if tries < TRIES:
            return Again(now() + outbox.backoff(tries), str(error))
        return _give_up(database, verbatim, str(error), now())
    except NoModel as error:
        _write_reason(database, verbatim, "unavailable", str(error), now())
        return Done()


def _unread(database: Database, job: Job) -> Verbatim | None:
    """The verbatim, where it is there and has no words yet."""
    with database.reading() as db:
        verbatim = verbatims.find(db, job.payload["verbatim"])
        transcript = transcripts.find(db, job.payload["verbatim"])
    stored = verbatim is not None and verbatim.status == "stored"
    return verbatim if stored and transcript and transcript.status not in ("ready", "empty") else None


def _count_try(database: Database, verbatim: Verbatim) -> int:
    """Counted before it begins: a worker that dies in it counts as well."""
    with database.transaction() as db:
        return transcripts.count_try(db, verbatim.id)


def _keep(
    database: Database,
    audio: AudioStore,
    verbatim: Verbatim,
    recording: bytes,
    heard: Transcript,
    model: str,
    now: datetime,
) -> None:
    """Keep the words without what is private, a copy of the audio without it, and a row for whoever waits for them."""
    shown = redact(from_second(heard, verbatim.cut_s or 0.0), verbatim.redact or ())
    copy = _keep_redacted_copy(audio, verbatim, recording, shown) if shown.spans else None
    status = "ready" if heard.text else "empty"
    text, segments = shown.transcript.text, as_rows(shown.transcript)
    words = {"text": text, "language": heard.language, "model": model, "segments": segments}
    with database.transaction() as db:
        ours = verbatims.lock(db, verbatim.id)
        if ours and transcripts.finish(db, ours.id, status, now, **words):
            if copy:
                verbatims.redacted(ours, copy)
            if status == "ready":
                _tell(db, ours, now)
        elif copy:
            audio.delete(copy.key)
    log.info("transcript_finished", call_sid=verbatim.call_sid, step=verbatim.step, status=status)


def _keep_redacted_copy(audio: AudioStore, verbatim: Verbatim, recording: bytes, shown: Redaction) -> Mp3:
    """The MP3 as listeners may hear it: silent where private words sound."""
    mp3 = write_mp3(mute(cut_and_level(read_sound(recording)), shown.spans))
    key = verbatims.audio_key(verbatim, "redacted.mp3")
    audio.put(key, mp3)
    return Mp3(key, hashlib.sha256(mp3).hexdigest(), len(mp3))


def _tell(db: Session, verbatim: Verbatim, now: datetime) -> None:
    """Who waits for words looks at this row; we do not know who."""
    outbox.put(db, "alerts", "transcript.ready", f"transcript-ready:{verbatim.id}", {"verbatim": verbatim.id}, now, now)


def _give_up(database: Database, verbatim: Verbatim, reason: str, now: datetime) -> Outcome:
    _write_reason(database, verbatim, "failed", reason, now)
    return GaveUp(reason)


def _write_reason(database: Database, verbatim: Verbatim, status: str, reason: str, now: datetime) -> None:
    """Nothing is lost by it: `app.py transcribe --missing` asks again."""
    log.warning("no_transcript", call_sid=verbatim.call_sid, step=verbatim.step, status=status, reason=reason)
    with database.transaction() as db:
        transcripts.finish(db, verbatim.id, status, now, reason=reason)
