import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from console.health import Health, health
from console.metrics import PARTS, metrics
from storage import heartbeats, outbox
from storage.database import Database
from storage.models import Delivery, DeliveryTry, Outbox, Transcript
from tests.console.conftest import CALL, add_call, add_case, add_verbatim

PROCESSES = ("worker:alerts", "worker:recordings", "worker:transcription", "clock")


@pytest.fixture
def doctor(database, tmp_path, now) -> Health:
    return Health(database, tmp_path, {}, lambda: now)


@pytest.fixture
def ask(doctor):
    """Ask an address of the service, with what the test wants to be different."""

    def ask(address, **different):
        app = Flask(__name__)
        asked = Health(**{name: getattr(doctor, name) for name in Health.__slots__} | different)
        app.register_blueprint(health(asked))
        app.register_blueprint(metrics(asked))
        return app.test_client().get(address)

    return ask


@pytest.fixture
def everything_runs(database, now):
    with database.transaction() as db:
        for name in PROCESSES:
            heartbeats.beat(db, name, now - timedelta(seconds=10))


# Ready ----------------------------------------------------------------------------------------------


def test_a_process_that_lives_says_so(ask):
    assert ask("/healthz").status_code == 200


def test_a_house_in_order_is_ready(ask, everything_runs):
    answer = ask("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "failed": {}, "degraded": {}})


def test_calls_are_taken_while_background_processes_are_away(ask):
    answer = ask("/readyz")
    assert answer.status_code == 200
    assert answer.json["degraded"] == {"worker": "never heard of", "clock": "never heard of"}


def test_a_process_not_heard_of_for_long_is_named(ask, everything_runs, now):
    answer = ask("/readyz", now=lambda: now + timedelta(seconds=35))
    assert answer.json["degraded"] == {"worker": "last heard of 45 s ago", "clock": "last heard of 45 s ago"}


def test_one_silent_worker_is_enough_to_be_named(ask, everything_runs, database, now):
    with database.transaction() as db:
        heartbeats.beat(db, "worker:transcription", now - timedelta(minutes=5))
    assert ask("/readyz").json["degraded"] == {"worker": "last heard of 300 s ago"}


@pytest.mark.parametrize("url", ["sqlite:////nowhere/aftercall.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_without_its_database_no_call_can_be_taken(ask, url):
    answer = ask("/readyz", database=Database(url))
    assert answer.status_code == 503
    assert answer.json["failed"] == {"database": "it does not answer (OperationalError)"}


def test_a_database_without_our_tables_says_what_to_run(ask, empty_url):
    empty = Database(empty_url)
    answer = ask("/readyz", database=empty)
    empty.dispose()
    assert answer.status_code == 503
    assert answer.json["failed"] == {
        "database": "its tables are not those of this release: run `python app.py migrate`"
    }


def test_with_a_full_disk_no_call_can_be_taken(ask, everything_runs, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 3 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    answer = ask("/readyz")
    assert answer.status_code == 503
    assert answer.json["failed"] == {"disk": "only 3 MB are free in DATA_DIR"}


def test_without_its_folder_no_call_can_be_taken(ask, everything_runs, tmp_path):
    answer = ask("/readyz", data_dir=tmp_path / "gone")
    assert (answer.status_code, list(answer.json["failed"])) == (503, ["disk"])


def test_a_server_out_of_reach_is_named(ask, everything_runs):
    answer = ask("/readyz", probes={"mail": lambda: "no mail server answers", "queue": lambda: None})
    assert (answer.status_code, answer.json["degraded"]) == (200, {"mail": "no mail server answers"})


def test_work_that_waits_too_long_is_named(ask, everything_runs, database, now):
    with database.transaction() as db:
        for n in range(3):
            outbox.put(db, "alerts", "delivery.send", f"delivery:{n}", {}, now, now - timedelta(seconds=90 - n))
        outbox.put(db, "transcription", "transcribe", "transcript:1", {}, now, now - timedelta(seconds=5))
    assert ask("/readyz").json["degraded"] == {"queue": "3 due in alerts, the oldest for 90 s"}


def test_mail_that_was_not_accepted_is_named(ask, everything_runs, database, now):
    with database.transaction() as db:
        add_call(db, now)
        add_deliveries(db, now, [("email", "pending", "Connection refused"), ("email", "pending", None)])
    assert ask("/readyz").json["degraded"] == {"mail": "1 not accepted at the last try"}


def test_an_address_that_is_switched_off_is_counted_until_it_takes_a_message(ask, everything_runs, database, now):
    gone = ("webhook", "failed", "switched off: the receiver answered 410")
    with database.transaction() as db:
        add_call(db, now)
        add_deliveries(db, now, [("webhook", "accepted", None), ("email", "accepted", None), gone])
    told = "addresses that took no message for good the last time: 1 of webhook"
    assert ask("/readyz").json["degraded"] == {"alerts": told}
    with database.transaction() as db:
        db.query(Delivery).where(Delivery.id == "0").update({"created_at": now + timedelta(minutes=1)})
    assert ask("/readyz").json["degraded"] == {}


def test_recordings_that_do_not_come_are_named(ask, everything_runs, database, now):
    with database.transaction() as db:
        for n, tries in enumerate([6, 2]):
            outbox.put(db, "recordings", "recording.fetch", f"recording:{n}", {}, now, now)
            db.query(Outbox).where(Outbox.key == f"recording:{n}").update({"tries": tries})
    assert ask("/readyz").json["degraded"] == {"recordings": "1 could not be fetched from the carrier yet"}


def test_a_store_that_is_down_is_named_at_the_first_try(ask, everything_runs, database, now):
    with database.transaction() as db:
        outbox.put(db, "recordings", "recording.fetch", "recording:1", {}, now, now)
        job = outbox.claim(db, "recordings", "w", now)
        outbox.settle(db, job, "w", outbox.when_store_is_back(job, "S3 answered NoSuchBucket", now), now)
    told = "the recordings store cannot be used (S3 answered NoSuchBucket); 1 wait for it"
    assert ask("/readyz").json["degraded"] == {"recordings": told}


def add_deliveries(db, now, rows, took_s=3.0):
    number = add_case(db, now).number
    for n, (channel, state, error) in enumerate(rows):
        accepted_at = now + timedelta(seconds=took_s) if state == "accepted" else None
        db.add(
            Delivery(
                id=str(n),
                case_number=number,
                call_sid=CALL,
                once_key=str(n),
                wave="opened",
                severity="P2",
                channel=channel,
                address="ines@harbor.example",
                state=state,
                error=error,
                created_at=now,
                accepted_at=accepted_at,
            )
        )
        db.flush()
        db.execute(insert(DeliveryTry).values(delivery_id=str(n), at=accepted_at or now, took_ms=40, error=error))


# Metrics --------------------------------------------------------------------------------------------


def test_metrics_count_what_the_rows_hold(ask, everything_runs, database, now):
    with database.transaction() as db:
        add_call(db, now)
        for n, disposition in enumerate(["complete", "partial", "in_progress"]):
            add_call(db, now, call_sid=f"CA{n:032x}", disposition=disposition)
        add_deliveries(
            db, now, [("email", "accepted", None), ("email", "accepted", None), ("sms", "failed", "blocked")]
        )
        outbox.put(db, "alerts", "delivery.send", "delivery:0", {}, now, now - timedelta(seconds=20))
        outbox.put(db, "alerts", "delivery.send", "delivery:1", {}, now, None)
        spoken = add_verbatim(db, now, status="stored", stored_at=now)
        heard = {"status": "ready", "finished_at": now + timedelta(seconds=7), "segments": []}
        db.add(Transcript(verbatim_id=spoken.id, **heard))
    told = read(ask("/metrics"))
    assert told["aftercall_calls_total", "complete", "after-call"] == 2
    assert told["aftercall_calls_total", "partial", "after-call"] == 1
    assert told["aftercall_calls_in_progress", "after-call"] == 1
    assert told["aftercall_cases", "P2", "new", "service-recovery"] == 1
    assert told["aftercall_deliveries", "email", "accepted"] == 2
    assert told["aftercall_deliveries", "sms", "failed"] == 1
    assert told["aftercall_outbox_due", "alerts"] == 1
    assert told["aftercall_outbox_oldest_due_seconds", "alerts"] == 20
    assert [told["aftercall_outbox_due", queue] for queue in ("recordings", "transcription")] == [0, 0]
    assert told["aftercall_alert_seconds", "email", "0.5"] == 3
    assert told["aftercall_transcript_seconds", "0.99"] == 7


def test_metrics_say_which_part_does_not_work(ask, everything_runs):
    told = read(ask("/metrics", probes={"mail": lambda: "no mail server answers"}))
    assert {part: told["aftercall_up", part] for part in PARTS} == dict.fromkeys(PARTS, 1) | {"mail": 0}


def test_metrics_without_a_database_still_say_so(ask):
    told = read(ask("/metrics", database=Database("sqlite:////nowhere/aftercall.db")))
    assert told["aftercall_up", "database"] == 0


def test_metrics_are_the_same_in_every_process(ask, everything_runs, database, now):
    with database.transaction() as db:
        add_call(db, now)
    assert ask("/metrics").text == ask("/metrics").text


def read(answer):
    """Every sample by its name and the values of its labels, sorted by their names."""
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}
