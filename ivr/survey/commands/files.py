"""Survey files as the commands take them, and the page they print on."""

import re
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path

import click
from rich.console import Console
from rich.segment import Segment

from ivr.survey.diagnostics import Diagnostic
from ivr.survey.prompt_audio import PromptAudio
from ivr.survey.reader import read_file
from ivr.survey.shapes import Survey
from settings import BadSetting, Settings

PIPED_WIDTH = 120
BLANKS = re.compile(r" +\n")

File = click.Path(exists=True, dir_okay=False, path_type=Path)


def page() -> Console:
    """Colour on a terminal, plain and of a fixed width in a pipe; signs that it cannot show are question marks."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, emoji=False)
    if console.is_terminal:
        return console
    return _Piped(highlight=False, emoji=False, width=PIPED_WIDTH, color_system=None)


class _Piped(Console):
    """Lines without the blanks that fill a table's last column."""

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        return BLANKS.sub("\n", super()._render_buffer(buffer))


def problems_of(path: Path) -> tuple[Survey | None, tuple[Diagnostic, ...]]:
    """The survey of a file, with errors and warnings."""
    return read_file(path.read_bytes(), path.stem, audio_of(path), advice=True)


def load(path: Path) -> Survey:
    """The survey of a file without error, whatever the file is called; with one, all are told and it ends with 1."""
    survey, problems = read_file(path.read_bytes(), None, audio_of(path))
    if survey is None:
        for problem in problems:
            click.echo(problem.told(str(path)), err=True)
        sys.exit(1)
    return survey


def settings() -> Settings:
    """The settings of the house; a malformed one ends the command and names itself."""
    try:
        return Settings.from_environment()
    except BadSetting as error:
        raise click.ClickException(str(error)) from error


def audio_of(path: Path) -> PromptAudio:
    return PromptAudio(path.parent / "audio")
