"""The web process: Granian with one worker for each core, all on one socket, and some threads in each.

`run` holds the socket (`SOCKET_FD`): while one web process leaves and the next one starts, requests wait in it, and
none is refused. Under `run` the web process looks after the tables, too: it has all that takes in memory anyway.
"""

import contextlib
import gc
import importlib
import os
import resource
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]  # its stubs are not whole
from granian.server.mp import MPServer
from sqlalchemy.exc import OperationalError

import logs
from processes import BACKLOG, SOCKET_FD, SharedCount, cores, leave_with_parent, listen
from settings import Settings
from storage.database import Database
from storage.schema import REPAIR, migrate, told, up_to_date

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger()

# Of each worker: most of a turn is waiting for the disk or the network, and a slow sender holds one up.
THREADS = 8
CONNECTIONS = 20_000  # of each worker, idle ones too: the carrier keeps them open
FINISH_S = 15  # nobody waits longer for an answer than the carrier
AGAIN_S = 2.0  # between two looks at a database that does not answer


FAILURES = SharedCount()  # made before the workers fork, who count together


def serve(settings: Settings) -> None:
    """Serve until told to leave. The application is loaded before the workers fork, who then share it."""
    leave_with_parent()
    _allow_connections()
    gc.disable()  # nothing that is loaded goes away again
    given = _given_socket()
    listening = given or listen(settings.host, settings.port)
    importlib.import_module("wiring.web")
    if given:
        _migrate(settings.database_url)
    else:
        _look_at_tables(settings.database_url)
    gc.freeze()
    gc.enable()
    _Server(listening, settings).serve()


def application() -> "Flask":
    """What Granian calls in each worker."""
    from app import create_app

    logs.configure()
    leave_with_parent(leave_s=1.0)
    return create_app(failures=FAILURES)


class _Server(MPServer):
    """Granian on a socket that is there already: all workers take from one queue, which outlives each of them."""

    def __init__(self, listening: socket.socket, settings: Settings) -> None:
        self._listening = listening
        super().__init__(
            "serving:application",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=cores(),
            blocking_threads=THREADS,
            backlog=BACKLOG,
            backpressure=CONNECTIONS,
            working_dir=Path(__file__).parent,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=FINISH_S,
            websockets=False,
            log_level=LogLevels.warning,
        )

    def serve(self, *choices: Any) -> None:
        """Without Granian's own first look, which finds more threads than cores too many: ours wait, for the disk."""
        super(MPServer, self).serve(*choices)

    def _init_shared_socket(self) -> None:
        self._ssp, self._sso = None, self._listening
        self._shd = SocketHolder(self._listening.fileno(), False, BACKLOG)  # type: ignore[assignment,call-arg]


def _given_socket() -> socket.socket | None:
    """The socket that the process which started us holds."""
    given = os.environ.pop(SOCKET_FD, None)
    return socket.socket(fileno=int(given)) if given else None


def _allow_connections() -> None:
    """Each connection is an open file, and a shell often allows no more than 1,024 until it is asked."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS if most == resource.RLIM_INFINITY else min(CONNECTIONS, most)
    with contextlib.suppress(ValueError):  # some systems have limits of which they do not tell
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, wanted), most))


def _migrate(database_url: str) -> None:
    """Bring the tables up to date. A database that does not answer must not keep callers from an apology."""
    try:
        migrate(database_url)
    except OperationalError as error:
        click.echo(f"{told(error)}. Trying again every {AGAIN_S:.0f} s.", err=True)
        threading.Thread(target=_migrate_later, args=(database_url,), name="migrate", daemon=True).start()


def _migrate_later(database_url: str) -> None:
    while True:
        time.sleep(AGAIN_S)
        with contextlib.suppress(OperationalError):
            return migrate(database_url)


def _look_at_tables(database_url: str) -> None:
    database = Database(database_url)
    try:
        if not up_to_date(database):
            log.error("tables_not_up_to_date", repair=REPAIR)
    except OperationalError as error:
        click.echo(f"{told(error)}.", err=True)
    finally:
        database.dispose()
