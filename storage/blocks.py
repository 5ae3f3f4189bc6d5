"""How often each balanced block was begun: what gives every order of its questions its turn."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from storage.database import insert_into
from storage.models import BalancedBlock


def count_call(db: Session, survey: str, blocks: Iterable[str]) -> Mapping[str, int]:
    """Count one more call for these blocks, and give how many each had before.

    Two calls that begin at the same moment get different numbers: the second waits for the first one's transaction.
    """
    rows = [{"survey": survey, "block": block, "calls": 1} for block in sorted(blocks)]
    if not rows:
        return {}
    one_more = insert_into(db, BalancedBlock).values(rows)
    counted = one_more.on_conflict_do_update(
        index_elements=["survey", "block"], set_={"calls": BalancedBlock.calls + 1}
    ).returning(BalancedBlock.block, BalancedBlock.calls)
    return {block: calls - 1 for block, calls in db.execute(counted)}
