"""`run`: what a person starts. Real processes, on a free port, in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from installation import workers
from phone.carrier import Carrier
from phone.line import Phone
from phone.transport import HttpTransport
from processes import only_one
from tests.ports import free_port

Wait = Callable[[Callable[[], bool]], None]
ROOT = Path(__file__).parents[1]
SECRET_KEY = "a secret that only tests know"


class Running:
    """`app.py run` in a folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "SECRET_KEY": SECRET_KEY,
            "API_TOKENS": "whole:full",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.transport = HttpTransport()

    def start(self) -> "Running":
        command = [sys.executable, str(ROOT / "app.py"), "run"]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        return self

    def is_refused(self, **environment: str) -> "subprocess.CompletedProcess[str]":
        """What `run` says that does not start."""
        command = [sys.executable, "app.py", "run"]
        environment = self.environment | environment
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children(recursive=True)

    def child(self, words: str) -> psutil.Process | None:
        """The process that was started with these words."""
        for process in self.family():
            try:
                if " ".join(process.cmdline()).endswith(words):
                    return process
            except psutil.Error:
                continue
        return None

    def ready(self) -> bool:
        """Calls can be taken, and everybody is at work."""
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            answer = httpx.get(f"{self.url}/readyz", timeout=5)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and not {"worker", "clock"} & set(answer.json()["degraded"])

    def response(self, call_sid: str) -> dict[str, object]:
        answer = httpx.get(
            f"{self.url}/api/v1/responses/{call_sid}", headers={"Authorization": "Bearer whole"}, timeout=30
        )
        return dict(answer.raise_for_status().json())

    def phone(self, transport: HttpTransport | None = None) -> Phone:
        carrier = Carrier.for_secret(SECRET_KEY, folder=self.folder / "phone")
        return Phone(carrier, transport or self.transport, self.url)

    def mails(self) -> list[Path]:
        return list((self.folder / "mail").glob("*.eml"))

    def log(self) -> str:
        return (self.folder / "log.txt").read_text()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.transport.close()
    if running.process and running.process.poll() is None:
        running.process.terminate()
        running.process.wait()


def complain(running: Running) -> str:
    """An unhappy caller's call, to the end of her words."""
    nora = running.phone().takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says(3.0).hangs_up()
    return nora.call_sid


def dawdler(running: Running) -> socket.socket:
    """Somebody who sends half a request, and no more."""
    line = socket.create_connection(("127.0.0.1", running.port))
    line.sendall(b"POST /voice/status HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\nContent-Length: 9\r\n\r\nCall")
    return line


def test_run_takes_a_call_and_mails_it_and_ctrl_c_ends_everything(running: Running, wait_until: Wait) -> None:
    running.start()
    wait_until(running.ready)
    assert running.log().lstrip().startswith("Aftercall answers at ")
    with dawdler(running), dawdler(running), dawdler(running):
        complain(running)
    wait_until(lambda: len(running.mails()) == 1)
    family = running.family()
    assert running.process is not None
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(120) == 0, running.log()
    psutil.wait_procs(family, timeout=120)
    assert [process for process in family if process.is_running()] == []


def test_children_of_a_killed_run_leave_and_a_new_run_takes_over(running: Running, wait_until: Wait) -> None:
    running.start()
    wait_until(running.ready)
    family = running.family()
    os.kill(running.pid, signal.SIGKILL)
    assert running.process is not None
    running.process.wait()
    _, alive = psutil.wait_procs(family, timeout=120)
    assert alive == []

    running.start()
    wait_until(running.ready)
    complain(running)
    wait_until(lambda: len(running.mails()) == 1)


def test_children_that_are_killed_are_started_again(running: Running, wait_until: Wait) -> None:
    running.start()
    wait_until(running.ready)
    for words in ("app.py web", "app.py worker alerts", "app.py clock"):
        child = running.child(words)
        assert child is not None
        child.kill()
        child.wait()
        wait_until(lambda words=words: running.child(words) is not None)  # type: ignore[misc]  # one for each turn
    wait_until(running.ready)
    complain(running)
    wait_until(lambda: len(running.mails()) == 1)


def test_renewing_every_process_loses_no_request(running: Running, wait_until: Wait) -> None:
    running.start()
    wait_until(running.ready)
    before = {words: running.child(words) for words in ("app.py web", "app.py worker alerts", "app.py clock")}
    os.kill(running.pid, signal.SIGHUP)
    while any(running.child(words) in (None, old) for words, old in before.items()):
        with closing(HttpTransport()) as line:  # a connection of its own, as a carrier makes it
            nora = running.phone(line).takes("after-call", agent="a7", group="billing")
            nora.presses("1").presses("5").presses("1").presses("10").is_hung_up_on()
            assert running.response(nora.call_sid)["disposition"] == "complete"


def test_a_port_that_is_taken_is_told(running: Running) -> None:
    with socket.create_server(("127.0.0.1", running.port)):
        refused = running.is_refused()
    assert refused.returncode == 2
    assert f"PORT: 127.0.0.1:{running.port} cannot be listened at" in refused.stderr
    assert "Traceback" not in refused.stderr


LOADED_BY = {
    "installation": {"alembic", "flask", "lark", "numpy", "pydantic", "rich", "sqlalchemy"},
    "wiring.web": {
        "alembic",
        "av",
        "boto3",
        "faster_whisper",
        "httpx",
        "numpy",
        "psycopg",
        "redis",
        "rich",
        "rq",
        "twilio",
    },
    "wiring.alerts": {"alembic", "av", "boto3", "faster_whisper", "numpy"},
    "wiring.recordings": {"alembic", "boto3", "faster_whisper", "twilio"},
    "wiring.transcription": {"alembic", "boto3", "twilio"},
    "wiring.background": {"av", "faster_whisper", "numpy", "twilio"},
}


@pytest.mark.parametrize(("part", "not_needed"), LOADED_BY.items(), ids=list(LOADED_BY))
def test_a_process_loads_no_more_than_its_own_work(part: str, not_needed: set[str]) -> None:
    loading = f"import sys, app, {part}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", loading], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not_needed & set(loaded.stdout.split()) == set()


def test_those_who_transcribe_share_the_cores_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("installation.cores", lambda: 5)
    shares = [child.environment.get("OMP_NUM_THREADS") for child in workers(["transcription"] * 2)]
    assert shares == ["2", "2"]
    assert workers(["alerts", "transcription"])[1].environment == {}
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert workers(["transcription"] * 2)[0].environment == {}


def test_a_second_run_on_the_same_folder_says_so(running: Running) -> None:
    with only_one(running.folder):
        refused = running.is_refused()
    assert refused.returncode == 2
    assert "another `run` is at work" in refused.stderr


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PORT": "many"}, "PORT"),
        ({"TEAMS_FILE": "nowhere.yaml"}, "nowhere.yaml:1:1"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL"),
    ],
)
def test_what_is_malformed_stops_the_start_and_names_itself(
    running: Running, environment: dict[str, str], told: str
) -> None:
    refused = running.is_refused(**environment)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demo_shows_the_main_job() -> None:
    shown = subprocess.run([sys.executable, "app.py", "demo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "[P2] 1 of 5, not resolved - case 1" in shown.stdout
    assert "case-1.mp3" in shown.stdout
