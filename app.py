"""The front door: `create_app()` for the web server, and the command line. It wires, and decides nothing."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import click
import httpx
from flask import Flask
from rich.console import Console

import logs
from alerts.desk import BadTeams
from ivr.survey.commands import survey
from phone.line import Phone
from phone.terminal import HELP, shown_on
from phone.transport import HttpTransport, Transport, WsgiTransport
from processes import (
    AlreadyRunning,
    Child,
    embedded_redis,
    keep_running,
    leave_with_parent,
    only_one,
    own_command,
    stop_on_signals,
)
from settings import BadSetting, Settings
from storage.outbox import QUEUES
from storage.schema import migrate
from wiring import House
from worker import Stopping, work


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; without settings, those of the environment. Called once in each web process."""
    return House(settings or Settings.from_environment()).app()


def serve() -> Flask:
    """What the web server calls in each of its processes."""
    logs.configure()
    leave_with_parent()
    return create_app()


@click.group(help="Aftercall: the survey line after the call. `make demo` shows it; README.md tells the rest.")
def cli() -> None:
    logs.configure()


@cli.command()
def run() -> None:
    """The service on one machine, until Ctrl-C: web, workers, clock and, unless REDIS_URL is set, Redis."""
    house = _house()
    try:
        with only_one(house.settings.data_dir), _redis(house.settings) as (redis_url, redis):
            migrate(house.settings.database_url)
            _keep_house(house.settings, {"REDIS_URL": redis_url} if redis_url else {}, redis)
    except AlreadyRunning as error:
        _stop(str(error))


@cli.command()
def web() -> None:
    """The web process: the carrier's addresses, the API, the console."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    leave_with_parent()
    settings = _house().settings
    sqlite = settings.database_url.startswith("sqlite")
    Granian(
        "app:serve",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=os.cpu_count() or 1,
        blocking_threads=1 if sqlite else 4,
        working_dir=Path(__file__).parent,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=3,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@cli.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
def worker(queues: tuple[str, ...]) -> None:
    """Do what is due in the QUEUES; without a name, in both, each in a process of its own."""
    leave_with_parent()
    stopping = Stopping()
    if len(queues) != 1:
        stop_on_signals(stopping)
        names = queues or QUEUES
        keep_running([Child(f"worker {queue}", own_command("worker", queue)) for queue in names], stopping)
        return
    house = _house()
    stop_on_signals(stopping)
    work(house.workshop(queues[0], stopping), house.settings.redis_url)  # type: ignore[arg-type]  # click has checked it


@cli.command()
def clock() -> None:
    """Find what is due: wake workers, close the books of calls not heard of for too long."""
    leave_with_parent()
    stopping = Stopping()
    stop_on_signals(stopping)
    _house().clock(stopping).run()


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database's tables up to date; `run` does it by itself."""
    migrate(_house().settings.database_url)
    click.echo("The tables are up to date.")


@cli.command()
def demo() -> None:
    """One call from an unhappy caller, start to end, through the built-in phone."""
    from phone.demo import show

    sys.exit(show())


@cli.command()
@click.argument("name")
def model(name: str) -> None:
    """Fetch the Whisper model NAME (tiny, base, small …) into DATA_DIR."""
    from transcription.model import NoModel, fetch_model

    try:
        click.echo(f"{name} is in {fetch_model(name, _house().settings.data_dir)}")
    except NoModel as error:
        raise click.ClickException(str(error)) from error


@survey.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--live", is_flag=True, help="Call the service that runs: real case, real mail.")
@click.option("--with", "known", multiple=True, metavar="NAME=VALUE", help="What the contact centre knows of the call.")
def rehearse(file: Path, live: bool, known: tuple[str, ...]) -> None:
    """Be the caller of the survey in FILE, at the keyboard. Nothing is kept, unless --live."""
    from phone.rehearsal import at_the_keyboard, tell_response

    logs.configure(logging.WARNING)
    console = Console(highlight=False)
    console.print(HELP, style="dim", markup=False)
    with _running_line() if live else _line_for(file) as (house, transport):
        phone = Phone(house.phone_carrier, transport, house.settings.public_url, on_line=shown_on(console))
        call_sid = at_the_keyboard(phone.calls(phone.route(file.stem, _pairs(known)), forgiving=True), console)
        if response := house.response(call_sid):
            tell_response(response, console)


cli.add_command(survey)


def _keep_house(settings: Settings, environment: dict[str, str], redis: list[Child]) -> None:
    """Start every process, and keep them going until told to stop."""
    parts = [("web",), *(("worker", queue) for queue in QUEUES), ("clock",)]
    children = [Child(" ".join(words), own_command(*words), environment) for words in parts]
    stopping = Stopping()
    stop_on_signals(stopping)
    threading.Thread(target=_announce, args=(settings, stopping), daemon=True).start()
    keep_running([*children, *redis], stopping)


def _house() -> House:
    """The house by the environment; what is malformed stops the start and names itself."""
    try:
        house = House(Settings.from_environment())
        house.desk.teams()
    except (BadSetting, BadTeams) as error:
        _stop(str(error))
    return house


@contextmanager
def _line_for(file: Path) -> Iterator[tuple[House, Transport]]:
    """A house in this process that knows only the surveys beside the file, and forgets everything."""
    with TemporaryDirectory(prefix="aftercall-") as folder:
        house = House(Settings.from_environment({"DATA_DIR": folder, "FLOWS_DIR": str(file.resolve().parent)}))
        migrate(house.settings.database_url)
        yield house, WsgiTransport(house.app())
        house.database.dispose()


@contextmanager
def _running_line() -> Iterator[tuple[House, Transport]]:
    """The house that runs, called over HTTP."""
    house = _house()
    if not house.settings.phone:
        _stop("PHONE is off: with a carrier account, calls come from there")
    yield house, HttpTransport()


def _pairs(written: tuple[str, ...]) -> dict[str, str]:
    unclear = [each for each in written if "=" not in each]
    if unclear:
        _stop(f"--with {unclear[0]}: write NAME=VALUE, such as --with agent=a7")
    return dict(each.split("=", 1) for each in written)


@contextmanager
def _redis(settings: Settings) -> Iterator[tuple[str | None, list[Child]]]:
    """The address of Redis, and the child to keep running where it is our own."""
    if settings.redis_url:
        yield settings.redis_url, []
        return
    with embedded_redis() as found:
        if found is None:
            click.echo("No Redis server is found: workers look for work every half second instead.", err=True)
        yield (found[0], [found[1]]) if found else (None, [])


def _announce(settings: Settings, stopping: Stopping) -> None:
    """Say where everything is, once the web process answers."""
    here = f"http://{settings.host}:{settings.port}"
    while not stopping.wait(0.2):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{here}/healthz", timeout=1).is_success:
                break
    else:
        return
    surveys = ", ".join(sorted(path.stem for path in settings.flows_dir.glob("*.yaml")))
    line = "the built-in phone" if settings.phone else "your carrier account"
    click.echo(f"""
Aftercall answers at {here}

  surveys    {settings.public_url}/voice/<survey>   ({surveys or f"none yet in {settings.flows_dir}"})
  line       {line}
  take one   .venv/bin/python app.py survey rehearse flows/after-call.yaml --live
  health     {here}/readyz    numbers {here}/metrics
  API        {here}/api/v1/openapi.json   ({"open" if settings.api_tokens else "closed: set API_TOKENS"})
  kept in    {settings.data_dir}

Ctrl-C stops it.
""")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)


if __name__ == "__main__":
    cli()
