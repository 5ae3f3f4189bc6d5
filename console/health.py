"""`/healthz` says that the process lives, `/readyz` whether calls can be taken, and what does not work as it should."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from console.probes import Probe
from storage import heartbeats, measures
from storage.database import Database
from storage.outbox import QUEUES
from storage.schema import REPAIR, up_to_date

LEAST_FREE_MB = 50
BEAT_LATE = timedelta(seconds=30)
BACKLOG_LATE = timedelta(seconds=60)
FETCH_TRIES = 6  # the tries of the first half minute; a recording may well take that long
PROCESSES = {"worker": [f"worker:{queue}" for queue in QUEUES], "clock": ["clock"]}


@dataclass(frozen=True, slots=True)
class Report:
    """Reasons in words by part: without what `failed` no call can be taken; what is `degraded` is late or missing."""

    failed: Mapping[str, str]
    degraded: Mapping[str, str]

    @property
    def ready(self) -> bool:
        return not self.failed


@dataclass(frozen=True, slots=True)
class Health:
    """Looks at all parts: database and disk, without which no call can be taken, and those that may be late."""

    database: Database
    data_dir: Path
    probes: Mapping[str, Probe]
    now: Callable[[], datetime]

    def report(self) -> Report:
        failed = _present({"disk": disk_trouble(self.data_dir)})
        degraded = _present({part: probe() for part, probe in self.probes.items()})
        try:
            if up_to_date(self.database):
                with self.database.reading() as db:
                    degraded |= _troubles(db, self.now())
            else:
                failed["database"] = f"its tables are not those of this release: {REPAIR}"
        except SQLAlchemyError as error:
            failed["database"] = f"it does not answer ({type(error).__name__})"
        return Report(failed, degraded)


def health(doctor: Health) -> Blueprint:
    """The two addresses, open to everybody: they tell nothing about callers."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return Response("alive\n", mimetype="text/plain")

    @blueprint.get("/readyz")
    def readyz() -> Response:
        report = doctor.report()
        body = {"ready": report.ready, "failed": report.failed, "degraded": report.degraded}
        return Response(json.dumps(body), 200 if report.ready else 503, mimetype="application/json")

    return blueprint


def disk_trouble(data_dir: Path) -> str | None:
    """Why nothing could be stored in DATA_DIR, None where it could."""
    try:
        free_mb = shutil.disk_usage(data_dir).free // 2**20
    except OSError as error:
        return f"DATA_DIR cannot be read ({error.strerror})"
    if not os.access(data_dir, os.W_OK):
        return "DATA_DIR cannot be written"
    return f"only {free_mb} MB are free in DATA_DIR" if free_mb < LEAST_FREE_MB else None


def _troubles(db: Session, now: datetime) -> dict[str, str]:
    """What the rows tell."""
    beats = heartbeats.last_beats(db)
    silent = {part: _silence([beats.get(name) for name in names], now) for part, names in PROCESSES.items()}
    held = {"mail": _held_mail(db), "recordings": _held_recordings(db), "alerts": _shut_doors(db)}
    return _present(silent | {"queue": _lateness(db, now)} | held)


def _silence(beats: list[datetime | None], now: datetime) -> str | None:
    if None in beats:
        return "never heard of"
    oldest = min(beat for beat in beats if beat)
    return f"last heard of {_seconds(now - oldest)} s ago" if now - oldest > BEAT_LATE else None


def _lateness(db: Session, now: datetime) -> str | None:
    late = [queue for queue in measures.backlog(db, now) if now - queue.oldest_due_at > BACKLOG_LATE]
    waits = [f"{row.n} due in {row.queue}, the oldest for {_seconds(now - row.oldest_due_at)} s" for row in late]
    return "; ".join(waits) or None


def _held_mail(db: Session) -> str | None:
    held = measures.mails_held_up(db)
    return f"{held} not accepted at the last try" if held else None


def _held_recordings(db: Session) -> str | None:
    """The store is named at its first refusal; the carrier may well take its time."""
    if trouble := measures.store_trouble(db):
        waiting, reason = trouble
        return f"{reason}; {waiting} wait for it"
    held = measures.recordings_held_up(db, FETCH_TRIES)
    return f"{held} could not be fetched from the carrier yet" if held else None


def _shut_doors(db: Session) -> str | None:
    """Addresses are not named: everybody may ask for the report."""
    shut = measures.addresses_shut(db)
    told = ", ".join(f"{count.n} of {channel}" for count in shut for channel in count.values)
    return f"addresses that took no message for good the last time: {told}" if shut else None


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _present(reasons: Mapping[str, str | None]) -> dict[str, str]:
    return {part: reason for part, reason in reasons.items() if reason}
