"""The web process: Granian with one worker for each core, all on one socket.

Whoever starts the web process may hold the socket (`SOCKET_FD`): while one web process leaves and the next one
starts, requests wait in it, and none is refused.
"""

import gc
import importlib
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]  # its stubs are not whole
from granian.server.mp import MPServer
from sqlalchemy.exc import SQLAlchemyError

import logs
from processes import BACKLOG, SOCKET_FD, SharedCount, cores, leave_with_parent, listen
from settings import Settings
from storage.database import Database
from storage.schema import REPAIR, up_to_date

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger()

THREADS = {"sqlite": 1, "postgresql": 4}  # on PostgreSQL a thread waits for the network most of its time
FINISH_S = 15  # nobody waits longer for an answer than the carrier
TABLES_S = 10.0


FAILURES = SharedCount()  # made before the workers fork, who count together


def serve(settings: Settings) -> None:
    """Serve until told to leave. The application is loaded before the workers fork, who then share it."""
    leave_with_parent()
    listening = _given_socket() or listen(settings.host, settings.port)
    importlib.import_module("wiring.web")
    _wait_for_tables(settings.database_url)
    gc.collect()
    gc.freeze()
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
            blocking_threads=THREADS["sqlite" if settings.database_url.startswith("sqlite") else "postgresql"],
            backlog=BACKLOG,
            working_dir=Path(__file__).parent,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=FINISH_S,
            websockets=False,
            log_level=LogLevels.warning,
        )

    def _init_shared_socket(self) -> None:
        self._ssp, self._sso = None, self._listening
        self._shd = SocketHolder(self._listening.fileno(), False, BACKLOG)  # type: ignore[assignment,call-arg]


def _given_socket() -> socket.socket | None:
    """The socket that the process which started us holds."""
    given = os.environ.pop(SOCKET_FD, None)
    return socket.socket(fileno=int(given)) if given else None


def _wait_for_tables(database_url: str) -> None:
    """`run` migrates while we load. A database that does not answer must not keep callers from an apology."""
    database = Database(database_url)
    deadline = time.monotonic() + TABLES_S
    try:
        while not (there := up_to_date(database)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not there:
            log.error("tables_not_up_to_date", repair=REPAIR)
    except SQLAlchemyError as error:
        log.warning("database_unreachable", error=type(error).__name__)
    finally:
        database.dispose()
