"""What every process of the house shares: what is kept, the carrier, and the books of the calls."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from alerts.desk import TeamsDesk
from ivr.books import Books
from ivr.call import Turn
from ivr.survey.anonymous import anonymous_answers
from ivr.survey.publish import Surveys
from ivr.twilio import studio, twiml
from phone.carrier import Carrier
from processes import SharedCount
from recovery.links import Links
from settings import Settings
from storage.audio import AudioStore, open_audio_store
from storage.database import Database
from wiring.watched import WatchedStore

if TYPE_CHECKING:
    from waker import Waker


@dataclass(frozen=True, slots=True)
class Account:
    """The carrier account: where its REST API is, and who we are there."""

    api_url: str
    sid: str
    tokens: tuple[str, ...]


def utc_now() -> datetime:
    return datetime.now(UTC)


class House:
    """Every part, made when it is first asked for. One house in a process, made after any fork.

    `failures` counts the webhooks that failed on our side, in all processes that answer at one address.
    """

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = utc_now, failures: SharedCount | None = None
    ) -> None:
        self.settings = settings
        self.now = now
        self.failures = failures or SharedCount()

    # What is kept

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def audio(self) -> AudioStore:
        return WatchedStore(open_audio_store(self.settings.recordings_url))

    @cached_property
    def surveys(self) -> Surveys:
        return Surveys(self.settings.flows_dir, self.database, self.now)

    def anonymous_answers(self, version: str) -> Collection[str]:
        """Names of the answers of a survey version that tell nobody who gave them; none where it cannot be read."""
        try:
            return anonymous_answers(self.surveys.version(version))
        except (LookupError, ValueError):
            return ()

    @cached_property
    def desk(self) -> TeamsDesk:
        return TeamsDesk(self.settings.teams_file, self.settings.data_dir / "teams.last-good.yaml")

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.public_url, self.settings.secret_key)

    # The carrier

    @cached_property
    def phone_carrier(self) -> Carrier:
        """The built-in phone's carrier; the web process serves its REST API."""
        host = "127.0.0.1" if self.settings.host in ("0.0.0.0", "::") else self.settings.host  # noqa: S104  compared, not bound
        api_url = f"http://{host}:{self.settings.port}"
        return Carrier.for_secret(self.settings.secret_key, api_url=api_url, folder=self.settings.data_dir / "phone")

    @cached_property
    def account(self) -> Account:
        """The operator's carrier account, else that of the built-in phone."""
        if self.settings.twilio_account_sid:
            return Account(
                self.settings.twilio_api_url, self.settings.twilio_account_sid, self.settings.twilio_auth_tokens
            )
        return self.phone_account

    @cached_property
    def phone_account(self) -> Account:
        carrier = self.phone_carrier
        return Account(carrier.api_url, carrier.account_sid, (carrier.auth_token,))

    # The call

    @cached_property
    def waker(self) -> "Waker":
        from waker import Waker  # a web process needs Redis only when a first call ends

        return Waker(self.settings.redis_url)

    @cached_property
    def books(self) -> Books:
        return Books(self.database, self.surveys, self.desk.teams, self._render, self._draw_seed, self.now)

    def _render(self, call_sid: str, turn: Turn) -> str:
        public_url = self.settings.public_url
        return twiml.render(
            turn.directives,
            # The language goes along: an apology needs it, also while the database is away.
            f"{public_url}/voice/{call_sid}/{turn.state.turn}?language={turn.state.language}",
            recording_url=f"{public_url}/voice/recording/{call_sid}/{turn.state.step}",
            audio_url=self._prompt_url,
            back_url=studio.way_back(turn.state.context, self.account.sid, turn.state.disposition),
        )

    def _prompt_url(self, name: str) -> str | None:
        address = self.surveys.audio.address(name)
        return address and self.settings.public_url + address

    @staticmethod
    def _draw_seed() -> int:
        return secrets.randbits(32)
