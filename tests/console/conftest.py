"""Nora's call as the rows have it, and the API that tells of it."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from console.api import Api, api
from storage.audio import open_audio_store
from storage.models import Answer, Call, Case, CaseTrigger, SurveyVersion, Transcript, Verbatim

CALL = "CA" + "1" * 32
RECORDING = "RE" + "2" * 32
VERSION = "sha256:0123"
MP3 = bytes(range(256)) * 40  # what is in it does not matter to the API
SHA256 = hashlib.sha256(MP3).hexdigest()
QUESTIONS = ("csat", "solved", "recommend", "call_me")
TOKENS = ("abc", "def:full")


def add_call(db: Session, now: datetime, call_sid: str = CALL, **columns: Any) -> None:
    """A finished call through the example survey."""
    if db.get(SurveyVersion, VERSION) is None:
        db.add(SurveyVersion(version=VERSION, survey="after-call", source="", published_at=now))
        db.flush()
    usual = {
        "call_sid": call_sid,
        "account_sid": "AC" + "0" * 32,
        "survey": "after-call",
        "version": VERSION,
        "language": "en",
        "direction": "inbound",
        "from_number": "+12025550199",
        "to_number": "+12025550100",
        "context": {"agent": "a7", "group": "billing", "ticket": "88213"},
        "data_problems": [],
        "ticket": "88213",
        "started_at": now,
        "heard_at": now,
        "ended_at": now + timedelta(seconds=90),
        "disposition": "complete",
        "opted_out": False,
        "turn": 9,
        "state": "{}",
        "reply": "<Response/>",
        "scores": {},
    }
    db.execute(insert(Call).values(usual | columns))


def add_answer(db: Session, step: str, at: datetime | None, call_sid: str = CALL, **columns: Any) -> None:
    db.add(Answer(call_sid=call_sid, step=step, at=at, **columns))


def add_verbatim(db: Session, now: datetime, **columns: Any) -> Verbatim:
    verbatim = Verbatim(
        **{"call_sid": CALL, "step": "why", "status": "recording", "language": "en", "asked_at": now} | columns
    )
    db.add(verbatim)
    db.flush()
    return verbatim


def add_case(db: Session, now: datetime, call_sid: str = CALL, **columns: Any) -> Case:
    usual = {
        "key": call_sid,
        "survey": "after-call",
        "call_sid": call_sid,
        "team": "service-recovery",
        "severity": "P2",
    }
    case = Case(**usual | {"opened_at": now} | columns)
    db.add(case)
    db.flush()
    return case


@pytest.fixture
def nora_called(database, audio, now, nora) -> None:
    """She pressed 1, said why, and hung up before the last question."""
    audio.put("nora.mp3", MP3)
    with database.transaction() as db:
        add_call(db, now, from_number=nora.number, disposition="partial", scores={"csat": 0.0, "resolved": 0.0})
        add_answer(db, "csat", now, value=1, label="very dissatisfied", keys="1", input="dtmf")
        add_answer(db, "solved", now, value="no", label="no", keys="2", input="dtmf")
        add_answer(db, "recommend", None, missing="not_asked")
        add_answer(db, "call_me", now, missing="hung_up")
        stored = {
            "recording_sid": RECORDING,
            "duration_s": 12.4,
            "audio_key": "nora.mp3",
            "sha256": SHA256,
            "stored_at": now,
        }
        why = add_verbatim(db, now, status="stored", size_bytes=len(MP3), **stored)
        db.add(
            Transcript(
                verbatim_id=why.id, status="ready", text="Two transfers.", language="en", model="base", segments=[]
            )
        )
        case = add_case(db, now)
        trigger = {"case_number": case.number, "call_sid": CALL, "severity": "P2", "attach": ["why"], "raised_at": now}
        db.add(CaseTrigger(rule="Recover this caller", **trigger))


@pytest.fixture
def audio(tmp_path):
    return open_audio_store(f"file:{tmp_path}/recordings")


@pytest.fixture
def open_api(database, audio) -> Callable[..., FlaskClient]:
    """The API as somebody with this token sees it; without one, as a stranger does."""

    def open_as(token: str | None = "abc", tokens: tuple[str, ...] = TOKENS, kept_in=database) -> FlaskClient:
        app = Flask(__name__)
        views = Api(tokens, "http://127.0.0.1:8000", kept_in, audio, lambda version: QUESTIONS)
        app.register_blueprint(api(views))
        client = app.test_client()
        if token:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return open_as
