"""A recording that has come home is read; whatever goes wrong ends in a state with a reason, and blocks nothing."""

import hashlib
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from ivr.twilio.sound import Sound, cut_and_level, read_sound, write_wav
from storage import outbox, transcripts, verbatims
from storage.audio import AudioStoreDown, open_audio_store
from storage.models import Call, Outbox, SurveyVersion, Transcript, Verbatim
from tests.rows import call_on_line
from tests.transcription.conftest import TONES, silence, speech
from transcription import jobs
from transcription.transcriber import RecogniserFailed, Transcriber

CALL = "CA" + "1" * 32


class Reader:
    """One stored verbatim of Nora's, and the worker that reads; time moves only here."""

    def __init__(self, database, folder: Path, model: str, now: datetime) -> None:
        self.database, self.now = database, now
        self.audio = open_audio_store(f"file:{folder}/recordings")
        self.transcriber = Transcriber(model, folder, device="cpu")

    def stores(self, recording: bytes, no_model: str | None = None) -> None:
        self.audio.put("RE.wav", recording)
        with self.database.transaction() as db:
            db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=self.now))
            db.flush()
            db.add(call_on_line(CALL, self.now))
            db.flush()
            db.add(nora_spoke(recording, self.now))
            db.flush()
            transcripts.queue(db, self.verbatim_id(db), no_model, self.now)

    def works(self, limit: timedelta = timedelta(days=1)) -> None:
        end = self.now + limit
        while (at := self.next_due()) is not None and at <= end:
            self.now = max(self.now, at)
            with self.database.transaction() as db:
                job = outbox.claim(db, "transcription", "worker", self.now)
            outcome = self.handler(job)
            with self.database.transaction() as db:
                outbox.settle(db, job, "worker", outcome, self.now)

    @property
    def handler(self):
        common = {"database": self.database, "audio": self.audio, "now": lambda: self.now}
        return partial(jobs.transcribe, transcriber=self.transcriber, **common)

    def next_due(self) -> datetime | None:
        with self.database.reading() as db:
            pending = (Outbox.queue == "transcription", Outbox.state == "pending")
            return db.execute(select(Outbox.due_at).where(*pending).limit(1)).scalar()

    def verbatim_id(self, db) -> int:
        return db.execute(select(Verbatim.id)).scalar_one()

    @property
    def transcript(self) -> Transcript:
        with self.database.reading() as db:
            return db.execute(select(Transcript)).scalar_one()

    @property
    def verbatim(self) -> Verbatim:
        with self.database.reading() as db:
            return db.execute(select(Verbatim)).scalar_one()

    @property
    def state(self) -> tuple[str, str | None]:
        return self.transcript.status, self.transcript.reason

    def waits_for(self) -> list[str]:
        """What was left for other rooms to do."""
        with self.database.reading() as db:
            return list(db.execute(select(Outbox.kind).where(Outbox.queue == "alerts")).scalars())


def nora_spoke(recording: bytes, now: datetime) -> Verbatim:
    cut = cut_and_level(read_sound(recording)) if len(recording) > 1000 else None
    return Verbatim(
        call_sid=CALL,
        step="why",
        status="stored",
        language="en",
        hotwords="Sam",
        asked_at=now,
        stored_at=now,
        recording_sid="RE" + "a" * 32,
        cut_s=cut.start_s if cut else 0.0,
        redact=["card"],
        audio_key="RE.mp3",
        sha256="of the MP3 that the alert carried",
        original_key="RE.wav",
        original_sha256=hashlib.sha256(recording).hexdigest(),
    )


@pytest.fixture
def reader(database, tmp_path, model, now):
    return Reader(database, tmp_path, str(model), now)


def test_what_was_said_is_written_down(reader):
    reader.stores(speech(440))
    reader.works()
    written = reader.transcript
    assert (written.status, written.text, written.language) == ("ready", TONES[440], "en")
    assert written.model == reader.transcriber.name
    assert written.finished_at is not None
    assert [passage["text"] for passage in written.segments] == [TONES[440]]
    assert written.segments[0]["words"][0]["text"] == "I"
    assert reader.waits_for() == ["transcript.ready"]


def test_a_card_number_is_neither_read_nor_heard_any_more(reader):
    reader.stores(speech(1000))
    reader.works()
    assert reader.transcript.text == "My card is [card] thanks."

    verbatim = reader.verbatim
    copy = verbatims.for_listeners(verbatim)
    assert copy.key.endswith(".redacted.mp3")
    heard = read_sound(reader.audio.get(copy.key, copy.sha256))
    said = cut_and_level(read_sound(speech(1000)))
    card = reader.transcript.segments[0]["words"][3]
    assert card["text"] == "[card]"
    assert loudness(heard, card["start"], card["end"]) < 0.01 * loudness(said, card["start"], card["end"])
    assert loudness(heard, 0, card["start"] - 0.5) == pytest.approx(loudness(said, 0, card["start"] - 0.5), rel=0.2)
    assert verbatim.audio_key == "RE.mp3"  # what the alert carried stays as it was


def test_where_nothing_private_is_said_there_is_no_second_copy(reader):
    reader.stores(speech(440))
    reader.works()
    assert verbatims.for_listeners(reader.verbatim).key == "RE.mp3"


def test_a_survey_that_names_nothing_private_keeps_every_word(reader):
    reader.stores(speech(1000))
    with reader.database.transaction() as db:
        db.execute(update(Verbatim).values(redact=None))
    reader.works()
    assert reader.transcript.text == TONES[1000]


def test_times_are_those_of_the_mp3_that_people_hear(reader):
    late = read_sound(speech(440))
    late = write_wav(Sound(np.concatenate([np.zeros(16_000, np.int16), late.samples]), late.rate))
    reader.stores(late)
    reader.works()
    words = [word for passage in reader.transcript.segments for word in passage["words"]]
    assert reader.verbatim.cut_s > 1.5
    assert words[0]["start"] < 1.0


def loudness(sound: Sound, start_s: float, end_s: float) -> float:
    part = sound.samples[int(start_s * sound.rate) : int(end_s * sound.rate)].astype(float)
    return float(np.sqrt((part**2).mean()))


def test_where_nobody_spoke_the_transcript_is_empty_and_nobody_is_told(reader):
    reader.stores(silence())
    reader.works()
    assert reader.state == ("empty", None)
    assert reader.waits_for() == []


def test_without_a_model_it_is_unavailable_until_asked_again(reader, model):
    reader.transcriber = Transcriber("base", model.parent)
    reader.stores(speech(440))
    reader.works()
    assert reader.state[0] == "unavailable"
    assert "has not been fetched" in reader.state[1]

    reader.transcriber = Transcriber(str(model), model.parent, device="cpu")
    with reader.database.transaction() as db:
        assert transcripts.queue_missing(db, reader.now) == 1
    reader.works()
    assert (reader.transcript.status, reader.transcript.text) == ("ready", TONES[440])
    with reader.database.transaction() as db:
        assert transcripts.queue_missing(db, reader.now) == 0


def test_a_worker_that_has_a_model_reads_what_was_thought_unavailable(reader):
    reader.stores(speech(440), no_model="no model on this machine")
    assert reader.state == ("unavailable", "no model on this machine")
    reader.works()
    assert reader.transcript.status == "ready"


def test_a_recording_that_cannot_be_decoded_is_failed_at_once(reader):
    reader.stores(b"RIFF and nothing else")
    reader.works()
    assert reader.state == ("failed", "the recording cannot be decoded")


def test_a_recording_that_changed_in_the_store_is_failed(reader):
    reader.stores(speech(440))
    reader.audio.put("RE.wav", speech(1000))
    reader.works()
    assert reader.state == ("failed", "the recording is no longer what was stored")


def test_a_recording_that_is_gone_from_the_store_is_failed(reader):
    reader.stores(speech(440))
    reader.audio.delete("RE.wav")
    reader.works()
    assert reader.state == ("failed", "the recording is no longer what was stored")


def test_a_recogniser_that_fails_is_tried_three_times(reader):
    reader.stores(speech(440))
    reader.transcriber = Failing(times=3)
    reader.works()
    assert reader.state == ("failed", "out of memory")
    assert reader.transcriber.tried == 3


def test_a_recogniser_that_recovers_is_forgiven(reader, model):
    reader.stores(speech(440))
    reader.transcriber = Failing(times=2, then=reader.transcriber)
    reader.works()
    assert reader.transcript.status == "ready"


def test_a_recording_that_kills_its_worker_three_times_is_failed_and_the_next_is_read(reader):
    reader.stores(speech(440))
    for _ in range(3):
        with reader.database.transaction() as db:  # claimed, begun, and the worker is dead
            assert outbox.claim(db, "transcription", "killed worker", reader.now) is not None
            transcripts.count_try(db, reader.verbatim_id(db))
        reader.now += timedelta(seconds=31)  # its lease has run out
    reader.works()
    assert reader.state == ("failed", "the recogniser did not survive it, 3 times")
    assert reader.next_due() is None


def test_a_store_that_is_down_is_waited_out(reader):
    reader.stores(speech(440))
    good, reader.audio = reader.audio, DownStore()
    reader.works(limit=timedelta(minutes=5))
    assert reader.transcript.status == "queued"
    reader.audio = good
    reader.works()
    assert reader.transcript.status == "ready"


def test_a_job_run_twice_leaves_the_same_rows(reader):
    reader.stores(speech(440))
    reader.works()
    first = reader.transcript
    with reader.database.transaction() as db:
        outbox.run_again(db, f"transcript:{first.verbatim_id}", reader.now)
    reader.works()
    assert (reader.transcript.text, reader.transcript.tries) == (first.text, first.tries)
    assert reader.waits_for() == ["transcript.ready"]


def test_words_of_a_message_that_was_deleted_meanwhile_are_not_kept(reader):
    reader.stores(speech(440))
    reader.transcriber = Deleting(reader, reader.transcriber)
    reader.works()
    with reader.database.reading() as db:
        assert db.execute(select(Transcript)).all() == []
    assert "transcript.ready" not in reader.waits_for()


def test_a_job_of_a_call_that_was_erased_is_done(reader):
    reader.stores(speech(440))
    with reader.database.transaction() as db:
        db.execute(delete(Call))
    reader.works()
    assert reader.next_due() is None


class Failing:
    """A recogniser that gives up so many times."""

    name = "failing"

    def __init__(self, times: int, then: Transcriber | None = None) -> None:
        self.times, self.then, self.tried = times, then, 0

    def transcribe(self, *recording):
        self.tried += 1
        if self.tried <= self.times:
            raise RecogniserFailed("out of memory")
        return self.then.transcribe(*recording)


class Deleting:
    """A recogniser so slow that the caller deletes the message meanwhile."""

    name = "slow"

    def __init__(self, reader: Reader, then: Transcriber) -> None:
        self.reader, self.then = reader, then

    def transcribe(self, *recording):
        with self.reader.database.transaction() as db:
            verbatim = verbatims.lock(db, self.reader.verbatim_id(db))
            verbatims.delete_audio(db, verbatim, "the caller deleted it", self.reader.now)
        return self.then.transcribe(*recording)


class DownStore:
    def get(self, key: str, sha256: str | None = None) -> bytes:
        raise AudioStoreDown("S3 cannot be reached")
