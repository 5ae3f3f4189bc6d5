"""A mail server that keeps what it takes, and answers as told; on a thread of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class MailServer:
    """`refuses_receivers` and `refuses_mail` are what it answers instead of taking them."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses_receivers: str | None = None
    refuses_mail: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuses_receivers:
            return self.refuses_receivers
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses_mail:
            return self.refuses_mail
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def serving(server: MailServer) -> Iterator[MailServer]:
    """Serve on the server's port, or on any free one where that is 0."""
    ready, leave = Event(), []

    async def serve() -> None:
        loop, leaving = asyncio.get_running_loop(), asyncio.Event()
        made = await loop.create_server(lambda: SMTP(server, hostname="mail.example"), "127.0.0.1", server.port)
        server.port = made.sockets[0].getsockname()[1]
        leave.append(lambda: loop.call_soon_threadsafe(leaving.set))
        ready.set()
        await leaving.wait()
        made.close()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(120)
    try:
        yield server
    finally:
        leave[0]()
        thread.join()
