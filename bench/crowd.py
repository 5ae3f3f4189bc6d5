"""Many calls at once, each caller thinking seven seconds between two keys, while workers and clock are at work.

One caller in five is unhappy and hangs up at the tone: a case is opened, and a mail leaves. As on a line that is long
open, calls begin and end all the time: a caller who hangs up makes room for the next one.
"""

import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from sqlalchemy import func, select

from bench import load
from bench.callers import Call, calls
from bench.figures import Figure
from bench.servers import Server, project
from storage.database import Database
from storage.models import Answer

TITLE = "Simultaneous calls, a turn per 7 s each: everything on one machine, the load too"
CROWDS = (500, 1500, 3000, 6000)
THINK_S = 7.0
CALL_S = 6 * THINK_S  # about as long as a call takes, and as the first callers take to be all there
CALLS = 2  # on each line, one after the other
WARM_UP = 50  # callers before those that count: the house has just opened, and a start has its own table
AIM_AT = 1500
MOST_P99_MS = 100


def measure(crowds: Sequence[int] = CROWDS) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="aftercall-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        url = f"sqlite:///{folder}/calls.db"
        with project(folder, url, command="run") as server:
            database = Database(url)
            try:
                load.run(server.port, [call.requests() for call in calls(WARM_UP, seed=0)], pause_s=0.1)
                return [figure for crowd in crowds for figure in _crowd(server, database, crowd)]
            finally:
                database.dispose()


def _crowd(server: Server, database: Database, crowd: int) -> list[Figure]:
    made = list(calls(crowd * CALLS, unhappy_every=5, seed=crowd))
    lines = [chain.from_iterable(call.requests() for call in made[line::crowd]) for line in range(crowd)]
    before = _kept(database)
    outcome = load.run(server.port, lines, pause_s=THINK_S, begin_within_s=CALL_S)
    aim, none = (MOST_P99_MS, 0) if crowd == AIM_AT else (None, None)
    return [
        Figure(f"{crowd:,} calls: p50", outcome.quantile(0.5) * 1000, "ms"),
        Figure(f"{crowd:,} calls: p99", outcome.quantile(0.99) * 1000, "ms", aim),
        Figure(f"{crowd:,} calls: replies that are no success", len(outcome.failures), aim=none),
        Figure(f"{crowd:,} calls: answers lost", _given(made) - (_kept(database) - before), aim=none),
    ]


def _given(made: Sequence[Call]) -> int:
    return sum(call.answers for call in made)


def _kept(database: Database) -> int:
    """Answers in the database that say something; consent is one of them."""
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Answer).where(Answer.value.is_not(None))) or 0
