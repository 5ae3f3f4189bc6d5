"""E-mail addresses as people say them and as recognisers write them: `nora dot lind at gmail.com`."""

import re
from collections.abc import Iterator, Sequence

from transcription.spoken_digits import is_number

WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
DOMAIN = re.compile(r"[\w-]+(\.[a-z][\w-]*)+")
AT, DOT = ("at", "arroba"), ("dot", "punto")
JOINTS = (*DOT, "dash", "hyphen", "guion", "medio", "underscore", "bajo")
# Before "at" these are no name of a mailbox: "I bought it at shop dot com".
NO_MAILBOX = {"it", "this", "that", "them", "one", "me", "us", "you", "him", "her"}
NO_MAILBOX |= {"and", "or", "is", "was", "on", "look", "bought", "order", "ordered", "shop", "work"}
# Behind these a mailbox begins, also one of two words: "it is nora lind at …".
BEFORE_A_MAILBOX = {"at", "to", "is", "it's", "its", "es", "a", "address", "email", "e-mail", "mail", "correo"}
LONGEST_MAILBOX = 3  # words


def find_addresses(said: Sequence[str], language: str) -> Iterator[tuple[int, int]]:
    """The first and the last word of each address; `said` are plain words.

    >>> list(find_addresses("write to nora dot lind at mail dot com please".split(), "en"))
    [(2, 8)]
    """
    for at, word in enumerate(said):
        if WRITTEN.fullmatch(word):
            yield at, at
        elif word in AT and _is_mailbox(said, at - 1) and (last := _domain_end(said, at)) is not None:
            yield _mailbox_start(said, at - 1, language), last


def _is_mailbox(said: Sequence[str], place: int) -> bool:
    return place >= 0 and said[place] not in NO_MAILBOX


def _domain_end(said: Sequence[str], at: int) -> int | None:
    """Where the domain behind that "at" ends; None: what follows is none."""
    last = at + 1
    for place in range(at + 2, len(said)):
        if said[place] in JOINTS:
            continue
        if said[place - 1] not in JOINTS:
            break
        last = place
    is_written = last == at + 1 < len(said) and DOMAIN.fullmatch(said[last])
    is_said = any(word in DOT for word in said[at + 2 : last])
    return last if is_written or is_said or (said[at] == "arroba" and last < len(said)) else None


def _mailbox_start(said: Sequence[str], last: int, language: str) -> int:
    """Where the name before "at" begins: words that a joint holds together, letters and digits one by one, or two."""
    first = last
    while first > 0 and (
        said[first - 1] in JOINTS or said[first] in JOINTS or len(said[first]) == 1 or is_number(said[first], language)
    ):
        first -= 1
    before = range(first - 1, max(-1, first - 1 - LONGEST_MAILBOX), -1)
    return next((place + 1 for place in before if said[place] in BEFORE_A_MAILBOX), first)
