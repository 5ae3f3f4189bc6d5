"""Wakes workers through Redis, when something that is due was written down."""

import time

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RedisQueue

log = structlog.get_logger()

PATIENCE_S = 0.25
REST_S = 5  # how long a Redis that does not answer is left alone


class Waker:
    """Wakes the workers of a queue through Redis. A wake that is lost costs a second: the clock wakes again."""

    def __init__(self, redis_url: str | None) -> None:
        patience = {"socket_connect_timeout": PATIENCE_S, "socket_timeout": PATIENCE_S}
        self._redis = Redis.from_url(redis_url, **patience) if redis_url else None
        self._rest_until = 0.0

    def wake(self, queue: str) -> bool:
        """Whether Redis took the wake; never an error, and no second wait on a Redis that does not answer."""
        if self._redis is None or time.monotonic() < self._rest_until:
            return False
        try:
            waiting = RedisQueue(queue, connection=self._redis, serializer="json")
            if waiting.count < 4:  # each wake empties the outbox, so a few are enough
                waiting.enqueue("worker.run_due", job_timeout=-1, result_ttl=0, failure_ttl=60)
            return True
        except RedisError:
            self._rest_until = time.monotonic() + REST_S
            log.warning("redis_unreachable", queue=queue)
            return False
