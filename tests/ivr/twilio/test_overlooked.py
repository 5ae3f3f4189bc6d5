"""Of the recordings that the carrier lists, the right one is taken for the words that are missed."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.twilio.overlooked import find_overlooked
from ivr.twilio.recordings import Listed
from storage.models import Verbatim

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def take(number: int, second: int, recording_sid: str | None = None) -> Verbatim:
    return Verbatim(id=number, recording_sid=recording_sid, asked_at=NOON + timedelta(seconds=second))


def listed(**seconds: int) -> list[Listed]:
    return [Listed(name, NOON + timedelta(seconds=second)) for name, second in seconds.items()]


@pytest.mark.parametrize(
    ("takes", "found", "missed"),
    [
        ([take(1, 0)], listed(a=8), "a"),
        ([take(1, 0)], [], None),
        ([take(1, 0, "a"), take(2, 40)], listed(a=8, b=48), "b"),
        ([take(1, 0), take(2, 40)], listed(a=8), None),  # the first one's, of which nothing was told either
        ([take(1, 0), take(2, 40)], listed(a=8, b=48), "b"),
        ([take(1, 0)], listed(a=8, b=30), "b"),  # asked twice: the first time nothing was said
        ([take(1, 60)], listed(a=8), None),  # recorded before we asked, by somebody else
        ([take(1, 60)], listed(a=59), "a"),  # no two clocks agree
    ],
)
def test_it_is_the_last_that_began_while_it_was_this_ones_turn(takes, found, missed):
    assert find_overlooked(takes[-1], takes, found) == missed
