"""Who asks, and what: each request to the carrier's addresses is read once, and only the carrier is let in.

A request whose signature does not hold gets a 403, whatever it asks. The signature is held against our public
address, so nothing that somebody sends along can move it.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import structlog

from ivr.twilio.signature import holds

log = structlog.get_logger()

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64_000  # of a body; the carrier sends a few kB
PLAIN = re.compile(r"[\w/.~-]*", re.ASCII)
MOST_LINES = 20  # of the log for each source and minute
MINUTE_S = 60.0
MOST_SOURCES = 10_000
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the carrier sent. `fields` is query and form together; what both name has the value of the query."""

    query: Mapping[str, str]
    form: Mapping[str, str]
    fields: Mapping[str, str]

    @property
    def call_sid(self) -> str:
        return self.fields.get("CallSid", "")


class Gate:
    """Lets the carrier in. `tokens` are those whose signatures hold: several, while one replaces the other."""

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._public_url = public_url
        self._tokens = tuple(dict.fromkeys(tokens))
        self._refused = Refusals()

    def read(self, environ: Mapping[str, Any]) -> Asked | None:
        """The request, if the carrier has signed it; None where it has not, or nobody can tell."""
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE")
        try:
            asked = self._read(environ, signature) if signature else None
        except Exception:  # the connection broke, or worse: in any case nobody is let in
            log.exception("gate_failed")
            asked = None
        if asked is None:
            self._refused.note(environ.get("REMOTE_ADDR") or "unknown", signed=bool(signature))
        return asked

    def _read(self, environ: Mapping[str, Any], signature: str) -> Asked | None:
        body = _body(environ)
        if body is None:
            return None
        query = environ.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
        is_form = environ["REQUEST_METHOD"] == "POST" and environ.get("CONTENT_TYPE", "").lower().startswith(FORM)
        form = _fields(body.decode(errors="replace")) if is_form else []
        address = self._public_url + _path(environ)
        # The server does not tell `/voice/nps` from `/voice/nps?`, which a script that adds nothing may have written.
        urls = (f"{address}?{query}",) if query else (address, f"{address}?")
        if not any(holds(url, form, signature, self._tokens, body) for url in urls):
            return None
        asked = _fields(query) if query else []
        return Asked(_first(asked), _first(form), _first([*asked, *form]))


class Refusals:
    """Who is refused is logged, though no source can fill the log: after a few lines in a minute only their number is.

    Nobody is shut out for it. Behind a proxy the carrier may come from the same address as everybody else.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._since = clock()

    def note(self, source: str, *, signed: bool) -> None:
        with self._lock:
            self._turn_the_page()
            count = self._counts[source] = self._counts.get(source, 0) + 1
        if count <= MOST_LINES:
            log.warning("signature_refused", source=source, signed=signed)

    def _turn_the_page(self) -> None:
        now = self._clock()
        if now - self._since < MINUTE_S and len(self._counts) < MOST_SOURCES:
            return
        for source, count in self._counts.items():
            if count > MOST_LINES:
                log.warning("signatures_refused", source=source, refused=count)
        self._counts, self._since = {}, now


def _body(environ: Mapping[str, Any]) -> bytes | None:
    """The whole body; None where it is too large, or broke off."""
    length, stream = environ.get("CONTENT_LENGTH") or "", environ["wsgi.input"]
    if length:
        expected = int(length) if length.isdecimal() and len(length) < 10 else MOST_BYTES + 1
        told: bytes = stream.read(expected) if expected <= MOST_BYTES else b""
        return told if len(told) == expected else None
    sent: bytes = stream.read(MOST_BYTES + 1) if environ.get("wsgi.input_terminated") else b""
    return sent if len(sent) <= MOST_BYTES else None


def _path(environ: Mapping[str, str]) -> str:
    """The path as it was sent, where the server tells; else as it is usually written."""
    sent = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    if sent.startswith("/"):
        return sent.partition("?")[0]
    path = environ["PATH_INFO"]
    return path if PLAIN.fullmatch(path) else quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~")


def _fields(text: str) -> list[tuple[str, str]]:
    """Names and values of a form or query, empty and repeated ones too.

    >>> _fields("Digits=1%23&From=&a=b+c")
    [('Digits', '1#'), ('From', ''), ('a', 'b c')]
    """
    parts = [part.partition("=") for part in text.split("&") if part]
    if "%" not in text and "+" not in text:
        return [(name, value) for name, _, value in parts]
    return [
        (name if name.isalnum() else _plain(name), _plain(value) if "%" in value or "+" in value else value)
        for name, _, value in parts
    ]


def _plain(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode(errors="replace")


def _first(pairs: Pairs) -> dict[str, str]:
    """By name; of a name given twice, the first value."""
    return dict(reversed(pairs))
