"""The front door: `create_app()` for a web server, and the command line. It wires, and decides nothing.

A command imports what it needs when it runs, so that no process carries, or waits for, more than its own work.
"""

import sys
import threading
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import logs
from settings import BadSetting, Settings

if TYPE_CHECKING:
    from flask import Flask

    from processes import SharedCount
    from storage.outbox import Queue
    from wiring.house import House


def create_app(settings: Settings | None = None, failures: "SharedCount | None" = None) -> "Flask":
    """The web application; without settings, those of the environment. Called once in each web process.

    `failures` is shared by the processes that answer at one address.
    """
    from wiring.house import House
    from wiring.web import create_web

    return create_web(House(settings or Settings.from_environment(), failures=failures))


class FrontDoor(click.Group):
    """The command line. The designer's tools are brought in only when they are asked for."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; a bad setting, and a database that cannot be used, are told in a plain sentence."""
        try:
            return super().invoke(context)
        except BadSetting as error:
            _stop(str(error))
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            from sqlalchemy.exc import OperationalError, ProgrammingError

            from storage.schema import told

            if isinstance(error, OperationalError | ProgrammingError):
                _stop(told(error))
            raise

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), "survey"])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return _survey_tools() if name == "survey" else super().get_command(context, name)


@click.group(
    cls=FrontDoor, help="Aftercall: the survey line after the call. `make demo` shows it; README.md tells the rest."
)
def cli() -> None:
    logs.configure()


@cli.command()
def run() -> None:
    """The service on one machine, until Ctrl-C: web, workers, clock and, unless REDIS_URL is set, Redis."""
    from installation import keep_house
    from processes import AlreadyRunning, CannotListen

    try:
        sys.exit(keep_house(Settings.from_environment()))
    except (AlreadyRunning, CannotListen) as error:
        _stop(str(error))


@cli.command()
def web() -> None:
    """The web process: the carrier's addresses, the API, the console."""
    from processes import CannotListen
    from serving import serve

    try:
        serve(_house().settings)
    except CannotListen as error:
        _stop(str(error))


@cli.command()
@click.argument("queues", nargs=-1)
def worker(queues: "tuple[Queue, ...]") -> None:
    """Do what is due in the QUEUES: alerts, recordings, transcription.

    Without a name, in all of them. Each is a process of its own, and one that is named twice is two.
    """
    from processes import ending, keep_running, leave_with_parent, stop_on_signals
    from storage.outbox import QUEUES

    if unknown := set(queues).difference(QUEUES):
        raise click.BadParameter(f"{', '.join(unknown)}; there are {', '.join(QUEUES)}")
    leave_with_parent()
    stopping = threading.Event()
    stop_on_signals(stopping)
    if len(queues) == 1:
        from wiring.background import workshop
        from worker import HANDS, work

        house = _house()
        work(workshop(house, queues[0], stopping), house.settings.redis_url, HANDS[queues[0]])
    else:
        from installation import workers

        children = workers(queues or QUEUES)
        with ending(children):
            keep_running(children, stopping)


@cli.command()
def clock() -> None:
    """Find what is due: wake workers, close the books of calls not heard of for too long."""
    import wiring.background
    from processes import leave_with_parent, stop_on_signals

    leave_with_parent()
    stopping = threading.Event()
    stop_on_signals(stopping)
    house = _house()
    house.surveys.look_at_all()
    wiring.background.clock(house, stopping).run()


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date; `run` does it by itself."""
    from storage import schema

    schema.migrate(Settings.from_environment().database_url)
    click.echo("The tables are up to date.")


@cli.command()
def demo() -> None:
    """One call from an unhappy caller, start to end, through the built-in phone."""
    from phone.demo import show

    sys.exit(show())


@cli.command()
@click.argument("number")
@click.argument("survey")
def connect(number: str, survey: str) -> None:
    """Have the calls of NUMBER, such as +12025550100, lead to SURVEY: its addresses are set at the carrier."""
    from ivr.twilio.numbers import NotConnected
    from wiring import connecting

    settings = Settings.from_environment()
    for doubt in connecting.doubts(settings.public_url):
        click.echo(f"Warning: {doubt}.", err=True)
    try:
        now, before = connecting.connect(settings, number, survey)
    except NotConnected as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{number} leads to the survey {survey}. The carrier asks by POST:")
    for name, address, earlier in zip(("voice", "status", "fallback"), astuple(now), astuple(before), strict=True):
        click.echo(f"  {name:<8}  {address}" + (f"  (before: {earlier or 'none'})" if earlier != address else ""))


@cli.command()
@click.argument("name")
def model(name: str) -> None:
    """Fetch the Whisper model NAME (tiny, base, small …) into DATA_DIR."""
    from transcription.model import NoModel, fetch_model

    try:
        click.echo(f"{name} is in {fetch_model(name, Settings.from_environment().data_dir)}")
    except NoModel as error:
        raise click.ClickException(str(error)) from error


@cli.command()
@click.option("--missing", is_flag=True, required=True, help="All that has none: recorded without a model, or failed.")
def transcribe(missing: bool) -> None:  # noqa: ARG001  the word makes clear what is done
    """Transcribe what has no transcript yet. Stopped half-way, it goes on where it was; exit 1 while some have none."""
    from rich.progress import Progress

    from processes import stop_on_signals
    from transcription.model import why_no_model
    from wiring.background import workshop
    from wiring.transcription import catch_up

    house, stopping = _house(), threading.Event()
    if reason := why_no_model(house.settings.whisper_model, house.settings.data_dir):
        raise click.ClickException(reason)
    stop_on_signals(stopping)
    with Progress() as progress:
        bar = progress.add_task("Transcribing", total=None)
        ended = catch_up(
            house,
            workshop(house, "transcription", stopping),
            lambda done, total: progress.update(bar, completed=done, total=total),
        )
    click.echo(", ".join(f"{count} {status}" for status, count in sorted((+ended).items())) or "Nothing was missing.")
    if unread := ended.total() - ended["ready"] - ended["empty"]:
        raise click.ClickException(f"{unread} have no words still; the next run asks for them again")


@cli.command()
@click.argument("number", required=False)
@click.option("--call", "call_sid", metavar="CALL_SID", help="Of one call only.")
def erase(number: str | None, call_sid: str | None) -> None:
    """A caller's data gone: voice, words, number. What they answered stays in the reports, nameless."""
    from storage import calls, erasure

    if (number is None) == (call_sid is None):
        raise click.UsageError("name a telephone number, or a call with --call")
    house = _house()
    with house.database.transaction() as db:
        wanted = erasure.calls_of(db, number) if number else [call] if (call := calls.find(db, call_sid or "")) else []
        if not wanted and not (number and erasure.is_remembered(db, number)):
            raise click.ClickException(_not_known(number, call_sid))
        erased = erasure.erase(db, wanted, house.anonymous_answers, house.now())
        forgotten = number is None or erasure.forget_caller(db, number)
    click.echo(f"Erased: {erased.calls} calls, {erased.recordings} recordings, {erased.transcripts} transcripts.")
    click.echo("Files and the carrier's copies go as the worker comes to them; mails that have left are out of reach.")
    if erased.held:
        click.echo(f"Kept by a legal hold: {', '.join(erased.held)}")
    if erased.running:
        click.echo(f"Still on the line, so ask again: {', '.join(erased.running)}")
    if not forgotten:
        click.echo("Kept: the wish never to be surveyed again, with the number it is for.")


def _not_known(number: str | None, call_sid: str | None) -> str:
    if number is None:
        return f"there is no call {call_sid}"
    return f"no call from or to {number} is known; numbers are written whole, such as +12025550199"


@cli.command()
@click.argument("call_sid")
@click.option("--because", metavar="REASON", help="What the hold is for, such as a file's number.")
@click.option("--lift", is_flag=True, help="End the hold.")
def hold(call_sid: str, because: str | None, lift: bool) -> None:
    """A legal hold: nothing of the call CALL_SID is deleted, whatever its survey or its caller says."""
    from storage import erasure

    if lift == bool(because):
        raise click.UsageError("say why with --because, or end the hold with --lift")
    house = _house()
    with house.database.transaction() as db:
        done = erasure.lift_hold(db, call_sid) if lift else erasure.hold(db, call_sid, because or "", house.now())
    if not done:
        raise click.ClickException(f"there is no {'hold on' if lift else 'call'} {call_sid}")
    click.echo(f"The hold on {call_sid} is {'lifted' if lift else 'in force'}.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--live", is_flag=True, help="Call the service that runs: real case, real mail.")
@click.option("--with", "known", multiple=True, metavar="NAME=VALUE", help="What the contact centre knows of the call.")
@click.option("--record-test", is_flag=True, help="Add the call to the tests of FILE.")
def rehearse(file: Path, live: bool, known: tuple[str, ...], record_test: bool) -> None:
    """Be the caller of the survey in FILE, at the keyboard. Nothing is kept, unless --live."""
    import rehearsing

    rehearsing.play(file, live, known, record_test)


def _survey_tools() -> click.Group:
    from ivr.survey.commands import survey

    survey.add_command(rehearse)
    return survey


def _house() -> "House":
    """The house by the environment; a teams file that is broken at the start stops it and names itself."""
    from alerts.desk import BadTeams
    from wiring.house import House

    house = House(Settings.from_environment())
    try:
        house.desk.teams()
    except BadTeams as error:
        _stop(str(error))
    return house


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)


if __name__ == "__main__":
    cli()
