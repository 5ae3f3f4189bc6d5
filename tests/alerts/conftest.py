"""A recovery desk with a post room."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from alerts.check import read_teams
from storage.database import Database
from tests.alerts.post import Office, Receiver, open_office, web_server
from tests.recovery.callers import TEAMS, Desk


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_server() as receiver:
        yield receiver


@pytest.fixture
def desk(database: Database, receiver: Receiver, now: datetime) -> Desk:
    """Its team's webhook leads to `receiver`."""
    teams, problems = read_teams(TEAMS.replace("http://127.0.0.1:9/hook", receiver.url))
    assert teams is not None, problems
    return Desk(database, teams, now)


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Office:
    """Mail goes into files; there is no carrier for SMS."""
    return open_office(desk, tmp_path)
