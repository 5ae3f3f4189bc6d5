"""The survey designer's commands: `python app.py survey …`."""

import sys
from pathlib import Path

import click

from ivr.survey.diagnostics import Diagnostic
from ivr.survey.publish import read_file

File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="Tools for those who design surveys; docs/surveys.md tells more.")
def survey() -> None: ...


@survey.command()
@click.argument("files", nargs=-1, required=True, type=File)
def check(files: tuple[Path, ...]) -> None:
    """Find what is wrong in FILES; exit 1 where there is an error."""
    found = [(path, problem) for path in files for problem in _problems(path)]
    for path, problem in found:
        click.echo(problem.told(str(path)))
    sys.exit(int(any(problem.is_error for _, problem in found)))


def _problems(path: Path) -> tuple[Diagnostic, ...]:
    return read_file(path.read_bytes(), path.stem, advice=True)[1]
