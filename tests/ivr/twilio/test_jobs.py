"""A recording comes home whatever the carrier does, once, and the alert hears of it or of the reason why not."""

import hashlib
import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from sqlalchemy import select, update

from ivr.twilio import jobs
from ivr.twilio.recordings import CarrierRecordings
from ivr.twilio.sound import Sound, read_sound, write_wav
from ivr.twilio.tones import find_key_tones
from storage import erasure, outbox, verbatims
from storage.audio import AudioMissing, AudioStoreDown, open_audio_store
from storage.models import Call, Outbox, SurveyVersion, Transcript, Verbatim
from tests.ivr.twilio.carrier import ACCOUNT, RECORDING, TOKEN, Answer
from tests.ivr.twilio.keypad import key_tone
from tests.rows import call_on_line

CALL = "CA" + "1" * 32
CLIP = (Path(__file__).parents[2] / "audio" / "dashwood.wav").read_bytes()  # 2.99 s
ADDRESS = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
HTML = Answer(200, b"<html><h1>Maintenance</h1></html>")


class House:
    """Nora's call at its voice step, and the worker that serves the queue of recordings; time moves only here."""

    def __init__(self, database, carrier, folder: Path, now: datetime) -> None:
        self.database, self.carrier, self.now = database, carrier, now
        self.audio = open_audio_store(f"file:{folder}")
        self.no_model: str | None = "no model"
        self.keep_carrier_copy = False
        self.took: list[float] = []  # seconds of virtual time at which a job ran
        self.start = now
        with database.transaction() as db:
            db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=now))
            db.flush()
            db.add(call_on_line(CALL, now, account_sid=ACCOUNT))
            db.flush()
            verbatims.asked(db, CALL, "why", "en", None, now)

    def hears(self, verb, *values, recording=RECORDING) -> None:
        with self.database.transaction() as db:
            verb(db, CALL, "why", recording, *values, self.now)

    def recorded(self) -> None:
        self.hears(verbatims.recorded)

    def announced(self, seconds: float | None = 3.0) -> None:
        self.hears(verbatims.announced, seconds)

    def ends(self) -> None:
        """The call is over, and all that follows from it happens within the next days."""
        with self.database.transaction() as db:
            verbatims.call_ended(db, CALL, self.now)
        self.works()

    def keeps(self, span: timedelta) -> None:
        with self.database.transaction() as db:
            db.execute(update(Verbatim).values(keep_s=span.total_seconds()))

    def handler(self, kind: str):
        common = {"database": self.database, "now": lambda: self.now}
        at_carrier = {**common, "carrier_of": lambda account: CarrierRecordings(self.carrier.url, account, [TOKEN])}
        return {
            "recording.fetch": partial(
                jobs.fetch_recording,
                audio=self.audio,
                no_model=lambda: self.no_model,
                keep_carrier_copy=self.keep_carrier_copy,
                **at_carrier,
            ),
            "recording.close": partial(jobs.close_recording, **at_carrier),
            "recording.delete": partial(jobs.delete_at_carrier, **at_carrier),
            "audio.delete": partial(jobs.delete_audio, audio=self.audio, **common),
            "audio.expire": partial(jobs.expire_audio, **common),
        }[kind]

    def works(self, limit: timedelta = timedelta(days=9)) -> None:
        """Run everything on the queue, each at the moment when it is due."""
        end = self.now + limit
        while (at := self.next_due()) is not None and at <= end:
            self.now = max(self.now, at)
            self.run_one()

    def passes(self, span: timedelta) -> None:
        """Let time go by, and run what falls due meanwhile."""
        end = self.now + span
        self.works(span)
        self.now = end

    def run_one(self) -> None:
        with self.database.transaction() as db:
            job = outbox.claim(db, "recordings", "worker", self.now)
        assert job is not None
        self.took.append((self.now - self.start).total_seconds())
        outcome = self.handler(job.kind)(job)
        with self.database.transaction() as db:
            outbox.settle(db, job, "worker", outcome, self.now)

    def next_due(self) -> datetime | None:
        with self.database.reading() as db:
            pending = (Outbox.queue == "recordings", Outbox.state == "pending", Outbox.due_at.is_not(None))
            return db.execute(select(Outbox.due_at).where(*pending).order_by(Outbox.due_at).limit(1)).scalar()

    @property
    def verbatim(self) -> Verbatim:
        with self.database.reading() as db:
            return db.execute(select(Verbatim)).scalars().one()

    @property
    def state(self) -> tuple[str, str | None]:
        return self.verbatim.status, self.verbatim.reason

    @property
    def transcript(self) -> Transcript | None:
        with self.database.reading() as db:
            return db.execute(select(Transcript)).scalar_one_or_none()

    def files(self) -> list[str]:
        return [name for name in verbatim_files(self.verbatim) if self.has(name)]

    def has(self, name: str) -> bool:
        try:
            return bool(self.audio.get(name))
        except AudioMissing:
            return False


def verbatim_files(verbatim: Verbatim) -> list[str]:
    return [verbatims.audio_key(verbatim, kind) for kind in get_args(verbatims.AudioKind)]


@pytest.fixture
def house(database, carrier, tmp_path, now):
    carrier.answers = [Answer(body=CLIP), Answer(204)]
    return House(database, carrier, tmp_path / "recordings", now)


def test_a_recording_comes_home_with_its_mp3_and_goes_at_the_carrier(house, carrier):
    house.recorded()
    house.announced()
    house.works()

    kept = house.verbatim
    assert kept.status == "stored"
    assert house.audio.get(kept.original_key, kept.original_sha256) == CLIP
    mp3 = house.audio.get(kept.audio_key, kept.sha256)
    assert len(mp3) == kept.size_bytes
    assert read_sound(mp3).duration_s == pytest.approx(kept.duration_s, abs=0.15)
    assert kept.original_sha256 == hashlib.sha256(CLIP).hexdigest()
    assert carrier.asked == [("GET", ADDRESS), ("DELETE", ADDRESS + ".json")]
    assert kept.carrier_copy == "deleted"
    assert house.took == [0, 0]


def test_keys_pressed_during_the_recording_are_heard_nowhere(house, carrier):
    said = read_sound(CLIP)
    keyed = Sound(np.concatenate([said.samples, *(key_tone(key) for key in "4111111111111111")]), said.rate)
    carrier.answers = [Answer(body=write_wav(keyed)), Answer(204)]
    house.announced(seconds=keyed.duration_s)
    house.works()

    kept = house.verbatim
    assert kept.status == "stored"
    for key in (kept.original_key, kept.audio_key):
        heard = read_sound(house.audio.get(key))
        assert find_key_tones(heard.samples, heard.rate) == ()
        assert heard.duration_s > 2.5  # the words are still there


def test_the_carriers_copy_stays_where_it_is_wanted(house, carrier):
    house.keep_carrier_copy = True
    house.announced()
    house.works()
    assert house.verbatim.carrier_copy == "kept"
    assert carrier.asked == [("GET", ADDRESS)]


def test_words_are_asked_for_as_soon_as_the_audio_is_there(house):
    house.no_model = None
    house.announced()
    house.works()
    assert house.transcript.status == "queued"


def test_without_a_model_the_words_are_unavailable_at_once_and_say_why(house):
    house.no_model = "no model is fetched"
    house.announced()
    house.works()
    assert (house.transcript.status, house.transcript.reason) == ("unavailable", "no model is fetched")


def test_a_recording_that_is_not_there_yet_is_asked_for_again(house, carrier):
    carrier.answers = [Answer(404)] * 7 + [Answer(body=CLIP), Answer(204)]
    house.announced()
    house.works()
    assert house.verbatim.status == "stored"
    assert house.took[:8] == [0, 1, 3, 7, 15, 30, 60, 90]


def test_a_recording_that_never_comes_is_failed_after_ten_minutes(house, carrier):
    carrier.answers = [Answer(404)]
    house.announced()
    house.works()
    assert house.state == ("failed", "the carrier does not have the recording")
    assert house.took[-1] == 30 + 20 * 30
    assert house.transcript is None


def test_a_carrier_that_is_down_for_hours_loses_nothing(house, carrier):
    carrier.answers = [Answer(503)] * 12 + [Answer(body=CLIP), Answer(204)]
    house.announced()
    house.works()
    assert house.verbatim.status == "stored"


def test_an_account_that_is_refused_for_good_is_a_failure(house, carrier):
    carrier.tokens = ("another token",)
    house.announced()
    house.works()
    assert house.state == ("failed", "the carrier refuses our account or token (HTTP 401)")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (HTML, "the recording is a web page"),
        (Answer(200, b""), "the recording is empty"),
        (Answer(200, b"RIFF" + bytes(500)), "the recording is broken"),
        (Answer(200, CLIP[: len(CLIP) // 2]), "the recording is cut: 1.5 s of 3 s"),
        (
            Answer(200, b"no", {"Content-Type": "text/plain"}),
            "the carrier sent a page of text instead of the recording",
        ),
    ],
)
def test_what_is_no_whole_recording_is_fetched_once_more_and_then_failed(house, carrier, answer, reason):
    carrier.answers = [answer]
    house.announced()
    house.works()
    assert house.state == ("failed", reason)
    assert carrier.asked == [("GET", ADDRESS)] * 2  # and it stays at the carrier, for people to look at
    assert house.files() == []


def test_the_second_fetch_may_bring_it(house, carrier):
    carrier.answers = [Answer(404), HTML, Answer(404), Answer(body=CLIP), Answer(204)]
    house.announced()
    house.works()
    assert house.state == ("stored", None)


def test_a_recording_in_which_nothing_was_said_is_absent(house, carrier):
    carrier.answers = [Answer(200, b"")]
    house.announced(seconds=0)
    house.works()
    assert house.state == ("absent", "nothing was said")


def described(status: str = "completed", duration: str | None = "3") -> Answer:
    told = json.dumps({"sid": RECORDING, "status": status, "duration": duration, "error_code": None})
    return Answer(200, told.encode(), {"Content-Type": "application/json"})


def listed(at: datetime) -> Answer:
    told = {"sid": RECORDING, "source": "RecordVerb", "start_time": format_datetime(at)}
    return Answer(200, json.dumps({"recordings": [told]}).encode(), {"Content-Type": "application/json"})


def test_without_the_carriers_word_the_recording_is_looked_up_and_fetched(house, carrier):
    carrier.answers = [described(), Answer(body=CLIP), Answer(204)]
    house.recorded()
    house.works()
    assert house.verbatim.status == "stored"
    assert house.took[0] == 60
    assert carrier.asked[:2] == [("GET", ADDRESS + ".json"), ("GET", ADDRESS)]


@pytest.mark.parametrize("told", [Answer(404), Answer(200, b"<html>")])
def test_a_carrier_that_describes_nothing_may_have_the_recording(house, carrier, told):
    carrier.answers = [told, Answer(body=CLIP), Answer(204)]
    house.recorded()
    house.works()
    assert house.verbatim.status == "stored"


def test_a_recording_that_is_looked_up_and_still_made_is_waited_for(house, carrier):
    carrier.answers = [described("processing", None), described(), Answer(body=CLIP), Answer(204)]
    house.recorded()
    house.works()
    assert house.verbatim.status == "stored"


def test_a_recording_that_is_looked_up_and_cut_is_failed(house, carrier):
    cut = Answer(body=CLIP[: len(CLIP) // 2])
    carrier.answers = [described(), cut, described(), cut]
    house.recorded()
    house.works()
    assert house.state == ("failed", "the recording is cut: 1.5 s of 3 s")


def test_a_recording_that_is_looked_up_and_absent_is_absent(house, carrier):
    carrier.answers = [described("absent", "0")]
    house.recorded()
    house.works()
    assert house.state == ("absent", "nothing was said")


@pytest.mark.parametrize("told", [Answer(200, b'{"recordings": []}'), Answer(404), HTML], ids=["none", "404", "html"])
def test_a_call_that_ends_without_speech_closes_its_recording_as_absent(house, carrier, told):
    carrier.answers = [told]
    house.ends()
    assert house.state == ("absent", "nothing was recorded before the call ended")


def test_a_recording_of_which_no_word_came_is_found_at_the_carrier(house, carrier):
    carrier.answers = [listed(house.now), described("processing"), described(), Answer(body=CLIP), Answer(204)]
    house.ends()
    assert house.state == ("stored", None)
    assert house.took[:3] == [5, 5, 6]  # looked for, not ready yet, fetched


def test_a_carrier_that_cannot_say_what_it_recorded_is_asked_again(house, carrier):
    carrier.answers = [Answer(503), Answer(503), listed(house.now), described(), Answer(body=CLIP), Answer(204)]
    house.ends()
    assert house.state == ("stored", None)
    assert house.took[:4] == [5, 10, 25, 25]


def test_a_carrier_that_refuses_to_say_what_it_recorded_is_a_failure(house, carrier):
    carrier.answers = [Answer(403)]
    house.ends()
    assert house.state == ("failed", "the carrier refuses our account or token (HTTP 403)")


def test_a_recording_that_was_erased_before_any_word_of_it_came_is_deleted_at_the_carrier(house, carrier):
    carrier.answers = [listed(house.now), Answer(204)]
    with house.database.transaction() as db:
        verbatims.call_ended(db, CALL, house.now)
        db.get(Call, CALL).ended_at = house.now
        db.flush()
        assert erasure.erase(db, [db.get(Call, CALL)], lambda version: (), house.now).recordings == 1
    house.works()
    assert house.state == ("deleted", "erased at the caller's wish")
    assert carrier.asked[-1] == ("DELETE", ADDRESS + ".json")


def test_a_recording_that_the_hang_up_overtook_is_not_closed(house):
    with house.database.transaction() as db:
        verbatims.call_ended(db, CALL, house.now)
    house.recorded()
    house.announced()
    house.works()
    assert house.verbatim.status == "stored"


def test_a_job_run_twice_leaves_the_same_rows(house):
    house.announced()
    house.works()
    before = columns(house.verbatim)
    with house.database.transaction() as db:
        outbox.run_again(db, f"recording:{house.verbatim.id}", house.now)
    house.works()
    assert columns(house.verbatim) == before
    with house.database.reading() as db:
        assert len(db.execute(select(Outbox)).all()) == 3  # fetched, deleted at the carrier, transcribed


def test_two_workers_at_once_leave_one_audio(house):
    house.announced()
    with house.database.transaction() as db:
        job = outbox.claim(db, "recordings", "slow worker", house.now)
    fetch = house.handler("recording.fetch")
    assert [fetch(job), fetch(job)] == [outbox.Done()] * 2
    assert house.verbatim.status == "stored"
    assert len(house.files()) == 2


def test_a_message_deleted_while_it_is_fetched_is_not_kept(house):
    house.announced()

    def deletes_meanwhile() -> str | None:
        house.hears(verbatims.discarded, "the caller deleted it")
        return None

    house.recorded()
    with house.database.transaction() as db:
        job = outbox.claim(db, "recordings", "worker", house.now)
    fetch = partial(house.handler("recording.fetch"), no_model=deletes_meanwhile)
    assert fetch(job) == outbox.Done()
    assert house.state == ("deleted", "the caller deleted it")
    assert house.files() == []
    assert house.transcript is None


def test_a_stored_message_that_the_caller_deletes_goes_everywhere(house, carrier):
    house.keep_carrier_copy = True
    house.announced()
    house.works()
    assert len(house.files()) == 2
    house.hears(verbatims.discarded, "the caller deleted it")
    house.works()
    assert house.files() == []
    assert carrier.asked[-1] == ("DELETE", ADDRESS + ".json")


def test_a_message_is_kept_as_long_as_its_survey_says(house):
    house.keeps(timedelta(days=90))
    house.announced()
    house.passes(timedelta(days=89))
    assert house.verbatim.status == "stored"
    house.passes(timedelta(days=2))
    assert house.state == ("deleted", "kept for 90 days, as the survey says")
    assert house.files() == []
    assert house.transcript is None


def test_a_recording_that_could_not_be_brought_home_goes_at_the_carrier_when_its_time_is_over(house, carrier):
    carrier.answers = [HTML, HTML, Answer(204)]
    house.keeps(timedelta(days=3))
    house.announced()
    house.passes(timedelta(days=2))
    assert house.state == ("failed", "the recording is a web page")
    house.works()
    assert house.state == ("deleted", "kept for 3 days, as the survey says")
    assert carrier.asked[-1] == ("DELETE", ADDRESS + ".json")


def test_a_legal_hold_keeps_it_longer(house):
    house.keeps(timedelta(days=90))
    house.announced()
    house.passes(timedelta(days=1))
    with house.database.transaction() as db:
        erasure.hold(db, CALL, "case 14/2026", house.now)
    house.passes(timedelta(days=100))
    assert house.verbatim.status == "stored"
    with house.database.transaction() as db:
        erasure.lift_hold(db, CALL)
    house.passes(timedelta(days=2))
    assert house.verbatim.status == "deleted"


def test_a_legal_hold_on_the_call_that_goes_on_with_it_keeps_it_too(house):
    house.keeps(timedelta(days=90))
    house.announced()
    house.passes(timedelta(days=1))
    again = call_on_line("CA" + "2" * 32, house.now, account_sid=ACCOUNT, continues=CALL)
    with house.database.transaction() as db:
        db.add(again)
    with house.database.transaction() as db:
        erasure.hold(db, again.call_sid, "case 14/2026", house.now)
    house.passes(timedelta(days=100))
    assert house.verbatim.status == "stored"


def test_a_survey_that_names_no_time_keeps_it(house):
    house.announced()
    house.works()
    assert house.next_due() is None


def test_a_carrier_that_does_not_delete_is_asked_again(house, carrier):
    carrier.answers = [Answer(body=CLIP), Answer(500), Answer(401), Answer(204)]
    house.announced()
    house.works()
    assert house.verbatim.carrier_copy == "deleted"


def test_a_full_disk_is_waited_out(house, carrier):
    carrier.answers = [Answer(body=CLIP), Answer(body=CLIP), Answer(204)]
    house.announced()
    good, house.audio = house.audio, FullDisk()
    house.run_one()
    assert house.verbatim.status == "awaited"
    house.audio = good
    house.works()
    assert house.verbatim.status == "stored"


def test_jobs_of_a_call_that_was_erased_are_done(house):
    house.announced()
    with house.database.transaction() as db:
        db.delete(db.get(Call, CALL))
    house.works()
    assert house.next_due() is None


class FullDisk:
    def put(self, key: str, data: bytes) -> None:
        raise AudioStoreDown("No space left on device")


def columns(row: Verbatim) -> dict[str, object]:
    return {name: getattr(row, name) for name in Verbatim.__table__.columns.keys()}  # noqa: SIM118  a collection, no dict
