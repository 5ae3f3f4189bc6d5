"""`survey explain`: the page one would print for a colleague."""

import sys
from itertools import islice
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.survey.check.advice import stale
from ivr.survey.check.subject import Subject
from ivr.survey.commands.files import File, audio_of, load, page
from ivr.survey.flow import TooMany
from ivr.survey.lengths import Sounds, said_s
from ivr.survey.paths import TYPICAL_RECORDING_S, Paths
from ivr.survey.shapes import Survey
from ivr.survey.strict_yaml import read_document
from ivr.survey.telling import (
    defaults_in_force,
    details,
    jumps,
    told_alert,
    told_path,
    told_score,
    told_watch,
    words_of,
)
from ivr.survey.wording import in_words

MOST_PATHS = 200


@click.command()
@click.argument("file", type=File)
@click.option("--stale", "only_stale", is_flag=True, help="List the translations whose master text has changed.")
def explain(file: Path, only_stale: bool) -> None:
    """Tell what the survey in FILE does: steps, paths and lengths, the defaults in force, the rules in words."""
    survey, console = load(file), page()
    if only_stale:
        sys.exit(_tell_stale(console, file, survey))
    sounds = audio_of(file)
    _tell_head(console, survey)
    _tell_steps(console, survey, sounds)
    _tell_paths(console, survey, sounds)
    _tell_rules(console, survey)
    _tell_defaults(console, survey)


def _tell_stale(console: Console, file: Path, survey: Survey) -> int:
    """Where `of` is not the master text any more; 1 where there is such a place."""
    document = read_document(file.read_text(encoding="utf-8"))
    found = list(stale(Subject(survey, document)))
    for path, language, old, master in found:
        place = document.at((*path, language))
        console.print(f"{file}:{place.line}:{place.column}: {language}", style="bold", markup=False)
        console.print(f"  made from  {old}\n  now        {master}", markup=False, soft_wrap=True)
    if not found:
        console.print("No translation is stale.")
    return int(bool(found))


def _tell_head(console: Console, survey: Survey) -> None:
    console.print(f"[bold]{escape(survey.id)}[/]  {escape(survey.title or '')}")
    known = ", ".join(f"{name} ({need})" for name, need in survey.context.items())
    console.print(f"Speaks {', '.join(survey.languages)}; knows of the call: {escape(known or 'nothing for sure')}.")
    if survey.partial_after:
        console.print(f"A caller who leaves counts once these are answered: {', '.join(survey.partial_after)}.")


def _tell_steps(console: Console, survey: Survey, sounds: Sounds) -> None:
    table = _table("The call", "", "step", "kind", *(f"{language}, s" for language in survey.languages), "what it does")
    for number, step in enumerate(survey.all_steps, start=1):
        lengths = [f"{said_s(survey, step, language, sounds):.1f}" for language in survey.languages]
        condition = [f"[yellow]only if {escape(in_words(survey, step.only_if))}[/]"] if step.only_if else []
        told = [escape(each) for each in (words_of(survey, step), "; ".join(details(survey, step))) if each]
        onward = [f"[yellow]{escape(each)}[/]" for each in jumps(survey, step)]
        table.add_row(str(number), step.id, step.type, *lengths, "\n".join([*condition, *told, *onward]))
    console.print(table)


def _tell_paths(console: Console, survey: Survey, sounds: Sounds) -> None:
    try:
        paths = Paths(survey, sounds)
    except TooMany:
        console.print("\nThere are more paths than can be listed.")
        return
    _tell_lengths(console, survey, paths)
    table = _table(
        f"Paths: {paths.count}", "", *(f"{language}, typical" for language in survey.languages), "worst", "heard"
    )
    for number, path in enumerate(islice(paths, MOST_PATHS), start=1):
        typical = [_seconds(paths.length_s(path, language, TYPICAL_RECORDING_S)) for language in survey.languages]
        worst = max(paths.length_s(path, language) for language in survey.languages)
        table.add_row(str(number), *typical, _seconds(worst), escape(told_path(survey, path)))
    console.print(table)
    if paths.count > MOST_PATHS:
        console.print(f"… and {paths.count - MOST_PATHS} more.")


def _tell_lengths(console: Console, survey: Survey, paths: Paths) -> None:
    table = _table("Lengths", "", *survey.languages, "limit")
    limits = survey.limits
    for name, of, limit in (
        ("typical call", paths.typical_s, limits.typical_call),
        ("worst call", paths.worst_s, limits.worst_call),
    ):
        table.add_row(name, *(_seconds(of(each)) for each in survey.languages), _seconds(limit) if limit else "")
    table.add_row("questions", *[str(paths.most_questions)] * len(survey.languages), str(limits.questions or ""))
    console.print(table)


def _tell_rules(console: Console, survey: Survey) -> None:
    if survey.scores:
        table = _table("Scores", "", "")
        for name, score in survey.scores.items():
            table.add_row(name, escape(told_score(score)))
        console.print(table)
    table = _table("Alerts", "", "", "")
    for rule in survey.alerts:
        table.add_row(rule.severity, escape(rule.name), escape(told_alert(survey, rule)))
    for watched in survey.watch:
        table.add_row(watched.severity, escape(watched.name), escape(told_watch(watched)))
    console.print(table if table.row_count else "\nNobody is told of an unhappy caller.")


def _tell_defaults(console: Console, survey: Survey) -> None:
    table = _table("Defaults in force", "", "", "from")
    for name, value, origin in defaults_in_force(survey):
        table.add_row(name, escape(value), origin, style=None if origin == "survey" else "dim")
    console.print(table)


def _seconds(length: float) -> str:
    """As limits are written: `81 s`."""
    return f"{length:.0f} s"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    table.show_header = any(columns)
    return table
