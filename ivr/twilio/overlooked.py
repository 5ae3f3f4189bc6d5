"""Recordings of which no word has come: which of those that the carrier lists is the one that is missed."""

from collections.abc import Sequence
from datetime import timedelta

from ivr.twilio.recordings import Listed
from storage.models import Verbatim

APART = timedelta(seconds=2)  # our clock and the carrier's, and the parts of a second that it leaves out


def find_overlooked(missed: Verbatim, takes: Sequence[Verbatim], listed: Sequence[Listed]) -> str | None:
    """The SID of the recording of `missed`, one of the call's `takes`; None where the carrier has none.

    It began after that take was asked for and before the next one was. Where a question was repeated there may be
    several: the caller has said it in the last.
    """
    known = {take.recording_sid for take in takes}
    theirs = [
        each.recording_sid
        for each in listed
        if each.recording_sid not in known and _asked_last(takes, before=each) is missed
    ]
    return theirs[-1] if theirs else None


def _asked_last(takes: Sequence[Verbatim], before: Listed) -> Verbatim | None:
    asked = [take for take in takes if take.asked_at <= before.started_at + APART]
    return max(asked, key=lambda take: (take.asked_at, take.id), default=None)
