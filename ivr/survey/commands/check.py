"""`survey check`: what is wrong, and what to write instead."""

import sys
from pathlib import Path

import click

from ivr.survey.commands.files import page, problems_of
from ivr.survey.diagnostics import Diagnostic
from ivr.survey.wording import counted


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Find what is wrong in FILES; exit 1 where there is an error, or a file is not there."""
    there = tuple(path for path in files if path.is_file())
    found = [(path, problem) for path in there for problem in problems_of(path)[1]]
    console = page()
    for path, problem in found:
        style = "red" if problem.is_error else "yellow"
        console.print(problem.told(str(path)), style=style, markup=False, soft_wrap=True)
    for path in files:
        if path not in there:
            click.echo(f"{path}: there is no such file", err=True)
    click.echo(_summary(there, [problem for _, problem in found]), err=True)
    sys.exit(int(there != files or any(problem.is_error for _, problem in found)))


def _summary(files: tuple[Path, ...], problems: list[Diagnostic]) -> str:
    errors = sum(problem.is_error for problem in problems)
    found = ((errors, "error"), (len(problems) - errors, "warning"))
    told = ", ".join(counted(many, word) for many, word in found if many)
    return f"{counted(len(files), 'survey')}: {told or 'no problems'}"
