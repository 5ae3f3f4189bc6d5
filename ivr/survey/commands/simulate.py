"""`survey simulate`: made-up callers take a survey."""

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey.commands.files import File, load, page
from ivr.survey.domains import Codes, CodeSets, Numbers
from ivr.survey.shapes import Survey
from ivr.survey.simulate import Manners, Simulation
from ivr.survey.simulate import simulate as run
from ivr.survey.wording import length

RATE = click.FloatRange(0, 1)
SHARES = "Such as csat=10,10,20,30,30 or solved=yes:70,no:30."


@click.command()
@click.argument("file", type=File)
@click.option("--callers", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--per-day", type=click.IntRange(1), help="How many callers a day has; default: --callers.")
@click.option("--answers", multiple=True, metavar="STEP=SHARES", help=SHARES)
@click.option("--silence", default=0.03, show_default=True, type=RATE, help="How often nothing is pressed.")
@click.option("--wrong-keys", default=0.02, show_default=True, type=RATE, help="How often a key is no answer.")
@click.option("--hang-ups", default=0.001, show_default=True, type=RATE, help="How often a caller leaves, per second.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same calls.")
def simulate(
    file: Path,
    callers: int,
    per_day: int | None,
    answers: Sequence[str],
    silence: float,
    wrong_keys: float,
    hang_ups: float,
    seed: int,
) -> None:
    """Have made-up callers take the survey in FILE: lengths, completion per step, alerts per day."""
    survey = load(file)
    shares = dict(_shares(survey, written) for written in answers)
    manners = Manners(silence=silence, wrong_key=wrong_keys, hang_ups=hang_ups, shares=shares)
    _tell(page(), run(survey, callers, seed, manners), (per_day or callers) / callers)


def _shares(survey: Survey, written: str) -> tuple[str, dict[Any, float]]:
    """`csat=10,10,20,30,30` in the order of the answers, or `solved=yes:70,no:30`."""
    step_id, _, listed = written.partition("=")
    question = next((question for question in survey.questions() if question.id == step_id), None)
    possible = _possible(question) if question else []
    if not possible:
        raise click.BadParameter(f"{step_id} is no question whose answers can be listed", param_hint="--answers")
    try:
        return step_id, _weights(listed.split(","), possible)
    except (ValueError, KeyError) as error:
        told = f"{step_id} has the answers {', '.join(map(str, possible))}; give each a number"
        raise click.BadParameter(told, param_hint="--answers") from error


def _possible(question: Question) -> list[Any]:
    match question.answers():
        case Numbers() as numbers:
            return list(numbers.values)
        case Codes(codes):
            return list(codes)
        case CodeSets(codes):
            return [(code,) for code in codes]
    return []


def _weights(listed: Sequence[str], possible: Sequence[Any]) -> dict[Any, float]:
    if all(":" in each for each in listed):
        named = {str(answer if not isinstance(answer, tuple) else answer[0]): answer for answer in possible}
        shares = {named[name]: float(share) for name, _, share in (each.partition(":") for each in listed)}
    else:
        shares = dict(zip(possible, map(float, listed), strict=True))
    if not (all(0 <= share < inf for share in shares.values()) and any(shares.values())):
        raise ValueError("nobody could answer so")
    return shares


def _tell(console: Console, found: Simulation, scale: float) -> None:
    many = len(found.calls)
    console.print(f"[bold]{found.survey.id}[/]: {many} made-up callers")
    ended = ", ".join(f"{disposition} {count / many:.0%}" for disposition, count in found.dispositions.most_common())
    console.print(f"  {ended}")
    slowest = length(found.seconds_at(0.95))
    console.print(f"  on the line {length(found.median_s)} (median), 95 of 100 under {slowest}")
    console.print(_steps(found))
    for rule in found.survey.alerts:
        raised = found.alerts[rule.name]
        told = f"{raised * scale:.0f} a day ({raised / many:.0%} of callers)"
        console.print(f"  {rule.severity} {rule.name}: {told}", markup=False)


def _steps(found: Simulation) -> Table:
    table = Table("step", "asked", "answered", "hung up there", box=None, pad_edge=True, title_justify="left")
    for step in found.survey.all_steps:
        asked, answered, left = found.count(step.id)
        if not asked:
            continue
        share = f"{answered / asked:.0%}" if isinstance(step, Question | Voice) else ""
        table.add_row(step.id, str(asked), share, f"{left / asked:.1%}")
    return table
