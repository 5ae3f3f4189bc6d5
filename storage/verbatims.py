"""Verbatims: asked for, spoken, awaited from the carrier, kept, let go.

News of one recording comes from the carrier's requests in any order, twice or never, so every verb here may be
called again and changes nothing the second time. A verb that ends the wait for audio, or could, is followed by
`recovery.case.release` in the same transaction, whose first act was to lock the call: `calls.lock`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Listen, Transcript, Verbatim

NO_NEWS_AFTER = timedelta(seconds=60)  # the carrier's word that a recording is complete may never come
STRAGGLERS = timedelta(seconds=5)  # the news of a hang-up may overtake the recording that it ended

# What the call says ---------------------------------------------------------------------------------


def asked(
    db: Session,
    call_sid: str,
    step: str,
    language: str,
    hotwords: str | None,
    now: datetime,
    *,
    redact: Sequence[str] = (),
    keep_s: float | None = None,
) -> None:
    """The caller is about to speak at this step; asked again without having spoken, it is the same verbatim.

    `redact` names the kinds of private words to blank out, `keep_s` how long the recording may be kept.
    """
    if _of_step(db, call_sid, step, "recording") is None:
        made = {"call_sid": call_sid, "step": step, "language": language, "hotwords": hotwords, "asked_at": now}
        db.add(Verbatim(status="recording", redact=list(redact), keep_s=keep_s, **made))
        db.flush()


def recorded(db: Session, call_sid: str, step: str, recording_sid: str | None, now: datetime) -> None:
    """The caller has spoken; None: the carrier has nothing, and nothing will come."""
    if recording_sid is None:
        if silent := _of_step(db, call_sid, step, "recording"):
            closed(silent, "absent", "nothing was recorded")
    elif (verbatim := _of_recording(db, call_sid, step, recording_sid)) and verbatim.recording_sid is None:
        verbatim.recording_sid = recording_sid
        _await(db, verbatim, now, fetch_at=now + NO_NEWS_AFTER)


def discarded(db: Session, call_sid: str, step: str, recording_sid: str | None, reason: str, now: datetime) -> None:
    """The caller deleted the message or speaks again: it is kept nowhere, not at the carrier either."""
    verbatim = _named(db, call_sid, step, recording_sid)
    if verbatim and verbatim.kept:
        verbatim.kept = False
        delete_audio(db, verbatim, reason, now)


def call_ended(db: Session, call_sid: str, now: datetime) -> None:
    """Nobody is left to speak; a recording of which nothing is heard in the next seconds is closed as absent."""
    for verbatim in of_call(db, call_sid):
        if verbatim.status == "recording":
            _put(db, "recording.close", f"recording-close:{verbatim.id}", verbatim, now, due_at=now + STRAGGLERS)


# What the carrier says of a recording ---------------------------------------------------------------


def announced(
    db: Session, call_sid: str, step: str, recording_sid: str, duration_s: float | None, now: datetime
) -> None:
    """The recording is complete at the carrier, so long as it says."""
    if verbatim := _named(db, call_sid, step, recording_sid):
        verbatim.carrier_duration_s = duration_s
        if verbatim.status == "deleted":
            delete_carrier_copy(db, verbatim, now, due_at=now)
        else:
            _await(db, verbatim, now, fetch_at=now)


def not_coming(
    db: Session, call_sid: str, step: str, recording_sid: str | None, status: Literal["absent", "failed"], reason: str
) -> None:
    """There is no recording and there will be none: `absent` (too short, silent) or `failed` at the carrier."""
    if verbatim := _named(db, call_sid, step, recording_sid):
        closed(verbatim, status, reason)


# What the fetching of it says -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptAudio:
    """Original and MP3 in the audio store. Hashes are SHA-256 in hexadecimal; size, length and peaks the MP3's.

    `cut_s` is how much of the original was cut away before the MP3 begins.
    """

    original_key: str
    original_sha256: str
    audio_key: str
    sha256: str
    size_bytes: int
    duration_s: float
    cut_s: float
    peaks: list[int]


KEPT_COLUMNS = tuple(field.name for field in fields(KeptAudio))
REDACTED_COLUMNS = ("redacted_key", "redacted_sha256", "redacted_size_bytes")


AudioKind = Literal["wav", "mp3", "redacted.mp3"]


def audio_key(verbatim: Verbatim, kind: AudioKind) -> str:
    """What its file of that kind is called in the audio store, whether it is there or not."""
    return f"{verbatim.asked_at:%Y/%m/%d}/{verbatim.recording_sid}.{kind}"


@dataclass(frozen=True, slots=True)
class Mp3:
    """A file in the audio store and what it must be like."""

    key: str
    sha256: str
    size_bytes: int


def whole(verbatim: Verbatim) -> Mp3 | None:
    """All that the caller said, which goes with an alert and nowhere else. None: there is no audio."""
    if verbatim.status != "stored":
        return None
    return Mp3(verbatim.audio_key or "", verbatim.sha256 or "", verbatim.size_bytes or 0)


def for_listeners(verbatim: Verbatim) -> Mp3 | None:
    """What people and programs are given to hear: the redacted copy where there is one. None: there is no audio."""
    if verbatim.status == "stored" and verbatim.redacted_key:
        return Mp3(verbatim.redacted_key, verbatim.redacted_sha256 or "", verbatim.redacted_size_bytes or 0)
    return whole(verbatim)


def redacted(verbatim: Verbatim, copy: Mp3) -> None:
    """There is a copy without private words; from now on it is what listeners are given."""
    verbatim.redacted_key, verbatim.redacted_sha256, verbatim.redacted_size_bytes = (
        copy.key,
        copy.sha256,
        copy.size_bytes,
    )


def stored(db: Session, verbatim: Verbatim, kept: KeptAudio, now: datetime) -> bool:
    """The audio is ours, for as long as its survey says; False where nobody waits for it any more."""
    if verbatim.status != "awaited":
        return False
    for column in KEPT_COLUMNS:
        setattr(verbatim, column, getattr(kept, column))
    verbatim.status, verbatim.reason, verbatim.stored_at = "stored", None, now
    expire_later(db, verbatim, now)
    return True


def expire_later(db: Session, verbatim: Verbatim, now: datetime) -> None:
    """Let go of it once it has been kept as long as its survey says; where that says nothing, never."""
    if verbatim.keep_s is not None:
        _put(db, "audio.expire", f"audio-expire:{verbatim.id}", verbatim, now, now + timedelta(seconds=verbatim.keep_s))


def closed(verbatim: Verbatim, status: Literal["absent", "failed"], reason: str) -> None:
    """The wait is over without audio; a wait that was over before stays as it ended."""
    if verbatim.status in ("recording", "awaited"):
        verbatim.status, verbatim.reason = status, reason


def delete_carrier_copy(db: Session, verbatim: Verbatim, now: datetime, due_at: datetime) -> None:
    """Have the recording deleted at the carrier, at that moment or earlier."""
    if verbatim.recording_sid and verbatim.carrier_copy != "deleted":
        _put(db, "recording.delete", f"carrier-copy:{verbatim.id}", verbatim, now, due_at)


def delete_audio(db: Session, verbatim: Verbatim, reason: str, now: datetime) -> None:
    """Let go of audio and transcript; the files go after commit, here and at the carrier."""
    complete_there = verbatim.carrier_duration_s is not None
    delete_carrier_copy(db, verbatim, now, due_at=now if complete_there else now + NO_NEWS_AFTER)
    _put(db, "audio.delete", f"audio-delete:{verbatim.id}", verbatim, now, due_at=now)
    db.execute(delete(Transcript).where(Transcript.verbatim_id == verbatim.id))
    for column in (*KEPT_COLUMNS, *REDACTED_COLUMNS):
        setattr(verbatim, column, None)
    verbatim.status, verbatim.reason = "deleted", reason


def listened(db: Session, verbatim_id: int, by: str, now: datetime) -> None:
    """Somebody was given it to hear."""
    db.add(Listen(verbatim_id=verbatim_id, by=by, at=now))


# Finding --------------------------------------------------------------------------------------------


def of_call(db: Session, call_sid: str) -> Sequence[Verbatim]:
    """All takes of a call in the order they were asked for, those that the caller discarded too."""
    return db.execute(select(Verbatim).where(Verbatim.call_sid == call_sid).order_by(Verbatim.id)).scalars().all()


def find(db: Session, verbatim_id: int) -> Verbatim | None:
    return db.get(Verbatim, verbatim_id)


def lock(db: Session, verbatim_id: int) -> Verbatim | None:
    """The verbatim, kept from others until the transaction ends."""
    return _locked(db, select(Verbatim).where(Verbatim.id == verbatim_id))


def _named(db: Session, call_sid: str, step: str, recording_sid: str | None) -> Verbatim | None:
    """The verbatim of which that recording is; from now on it is known by it."""
    if recording_sid is None:
        return _of_step(db, call_sid, step)
    verbatim = _of_recording(db, call_sid, step, recording_sid)
    if verbatim is not None:
        verbatim.recording_sid = recording_sid
    return verbatim


def _of_recording(db: Session, call_sid: str, step: str, recording_sid: str) -> Verbatim | None:
    """The verbatim of that recording, else the latest of the step whose recording is not known yet."""
    known = _locked(db, select(Verbatim).where(Verbatim.recording_sid == recording_sid))
    if known is None:
        return _of_step(db, call_sid, step)
    return known if known.call_sid == call_sid else None


def _of_step(db: Session, call_sid: str, step: str, status: str | None = None) -> Verbatim | None:
    """The latest verbatim of the step whose recording is not known yet."""
    unnamed = select(Verbatim).where(
        Verbatim.call_sid == call_sid, Verbatim.step == step, Verbatim.recording_sid.is_(None)
    )
    if status is not None:
        unnamed = unnamed.where(Verbatim.status == status)
    return _locked(db, unnamed.order_by(Verbatim.id.desc()).limit(1))


def _locked(db: Session, wanted: Select[Verbatim]) -> Verbatim | None:
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return db.execute(fresh).scalar_one_or_none()


# Changing -------------------------------------------------------------------------------------------


def _await(db: Session, verbatim: Verbatim, now: datetime, fetch_at: datetime) -> None:
    """Fetch the recording at that moment or earlier, also where it had been given up as absent."""
    key, given_up = f"recording:{verbatim.id}", verbatim.status == "absent"
    if verbatim.status in ("recording", "absent"):
        verbatim.status, verbatim.reason = "awaited", None
    if verbatim.status == "awaited":
        _put(db, "recording.fetch", key, verbatim, now, due_at=fetch_at)
    if given_up:
        outbox.run_again(db, key, fetch_at)


def _put(db: Session, kind: str, key: str, verbatim: Verbatim, now: datetime, due_at: datetime) -> None:
    """Queue the work, or make it due earlier where it waits already."""
    if not outbox.put(db, "recordings", kind, key, {"verbatim": verbatim.id}, now, due_at):
        outbox.set_due(db, [key], due_at)
