"""Time as a call passes through it."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A clock that stands until the call moves it: a call of two minutes takes as long as its requests."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
