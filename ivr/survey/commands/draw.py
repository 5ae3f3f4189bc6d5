"""`survey draw`: the call as a picture."""

from pathlib import Path

import click

from ivr.survey import draw as drawing
from ivr.survey.commands.files import File, load


@click.command()
@click.argument("file", type=File)
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: FILE with the ending .svg."
)
def draw(file: Path, out: Path | None) -> None:
    """Draw the survey in FILE as SVG: steps, conditions, alerts. With -o - it goes to the standard output."""
    picture = drawing.draw(load(file))
    if str(out) == "-":
        click.echo(picture, nl=False)
        return
    target = out or Path(file.with_suffix(".svg").name)
    target.write_text(picture, encoding="utf-8")
    click.echo(f"{target} is drawn.", err=True)
