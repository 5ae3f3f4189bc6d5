"""What a turn costs where a million calls are stored, against ten thousand."""

import sqlite3
import tempfile
from pathlib import Path
from statistics import median

from bench import load
from bench.callers import calls
from bench.figures import Figure, at_most
from bench.servers import SERVER_CORE, load_from_its_own_core, project
from bench.turn import checked, turns_per_s
from storage.models import Answer, Call, CallEvent

TITLE = "A turn against the number of stored calls, on SQLite"
FEW, MANY = 10_000, 1_000_000
ROUNDS = 5
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
SID = "printf('CA%08x%024x', n * :stride, n)"  # spread evenly, as those of chance are


def measure(many: int = MANY) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="aftercall-bench-") as made:
        files = [_stored(Path(made) / name, count) for name, count in (("few", FEW), ("many", many))]
        with load_from_its_own_core():
            rounds = _rounds(*files)
        size = files[1].stat().st_size
    few, much = (median(rates) for rates in zip(*rounds, strict=True))
    return [
        at_most(f"turn with {many:,} calls stored ÷ with {FEW:,}", median(a / b for a, b in rounds), 1.2),
        Figure(f"turns with {FEW:,}", few, "/s"),
        Figure(f"turns with {many:,}", much, "/s"),
        Figure(f"file with {many:,}", size / 1e9, "GB"),
    ]


def _rounds(few: Path, many: Path) -> list[tuple[float, float]]:
    on_one = {SERVER_CORE}
    with (
        project(few.parent, f"sqlite:///{few}", cores=on_one) as with_few,
        project(many.parent, f"sqlite:///{many}", cores=on_one) as with_many,
    ):
        return [
            (turns_per_s(with_few, seed, count=500), turns_per_s(with_many, seed, count=500))
            for seed in range(2, ROUNDS + 2)
        ]


def _stored(folder: Path, count: int) -> Path:
    """A database of `count` calls, all like one that the project itself has taken."""
    folder.mkdir()
    file = folder / "calls.db"
    with project(folder, f"sqlite:///{file}") as server:
        checked(load.run(server.port, [call.requests() for call in calls(1)]))
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA journal_mode = OFF")  # a server sets it to what is safe when it starts
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -500000")
        given = {"count": count - 1, "stride": 2**32 // count}
        begun = f"strftime('%Y-%m-%d %H:%M:%S', started_at, printf('-%d seconds', n * {31_536_000 // count + 1}))"
        changed = {"call_sid": SID, "ticket": SID, "started_at": f"{begun} || '.000000'"}
        for table, own in ((Call, changed), (Answer, {"call_sid": SID}), (CallEvent, {"call_sid": SID})):
            names = [column.name for column in table.__table__.columns if column.name != "id"]
            values = [own.get(name, name) for name in names]
            db.execute(
                f"{NUMBERS} INSERT INTO {table.__tablename__} ({', '.join(names)}) "
                f"SELECT {', '.join(values)} FROM numbers CROSS JOIN "
                f"(SELECT * FROM {table.__tablename__} LIMIT 100) ORDER BY n",
                given,
            )
    db.close()
    return file
