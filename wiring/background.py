"""What workers and the clock do in the background."""

import secrets
from collections.abc import Mapping

from storage.outbox import Queue
from wiring.house import House
from worker import Clock, Handler, Stopping, Workshop

LIMITS_S: Mapping[Queue, float] = {"alerts": 180, "transcription": 900}  # longer, and the worker counts as hung


def workshop(house: House, queue: Queue, stopping: Stopping) -> Workshop:
    """One queue's work in this process."""
    name = f"{queue}-{secrets.token_hex(4)}"
    return Workshop(queue, name, house.database, _handlers(house, queue), house.now, stopping, LIMITS_S[queue])


def clock(house: House, stopping: Stopping) -> Clock:
    limit = house.settings.call_silence_limit
    return Clock(house.database, house.waker, house.now, lambda now: house.books.close_silent(now - limit), stopping)


def _handlers(house: House, queue: Queue) -> Mapping[str, Handler]:
    """Who handles which kind of outbox row. A process loads only the libraries of its own queue."""
    match queue:
        case "alerts":
            from wiring.alerts import handlers
        case "transcription":
            from wiring.transcription import handlers
    return handlers(house)
