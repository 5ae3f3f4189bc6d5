"""How soon a first caller hears something after `app.py run`, and what a web process weighs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from bench.callers import calls
from bench.figures import Figure, at_most
from bench.servers import ROOT, START_S, environment_of, free_port

TITLE = "Start of `app.py run`, from nothing"
STARTS = 3
MB = 1024 * 1024


def measure() -> list[Figure]:
    """From an empty folder each time: tables, Redis, web process and all."""
    starts = [_start() for _ in range(STARTS)]
    return [
        at_most("until the first call is answered, median", median(took for took, _ in starts), 2.0, "s"),
        at_most("memory of a web process, the largest", max(weight for _, weight in starts) / MB, 120, "MB"),
    ]


def _start() -> tuple[float, int]:
    with tempfile.TemporaryDirectory(prefix="aftercall-bench-", ignore_cleanup_errors=True) as made:
        folder, port, call = Path(made), free_port(), next(calls(1))
        environment = {**os.environ, **environment_of(folder, f"sqlite:///{folder}/calls.db"), "PORT": str(port)}
        began = time.perf_counter()
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "app.py", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        try:
            while not _is_answered(port, call.begin):
                if time.perf_counter() - began > START_S:
                    raise RuntimeError((folder / "log.txt").read_text())
            took = time.perf_counter() - began
            for turn in call.turns:
                _is_answered(port, turn)
            return took, max(_weights(process.pid))
        finally:
            process.terminate()
            process.wait(60)


def _is_answered(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
            connection.sendall(request)
            return connection.recv(12).endswith(b"200")
    except OSError:
        time.sleep(0.01)
        return False


def _weights(pid: int) -> list[int]:
    """Resident bytes of the web process and its workers, what they share counted in each."""
    family = psutil.Process(pid).children()
    web = [child for child in family if child.cmdline()[-1:] == ["web"]]
    return [process.memory_info().rss for one in web for process in (one, *one.children(recursive=True))]
