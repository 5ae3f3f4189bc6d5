"""Whether the servers we lean on can be reached; asked now and then, and never for long."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

Probe = Callable[[], str | None]  # why it cannot be reached, None where it can
PATIENCE_S = 0.5
REMEMBERED_S = 30.0
MAIL_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def probes(redis_url: str | None, mail_url: str, recordings_url: str) -> Mapping[str, Probe]:
    """The probes of what these settings name, each remembering its answer for a while."""
    found = {"queue": redis_probe(redis_url), "mail": mail_probe(mail_url), "recordings": folder_probe(recordings_url)}
    return {part: remembered(probe) for part, probe in found.items()}


def redis_probe(url: str | None) -> Probe:
    """Without Redis the outbox is read by looking, which is no fault."""
    if url is None:
        return _fine

    def probe() -> str | None:
        from redis import Redis  # a web process may never be asked
        from redis.exceptions import RedisError

        try:
            with Redis.from_url(url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S) as redis:
                redis.ping()
        except RedisError:
            return "Redis does not answer; work is found by looking, up to half a second later"
        return None

    return probe


def mail_probe(url: str) -> Probe:
    """Whether the mail server takes a connection; services without one of ours to connect to count as fine."""
    parts = urlsplit(url)
    if parts.scheme not in MAIL_PORTS:
        return folder_probe(url)
    host, port = parts.hostname or "localhost", parts.port or MAIL_PORTS[parts.scheme]

    def probe() -> str | None:
        try:
            socket.create_connection((host, port), PATIENCE_S).close()
        except OSError as error:
            return f"no mail server answers at {host}:{port} ({error.strerror or 'no answer in time'})"
        return None

    return probe


def folder_probe(url: str) -> Probe:
    """Whether the folder of a `file:` address can be written; other addresses count as fine."""
    if not url.startswith("file:"):
        return _fine
    folder = Path(url.removeprefix("file:").removeprefix("//"))

    def probe() -> str | None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        return None if os.access(folder, os.W_OK) else f"the folder {folder} cannot be written"

    return probe


def remembered(probe: Probe, clock: Callable[[], float] = time.monotonic) -> Probe:
    """The same probe, asked again only when its answer is older than half a minute."""
    last: tuple[float, str | None] | None = None

    def ask() -> str | None:
        nonlocal last
        if last is None or clock() - last[0] > REMEMBERED_S:
            last = (clock(), probe())
        return last[1]

    return ask


def _fine() -> None:
    return None
