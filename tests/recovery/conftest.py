"""A recovery desk with a real database."""

from datetime import datetime

import pytest

from alerts.check import read_teams
from alerts.teams import Teams
from storage.database import Database
from tests.recovery.callers import TEAMS, Desk


@pytest.fixture
def teams() -> Teams:
    teams, problems = read_teams(TEAMS)
    assert teams is not None, problems
    return teams


@pytest.fixture
def desk(database: Database, teams: Teams, now: datetime) -> Desk:
    return Desk(database, teams, now)
