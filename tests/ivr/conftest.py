"""What the call's tests look into besides the line itself."""

import io
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

import logs

Logged = Callable[[], str]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """What has been logged, as a service in earnest writes it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure()
    monkeypatch.undo()
    yield written.getvalue
    structlog.reset_defaults()
