"""`survey backtest`: what the rules of a file would have opened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ivr.survey.backtest import TakenResponse, judge_again
from ivr.survey.commands.files import File, load, page, settings
from ivr.survey.wording import counted
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
    console.print(f"[bold]{survey.id}[/]: {counted(len(responses), 'call')} in {counted(days, 'day')}")
    for outcome in judge_again(survey, responses):
        rule = outcome.rule
        console.print(
            f"  {rule.severity} {rule.name}: holds in {counted(outcome.calls, 'call')} "
            f"({outcome.calls / days:.1f} a day), {counted(outcome.cases, 'case')}; raised then in {outcome.raised}",
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
