"""Lists a page at a time: `{"items": […], "next": cursor or null}`."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from console.problems import Problem

PAGE = 100
T = TypeVar("T")


def render_page(rows: Sequence[T], render: Callable[[T], Any], place: Callable[[T], Sequence[Any]]) -> dict[str, Any]:
    """`rows` hold one more than a page where there is a next one; `place` gives what its cursor remembers."""
    shown = rows[:PAGE]
    return {
        "items": [render(row) for row in shown],
        "next": write_cursor(place(shown[-1])) if len(rows) > PAGE else None,
    }


def write_cursor(place: Sequence[Any]) -> str:
    """A place in a list as text that is safe in an address. What is in it may change: it is ours alone to read."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_cursor(text: str | None, read: Callable[..., T]) -> T | None:
    """The place a cursor stands for, as `read` makes it from what `write_cursor` was given; None where there is none.

    Raises:
        Problem: it is not one of ours.
    """
    if not text:
        return None
    try:
        return read(*json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Problem(400, "cursor: write the `next` of the page before, as it came, or leave it out") from error
