"""Who may read over the API: the bearer tokens of API_TOKENS."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

FULL = ":full"


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who showed a token; `full` where it lets them see telephone numbers unmasked."""

    full: bool


def find_reader(authorization: str | None, tokens: Iterable[str]) -> Reader | None:
    """The reader whose token stands in an `Authorization` header, or None.

    >>> find_reader("Bearer def", ["abc", "def:full"])
    Reader(full=True)
    """
    scheme, _, shown = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    # All are compared, each in the time it takes whatever was shown: the time must not tell how close a guess was.
    known = [Reader(full=token.endswith(FULL)) for token in tokens if _same(shown.strip(), token)]
    return max(known, key=lambda reader: reader.full, default=None)


def _same(shown: str, token: str) -> bool:
    """A token is shown with or without its `:full`."""
    return _equal(shown, token) | _equal(shown, token.removesuffix(FULL))


def _equal(shown: str, known: str) -> bool:
    return hmac.compare_digest(shown.encode(), known.encode())
