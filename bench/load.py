"""Load on a web server from one thread: requests that were written and signed beforehand, on connections kept open.

So little is done for each request that one core can keep another one busy.
"""

import heapq
import itertools
import math
import select
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus

TEXT = b"application/x-www-form-urlencoded"
PATIENCE_S = 15.0  # the carrier's own


@dataclass(slots=True)
class Outcome:
    """How the requests fared; `seconds` has each one's time from when it was due to its whole reply."""

    took_s: float = 0.0
    seconds: list[float] = field(default_factory=list)
    failures: list[bytes] = field(default_factory=list)  # heads of replies that were not 200 or 204

    @property
    def per_s(self) -> float:
        return len(self.seconds) / self.took_s

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    caller: Iterator[bytes] = field(default_factory=lambda: iter(()))
    due: float = 0.0
    reply: bytes = b""
    whole: int = 0  # bytes of head and body; 0 while the head is not there


def run(port: int, callers: Sequence[Iterable[bytes]], pause_s: float = 0.0, limit_s: float = math.inf) -> Outcome:
    """Send what each caller has to say, one request after the other; each pauses after a reply.

    Where callers pause, they begin at different moments of one pause. A connection is taken that is free, else made.
    Nothing is sent after `limit_s`.
    """
    outcome, poll, began = Outcome(), select.epoll(), time.perf_counter()
    open_, free, order = {}, [], itertools.count()
    waiting = [(began + pause_s * i / len(callers), next(order), iter(each)) for i, each in enumerate(callers)]
    heapq.heapify(waiting)
    busy = 0
    while True:
        now = time.perf_counter()
        while waiting and waiting[0][0] <= now:
            due, _, caller = heapq.heappop(waiting)
            request = next(caller, None)
            if request is None or now - began > limit_s:
                continue
            connection = free.pop() if free else _connect(port, poll, open_)
            connection.caller, connection.due, connection.reply, connection.whole = caller, due, b"", 0
            connection.socket.sendall(request)
            busy += 1
        if not (waiting or busy):
            break
        until = min(PATIENCE_S, max(0.0, waiting[0][0] - time.perf_counter())) if waiting else PATIENCE_S
        for fd, _ in poll.poll(until):
            connection = open_[fd]
            if _is_whole(connection):
                now = time.perf_counter()
                _note(outcome, connection, now)
                free.append(connection)
                heapq.heappush(waiting, (now + pause_s, next(order), connection.caller))
                busy -= 1
    outcome.took_s = time.perf_counter() - began
    for connection in open_.values():
        connection.socket.close()
    poll.close()
    return outcome


def request(method: str, path: str, host: str, fields: Iterable[tuple[str, str]] = (), signature: str = "") -> bytes:
    """A whole HTTP/1.1 request."""
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: TwilioProxy/1.1", "Accept: */*"]
    if signature:
        head.append(f"X-Twilio-Signature: {signature}")
    if method == "POST":
        head += [f"Content-Type: {TEXT.decode()}; charset=UTF-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def _connect(port: int, poll: select.epoll, open_: dict[int, _Connection]) -> _Connection:
    made = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    poll.register(made.fileno(), select.EPOLLIN)
    connection = open_[made.fileno()] = _Connection(made)
    return connection


def _is_whole(connection: _Connection) -> bool:
    got = connection.socket.recv(65536)
    if not got:
        raise ConnectionError("the server closed a connection in the middle of a reply")
    connection.reply += got
    if not connection.whole:
        head = connection.reply.find(b"\r\n\r\n")
        if head < 0:
            return False
        connection.whole = head + 4 + _body_length(connection.reply[:head].lower())
    return len(connection.reply) >= connection.whole


def _body_length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0


def _note(outcome: Outcome, connection: _Connection, now: float) -> None:
    outcome.seconds.append(now - connection.due)
    if connection.reply[9:12] not in (b"200", b"204"):
        outcome.failures.append(connection.reply[:200])
