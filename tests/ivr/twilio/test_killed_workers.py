"""A worker may be killed at any step of bringing a recording home; the next one ends it as if nothing had happened."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.ivr.twilio.carrier import ACCOUNT, TOKEN, Answer
from tests.ivr.twilio.test_jobs import ADDRESS, CLIP, House

ROOT = Path(__file__).parents[3]

# After this call, counted from 1, of this name the worker is dead.
STEPS = [
    ("ivr.twilio.recordings:CarrierRecordings.fetch_wav", 1),
    ("ivr.twilio.keeping:cut_and_level", 1),
    ("ivr.twilio.keeping:write_mp3", 1),
    ("storage.audio:Folder.put", 1),
    ("storage.audio:Folder.put", 2),
    ("ivr.twilio.jobs:_make_known", 1),
    ("ivr.twilio.recordings:CarrierRecordings.delete", 1),
    ("storage.outbox:settle", 1),
    ("storage.outbox:settle", 2),
]

WORKER = """
import importlib, os, signal, sys
from datetime import datetime
from functools import partial
from ivr.twilio import jobs
from ivr.twilio.recordings import CarrierRecordings
from storage.audio import open_audio_store
from storage.database import Database
from worker import Stopping, Workshop

url, folder, carrier_url, account, token, moment, where, count = sys.argv[1:]

def deadly(step, left=[int(count)]):
    def die(*given, **named):
        result = step(*given, **named)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return die

module, _, name = where.partition(":")
owner = importlib.import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
setattr(owner, last, deadly(getattr(owner, last)))

now = lambda: datetime.fromisoformat(moment)
database, audio = Database(url), open_audio_store("file:" + folder)
carrier = CarrierRecordings(carrier_url, account, [token])
common = {"database": database, "carrier_of": lambda account: carrier, "now": now}
handlers = {
    "recording.fetch": partial(
        jobs.fetch_recording, audio=audio, no_model=lambda: "no model", keep_carrier_copy=False, **common
    ),
    "recording.delete": partial(jobs.delete_at_carrier, **common),
}
Workshop("recordings", "doomed", database, handlers, now, Stopping()).run_due()
"""


@pytest.mark.parametrize(("step", "count"), STEPS, ids=lambda value: str(value).rpartition(":")[2])
def test_the_next_worker_ends_what_a_killed_one_began(database, database_url, carrier, tmp_path, now, step, count):
    carrier.answers = [Answer(body=CLIP)]
    carrier.answer = answering(carrier)
    folder = tmp_path / "recordings"
    house = House(database, carrier, folder, now)
    house.recorded()
    house.announced()

    arguments = [database_url, str(folder), carrier.url, ACCOUNT, TOKEN, now.isoformat(), step, str(count)]
    killed = subprocess.run([sys.executable, "-c", WORKER, *arguments], cwd=ROOT, check=False, timeout=300)
    assert killed.returncode == -9

    house.now += timedelta(seconds=31)  # its lease has run out
    house.works()
    kept = house.verbatim
    assert (kept.status, kept.carrier_copy) == ("stored", "deleted")
    assert house.audio.get(kept.original_key, kept.original_sha256) == CLIP
    assert house.audio.get(kept.audio_key, kept.sha256)
    stored = [path.name for path in folder.rglob("*") if path.is_file() and path.parent.name != ".unfinished"]
    assert sorted(stored) == sorted(Path(key).name for key in (kept.original_key, kept.audio_key))
    assert house.transcript.status == "unavailable"
    assert carrier.asked[-1] == ("DELETE", ADDRESS + ".json")


def answering(carrier):
    """The recording for those who ask, and for those who delete it, once or again."""

    def answer(method: str, path: str, login: str | None) -> Answer:
        carrier.asked.append((method, path))
        return Answer(204) if method == "DELETE" else Answer(body=CLIP)

    return answer
