"""`survey rehearse`: be the caller at the keyboard, of a house that forgets everything or of the one that runs."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import httpx
from rich.console import Console

import logs
from ivr.survey.commands.files import load
from ivr.survey.commands.test import add_test
from phone.dialogue import acts
from phone.line import Phone
from phone.rehearsal import at_the_keyboard, tell_response, warn_of_missing
from phone.terminal import HELP, shown_on
from phone.transport import HttpTransport, Transport, WsgiTransport
from settings import Settings
from storage.schema import migrate
from wiring.house import House
from wiring.web import create_web, response_of

TEAMS = Path(__file__).parent / "alerts" / "teams.yaml"
ANSWERS_WITHIN_S = 10


def play(file: Path, live: bool, known: tuple[str, ...], record_test: bool) -> None:
    """Be the caller of the survey in a file; `known` are pairs NAME=VALUE, what the contact centre knows."""
    logs.configure(logging.WARNING)
    survey, context, console = load(file), _pairs(known), Console(highlight=False)
    console.print(HELP, style="dim", markup=False)
    with _running_line() if live else _line_for(file, survey.id) as (house, transport):
        phone = Phone(house.phone_carrier, transport, house.settings.public_url, on_line=shown_on(console))
        warn_of_missing([name for name in survey.required_context() if name not in context], console)
        caller = phone.calls(phone.route(survey.id, context), forgiving=True)
        at_the_keyboard(caller, console)
        if response := response_of(house, caller.call_sid):
            tell_response(response, console)
    if record_test:
        click.echo(add_test(file, acts(caller.call.lines), context))


@contextmanager
def _line_for(file: Path, survey_id: str) -> Iterator[tuple[House, Transport]]:
    """A house in this process that knows only this survey, tells nobody, and forgets everything."""
    with TemporaryDirectory(prefix="aftercall-") as folder:
        flows = Path(folder) / "flows"
        flows.mkdir()
        shutil.copyfile(file, flows / f"{survey_id}.yaml")
        (flows / "audio").symlink_to(file.resolve().parent / "audio")
        where = {"DATA_DIR": folder, "FLOWS_DIR": str(flows), "TEAMS_FILE": str(TEAMS)}
        house = House(Settings.from_environment(where))
        migrate(house.settings.database_url)
        yield house, WsgiTransport(create_web(house))
        house.database.dispose()


@contextmanager
def _running_line() -> Iterator[tuple[House, Transport]]:
    """The house that runs, called over HTTP."""
    house = House(Settings.from_environment())
    if not house.settings.phone:
        raise click.ClickException("PHONE is off: with a carrier account, calls come from there")
    _must_answer(house.settings.public_url)
    yield house, HttpTransport()


def _must_answer(public_url: str) -> None:
    try:
        httpx.get(f"{public_url}/healthz", timeout=ANSWERS_WITHIN_S)
    except httpx.HTTPError as error:
        raise click.ClickException(f"nothing answers at {public_url}; start the service first: make run") from error


def _pairs(written: tuple[str, ...]) -> dict[str, str]:
    unclear = [each for each in written if "=" not in each]
    if unclear:
        raise click.ClickException(f"--with {unclear[0]}: write NAME=VALUE, such as --with agent=a7")
    return dict(each.split("=", 1) for each in written)
