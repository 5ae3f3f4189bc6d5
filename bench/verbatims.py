"""Recordings and transcripts: how much of the recogniser's speed is left, how soon audio is stored, and memory.

The recogniser is a model of the size of `tiny` with weights of chance; the clips are twenty seconds of real speech.
"""

import hashlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np
import structlog
from faster_whisper import WhisperModel
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select

from bench.random_whisper import TINY, build
from ivr.twilio.sound import Sound, read_sound, write_wav
from phone.carrier import Carrier, Recording
from processes import embedded_redis
from storage import transcripts
from storage.audio import AudioStore, open_audio_store
from storage.database import Database
from storage.models import Call, SurveyVersion, Transcript, Verbatim
from storage.schema import migrate
from transcription.jobs import transcribe
from transcription.transcriber import VAD, Transcriber
from worker import Workshop

ROOT = Path(__file__).parents[1]
AUDIO = ROOT / "tests" / "audio"
CLIPS, FORKED = 6, 3
WARM, FLAT = 50, 500
A_SECOND, SECONDS = 10, 30
PORT = 8765
SECRET_KEY = "a secret that only the bench knows"
OPTIONS = {
    "language": "en",
    "beam_size": 5,
    "temperature": [0.0, 0.2, 0.4],
    "condition_on_previous_text": False,
    "no_speech_threshold": 0.6,
    "vad_filter": True,
    "vad_parameters": VAD,
    "word_timestamps": True,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value; `at_least` and `at_most` are what it should be, None where it is only told."""

    what: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        bounds = [("at least", self.at_least), ("at most", self.at_most)]
        wanted = ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        return f"{self.what:58} {self.value:9.3f} {self.unit:6} {wanted}"


def measure() -> list[Row]:
    """About five minutes on two cores."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory(prefix="aftercall-bench-") as name:
        folder = Path(name)
        model = build(folder / "tiny", **TINY)
        clip = _clip(20)
        return [*_throughput(folder, model, clip), *_memory(folder, clip), *_time_to_store(folder / "house", clip)]


def _clip(seconds: float) -> bytes:
    """So much real speech, as the line carries it."""
    said = [read_sound(path.read_bytes()).samples for path in sorted(AUDIO.glob("*.wav"))]
    return write_wav(Sound(np.concatenate(said * 2)[: int(8000 * seconds)], 8000))


# Throughput -----------------------------------------------------------------------------------------


def _throughput(folder: Path, model: Path, clip: bytes) -> list[Row]:
    """Our worker, the recogniser in a bare loop, and rq's worker that forks and loads for each job: one thread each."""
    path = folder / "clip.wav"
    path.write_bytes(clip)
    bare = WhisperModel(str(model), "cpu", compute_type="int8", cpu_threads=1)
    with _stored(folder / "worker", [clip] * (CLIPS + 1)) as (database, audio):
        transcriber = Transcriber(str(model), folder, "cpu", threads=1)
        handler = partial(transcribe, database=database, audio=audio, transcriber=transcriber, now=_now)
        shop = Workshop("transcription", "bench", database, {"transcribe": handler}, _now, threading.Event(), 600)
        _listen(bare, path)  # both are warm
        _run_one(shop)
        # One after the other in turn, since other work on the machine comes and goes.
        pairs = [(_seconds(lambda: _listen(bare, path)), _seconds(lambda: _run_one(shop))) for _ in range(CLIPS)]
        ready = _ready(database)
    assert ready == CLIPS + 1, ready
    bare_s, ours_s = (sum(column) / CLIPS for column in zip(*pairs, strict=True))
    forked_s = _forking(path, model)
    return [
        Row("a clip of 20 s in a bare loop", bare_s, "s"),
        Row("a clip of 20 s in our worker", ours_s, "s"),
        Row("a clip of 20 s in rq's worker, which forks and loads", forked_s, "s"),
        Row("our worker / bare loop, clips per second", bare_s / ours_s, "", at_least=0.95),
        Row("our worker / rq's worker, clips per second", forked_s / ours_s, ""),
    ]


def _listen(model: WhisperModel, path: Path) -> None:
    segments, _ = model.transcribe(str(path), **OPTIONS)
    list(segments)


def _run_one(shop: Workshop) -> None:
    """Exactly one row of the outbox, as the worker does it."""
    stopping = threading.Event()
    handle = shop.handlers["transcribe"]

    def handle_and_stop(job: Any) -> Any:
        stopping.set()
        return handle(job)

    Workshop(
        shop.queue, shop.name, shop.database, {"transcribe": handle_and_stop}, shop.now, stopping, shop.limit_s
    ).run_due()


def load_and_listen(model: str, path: str) -> None:
    """The job of rq's worker: nothing is warm in it."""
    _listen(WhisperModel(model, "cpu", compute_type="int8", cpu_threads=1), Path(path))


FORKING = """
import sys, time
from redis import Redis
from rq import Queue, Worker
import bench.verbatims
redis = Redis.from_url(sys.argv[1])
queue = Queue("bench", connection=redis)
for _ in range(bench.verbatims.FORKED):
    queue.enqueue("bench.verbatims.load_and_listen", *sys.argv[2:], job_timeout=600)
start = time.perf_counter()
Worker([queue], connection=redis).work(burst=True, logging_level="ERROR")
assert queue.finished_job_registry.count == bench.verbatims.FORKED
print((time.perf_counter() - start) / bench.verbatims.FORKED)
"""


def _forking(path: Path, model: Path) -> float:
    """Seconds per clip. In a process of its own: the library is imported before the fork, the model loaded after."""
    with embedded_redis() as found:
        assert found, "the bench needs the Redis of requirements.txt"
        address, child = found
        child.start()
        try:
            _wait_until(lambda: _answers(Redis.from_url(address)))
            return float(_told(FORKING, address, str(model), str(path)))
        finally:
            child.end()


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


# Memory ---------------------------------------------------------------------------------------------

MEMORY = """
import sys
from pathlib import Path
from bench.verbatims import WARM, FLAT
from transcription.transcriber import Transcriber
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
transcriber, clip = Transcriber(sys.argv[1], Path("."), "cpu"), Path(sys.argv[2]).read_bytes()
for _ in range(WARM): transcriber.transcribe(clip, "en")
warm = resident()
for _ in range(FLAT - WARM): transcriber.transcribe(clip, "en")
print(warm, resident())
"""


def _memory(folder: Path, clip: bytes) -> list[Row]:
    """A recogniser that says one short sentence a clip, so that five hundred take minutes and not hours."""
    from tests.transcription.scripted_whisper import build as build_scripted

    path = folder / "memory.wav"
    path.write_bytes(clip)
    told = _told(MEMORY, str(build_scripted(folder / "scripted", {})), str(path))
    warm, end = map(float, told.split())
    return [
        Row(f"memory after {WARM} clips", warm, "MB"),
        Row(f"memory after {FLAT} clips / after {WARM}", end / warm, "", at_most=1.05),
    ]


# Time to store --------------------------------------------------------------------------------------


def _time_to_store(folder: Path, clip: bytes) -> list[Row]:
    """From the carrier's recording callback to the stored MP3, through `app.py run` with everything real."""
    settings = {"DATA_DIR": str(folder), "PORT": str(PORT), "SECRET_KEY": SECRET_KEY, "WHISPER_MODEL": "none"}
    carrier = Carrier.for_secret(SECRET_KEY, folder=folder / "phone")
    with _running(settings), _stored(folder, [], f"sqlite:///{folder}/aftercall.db") as (database, _):
        sids = [_asked(database, carrier, clip) for _ in range(A_SECOND * SECONDS)]
        told_at = _announce_all(carrier, sids)
        stored_at = _stored_at(database, len(sids))
    took = sorted(stored_at[sid].timestamp() - told_at[sid] for sid in told_at)
    cuts = quantiles(took, n=100)
    return [
        Row(f"recording callback to stored MP3, p50 at {A_SECOND}/s", cuts[49], "s"),
        Row(f"recording callback to stored MP3, p99 at {A_SECOND}/s", cuts[98], "s"),
    ]


@contextmanager
def _running(settings: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "app.py", "run"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until(_is_up)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _is_up() -> bool:
    """Calls are taken, and somebody is there to bring their recordings home."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{PORT}/readyz")
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and "worker" not in answer.json()["degraded"]


def _announce_all(carrier: Carrier, sids: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Tell of each recording at its moment; gives when."""
    told_at, start = {}, time.time()
    with httpx.Client() as http:
        for number, (call_sid, sid) in enumerate(sids):
            time.sleep(max(0.0, start + number / A_SECOND - time.time()))
            told_at[sid] = time.time()
            _announce(http, carrier, call_sid, sid)
    return told_at


def _announce(http: httpx.Client, carrier: Carrier, call_sid: str, sid: str) -> None:
    url = f"http://127.0.0.1:{PORT}/voice/recording/{call_sid}/why"
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

    _wait_until(all_stored, limit_s=120, look_s=1)  # the rows know when; looking would only take time from the house
    return found


# Rows -----------------------------------------------------------------------------------------------


@contextmanager
def _stored(folder: Path, clips: Sequence[bytes], url: str | None = None) -> Iterator[tuple[Database, AudioStore]]:
    """A database and an audio store with these clips in it, each waiting to be transcribed."""
    folder.mkdir(exist_ok=True)
    url = url or f"sqlite:///{folder}/bench.db"
    migrate(url)
    database, audio = Database(url), open_audio_store(f"file:{folder}/recordings")
    with database.transaction() as db:
        db.add(SurveyVersion(version="bench", survey="bench", source="", published_at=_now()))
    for number, clip in enumerate(clips):
        audio.put(f"{number}.wav", clip)
        kept = {
            "status": "stored",
            "original_key": f"{number}.wav",
            "original_sha256": hashlib.sha256(clip).hexdigest(),
        }
        with database.transaction() as db:
            verbatim = _add(db, f"CA{number:032x}", "AC", **kept)
            transcripts.queue(db, verbatim.id, None, _now())
    yield database, audio
    database.dispose()


def _asked(database: Database, carrier: Carrier, clip: bytes) -> tuple[str, str]:
    """A call that has been recorded, and the recording at the carrier."""
    call_sid, sid = carrier.new_sid("CA"), carrier.new_sid("RE")
    carrier.keep_recording(Recording(sid, call_sid, "completed", 20, _now().isoformat()), clip)
    with database.transaction() as db:
        _add(db, call_sid, carrier.account_sid, status="recording")
    return call_sid, sid


def _add(db: Any, call_sid: str, account_sid: str, **columns: Any) -> Verbatim:
    now = _now()
    common = {
        "language": "en",
        "account_sid": account_sid,
        "survey": "bench",
        "version": "bench",
        "direction": "inbound",
    }
    blank = {"context": {}, "data_problems": [], "turn": 1, "state": "{}", "reply": ""}
    db.add(Call(call_sid=call_sid, started_at=now, heard_at=now, ended_at=now, **common, **blank))
    db.flush()
    verbatim = Verbatim(call_sid=call_sid, step="why", language="en", asked_at=now, stored_at=now, **columns)
    db.add(verbatim)
    db.flush()
    return verbatim


def _ready(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Transcript).where(Transcript.status == "ready")) or 0


def _now() -> datetime:
    return datetime.now(UTC)


def _told(code: str, *arguments: str) -> str:
    """What a few lines print in a process of their own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _wait_until(true: Callable[[], bool], limit_s: float = 600, look_s: float = 0.05) -> None:
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit_s:.0f} s in vain")
        time.sleep(look_s)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    for row in measure():
        print(row)
