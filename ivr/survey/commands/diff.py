"""`survey diff`: what changed between two versions, and what that does to the numbers."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from ivr.survey.commands.files import File, load, page
from ivr.survey.diff import Change, compare

STYLES = {"safe": "green", "trend break": "yellow", "breaking": "red"}


@click.command()
@click.argument("old", type=File)
@click.argument("new", type=File)
def diff(old: Path, new: Path) -> None:
    """Tell each change from OLD to NEW as safe, trend break or breaking, and what it touches."""
    tell_changes(page(), compare(load(old), load(new)))


def tell_changes(console: Console, changes: Sequence[Change]) -> None:
    for change in changes:
        console.print(f"{change.label:12}", style=STYLES[change.label], end="")
        console.print(f"{change.where}: {change.what}", markup=False, soft_wrap=True)
        if change.touches:
            console.print(f"{'':12}touches {', '.join(change.touches)}", style="dim", markup=False, soft_wrap=True)
    if not changes:
        console.print("Nothing changed that callers, alerts or reports meet.")
