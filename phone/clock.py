"""Time as a call passes through it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What a call asks for the time, and lets pass."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class VirtualClock:
    """A clock that stands until the call moves it: a call of two minutes takes as long as its requests."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class WallClock:
    """Real time: whoever lets it pass waits, as a caller thinks before pressing a key."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
