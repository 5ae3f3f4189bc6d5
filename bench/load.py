"""Load on a web server from one thread: requests that were written and signed beforehand, on connections kept open.

So little is done for each request that one core can keep another one busy.
"""

import contextlib
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
    caller: Iterator[bytes] | None = None  # None while nobody uses it
    request: bytes = b""
    due: float = 0.0
    reply: bytes = b""
    whole: int = 0  # bytes of head and body; 0 while the head is not there
    used: int = 0


def run(
    port: int,
    callers: Sequence[Iterable[bytes]],
    pause_s: float = 0.0,
    limit_s: float = math.inf,
    begin_within_s: float = 0.0,
) -> Outcome:
    """Send what each caller has to say, one request after the other; each pauses after a reply.

    Callers begin one after the other, evenly, within so many seconds. A connection is taken that is free, else made.
    Nothing is sent after `limit_s`.
    """
    return _Load(port, callers, pause_s, limit_s, begin_within_s).run()


def request(method: str, path: str, host: str, fields: Iterable[tuple[str, str]] = (), signature: str = "") -> bytes:
    """A whole HTTP/1.1 request."""
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: TwilioProxy/1.1", "Accept: */*"]
    if signature:
        head.append(f"X-Twilio-Signature: {signature}")
    if method == "POST":
        head += [f"Content-Type: {TEXT.decode()}; charset=UTF-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


class _Load:
    def __init__(
        self, port: int, callers: Sequence[Iterable[bytes]], pause_s: float, limit_s: float, begin_within_s: float
    ) -> None:
        self.port, self.pause_s = port, pause_s
        self.began = time.perf_counter()
        self.until = self.began + limit_s
        self.outcome, self.poll, self.order = Outcome(), select.epoll(), itertools.count()
        self.open: dict[int, _Connection] = {}
        self.free: list[_Connection] = []
        self.busy = 0
        step = begin_within_s / max(1, len(callers))
        self.waiting = [(self.began + step * i, next(self.order), iter(each)) for i, each in enumerate(callers)]

    def run(self) -> Outcome:
        while True:
            self._send_what_is_due()
            if not (self.waiting or self.busy):
                break
            for fd, _ in self.poll.poll(self._idle_s()):
                self._hear(self.open[fd])
        self.outcome.took_s = time.perf_counter() - self.began
        for connection in self.open.values():
            connection.socket.close()
        self.poll.close()
        return self.outcome

    def _send_what_is_due(self) -> None:
        now = time.perf_counter()
        while self.waiting and self.waiting[0][0] <= now:
            due, _, caller = heapq.heappop(self.waiting)
            request = next(caller, None) if now < self.until else None
            if request is not None:
                self.busy += 1
                self._send(request, caller, due)

    def _send(self, request: bytes, caller: Iterator[bytes], due: float) -> None:
        try:
            connection = self.free.pop() if self.free else self._connect()
        except OSError:
            self.outcome.failures.append(b"no connection")
            self._later(caller)
            return
        connection.caller, connection.request, connection.due = caller, request, due
        connection.reply, connection.whole = b"", 0
        connection.used += 1
        with contextlib.suppress(ConnectionError):  # closed meanwhile: the next look at it tells
            connection.socket.sendall(request)

    def _connect(self) -> _Connection:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.poll.register(made.fileno(), select.EPOLLIN)
        connection = self.open[made.fileno()] = _Connection(made)
        return connection

    def _idle_s(self) -> float:
        return min(PATIENCE_S, max(0.0, self.waiting[0][0] - time.perf_counter())) if self.waiting else PATIENCE_S

    def _hear(self, connection: _Connection) -> None:
        try:
            got = connection.socket.recv(65536)
        except ConnectionError:
            got = b""
        connection.reply += got
        if not got:
            self._closed(connection)
        elif _is_whole(connection):
            _note(self.outcome, connection, time.perf_counter())
            self._later(connection.caller)
            connection.caller = None
            self.free.append(connection)

    def _later(self, caller: Iterator[bytes] | None) -> None:
        assert caller is not None
        self.busy -= 1
        heapq.heappush(self.waiting, (time.perf_counter() + self.pause_s, next(self.order), caller))

    def _closed(self, connection: _Connection) -> None:
        """Servers close what is long idle. Where that crosses a request, it goes out once more, as carriers do."""
        self.poll.unregister(connection.socket.fileno())
        del self.open[connection.socket.fileno()]
        connection.socket.close()
        if connection.caller is None:
            self.free.remove(connection)
        elif connection.used > 1 and not connection.reply:
            self._send(connection.request, connection.caller, connection.due)
        else:
            self.outcome.failures.append(b"closed in the middle of a reply")
            self._later(connection.caller)


def _is_whole(connection: _Connection) -> bool:
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
