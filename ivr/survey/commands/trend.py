"""`survey trend`: the scores of a survey week by week, broken where they came to mean something else."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from ivr.survey.commands.files import File, load, page, settings
from ivr.survey.publish import Surveys
from reports.scores import Measure
from reports.trend import Earned, Line, lines
from storage import surveys
from storage.database import Database


@click.command()
@click.argument("file", type=File)
@click.option("--weeks", default=12, show_default=True, type=click.IntRange(1, 520))
def trend(file: Path, weeks: int) -> None:
    """Tell each score of the survey in FILE week by week; numbers across a break are not to be compared."""
    survey, house, console = load(file), settings(), page()
    database, now = Database(house.database_url), datetime.now(UTC)
    published = Surveys(house.flows_dir, database, lambda: now)
    with database.reading() as db:
        taken = surveys.scores_since(db, survey.id, now - timedelta(weeks=weeks))
    for name in survey.scores:
        earned = [Earned(at, version, scores[name]) for at, version, scores in taken if name in scores]
        _tell(console, name, lines(name, earned, published.version))


def _tell(console: Console, name: str, found: Sequence[Line]) -> None:
    console.print(name if found else f"{name}: no response yet", style="bold", markup=False)
    for number, line in enumerate(found):
        if number:
            console.print("  ── break: asked or computed otherwise from here", style="yellow")
        for point in line.points:
            console.print(f"  week of {point.monday}  {_told(point.measure)}", markup=False)


def _told(measure: Measure) -> str:
    interval = "" if measure.low is None else f"{measure.low:.1f} to {measure.high:.1f}"
    return f"{measure.value:6.1f}  {interval:16}  n {measure.n}"
