"""A whole installation on one machine: what `run` starts, in which order, and what it says."""

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import click

from processes import (
    REFUSED,
    SOCKET_FD,
    Child,
    cores,
    embedded_redis,
    ending,
    keep_running,
    listen,
    only_one,
    own_command,
    stop_on_signals,
)
from settings import Settings

LOOK_S = 0.05  # how often the start is looked at


def keep_house(settings: Settings) -> int:
    """Start every process, and keep them going until told to stop; gives the exit status.

    The web process brings the tables up to date, and the others start when it answers: the first caller need not wait
    for them.

    Raises:
        processes.AlreadyRunning: another holds DATA_DIR.
        processes.CannotListen: HOST and PORT are not to be had.
    """
    stopping, renewing = threading.Event(), threading.Event()
    stop_on_signals(stopping)
    signal.signal(signal.SIGHUP, lambda *_: renewing.set())
    with only_one(settings.data_dir), listen(settings.host, settings.port) as listening, _redis(settings) as redis:
        environment, children = redis
        fd = listening.fileno()
        web = Child("web", own_command("web"), {**environment, SOCKET_FD: str(fd)}, hands_down=(fd,))
        children.insert(0, web)
        with ending(children):
            web.start()
            if not _answers(web, settings, stopping):
                return REFUSED if web.has_refused else 0
            click.echo(_addresses(settings))
            children += _background(environment)
            keep_running(children, stopping, renewing)
    return 0


def workers(queues: Sequence[str], environment: Mapping[str, str] | None = None) -> list[Child]:
    """A process for each queue, as often as it is named; those that transcribe share the cores out among them."""
    readers = queues.count("transcription")
    if readers > 1 and "OMP_NUM_THREADS" not in os.environ:
        environment = {**(environment or {}), "OMP_NUM_THREADS": str(max(1, cores() // readers))}
    return [Child(f"worker {queue}", own_command("worker", queue), environment or {}) for queue in queues]


@contextmanager
def _redis(settings: Settings) -> Iterator[tuple[Mapping[str, str], list[Child]]]:
    """What the other processes must know of Redis, and the child to keep running where it is our own."""
    if settings.redis_url:
        yield {}, []
        return
    with embedded_redis() as found:
        if found is None:
            click.echo("No Redis server is found: workers look for work every half second instead.", err=True)
        yield ({"REDIS_URL": found[0]}, [found[1]]) if found else ({}, [])


def _answers(web: Child, settings: Settings, stopping: threading.Event) -> bool:
    """Whether the web process answers in the end; False where it refuses to start, or all is to stop."""
    while not stopping.wait(LOOK_S):
        if web.has_refused:
            return False
        web.look()
        if _is_alive(settings):
            return True
    return False


def _is_alive(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  compared, not bound
    connection = HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _background(environment: Mapping[str, str]) -> list[Child]:
    from storage.outbox import QUEUES

    return [*workers(QUEUES, environment), Child("clock", own_command("clock"), environment)]


def _addresses(settings: Settings) -> str:
    """Where everything is."""
    here = f"http://{settings.host}:{settings.port}"
    surveys = ", ".join(sorted(path.stem for path in settings.flows_dir.glob("*.yaml")))
    line = "the built-in phone" if settings.phone else "your carrier account"
    api = "with a token of API_TOKENS" if settings.api_tokens else "closed: set API_TOKENS"
    return f"""
Aftercall answers at {here}

  surveys    {settings.public_url}/voice/<survey>   ({surveys or f"none yet in {settings.flows_dir}"})
  line       {line}
  take one   .venv/bin/python app.py survey rehearse flows/after-call.yaml --live
  health     {here}/readyz    numbers {here}/metrics
  API        {here}/api/v1/openapi.json   ({api})
  kept in    {settings.data_dir}

Ctrl-C stops it.
"""
