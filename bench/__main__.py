"""`make bench`: measures what docs/performance.md reports. `python -m bench turn` measures one table alone."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console

from bench.figures import show

TABLES = ("engine", "turn", "start", "crowd", "history", "transcription")


@click.command()
@click.argument("tables", nargs=-1, type=click.Choice(TABLES))
def main(tables: tuple[str, ...]) -> None:
    """Measure TABLES, or all of them. Ends with status 1 where a figure misses its aim."""
    console = Console(highlight=False)
    console.print(_machine(), style="dim", soft_wrap=True)
    holds = True
    for name in tables or TABLES:
        table = import_module(f"bench.{name}")
        load_before = os.getloadavg()[0]
        figures = table.measure()
        show(table.TITLE, figures, console)
        console.print(f"load {load_before:.1f} before, {os.getloadavg()[0]:.1f} after", style="dim")
        holds &= all(figure.holds is not False for figure in figures)
    sys.exit(0 if holds else 1)


def _machine() -> str:
    """Where and when: a figure means little without it."""
    cpu = next((line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")), "")
    cores, python = os.cpu_count(), platform.python_version()
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {cores} cores {cpu or platform.machine()}, Python {python}"


def _cpu_lines() -> list[str]:
    found = Path("/proc/cpuinfo")
    return found.read_text(encoding="utf-8").splitlines() if found.exists() else []


if __name__ == "__main__":
    main()
