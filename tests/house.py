"""The whole house in one process: a phone that calls it, a worker that works when told, a mailbox to look into."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from phone.carrier import Carrier
from phone.clock import VirtualClock
from phone.line import Phone
from phone.rest.app import create_carrier_app
from phone.rest.server import serve
from phone.transport import WsgiTransport
from settings import Settings
from storage.outbox import QUEUES
from wiring.background import clock, workshop
from wiring.house import House
from wiring.web import create_web
from worker import Stopping, Workshop

SECRET_KEY = "a secret that only tests know"
CLIPS = Path(__file__).parent / "audio"
TEAMS = """
recovery_teams: 1
people:
  ines: {name: Ines Duarte, email: ines@harbor.example, mobile: "+12025550111"}
  omar: {name: Omar Haddad, email: omar@harbor.example}
teams:
  - id: service-recovery
    name: Service recovery
    default: true
    lead: ines
    also: [omar]
    time_zone: America/New_York
    escalation:
      P2: [{after: 0min, to: [lead, also], by: [email]}]
"""


@dataclass
class HandClock:
    """A clock that the test moves."""

    moment: datetime = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


class WholeHouse:
    """Everything of one installation, kept in `folder`; `environment` holds further settings.

    The carrier's REST API is real HTTP, served in a thread; the app is called in this process. Nothing happens in the
    background: `works()` does all that is due, `passes(seconds=20)` moves the clock and then works.
    """

    def __init__(self, folder: Path, database_url: str, api_url: str, **environment: str) -> None:
        self.mail_folder = folder / "mail"
        teams = folder / "teams.yaml"
        teams.write_text(TEAMS)
        self.settings = Settings.from_environment(
            {
                "DATA_DIR": str(folder),
                "DATABASE_URL": database_url,
                "PORT": api_url.rpartition(":")[2],  # where the built-in phone's carrier answers
                "TEAMS_FILE": str(teams),
                "FLOWS_DIR": str(Path(__file__).parents[1] / "flows"),
                "SECRET_KEY": SECRET_KEY,
                "API_TOKENS": "masked,whole:full",
                "WHISPER_MODEL": str(folder / "no-model"),
                **environment,
            }
        )
        self.clock = HandClock()
        self.house = House(self.settings, self.clock)
        self.app = create_web(self.house)
        self.phone = Phone(
            self.house.phone_carrier,
            WsgiTransport(self.app),
            self.settings.public_url,
            clips=CLIPS,
            clock=lambda: VirtualClock(self.clock()),
        )

    @cached_property
    def _workshops(self) -> list[Workshop]:
        return [workshop(self.house, queue, Stopping()) for queue in QUEUES]

    def works(self) -> None:
        """Do everything that is due, in all queues, until nothing is."""
        while sum(each.run_due() for each in self._workshops):
            pass

    def passes(self, **span: float) -> None:
        """Let time go by; then the clock looks, and the workers work."""
        self.clock.moment += timedelta(**span)
        clock(self.house, Stopping()).tick(self.clock())
        self.works()

    def mails(self) -> list[EmailMessage]:
        """What has been mailed, in the order it left."""
        paths = sorted(self.mail_folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]

    def response(self, call_sid: str) -> dict[str, Any]:
        """The response as the API tells it."""
        return self.get(f"/api/v1/responses/{call_sid}")

    def get(self, path: str) -> Any:
        answer = self.app.test_client().get(path, headers={"Authorization": "Bearer whole"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()


@contextmanager
def whole_house(folder: Path, database_url: str, **environment: str) -> Iterator[WholeHouse]:
    """A house with its carrier on a port of its own."""
    carrier = Carrier.for_secret(SECRET_KEY, folder=folder / "phone")
    with serve(create_carrier_app(carrier)) as api_url:
        house = WholeHouse(folder, database_url, api_url, **environment)
        yield house
        house.house.database.dispose()
