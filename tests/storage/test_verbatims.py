"""A verbatim ends in the right state, in whatever order its news comes, and however often."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import outbox, transcripts, verbatims
from storage.database import Database
from storage.models import Outbox, SurveyVersion, Transcript
from tests.rows import call_on_line

CALL, OTHER_CALL = "CA" + "1" * 32, "CA" + "2" * 32
FIRST, SECOND = "RE" + "a" * 32, "RE" + "b" * 32


@pytest.fixture
def db(database: Database, now: datetime):
    """One transaction in which Nora's call is at its voice step."""
    with database.transaction() as db:
        db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=now))
        db.flush()
        for sid in (CALL, OTHER_CALL):
            db.add(call_on_line(sid, now))
        db.flush()
        verbatims.asked(db, CALL, "why", "en", "Sam", now)
        yield db


def takes(db: Session) -> list[tuple[str, str | None, str | None]]:
    """Status, recording and reason of each take of Nora's call."""
    return [(take.status, take.recording_sid, take.reason) for take in verbatims.of_call(db, CALL)]


def due(db: Session) -> dict[str, datetime | None]:
    rows = db.execute(select(Outbox).where(Outbox.state == "pending")).scalars()
    return {row.key.partition(":")[0]: row.due_at for row in rows}


def recorded(db, now, sid=FIRST):
    verbatims.recorded(db, CALL, "why", sid, now)


def announced(db, now, sid=FIRST, seconds=12.0):
    verbatims.announced(db, CALL, "why", sid, seconds, now)


def test_asking_again_without_an_answer_is_the_same_verbatim(db, now):
    verbatims.asked(db, CALL, "why", "en", None, now)
    assert takes(db) == [("recording", None, None)]


def test_what_is_spoken_is_awaited_and_fetched_at_once_when_the_carrier_has_it(db, now):
    recorded(db, now)
    assert takes(db) == [("awaited", FIRST, None)]
    announced(db, now)
    assert takes(db) == [("awaited", FIRST, None)]
    assert due(db) == {"recording": now}
    assert verbatims.of_call(db, CALL)[0].carrier_duration_s == 12.0


def test_the_carriers_word_may_come_before_the_action(db, now):
    announced(db, now)
    recorded(db, now)
    assert takes(db) == [("awaited", FIRST, None)]
    assert due(db) == {"recording": now}


def test_the_carriers_word_may_come_twice(db, now):
    recorded(db, now)
    announced(db, now)
    announced(db, now + timedelta(seconds=9))
    assert takes(db) == [("awaited", FIRST, None)]
    assert due(db) == {"recording": now}


def test_without_the_carriers_word_it_is_fetched_after_a_minute(db, now):
    recorded(db, now)
    assert due(db) == {"recording": now + timedelta(seconds=60)}


def test_a_word_that_comes_after_the_audio_is_stored_changes_nothing(db, now):
    recorded(db, now)
    announced(db, now)
    stored(db, now)
    announced(db, now)
    recorded(db, now)
    assert takes(db) == [("stored", FIRST, None)]


@pytest.mark.parametrize("sid", [FIRST, None])
@pytest.mark.parametrize("status", ["absent", "failed"])
def test_what_the_carrier_does_not_have_is_closed_with_its_reason(db, now, status, sid):
    verbatims.not_coming(db, CALL, "why", sid, status, "silent")
    verbatims.not_coming(db, CALL, "why", sid, status, "something else")
    assert takes(db) == [(status, sid, "silent")]


def test_an_action_that_follows_the_word_absent_does_not_wait_again(db, now):
    verbatims.not_coming(db, CALL, "why", FIRST, "absent", "too short")
    recorded(db, now)
    assert takes(db) == [("absent", FIRST, "too short")]
    assert due(db) == {}


def test_the_word_absent_ends_the_wait(db, now):
    recorded(db, now)
    verbatims.not_coming(db, CALL, "why", FIRST, "absent", "silent")
    assert takes(db) == [("absent", FIRST, "silent")]


def test_a_silent_record_that_falls_through_is_absent(db, now):
    recorded(db, now, sid=None)
    assert takes(db) == [("absent", None, "nothing was recorded")]


def test_audio_that_comes_after_all_is_fetched(db, now):
    recorded(db, now, sid=None)
    announced(db, now)
    assert takes(db) == [("awaited", FIRST, None)]
    assert due(db) == {"recording": now}


def test_audio_announced_after_it_was_called_absent_is_fetched_though_the_fetch_was_over(db, now):
    recorded(db, now)
    verbatims.not_coming(db, CALL, "why", FIRST, "absent", "silent")
    finish(db, "recording", now)
    announced(db, now)
    assert takes(db) == [("awaited", FIRST, None)]
    assert due(db) == {"recording": now}


def test_at_the_end_of_the_call_a_recording_has_seconds_to_be_heard_of(db, now):
    verbatims.call_ended(db, CALL, now)
    verbatims.call_ended(db, CALL, now)
    assert takes(db) == [("recording", None, None)]
    assert due(db) == {"recording-close": now + verbatims.STRAGGLERS}


def test_the_end_of_the_call_leaves_what_is_awaited(db, now):
    recorded(db, now)
    verbatims.call_ended(db, CALL, now)
    assert "recording-close" not in due(db)


def test_a_recording_that_comes_after_it_was_closed_is_awaited(db, now):
    [open_one] = verbatims.of_call(db, CALL)
    verbatims.closed(open_one, "absent", "nothing was recorded before the call ended")
    recorded(db, now)
    assert takes(db) == [("awaited", FIRST, None)]


def test_a_message_deleted_before_it_is_stored_is_never_fetched_and_goes_at_the_carrier(db, now):
    recorded(db, now)
    verbatims.discarded(db, CALL, "why", FIRST, "the caller deleted it", now)
    assert takes(db) == [("deleted", FIRST, "the caller deleted it")]
    assert due(db)["carrier-copy"] == now + timedelta(seconds=60)
    announced(db, now)
    assert takes(db) == [("deleted", FIRST, "the caller deleted it")]
    assert due(db)["carrier-copy"] == now


def test_a_stored_message_that_is_deleted_leaves_no_trace_of_its_audio_or_words(db, now):
    recorded(db, now)
    announced(db, now)
    stored(db, now)
    transcripts.queue(db, verbatims.of_call(db, CALL)[0].id, None, now)
    verbatims.discarded(db, CALL, "why", FIRST, "the caller deleted it", now)

    [take] = verbatims.of_call(db, CALL)
    assert (take.status, take.kept) == ("deleted", False)
    assert {getattr(take, column) for column in verbatims.KEPT_COLUMNS} == {None}
    assert db.execute(select(Transcript)).all() == []
    assert due(db)["audio-delete"] == due(db)["carrier-copy"] == now


def test_a_message_whose_recording_is_not_known_when_it_is_deleted_goes_at_the_carrier_too(db, now):
    verbatims.discarded(db, CALL, "why", None, "the caller deleted it", now)
    announced(db, now)
    assert takes(db) == [("deleted", FIRST, "the caller deleted it")]
    assert due(db)["carrier-copy"] == now


def test_speaking_again_keeps_the_second_take_only(db, now):
    recorded(db, now)
    verbatims.discarded(db, CALL, "why", FIRST, "the caller spoke again", now)
    verbatims.asked(db, CALL, "why", "en", None, now)
    announced(db, now, sid=FIRST)  # late: of the first take
    recorded(db, now, sid=SECOND)
    announced(db, now, sid=SECOND)
    assert takes(db) == [("deleted", FIRST, "the caller spoke again"), ("awaited", SECOND, None)]


def test_discarding_twice_discards_once(db, now):
    recorded(db, now)
    verbatims.discarded(db, CALL, "why", FIRST, "the caller deleted it", now)
    verbatims.discarded(db, CALL, "why", FIRST, "the caller spoke again", now)
    assert takes(db) == [("deleted", FIRST, "the caller deleted it")]


def test_a_recording_of_another_call_is_not_taken_for_this_one(db, now):
    recorded(db, now)
    verbatims.announced(db, OTHER_CALL, "why", FIRST, 12.0, now)
    assert verbatims.of_call(db, OTHER_CALL) == []
    assert verbatims.of_call(db, CALL)[0].carrier_duration_s is None


@pytest.mark.parametrize(("call_sid", "step"), [("CA" + "9" * 32, "why"), (CALL, "nowhere")])
def test_news_of_what_was_never_asked_is_left(db, now, call_sid, step):
    verbatims.announced(db, call_sid, step, FIRST, 12.0, now)
    verbatims.not_coming(db, call_sid, step, FIRST, "absent", "silent")
    verbatims.recorded(db, call_sid, step, FIRST, now)
    verbatims.discarded(db, call_sid, step, FIRST, "the caller deleted it", now)
    assert takes(db) == [("recording", None, None)]


def stored(db: Session, now: datetime) -> None:
    [take] = verbatims.of_call(db, CALL)
    kept = verbatims.KeptAudio(
        original_key="a.wav",
        original_sha256="1",
        audio_key="a.mp3",
        sha256="2",
        size_bytes=3,
        duration_s=11.5,
        cut_s=0.5,
        peaks=[0, 90],
    )
    assert verbatims.stored(db, take, kept, now)


def finish(db: Session, queue_key: str, now: datetime) -> None:
    """What a worker does that claims the row and finds nothing to do."""
    row = db.execute(select(Outbox).where(Outbox.key.startswith(queue_key + ":"))).scalar_one()
    outbox.set_due(db, [row.key], now)
    job = outbox.claim(db, "recordings", "worker", now)
    assert job is not None
    outbox.settle(db, job, "worker", outbox.Done(), now)
