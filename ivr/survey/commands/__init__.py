"""The survey designer's commands: `python app.py survey …`."""

from importlib import import_module
from typing import cast

import click

TOOLS = ("check", "explain", "test", "draw", "diff", "simulate", "backtest", "trend", "publish")


class Tools(click.Group):
    """Each tool is brought in when it is asked for: `check` need not wait for a database."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*TOOLS, *super().list_commands(context)])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in TOOLS:
            return super().get_command(context, name)
        return cast(click.Command, getattr(import_module(f"{__name__}.{name}"), name))


@click.group(cls=Tools, help="Tools for those who design surveys; docs/surveys.md tells more.")
def survey() -> None: ...
