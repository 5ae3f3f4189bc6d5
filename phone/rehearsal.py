"""`survey rehearse`: a call in the terminal, on a service that lives only as long, or on the one that runs."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from phone.line import Caller
from phone.terminal import rehearse


def at_the_keyboard(caller: Caller, console: Console) -> None:
    """Conduct a call that has begun from the keyboard."""
    rehearse(caller.call, _ask, console.print)


def warn_of_missing(names: Sequence[str], console: Console) -> None:
    """Say which fields of the context the survey requires and this call lacks."""
    for name in names:
        console.print(f"[yellow]The survey requires {escape(name)}, which is missing: --with {escape(name)}=…[/]")


def tell_response(response: Mapping[str, Any], console: Console) -> None:
    """What the call left in the books, as the API tells it."""
    console.print(f"\n[bold]{response['disposition']}[/], in {response['language']}")
    table = Table.grid(padding=(0, 2))
    for step, answer in response["answers"].items():
        table.add_row("", escape(step), f"[dim]{answer['missing']}[/]" if answer["missing"] else escape(_said(answer)))
    for step, verbatim in response["verbatims"].items():
        table.add_row("", escape(step), f"recording, {verbatim['status']}")
    console.print(table)
    for alert in response["alerts"]:
        console.print(f"  [bold]alert[/] {alert['severity']} {escape(alert['name'])}, case {response['case']}")


def _said(answer: Mapping[str, Any]) -> str:
    """An answer in words, a number with what it means: `5, very good`."""
    value, label = answer["value"], answer["label"]
    return f"{value}, {label}" if label and isinstance(value, int | float) else str(label or value)


def _ask(prompt: str) -> str:
    """A line from the keyboard; leaving it, by Ctrl-C or Ctrl-D, hangs up. Lines that are piped in need no prompt."""
    try:
        return input(prompt if sys.stdin.isatty() else "")
    except KeyboardInterrupt as error:
        raise EOFError from error
