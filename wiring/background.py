"""What workers and the clock do in the background."""

import secrets
from functools import partial
from importlib import import_module

from storage.outbox import Queue
from wiring.house import House
from worker import Clock, Stopping, Workshop


def workshop(house: House, queue: Queue, stopping: Stopping) -> Workshop:
    """One queue's work in this process, which loads only the libraries that the work needs."""
    work = import_module(f"wiring.{queue}")
    name = f"{queue}-{secrets.token_hex(4)}"
    able = partial(getattr(work, "is_able", _always), house)
    return Workshop(queue, name, house.database, work.handlers(house), house.now, stopping, work.LIMIT_S, able)


def _always(_house: House) -> bool:
    return True


def clock(house: House, stopping: Stopping) -> Clock:
    limit = house.settings.call_silence_limit
    return Clock(house.database, house.waker, house.now, lambda now: house.books.close_silent(now - limit), stopping)
