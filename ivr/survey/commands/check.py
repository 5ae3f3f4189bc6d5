"""`survey check`: what is wrong, and what to write instead."""

import sys
from pathlib import Path

import click

from ivr.survey.commands.files import File, page, problems_of
from ivr.survey.diagnostics import Diagnostic


@click.command()
@click.argument("files", nargs=-1, required=True, type=File)
def check(files: tuple[Path, ...]) -> None:
    """Find what is wrong in FILES; exit 1 where there is an error."""
    found = [(path, problem) for path in files for problem in problems_of(path)[1]]
    console = page()
    for path, problem in found:
        style = "red" if problem.is_error else "yellow"
        console.print(problem.told(str(path)), style=style, markup=False, soft_wrap=True)
    click.echo(_summary(files, [problem for _, problem in found]), err=True)
    sys.exit(int(any(problem.is_error for _, problem in found)))


def _summary(files: tuple[Path, ...], problems: list[Diagnostic]) -> str:
    errors = sum(problem.is_error for problem in problems)
    counted = ((errors, "error"), (len(problems) - errors, "warning"))
    told = ", ".join(f"{many} {word}{'' if many == 1 else 's'}" for many, word in counted if many)
    return f"{len(files)} survey{'' if len(files) == 1 else 's'}: {told or 'no problems'}"
