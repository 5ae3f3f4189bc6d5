"""Transcribing: how much of the recogniser's speed our worker leaves, and whether its memory stays flat.

The recogniser is a model of the size of `tiny` with weights of chance; the clips are twenty seconds of real speech.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from faster_whisper import WhisperModel
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select

from bench.figures import Figure, at_least, at_most
from bench.random_whisper import TINY, build
from bench.rows import stored, utc_now
from bench.servers import ROOT, wait_until
from processes import embedded_redis
from storage.database import Database
from storage.models import Transcript
from transcription.jobs import transcribe
from transcription.transcriber import DECODING, Transcriber
from worker import Workshop

CLIPS, FORKED = 6, 3
WARM, FLAT = 50, 500


def throughput(folder: Path, clip: bytes) -> list[Figure]:
    """Our worker, the recogniser in a bare loop, and rq's worker that forks and loads for each job: one thread each."""
    model, path = build(folder / "tiny", **TINY), folder / "clip.wav"
    path.write_bytes(clip)
    bare = WhisperModel(str(model), "cpu", compute_type="int8", cpu_threads=1)
    with stored(folder / "worker", [clip] * (CLIPS + 1)) as (database, audio):
        transcriber = Transcriber(str(model), folder, "cpu", threads=1)
        handler = partial(transcribe, database=database, audio=audio, transcriber=transcriber, now=utc_now)
        shop = Workshop("transcription", "bench", database, {"transcribe": handler}, utc_now, threading.Event(), 600)
        _listen(bare, path)  # both are warm
        _run_one(shop)
        # One after the other in turn, since other work on the machine comes and goes.
        pairs = [(_seconds(lambda: _listen(bare, path)), _seconds(lambda: _run_one(shop))) for _ in range(CLIPS)]
        ready = _ready(database)
    assert ready == CLIPS + 1, ready
    bare_s, ours_s = (median(column) for column in zip(*pairs, strict=True))
    forked_s = _forking(path, model)
    return [
        Figure("a clip of 20 s in a bare loop", bare_s, "s"),
        Figure("a clip of 20 s in our worker", ours_s, "s"),
        Figure("a clip of 20 s in rq's worker, which forks and loads", forked_s, "s"),
        at_least("our worker / bare loop, clips per second", median(bare / ours for bare, ours in pairs), 0.95),
        Figure("our worker / rq's worker, clips per second", forked_s / ours_s),
    ]


def _listen(model: WhisperModel, path: Path) -> None:
    segments, _ = model.transcribe(str(path), language="en", word_timestamps=True, **DECODING)
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
import bench.transcribing
redis = Redis.from_url(sys.argv[1])
queue = Queue("bench", connection=redis)
for _ in range(bench.transcribing.FORKED):
    queue.enqueue("bench.transcribing.load_and_listen", *sys.argv[2:], job_timeout=600)
start = time.perf_counter()
Worker([queue], connection=redis).work(burst=True, logging_level="ERROR")
assert queue.finished_job_registry.count == bench.transcribing.FORKED
print((time.perf_counter() - start) / bench.transcribing.FORKED)
"""


def _forking(path: Path, model: Path) -> float:
    """Seconds per clip. In a process of its own: the library is imported before the fork, the model loaded after."""
    with embedded_redis() as found:
        assert found, "the bench needs the Redis of requirements.txt"
        address, child = found
        child.start()
        try:
            wait_until(lambda: _answers(Redis.from_url(address)))
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
from bench.transcribing import WARM, FLAT
from transcription.transcriber import Transcriber
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
transcriber, clip = Transcriber(sys.argv[1], Path("."), "cpu"), Path(sys.argv[2]).read_bytes()
for _ in range(WARM): transcriber.transcribe(clip, "en")
warm = resident()
for _ in range(FLAT - WARM): transcriber.transcribe(clip, "en")
print(warm, resident())
"""


def memory(folder: Path, clip: bytes) -> list[Figure]:
    """A recogniser that says one short sentence a clip, so that five hundred take minutes and not hours."""
    from tests.transcription.scripted_whisper import build as build_scripted

    path = folder / "memory.wav"
    path.write_bytes(clip)
    told = _told(MEMORY, str(build_scripted(folder / "scripted", {})), str(path))
    warm, end = map(float, told.split())
    return [
        Figure(f"memory after {WARM} clips", warm, "MB"),
        at_most(f"memory after {FLAT} clips / after {WARM}", end / warm, 1.05),
    ]


def _ready(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Transcript).where(Transcript.status == "ready")) or 0


def _told(code: str, *arguments: str) -> str:
    """What a few lines print in a process of their own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
