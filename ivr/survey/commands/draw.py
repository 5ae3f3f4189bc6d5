"""`survey draw`: the call as a picture."""

import sys
from pathlib import Path

import click

from ivr.survey import draw as drawing
from ivr.survey.commands.files import File, load


@click.command()
@click.argument("file", type=File)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Default: FILE with the ending .svg; - in a pipe.",
)
def draw(file: Path, out: Path | None) -> None:
    """Draw the survey in FILE as SVG: steps, conditions, alerts. With -o - it goes to the standard output."""
    picture = drawing.draw(load(file))
    target = out or (file.with_suffix(".svg") if sys.stdout.isatty() else Path("-"))
    if str(target) == "-":
        click.echo(picture, nl=False)
        return
    target.write_text(picture, encoding="utf-8")
    click.echo(f"{target} is drawn.", err=True)
