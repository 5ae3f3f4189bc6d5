"""The background processes: queue workers, and the clock that finds what is due.

A worker claims rows of the outbox and runs their handlers. Redis only wakes it; without Redis it looks
every half second.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage import heartbeats, outbox
from storage.database import Database
from storage.outbox import Again, Job, Outcome
from waker import Waker

log = structlog.get_logger()

Handler = Callable[[Job], Outcome]
HANDS = {"alerts": 4, "recordings": 4, "transcription": 1}  # how many jobs of a queue one process does at a time
POLL_S = 0.5  # how often a worker without Redis looks into the outbox
BEAT_S = 10  # how often a process says that it lives, and renews the lease of what it works on
REDIS_AGAIN_S = 5  # how long a worker goes on without Redis before it tries it again
HUNG_STATUS = 75


Stopping = threading.Event  # set when the process is to leave: finish what is in hand, take nothing new


@dataclass(frozen=True, slots=True)
class Workshop:
    """One queue's work in one process: what is claimed, who handles it, how long it may take."""

    queue: outbox.Queue
    name: str
    database: Database
    handlers: Mapping[str, Handler]
    now: Callable[[], datetime]
    stopping: Stopping
    limit_s: float = 120
    able: Callable[[], bool] = lambda: True  # where it is not, what is due is left to others who are

    def run_due(self) -> int:
        """Work through all that is due; gives how many rows were handled."""
        handled, job = 0, self._first() if self.able() and self._has_due() else None
        while job:
            job = self._settle(job, self._run(job))
            handled += 1
        return handled

    def _has_due(self) -> bool:
        """A look that takes no lock: most looks find nothing."""
        with self.database.reading() as db:
            return self.queue in outbox.due_queues(db, self.now())

    def _first(self) -> Job | None:
        with self.database.transaction() as db:
            return self._claim(db)

    def _settle(self, job: Job, outcome: Outcome) -> Job | None:
        """Keep how it went, and take the next in the same transaction: each one writes through to the disk."""
        with self.database.transaction() as db:
            outbox.settle(db, job, self.name, outcome, self.now())
            return self._claim(db)

    def _claim(self, db: Session) -> Job | None:
        return None if self.stopping.is_set() else outbox.claim(db, self.queue, self.name, self.now())

    def _run(self, job: Job) -> Outcome:
        with self._lease_kept(job):
            try:
                return self.handlers[job.kind](job)
            except Exception as error:  # whatever went wrong is kept with the row and tried again
                log.exception("job_failed", kind=job.kind, key=job.key, tries=job.tries)
                return Again(self.now() + outbox.backoff(job.tries), f"{type(error).__name__}: {error}"[:500])

    @contextmanager
    def _lease_kept(self, job: Job) -> Iterator[None]:
        """Renew the lease while the handler works; leave the process when native code hangs in it."""
        done, started = threading.Event(), time.monotonic()

        def watch() -> None:
            while not done.wait(BEAT_S):
                if time.monotonic() - started > self.limit_s:
                    log.error("job_hung", kind=job.kind, key=job.key, after_s=self.limit_s)
                    os._exit(HUNG_STATUS)  # nothing else stops native code; the supervisor starts us anew
                self._renew(job)

        watcher = threading.Thread(target=watch, name="lease", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _renew(self, job: Job) -> None:
        try:
            with self.database.transaction() as db:
                outbox.renew(db, job, self.name, self.now())
        except SQLAlchemyError as error:
            log.warning("lease_not_renewed", key=job.key, error=type(error).__name__)


_at_work: list[Workshop] = []  # rq calls `run_due` by its name, so the workshop of this process is found here


def run_due() -> int:
    """What an rq job calls: work through the outbox of this process's queue."""
    return _at_work[0].run_due()


def work(workshop: Workshop, redis_url: str | None, hands: int = 1) -> None:
    """Be a worker until `stopping`: woken by Redis where it answers, else by looking every half second.

    `hands` work at the same time, so that a peer who does not answer holds up one of them, not the queue.
    """
    threading.Thread(target=_beat, args=(workshop,), name="heartbeat", daemon=True).start()
    for number in range(1, hands):
        threading.Thread(target=_lend_a_hand, args=(workshop,), name=f"hand-{number}", daemon=True).start()
    redis = Redis.from_url(redis_url, socket_connect_timeout=2) if redis_url else None
    if redis is None:
        log.warning("no_redis", queue=workshop.queue, effect="the outbox is read every half second instead")
    while not workshop.stopping.is_set():
        if redis is None or not _woken_by(redis, workshop):
            _look(workshop, REDIS_AGAIN_S)


class _Listener(SimpleWorker):
    """rq's worker, which can be told to leave from the first moment, and then takes nothing more from the outbox."""

    stopping: Stopping

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # rq leaves some types out

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]  # the same
        if self.stopping.is_set():  # a signal came before the handlers were there, and rq would never hear of it
            raise StopRequested


def _woken_by(redis: Redis, workshop: Workshop) -> bool:
    """Work as rq's worker until told to stop; False where Redis, or the database, does not answer."""
    try:
        redis.ping()
        workshop.run_due()  # what became due while nobody was woken
        _at_work[:] = [workshop]
        listener = _Listener([workshop.queue], connection=redis, serializer="json")
        listener.stopping = workshop.stopping
        listener.work(logging_level="WARNING")
        workshop.stopping.set()  # it returned: it was asked to stop
    except StopRequested:
        pass
    except RedisError as error:
        log.warning("redis_lost", queue=workshop.queue, error=type(error).__name__)
        return False
    except SQLAlchemyError as error:
        log.warning("database_unreachable", queue=workshop.queue, error=type(error).__name__)
        return False
    return True


def _look(workshop: Workshop, seconds: float) -> None:
    """Read the outbox every half second for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not workshop.stopping.wait(POLL_S):
        try:
            workshop.run_due()
        except SQLAlchemyError as error:
            log.warning("database_unreachable", queue=workshop.queue, error=type(error).__name__)


def _lend_a_hand(workshop: Workshop) -> None:
    """Take what is due while the others are busy."""
    while not workshop.stopping.is_set():
        _look(workshop, REDIS_AGAIN_S)


def _beat(workshop: Workshop) -> None:
    while True:
        _say_alive(workshop.database, f"worker:{workshop.queue}", workshop.now())
        if workshop.stopping.wait(BEAT_S):
            return


def _say_alive(database: Database, name: str, now: datetime) -> None:
    try:
        with database.transaction() as db:
            heartbeats.beat(db, name, now)
    except SQLAlchemyError as error:
        log.warning("heartbeat_not_kept", name=name, error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Clock:
    """Finds what is due: wakes workers, and closes the books of calls not heard of for too long.

    Any number of clocks may run; each thing it does is done once.
    """

    database: Database
    waker: Waker
    now: Callable[[], datetime]
    close_silent_calls: Callable[[datetime], int]
    stopping: Stopping
    tick_s: float = 1.0

    def run(self) -> None:
        last_beat = None
        while not self.stopping.wait(self.tick_s):
            now = self.now()
            if last_beat is None or now - last_beat >= timedelta(seconds=BEAT_S):
                _say_alive(self.database, "clock", now)
                last_beat = now
            self.tick(now)

    def tick(self, now: datetime) -> None:
        """One look at all clocks; an error in it is logged and the next tick tries again."""
        try:
            self.close_silent_calls(now)
            with self.database.reading() as db:
                queues = outbox.due_queues(db, now)
            for queue in queues:
                self.waker.wake(queue)
        except SQLAlchemyError as error:
            log.warning("database_unreachable", error=type(error).__name__)
        except Exception:  # a clock that stops is worse than one that stumbles
            log.exception("clock_stumbled")
