"""`make demo`: the main job, start to end, on the embedded default: a call, a case, a mail with the caller's voice."""

import email
import email.policy
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from phone import audio
from phone.carrier import Carrier
from phone.dialogue import Line, clock_time
from phone.line import Phone
from phone.transport import HttpTransport
from processes import own_command
from settings import Settings
from storage import cases, deliveries, transcripts, verbatims
from storage.database import Database
from storage.models import Case, Delivery, Transcript, Verbatim

T = TypeVar("T")
PATIENCE_S = 60.0
CLIP = Path(__file__).parent / "clips" / "unhappy.wav"
FOLDER = Path("var/demo")
WHO = {"line": "[cyan]LINE[/]", "caller": "[bold yellow]NORA[/]", "carrier": "[red]CARRIER[/]"}


class DemoFailed(Exception):
    """Something that was to happen did not; the message says what."""


def show(console: Console | None = None) -> int:
    """Run the demo and print what happens; 0, or 1 and why."""
    console = console or Console(highlight=False, soft_wrap=False)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        with _service() as service:
            _Demo(console, service).play()
    except (DemoFailed, AssertionError) as error:
        console.print(f"\n[red]The demo failed:[/] {escape(str(error))}")
        console.print(f"What the service wrote is in {FOLDER / 'log.txt'}")
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class _Service:
    """A running service of our own: its settings, and how long it took to answer."""

    settings: Settings
    took_s: float


@contextmanager
def _service() -> Iterator[_Service]:
    """`app.py run` on a free port with everything in `var/demo`, whatever the user's own settings are."""
    environment = _environment()
    with (FOLDER / "log.txt").open("wb") as log:
        started = time.monotonic()
        process = subprocess.Popen(own_command("run"), env=environment, stdout=log, stderr=log)
        try:
            settings = Settings.from_environment(environment)
            _until("the service answers", lambda: _is_ready(settings, process))
            yield _Service(settings, time.monotonic() - started)
        finally:
            process.terminate()
            process.wait()


def _environment() -> dict[str, str]:
    """The environment of the demo: no setting of the user's but those of the recogniser counts."""
    chosen = {name: os.environ[name] for name in os.environ if name.startswith("WHISPER_")}
    fetched = Path("var/models/base")
    if "WHISPER_MODEL" not in chosen and fetched.is_dir():
        chosen["WHISPER_MODEL"] = str(fetched.resolve())
    unset = dict.fromkeys((name.upper() for name in Settings.__dataclass_fields__), "")
    unset |= {"TWILIO_AUTH_TOKEN": "", "TWILIO_ACCOUNT_SID": ""}
    return {**os.environ, **unset, **chosen, "DATA_DIR": str(FOLDER.resolve()), "PORT": str(_free_port())}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(settings: Settings, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        raise DemoFailed(f"the service left with status {process.returncode}")
    try:
        return httpx.get(f"{settings.public_url}/readyz", timeout=2).is_success
    except httpx.HTTPError:
        return False


class _Demo:
    """One demonstration, told on the console."""

    def __init__(self, console: Console, service: _Service) -> None:
        self.console = console
        self.service = service
        self.database = Database(service.settings.database_url)
        self.pressed_at: list[datetime] = []

    def play(self) -> None:
        self.console.print(f"\n[bold]The service is up[/] after {self.service.took_s:.1f} s, all of it in {FOLDER}/\n")
        call_sid = self.call()
        case = _until("a case is open", lambda: self.read(lambda db: cases.find_of_call(db, call_sid)))
        self.tell_case(case)
        mails = _until("the mail is out", lambda: self.accepted(case))
        [verbatim] = self.read(lambda db: [one for one in verbatims.of_call(db, call_sid) if one.status == "stored"])
        for mail in mails:
            self.tell_mail(mail, verbatim)
        self.tell_transcript(verbatim)
        self.tell_more()

    # The call

    def call(self) -> str:
        """Nora is unhappy: she says so with keys, then in her own words, and hangs up."""
        self.console.print("[bold]The call[/]: Nora has spoken with Sam of billing, who has hung up\n")
        settings = self.service.settings
        carrier = Carrier.for_secret(settings.secret_key, folder=settings.data_dir / "phone")
        phone = Phone(carrier, HttpTransport(), settings.public_url, clips=CLIP.parent, on_line=self.tell_line)
        nora = phone.takes("after-call", agent="a7", agent_name="Sam", group="billing", ticket="88213")
        nora.hears("two minutes of questions").presses("1")
        nora.hears("how satisfied").presses("1")
        nora.hears("very dissatisfied").presses("1")
        nora.hears("problem solved").presses("2")
        nora.hears("what was it about").presses("2")
        nora.hears("tell us what went wrong").says(CLIP.name)
        nora.hangs_up()
        return nora.call_sid

    def tell_line(self, line: Line) -> None:
        if line.kind == "keys":
            self.pressed_at.append(datetime.now(UTC))
        row = Table.grid(padding=(0, 2))
        row.add_row("", f"[dim]{clock_time(line.at_s)}[/]", WHO[line.who], escape(line.told()))
        self.console.print(row)

    # What came of it

    def tell_case(self, case: Case) -> None:
        rules = self.read(lambda db: [trigger.rule for trigger in cases.triggers(db, case.number)])
        pressed = max((at for at in self.pressed_at if at <= case.opened_at), default=case.opened_at)
        took_s = (case.opened_at - pressed).total_seconds()
        self.console.print(
            f"\n[bold]Case {case.number}[/], {case.severity}, for the team {case.team}: {', '.join(rules)}"
        )
        self.console.print(f"  open [bold]{took_s:.2f} s[/] after the key was pressed")

    def accepted(self, case: Case) -> list[Delivery]:
        """The mails of the case, once all have left; none while one is on its way."""
        mails = [one for one in self.read(lambda db: deliveries.of_case(db, case.number)) if one.channel == "email"]
        return mails if mails and all(mail.state == "accepted" for mail in mails) else []

    def tell_mail(self, mail: Delivery, verbatim: Verbatim) -> None:
        path, message = self.find_mail(mail)
        self.console.print(f"\n[bold]Mail[/] to {escape(str(message['To']))}")
        self.console.print(f"  [bold]{escape(str(message['Subject']))}[/]")
        for part in message.iter_attachments():
            sound = part.get_content()
            self.console.print(
                f"  attached: {part.get_filename()}, {len(sound) / 1000:.0f} kB, {_length_s(sound):.1f} s"
            )
        if mail.accepted_at and verbatim.stored_at:
            took_s = (mail.accepted_at - verbatim.stored_at).total_seconds()
            self.console.print(f"  out [bold]{took_s:.2f} s[/] after the audio was ready")
        self.console.print(f"  kept in {path}")

    def find_mail(self, mail: Delivery) -> tuple[Path, EmailMessage]:
        for path in (FOLDER / "mail").glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["Message-ID"] == mail.message_id:
                return path, message
        raise DemoFailed(f"the mail of delivery {mail.id} is not in {FOLDER / 'mail'}")

    def tell_transcript(self, verbatim: Verbatim) -> None:
        transcript = _until("the transcript is settled", lambda: self.settled(verbatim))
        self.console.print(f"\n[bold]Transcript[/]: {transcript.status}")
        self.console.print(f"  {escape(transcript.text or transcript.reason or '')}")

    def settled(self, verbatim: Verbatim) -> Transcript | None:
        transcript = self.read(lambda db: transcripts.find(db, verbatim.id))
        return transcript if transcript and transcript.status != "queued" else None

    def tell_more(self) -> None:
        self.console.print(f"\nAudio is in {FOLDER}/recordings, what the service wrote in {FOLDER}/log.txt.")
        self.console.print("Now be the caller yourself: [bold]make run[/], and what it prints.\n")

    def read(self, ask: Callable[..., T]) -> T:
        with self.database.reading() as db:
            return ask(db)


def _until(what: str, ask: Callable[[], T | None]) -> T:
    """The first answer that is not empty.

    Raises:
        DemoFailed: there was none within a minute.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise DemoFailed(f"{what}: that did not come true within {PATIENCE_S:.0f} s")


def _length_s(mp3: bytes) -> float:
    return audio.seconds(audio.read_samples(mp3))
