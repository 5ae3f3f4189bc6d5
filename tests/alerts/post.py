"""A post room that really sends: to a folder, a mail server, a carrier, somebody's web server."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import insert, select, update

from alerts.channels import open_channels
from alerts.channels.outgoing import Post
from alerts.jobs import PostRoom, heed_transcript, send_delivery
from ivr.survey.reader import load_survey
from ivr.twilio.messages import Messages
from recovery.links import Links
from storage import calls, deliveries, erasure, outbox
from storage.audio import Folder
from storage.models import Answer, Call, Delivery, DeliveryTry, Transcript, Verbatim
from tests.recovery.callers import LOW, Desk

AFTER_CALL = load_survey((Path(__file__).parents[2] / "flows" / "after-call.yaml").read_text(encoding="utf-8"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MP3 = b"ID3\x04" + bytes(range(256)) * 20
NORA = {
    "agent": "a7",
    "agent_name": "Sam Reyes",
    "group": "billing",
    "queue": "Billing English",
    "ticket": "88213",
    "customer_name": "Nora Lind",
}
NOBODY = Messages("http://127.0.0.1:9", "AC" + "0" * 32, ("token",), None)  # a carrier that is not there


@dataclass
class Office:
    """The recovery desk of tests/recovery, and the post room that sends what it leaves."""

    desk: Desk
    room: PostRoom
    clock: dict[str, datetime]
    outcomes: list[outbox.Outcome] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock["now"]

    def later(self, **span: float) -> datetime:
        self.clock["now"] += timedelta(**span)
        return self.now

    def answers(self, call_sid: str, **values: Any) -> None:
        with self.desk.database.transaction() as db:
            rows = [
                {"call_sid": call_sid, "step": step, "value": value, "at": self.now} for step, value in values.items()
            ]
            db.execute(insert(Answer), rows)

    def speaks(self, call_sid: str, step: str = "why", audio: bytes = MP3, seconds: float = 41.2) -> int:
        """The caller's words are stored."""
        key = f"{call_sid}/{step}.mp3"
        self.room.audio.put(key, audio)
        return self.desk.verbatim(
            call_sid,
            "stored",
            step,
            recording_sid="RE" + hashlib.md5(key.encode()).hexdigest(),
            audio_key=key,
            sha256=hashlib.sha256(audio).hexdigest(),
            size_bytes=len(audio),
            duration_s=seconds,
            stored_at=self.now,
        )

    def is_written_down(self, verbatim: int, text: str | None = "I was cut off twice.", status: str = "ready") -> None:
        with self.desk.database.transaction() as db:
            row = {"status": status, "text": text, "model": "base", "segments": [], "tries": 1}
            db.execute(insert(Transcript).values(verbatim_id=verbatim, finished_at=self.now, **row))
            outbox.put(
                db, "alerts", "transcript.ready", f"ready:{verbatim}", {"verbatim": verbatim}, self.now, self.now
            )

    def sends_everything(self) -> list[outbox.Outcome]:
        """Work through what is due now; gives how each went."""
        handlers = {"delivery.send": send_delivery, "transcript.ready": heed_transcript}
        outcomes = []
        while True:
            with self.desk.database.transaction() as db:
                job = outbox.claim(db, "alerts", "test", self.now)
            if job is None:
                return outcomes
            outcomes.append(handlers[job.kind](job, self.room))
            with self.desk.database.transaction() as db:
                outbox.settle(db, job, "test", outcomes[-1], self.now)

    def delivery(self, **wanted: str) -> Delivery:
        with self.desk.database.reading() as db:
            return db.execute(select(Delivery).filter_by(**wanted)).scalar_one()

    def tries(self, delivery: Delivery) -> list[DeliveryTry]:
        with self.desk.database.reading() as db:
            return list(deliveries.tries_of(db, delivery.id))

    def context(self, call_sid: str, **context: str) -> None:
        with self.desk.database.transaction() as db:
            db.execute(update(Call).where(Call.call_sid == call_sid).values(context=context))

    def erases(self, call_sid: str) -> None:
        """An operator erases the caller."""
        with self.desk.database.transaction() as db:
            erasure.erase(db, [calls.get(db, call_sid)], lambda version: ("csat", "solved"), self.now)

    def lose_audio(self, verbatim: int) -> None:
        with self.desk.database.reading() as db:
            key = db.get_one(Verbatim, verbatim).audio_key
        assert key
        self.room.audio.delete(key)


def open_office(
    desk: Desk,
    folder: Path,
    mail_url: str | None = None,
    messages: Messages = NOBODY,
    environment: Mapping[str, str] | None = None,
) -> Office:
    clock = {"now": desk.now}
    post = Post(
        mail_url or f"file:{folder / 'mail'}",
        "Aftercall <aftercall@survey.example>",
        messages,
        {"HOOK_SECRET": SECRET} if environment is None else environment,
    )
    room = PostRoom(
        database=desk.database,
        teams=lambda: desk.teams,
        survey=lambda version: AFTER_CALL,
        audio=Folder(folder / "recordings"),
        links=Links("https://survey.example", "a secret"),
        channels=open_channels(post),
        now=lambda: clock["now"],
    )
    return Office(desk, room, clock)


def unhappy_call(office: Office, **context: str) -> str:
    """Nora pressed 1, it is not solved, and she wants a call; she is still on the line."""
    call = office.desk.call(**{**NORA, **context})
    office.answers(call, csat=1, solved="no", reason="knowledge", call_me="yes")
    return call


def unhappy_call_whose_words_are_late(office: Office) -> str:
    """Nora has hung up, her recording is still awaited, and mails have been sent without it."""
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.desk.verbatim(call, "awaited")
    office.desk.ends(call)
    office.later(seconds=20)
    office.sends_everything()
    return call


def read_mail(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def mails(folder: Path) -> dict[str, EmailMessage]:
    """The mails of a folder by their receiver; one for each."""
    found = [read_mail(path) for path in sorted(folder.glob("mail/*.eml"))]
    by_receiver = {str(mail["To"]): mail for mail in found}
    assert len(by_receiver) == len(found)
    return by_receiver


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


@dataclass
class Receiver:
    """Somebody's web server: what it was sent, and what it answers (the last answer again and again)."""

    url: str = ""
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=lambda: [(204, {})])
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        self.requests.append((headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def web_server() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
