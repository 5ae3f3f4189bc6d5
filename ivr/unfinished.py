"""Surveys that their callers did not finish: a call about the same contact goes on where the last one stopped.

The contact is known by `call_key`, else by `ticket`, within one survey; a telephone number alone is never enough.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr import entries
from storage import calls
from storage.calls import Latest
from storage.database import Database

WITHIN = timedelta(hours=24)  # later, the caller hardly remembers, and may be asked about another contact
GONE_AFTER = timedelta(minutes=3)  # no question takes longer; whoever calls again by then has left the old call


def latest_about(database: Database, survey: str, context: Mapping[str, str]) -> Latest | None:
    """The last call through this survey about the contact that the context names."""
    call_key, ticket = context.get("call_key"), context.get("ticket")
    if not (call_key or ticket):
        return None
    return calls.latest_about(database, survey, call_key, ticket)


def is_gone(call: Latest, now: datetime) -> bool:
    """Whether a call that is open in the books is over all the same: nobody has told us."""
    return not call.is_over and now - call.heard_at > GONE_AFTER


def can_go_on(call: Latest, now: datetime) -> bool:
    """Whether its caller hung up on the way, not long ago, after having said something."""
    left = call.is_over and call.ended_by in ("caller", "silence") and call.disposition in ("partial", "break_off")
    if not left or call.left_step is None or now - call.heard_at > WITHIN:
        return False
    state = entries.read_state(call.state)
    answered = any(answer.missing is None for answer in state.answers.values())
    return answered or state.consented or bool(state.verbatims)
