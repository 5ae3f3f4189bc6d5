"""Moments as text: ISO 8601, UTC, with a Z."""

import re
from datetime import UTC, datetime


def render_moment(moment: datetime | None) -> str | None:
    """`2026-11-21T10:00:00Z`, in whole seconds; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def read_moment(text: str) -> datetime:
    """A date or a moment in ISO 8601 as aware UTC; without a zone it is read as UTC.

    Raises:
        ValueError: it is neither.

    >>> read_moment("2026-11-21T12:00:00+02:00")
    datetime.datetime(2026, 11, 21, 10, 0, tzinfo=datetime.timezone.utc)
    """
    # The plus of a zone arrives as a space when the address was written without %2B.
    moment = datetime.fromisoformat(re.sub(r"(T.*) (\d\d:?\d\d)$", r"\1+\2", text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
