"""`survey rehearse`: a call in the terminal, on a service that lives only as long, or on the one that runs."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from phone.call import KEYS
from phone.line import Caller
from phone.terminal import rehearse


def at_the_keyboard(caller: Caller, console: Console, note: Callable[[str], object] = str) -> str:
    """Conduct a call that has begun from the keyboard; gives its SID. `note` is told each thing the caller does."""

    def ask(prompt: str) -> str:
        typed = _ask(prompt)
        if word := as_word(typed.strip(), speaking=caller.call.is_recording):
            note(word)
        return typed

    rehearse(caller.call, ask, console.print)
    return caller.call_sid


def as_word(typed: str, *, speaking: bool) -> str | None:
    """What was typed as a word of a survey's test; None where it is nothing that a caller does.

    >>> as_word("10", speaking=False), as_word("/say 12", speaking=True), as_word("/help", speaking=False)
    ('press 10', 'record 12s', None)
    """
    command, _, rest = typed.partition(" ")
    match command:
        case "/silence" | "/hangup":
            return command.removeprefix("/")
        case "/say" if rest:
            return f"record {rest.removesuffix('s')}s" if speaking else f"say {rest}"
    return f"press {typed}" if typed and set(typed) <= KEYS else None


def tell_response(response: Mapping[str, Any], console: Console) -> None:
    """What the call left in the books, as the API tells it."""
    console.print(f"\n[bold]{response['disposition']}[/], in {response['language']}")
    table = Table.grid(padding=(0, 2))
    for step, answer in response["answers"].items():
        value = answer["label"] or answer["value"]
        table.add_row("", escape(step), f"[dim]{answer['missing']}[/]" if answer["missing"] else escape(str(value)))
    for step, verbatim in response["verbatims"].items():
        table.add_row("", escape(step), f"recording, {verbatim['status']}")
    console.print(table)
    for alert in response["alerts"]:
        console.print(f"  [bold]alert[/] {alert['severity']} {escape(alert['name'])}, case {response['case']}")


def _ask(prompt: str) -> str:
    """A line from the keyboard; leaving it, by Ctrl-C or Ctrl-D, hangs up."""
    try:
        return input(prompt)
    except KeyboardInterrupt as error:
        raise EOFError from error
