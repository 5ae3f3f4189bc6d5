"""A carrier's REST interface that answers as a test tells it to, over real HTTP."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT, TOKEN = "AC" + "1" * 32, "the token of today"
RECORDING = "RE" + "a" * 32


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "audio/x-wav"})
    promised: int | None = None  # a Content-Length that is not kept


@dataclass
class Carrier:
    """Gives `answers` one after the other, the last one again and again; keeps what it was asked.

    Without a login that it accepts the answer is 401, whatever was scripted.
    """

    answers: list[Answer] = field(default_factory=list)
    tokens: tuple[str, ...] = (TOKEN,)
    asked: list[tuple[str, str]] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, login: str | None) -> Answer:
        self.asked.append((method, path))
        self.logins.append(login)
        if login not in [f"{ACCOUNT}:{token}" for token in self.tokens]:
            return Answer(401, b'{"code": 20003}', {"Content-Type": "application/json"})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def listening(carrier: Carrier, answer: Callable[..., Answer] | None = None) -> Iterator[Carrier]:
    """The carrier on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = (answer or carrier.answer)(self.command, self.path, _login(self.headers.get("Authorization")))
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body) if given.promised is None else given.promised))
            self.end_headers()
            self.wfile.write(given.body)

        do_DELETE = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    carrier.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield carrier
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _login(header: str | None) -> str | None:
    return base64.b64decode(header.removeprefix("Basic ")).decode() if header else None
