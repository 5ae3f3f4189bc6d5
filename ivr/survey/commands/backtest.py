"""`survey backtest`: what the rules of a file would have opened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ivr.survey.backtest import TakenResponse, judge_again
from ivr.survey.commands.files import File, load, page, settings
from storage import surveys
from storage.database import Database


@click.command()
@click.argument("file", type=File)
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3650))
def backtest(file: Path, days: int) -> None:
    """Judge the alert rules in FILE over the responses of the last days, and tell what they would have opened."""
    survey = load(file)
    responses = _responses(survey.id, datetime.now(UTC) - timedelta(days=days))
    console = page()
    console.print(f"[bold]{survey.id}[/]: {len(responses)} calls in {days} days")
    for outcome in judge_again(survey, responses):
        rule = outcome.rule
        console.print(
            f"  {rule.severity} {rule.name}: holds in {outcome.calls} calls ({outcome.calls / days:.1f} a day), "
            f"{outcome.cases} cases; raised then in {outcome.raised}",
            markup=False,
            soft_wrap=True,
        )


def _responses(survey_id: str, since: datetime) -> list[TakenResponse]:
    database = Database(settings().database_url)
    with database.reading() as db:
        return [
            TakenResponse(call.call_sid, call.started_at, answers, call.context, raised, call.from_number)
            for call, answers, raised in surveys.responses_since(db, survey_id, since)
        ]
