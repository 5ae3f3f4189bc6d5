"""What the queue does with recordings: bring them home, give up waiting for them, delete them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, get_args

import structlog
from sqlalchemy.orm import Session

from ivr.twilio.keeping import NothingSaid, keep
from ivr.twilio.overlooked import find_overlooked
from ivr.twilio.recordings import (
    CarrierFailed,
    CarrierRecordings,
    CarrierRefused,
    NotARecording,
    NotThere,
    TooLarge,
    Unreachable,
)
from ivr.twilio.sound import NotAudio
from recovery.case import release
from storage import calls, cases, erasure, outbox, transcripts, verbatims
from storage.audio import AudioStore, AudioStoreDown
from storage.database import Database
from storage.models import Call, Verbatim
from storage.outbox import Again, Done, GaveUp, Job, Outcome
from storage.verbatims import AudioKind, KeptAudio

log = structlog.get_logger()

CarrierOf = Callable[[str], CarrierRecordings]  # by the account that a call came through

# Seconds from one try to the next; after the last one the verbatim is failed.
WAITS_NOT_THERE_S = (1, 2, 4, 8, 15, *[30] * 20)
WAITS_REFUSED_S = (5, 15, 45, 120)  # a token may be in rotation
WAITS_UNREACHABLE_S = (*outbox.BACKOFF_S, *[3600] * 70)  # three days: the recording waits for us at the carrier
WAIT_DOUBTED_S = 5
HELD_FOR = timedelta(days=1)


def fetch_recording(
    job: Job,
    database: Database,
    audio: AudioStore,
    carrier_of: CarrierOf,
    no_model: Callable[[], str | None],
    keep_carrier_copy: bool,
    now: Callable[[], datetime],
) -> Outcome:
    """Bring a recording home: fetch it, check it, keep original and MP3, and let the alerts go that wait for it.

    `no_model` says why no transcript can be made at present, or None.
    """
    if (found := _find(database, job)) is None:
        return Done()
    call, verbatim = found
    carrier = carrier_of(call.account_sid)
    try:
        if verbatim.status == "awaited":
            expected_s = _expected_s(carrier, call, verbatim)
            original = carrier.fetch_wav(call.account_sid, verbatim.recording_sid or "")
            kept = keep(audio, verbatim, original, expected_s)
            _make_known(database, verbatim, kept, no_model(), keep_carrier_copy, now())
        return _remove_unwanted(database, audio, verbatim)
    except AudioStoreDown as error:
        return outbox.when_store_is_back(job, str(error), now())
    except (CarrierFailed, NotAudio) as error:
        return _put_off(job, database, verbatim, error, now())


def close_recording(job: Job, database: Database, carrier_of: CarrierOf, now: Callable[[], datetime]) -> Outcome:
    """The call is over and no word of a recording has come: look for it at the carrier, or give it up.

    One that nobody may keep is looked for, too, to be deleted there.
    """
    if (found := _find(database, job)) is None or not _is_missed(found[1]):
        return Done()
    call, verbatim = found
    try:
        listed = carrier_of(call.account_sid).list_of_call(call.account_sid, call.call_sid)
    except (NotThere, NotARecording):
        listed = []  # some carriers keep no list
    except CarrierFailed as error:
        return _put_off(job, database, verbatim, error, now())
    with database.transaction() as db:
        ours = _lock(db, verbatim)
        if _is_missed(ours):
            if recording_sid := find_overlooked(ours, verbatims.of_call(db, call.call_sid), listed):
                verbatims.announced(db, call.call_sid, ours.step, recording_sid, None, now())
            else:
                _close(db, ours, "absent", "nothing was recorded before the call ended", now())
    return Done()


def _is_missed(verbatim: Verbatim) -> bool:
    return verbatim.recording_sid is None and verbatim.status in ("recording", "deleted")


def delete_at_carrier(job: Job, database: Database, carrier_of: CarrierOf, now: Callable[[], datetime]) -> Outcome:
    """Delete the carrier's copy of a recording that is ours by now, or that nobody may keep."""
    if (found := _find(database, job)) is None:
        return Done()
    call, verbatim = found
    try:
        carrier_of(call.account_sid).delete(call.account_sid, verbatim.recording_sid or "")
    except CarrierFailed as error:
        return _later(WAITS_UNREACHABLE_S, job, str(error), now()) or GaveUp(str(error))
    with database.transaction() as db:
        _lock(db, verbatim).carrier_copy = "deleted"
    return Done()


def delete_audio(job: Job, database: Database, audio: AudioStore, now: Callable[[], datetime]) -> Outcome:
    """Delete the files of a verbatim that nobody may keep."""
    found = _find(database, job)
    try:
        return _remove_unwanted(database, audio, found[1]) if found else Done()
    except AudioStoreDown as error:
        return outbox.when_store_is_back(job, str(error), now())


def expire_audio(job: Job, database: Database, now: Callable[[], datetime]) -> Outcome:
    """Let go of a verbatim that has been kept as long as its survey says, here or at the carrier.

    A legal hold, on its call or one of the same line, keeps it a day at a time.
    """
    if (found := _find(database, job)) is None:
        return Done()
    call, verbatim = found
    with database.transaction() as db:
        ours = _lock(db, verbatim)
        if reason := erasure.held_for(db, call):
            return Again(now() + HELD_FOR, f"legal hold: {reason}")
        if ours.status in ("stored", "failed"):
            kept = timedelta(seconds=ours.keep_s or 0)
            verbatims.delete_audio(db, ours, f"kept for {kept.days} days, as the survey says", now())
            for number in cases.numbers_of(db, calls.line(db, call)):
                cases.forget_words(db, number, [ours.id])
            release(db, ours.call_sid, now())
    return Done()


# Fetching -------------------------------------------------------------------------------------------


def _expected_s(carrier: CarrierRecordings, call: Call, verbatim: Verbatim) -> float | None:
    """How long it should be: as the carrier has told, or tells when asked, since its word may never come."""
    if verbatim.carrier_duration_s is not None:
        return verbatim.carrier_duration_s
    try:
        described = carrier.describe(call.account_sid, verbatim.recording_sid or "")
    except (NotThere, NotARecording):
        return None  # some carriers have the sound and no description
    if described.status == "absent":
        raise NothingSaid("nothing was said")
    if described.status in ("in-progress", "processing"):
        raise NotThere(f"the carrier is still at the recording ({described.status})")
    return described.duration_s


def _make_known(
    database: Database,
    verbatim: Verbatim,
    kept: KeptAudio,
    no_model: str | None,
    keep_carrier_copy: bool,
    now: datetime,
) -> None:
    """In one transaction: the audio is ours, its words are asked for, the alerts may go, the carrier's copy too."""
    with database.transaction() as db:
        ours = _lock(db, verbatim)
        if not verbatims.stored(db, ours, kept, now):
            return
        transcripts.queue(db, ours.id, no_model, now)
        if keep_carrier_copy:
            ours.carrier_copy = "kept"
        else:
            verbatims.delete_carrier_copy(db, ours, now, due_at=now)
        release(db, ours.call_sid, now)
    log.info("recording_stored", call_sid=verbatim.call_sid, step=verbatim.step, duration_s=kept.duration_s)


def _put_off(
    job: Job, database: Database, verbatim: Verbatim, error: CarrierFailed | NotAudio, now: datetime
) -> Outcome:
    """Try again where that can help, else close the verbatim and say why."""
    match error:
        case NotThere():
            again = _later(WAITS_NOT_THERE_S, job, str(error), now)
        case CarrierRefused():
            again = _later(WAITS_REFUSED_S, job, str(error), now)
        case Unreachable():
            again = _later(WAITS_UNREACHABLE_S, job, str(error), now)
        case TooLarge() | NothingSaid():
            again = None
        case _:
            again = _once_more(database, verbatim, str(error), now)
    return again or _give_up(database, verbatim, error, now)


def _later(waits_s: tuple[int, ...], job: Job, reason: str, now: datetime) -> Again | None:
    return Again(now + timedelta(seconds=waits_s[job.tries - 1]), reason) if job.tries <= len(waits_s) else None


def _once_more(database: Database, verbatim: Verbatim, reason: str, now: datetime) -> Again | None:
    """Fetch what was no use a second time, and no third: the row remembers, whatever else was tried."""
    if verbatim.reason is not None:
        return None
    with database.transaction() as db:
        _lock(db, verbatim).reason = reason
    return Again(now + timedelta(seconds=WAIT_DOUBTED_S), reason)


def _give_up(database: Database, verbatim: Verbatim, error: CarrierFailed | NotAudio, now: datetime) -> Outcome:
    status: Literal["absent", "failed"] = "absent" if isinstance(error, NothingSaid) else "failed"
    reason = str(error)
    log.warning("recording_given_up", call_sid=verbatim.call_sid, step=verbatim.step, status=status, reason=reason)
    with database.transaction() as db:
        ours = _lock(db, verbatim)
        _close(db, ours, status, reason, now)
        verbatims.expire_later(db, ours, now)  # it may be at the carrier still
    return GaveUp(reason)


def _close(db: Session, ours: Verbatim, status: Literal["absent", "failed"], reason: str, now: datetime) -> None:
    """The wait is over without audio: whatever waited for it may go."""
    verbatims.closed(ours, status, reason)
    release(db, ours.call_sid, now)


def _remove_unwanted(database: Database, audio: AudioStore, verbatim: Verbatim) -> Outcome:
    """Delete the files where the verbatim has been deleted, if need be after they were written."""
    with database.reading() as db:
        fresh = verbatims.find(db, verbatim.id)
    if fresh is not None and fresh.status == "deleted":
        for kind in get_args(AudioKind):
            audio.delete(verbatims.audio_key(fresh, kind))
    return Done()


# Rows -----------------------------------------------------------------------------------------------


def _find(database: Database, job: Job) -> tuple[Call, Verbatim] | None:
    """The verbatim that the job is about and its call; None where they have been erased."""
    with database.reading() as db:
        verbatim = verbatims.find(db, job.payload["verbatim"])
        call = verbatim and calls.find(db, verbatim.call_sid)
    return (call, verbatim) if call and verbatim else None


def _lock(db: Session, verbatim: Verbatim) -> Verbatim:
    """The row as it is now, kept from others; its call first, as every request of the carrier does.

    Raises:
        LookupError: it has been erased since it was found; the next try finds nothing and is done.
    """
    calls.lock(db, verbatim.call_sid)
    if (ours := verbatims.lock(db, verbatim.id)) is None:
        raise LookupError(f"verbatim {verbatim.id} has been erased")
    return ours
