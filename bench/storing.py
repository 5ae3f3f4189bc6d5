"""Storing: how soon after the carrier has told of a recording its MP3 is there, through a real `app.py run`."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import httpx
from sqlalchemy import select

from bench.figures import Figure
from bench.rows import add_verbatim, stored, utc_now
from bench.servers import app, wait_until
from phone.carrier import Carrier, Recording
from storage.database import Database
from storage.models import Verbatim

A_SECOND, SECONDS = 10, 30
SECRET_KEY = "a secret that only the bench knows"


def time_to_store(folder: Path, clip: bytes) -> list[Figure]:
    """From the carrier's recording callback to the stored MP3."""
    folder.mkdir()
    settings = {"DATA_DIR": str(folder), "SECRET_KEY": SECRET_KEY, "WHISPER_MODEL": "none"}
    carrier = Carrier.for_secret(SECRET_KEY, folder=folder / "phone")
    url = f"sqlite:///{folder}/aftercall.db"
    with app("run", folder, settings) as server, stored(folder, [], url) as (database, _):
        here = f"http://127.0.0.1:{server.port}"
        wait_until(lambda: _is_up(here))
        sids = [_asked(database, carrier, clip) for _ in range(A_SECOND * SECONDS)]
        told_at = _announce_all(here, carrier, sids)
        stored_at = _stored_at(database, len(sids))
    took = sorted(stored_at[sid].timestamp() - told_at[sid] for sid in told_at)
    cuts = quantiles(took, n=100)
    return [
        Figure(f"recording callback to stored MP3, p50 at {A_SECOND}/s", cuts[49], "s"),
        Figure(f"recording callback to stored MP3, p99 at {A_SECOND}/s", cuts[98], "s"),
    ]


def _is_up(here: str) -> bool:
    """Calls are taken, and somebody is there to bring their recordings home."""
    try:
        answer = httpx.get(f"{here}/readyz")
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and "worker" not in answer.json()["degraded"]


def _announce_all(here: str, carrier: Carrier, sids: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Tell of each recording at its moment; gives when."""
    told_at, start = {}, time.time()
    with httpx.Client() as http:
        for number, (call_sid, sid) in enumerate(sids):
            time.sleep(max(0.0, start + number / A_SECOND - time.time()))
            told_at[sid] = time.time()
            _announce(http, carrier, f"{here}/voice/recording/{call_sid}/why", call_sid, sid)
    return told_at


def _announce(http: httpx.Client, carrier: Carrier, url: str, call_sid: str, sid: str) -> None:
    form = {
        "AccountSid": carrier.account_sid,
        "CallSid": call_sid,
        "RecordingSid": sid,
        "RecordingStatus": "completed",
        "RecordingDuration": "20",
        "ErrorCode": "0",
    }
    answer = http.post(url, data=form, headers={"X-Twilio-Signature": carrier.sign(url, list(form.items()))})
    answer.raise_for_status()


def _stored_at(database: Database, wanted: int) -> dict[str, datetime]:
    found: dict[str, datetime] = {}

    def all_stored() -> bool:
        with database.reading() as db:
            kept = select(Verbatim.recording_sid, Verbatim.stored_at).where(Verbatim.status == "stored")
            found.update(db.execute(kept).all())
        return len(found) == wanted

    wait_until(all_stored, limit_s=120, look_s=1)  # the rows know when; looking would only take time from the house
    return found


def _asked(database: Database, carrier: Carrier, clip: bytes) -> tuple[str, str]:
    """A call that has been recorded, and the recording at the carrier."""
    call_sid, sid = carrier.new_sid("CA"), carrier.new_sid("RE")
    carrier.keep_recording(Recording(sid, call_sid, "completed", 20, utc_now().isoformat()), clip)
    with database.transaction() as db:
        add_verbatim(db, call_sid, carrier.account_sid, status="recording")
    return call_sid, sid
