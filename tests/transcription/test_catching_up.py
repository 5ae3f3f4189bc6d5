"""What could not be transcribed when it was recorded is transcribed later, as far as one gets each time."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage.models import Outbox, Transcript
from tests.house import SECRET_KEY, WholeHouse, whole_house
from tests.transcription.scripted_whisper import build
from wiring.background import workshop
from wiring.house import House
from wiring.transcription import catch_up, threads_here

ROOT = Path(__file__).parents[2]
SAID = "I waited too long on hold."


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    """Three callers left a message while there was no model; now there is one."""
    with whole_house(tmp_path, database_url) as made:
        made.sids = [leaves_a_message(made) for _ in range(3)]
        made.works()
        assert {status(made, sid) for sid in made.sids} == {"unavailable"}
        build(Path(made.settings.whisper_model), {}, other=SAID)
        yield made


def leaves_a_message(house: WholeHouse) -> str:
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says("dashwood.wav").hangs_up()
    return nora.call_sid


def status(house: WholeHouse, call_sid: str) -> str:
    return house.response(call_sid)["verbatims"]["why"]["transcript"]["status"]


def test_a_backlog_is_worked_through_and_each_step_is_told(house: WholeHouse):
    told = []
    ended = catch_up(
        house.house, workshop(house.house, "transcription", threading.Event()), lambda *seen: told.append(seen)
    )
    assert ended == {"ready": 3}
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert house.response(house.sids[0])["verbatims"]["why"]["transcript"]["text"] == SAID


def test_stopped_half_way_the_next_run_goes_on(house: WholeHouse):
    stopping = threading.Event()
    ended = catch_up(house.house, workshop(house.house, "transcription", stopping), lambda *_: stopping.set())
    assert ended == {"ready": 1, "queued": 2}
    ended = catch_up(house.house, workshop(house.house, "transcription", threading.Event()), lambda *_: None)
    assert ended["queued"] == 0
    assert [status(house, sid) for sid in house.sids] == ["ready"] * 3


def test_whatever_became_of_a_message_it_is_read(house: WholeHouse):
    """One was given up, one waits for another try, and the work of one is lost."""
    with house.house.database.transaction() as db:
        first, second, third = db.execute(
            select(Outbox).where(Outbox.kind == "transcribe").order_by(Outbox.id)
        ).scalars()
        first.state = "failed"
        second.due_at = house.clock() + timedelta(hours=1)
        db.delete(third)
        db.execute(update(Transcript).values(status="queued"))
    ended = catch_up(house.house, workshop(house.house, "transcription", threading.Event()), lambda *_: None)
    assert ended == {"ready": 3}


def test_a_worker_without_a_model_takes_no_work_from_one_that_has_it(house: WholeHouse):
    poor = House(replace(house.settings, whisper_model=str(house.settings.data_dir / "none-here")), house.clock)
    assert workshop(poor, "transcription", threading.Event()).run_due() == 0
    poor.database.dispose()
    house.clock.moment += timedelta(minutes=5)
    assert "queue" not in house.app.test_client().get("/readyz").get_json()["degraded"]
    house.works()
    assert [status(house, sid) for sid in house.sids] == ["ready"] * 3


def test_the_command_tells_by_its_status_that_messages_are_left(house: WholeHouse):
    next((house.settings.data_dir / "recordings").rglob("*.wav")).unlink()
    ran = run(house, "transcribe", "--missing")
    assert ran.returncode == 1
    assert "1 failed, 2 ready" in ran.stdout
    assert "1 have no words still" in ran.stderr


def test_where_nothing_is_missing_nothing_is_done(house: WholeHouse):
    catch_up(house.house, workshop(house.house, "transcription", threading.Event()), lambda *_: None)
    house.clock.moment = house.clock.moment.replace(hour=12)
    assert not catch_up(house.house, workshop(house.house, "transcription", threading.Event()), lambda *_: None)


def test_the_commands_do_as_they_say(house: WholeHouse):
    call_sid = house.sids[0]
    assert "3 ready" in command(house, "transcribe", "--missing")
    assert "in force" in command(house, "hold", call_sid, "--because", "case 14/2026")
    erased = command(house, "erase", "+12025550199")
    assert "Erased: 2 calls, 2 recordings, 2 transcripts." in erased
    assert f"Kept by a legal hold: {call_sid}" in erased
    assert "lifted" in command(house, "hold", call_sid, "--lift")
    assert "Erased: 1 calls" in command(house, "erase", "--call", call_sid)
    house.clock.moment = datetime.now(UTC)  # as the commands have it
    house.works()
    assert list((house.settings.data_dir / "recordings").rglob("*.mp3")) == []


def command(house: WholeHouse, *words: str) -> str:
    ran = run(house, *words)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def run(house: WholeHouse, *words: str) -> subprocess.CompletedProcess[str]:
    chosen = house.settings
    settings = {
        "DATA_DIR": str(chosen.data_dir),
        "DATABASE_URL": chosen.database_url,
        "WHISPER_MODEL": chosen.whisper_model,
        "TEAMS_FILE": str(chosen.teams_file),
        "SECRET_KEY": SECRET_KEY,
    }
    return subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(("named", "threads"), [("1", 1), ("3", 3), ("0", None), ("many", None), (None, None)])
def test_the_operator_may_say_how_many_cores_a_recogniser_takes(monkeypatch, named, threads):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    usual = threads_here()
    assert 1 <= usual <= 4
    if named is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", named)
    assert threads_here() == (threads or usual)
