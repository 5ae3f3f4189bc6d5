"""Rows that tests of storage and of jobs begin with."""

from datetime import datetime
from typing import Any

from storage.models import Call


def call_on_line(call_sid: str, now: datetime, **columns: Any) -> Call:
    """A call through the example survey, in a version that the test has published."""
    usual = {
        "account_sid": "AC" + "1" * 32,
        "survey": "after-call",
        "version": "sha256:1",
        "language": "en",
        "direction": "inbound",
        "context": {},
        "data_problems": [],
        "started_at": now,
        "heard_at": now,
        "turn": 3,
        "state": "{}",
        "reply": "",
    }
    return Call(call_sid=call_sid, **(usual | columns))
