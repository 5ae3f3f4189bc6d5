"""A rehearsed call, as the designer at the keyboard sees it."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from phone.call import PhoneCall
from phone.carrier import Route
from phone.dialogue import acts
from phone.line import Caller
from phone.rehearsal import at_the_keyboard, tell_response, warn_of_missing
from phone.transport import WsgiTransport

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100)


def printed(console):
    return console.file.getvalue()


@pytest.fixture
def caller(app, carrier, now, tmp_path):
    """Somebody who hears a question of one key, and another one after it."""
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/q'><Say>How was it?</Say></Gather>")
    route = Route("https://survey.harbor.example/voice/q")
    record = carrier.open_call("+12025550199", "+12025550100", "inbound", route, now)
    call = PhoneCall(carrier, WsgiTransport(app), record)
    call.begin()
    return Caller(call, tmp_path)


def answer(value=None, label=None, missing=None):
    return {"value": value, "label": label, "missing": missing}


def test_lines_that_are_piped_in_are_taken_without_a_prompt(caller, console, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("5\n7\n/hangup\n"))
    at_the_keyboard(caller, console)
    assert capsys.readouterr().out == ""
    assert acts(caller.call.lines) == ["press 5", "press 7", "hangup"]


def test_lines_that_end_hang_up(caller, console, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("5\n"))
    at_the_keyboard(caller, console)
    assert acts(caller.call.lines) == ["press 5", "hangup"]


def test_a_number_is_told_with_its_meaning(console):
    answers = {
        "price": answer(5, "very good"),
        "solved": answer("no", "no"),
        "reason": answer("wait", "the waiting time"),
        "visits": answer(3),
        "recommend": answer(missing="not_asked"),
    }
    alerts = [{"severity": "P2", "name": "Recover [this] caller"}]
    tell_response(
        {
            "disposition": "partial",
            "language": "en",
            "answers": answers,
            "verbatims": {"why": {"status": "awaited"}},
            "alerts": alerts,
            "case": 7,
        },
        console,
    )
    assert [" ".join(line.split()) for line in printed(console).splitlines()] == [
        "",
        "partial, in en",
        "price 5, very good",
        "solved no",
        "reason the waiting time",
        "visits 3",
        "recommend not_asked",
        "why recording, awaited",
        "alert P2 Recover [this] caller, case 7",
    ]


def test_a_field_that_the_survey_requires_is_asked_for(console):
    warn_of_missing(["agent"], console)
    assert printed(console) == "The survey requires agent, which is missing: --with agent=…\n"


SURVEY = """ivr_survey: 1
id: small
languages: [en]
steps:
  - {id: csat, type: rating, scale: 1-5, ask: How was it?}
  - {id: solved, type: yes_no, only_if: csat <= 2, ask: Is it solved?}
"""


def rehearsed(folder, text, *typed, options=(), environment=None):
    (folder / "draft.yaml").write_text(text)
    words = [sys.executable, APP, "survey", "rehearse", "draft.yaml", *options]
    env = os.environ | (environment or {})
    return subprocess.run(
        words, cwd=folder, input="\n".join(typed), capture_output=True, text=True, check=False, env=env
    )


def test_a_survey_is_rehearsed_from_any_folder_whatever_its_file_is_called(tmp_path):
    said = rehearsed(tmp_path, SURVEY, "2", "1")
    assert said.returncode == 0, said.stderr
    assert "Is it solved?" in said.stdout
    assert "complete, in en" in said.stdout


def test_a_survey_with_an_error_is_not_rehearsed_but_told(tmp_path):
    said = rehearsed(tmp_path, SURVEY.replace("csat <=", "cast <="))
    assert said.returncode == 1
    assert said.stderr == 'draft.yaml:6:41: E025 "cast" is no step; did you mean "csat"?\n'


def test_where_no_service_runs_a_live_rehearsal_says_how_to_start_one(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        said = rehearsed(
            tmp_path,
            SURVEY,
            options=["--live"],
            environment={"PUBLIC_URL": url, "DATA_DIR": str(tmp_path), "FLOWS_DIR": "."},
        )
    assert said.returncode == 1
    assert said.stderr == f"Error: nothing answers at {url}; start the service first: make run\n"
