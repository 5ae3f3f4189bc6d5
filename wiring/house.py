"""The house put together: each part built once in a process, from the settings, and handed to who needs it."""

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from flask import Flask

from alerts.channels import open_channels
from alerts.channels.outgoing import Post
from alerts.desk import TeamsDesk
from alerts.jobs import PostRoom, send_delivery, tell_transcript
from console.api import Api, api
from console.cases import CasePages, cases
from console.health import Health, health
from console.metrics import metrics
from console.probes import probes
from console.responses import response_json
from ivr.books import Books
from ivr.call import Turn
from ivr.survey.publish import Surveys
from ivr.twilio import twiml
from ivr.twilio.jobs import close_recording, delete_at_carrier, delete_audio, fetch_recording
from ivr.twilio.messages import Messages
from ivr.twilio.recordings import CarrierRecordings
from ivr.webhooks import Line, voice
from phone.carrier import API_VERSION, Carrier
from phone.rest.app import create_carrier_app
from phone.transport import WsgiApp
from recovery.links import Links
from settings import Settings
from storage import responses
from storage.audio import AudioStore, open_audio_store
from storage.database import Database
from storage.outbox import Queue
from transcription.jobs import transcribe
from transcription.model import why_no_model
from transcription.transcriber import Transcriber
from worker import Clock, Handler, Stopping, Waker, Workshop

MAX_REQUEST = 256_000  # bytes; the carrier sends a few kB
LIMITS_S: Mapping[Queue, float] = {"alerts": 180, "transcription": 900}  # longer, and the worker counts as hung


@dataclass(frozen=True, slots=True)
class Account:
    """The carrier account: where its REST API is, and who we are there."""

    api_url: str
    sid: str
    tokens: tuple[str, ...]


def utc_now() -> datetime:
    return datetime.now(UTC)


class House:
    """Every part, made when it is first asked for. One house in a process, made after any fork."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = utc_now) -> None:
        self.settings = settings
        self.now = now

    # What is kept

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def audio(self) -> AudioStore:
        return open_audio_store(self.settings.recordings_url)

    @cached_property
    def surveys(self) -> Surveys:
        return Surveys(self.settings.flows_dir, self.database, self.now)

    @cached_property
    def desk(self) -> TeamsDesk:
        return TeamsDesk(self.settings.teams_file)

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
        return Account(self.phone_carrier.api_url, self.phone_carrier.account_sid, (self.phone_carrier.auth_token,))

    @cached_property
    def recordings(self) -> CarrierRecordings:
        return CarrierRecordings(self.account.api_url, self.account.sid, self.account.tokens)

    # The call

    @cached_property
    def waker(self) -> Waker:
        return Waker(self.settings.redis_url)

    @cached_property
    def books(self) -> Books:
        return Books(self.database, self.surveys, self.desk.teams, self._render, self._draw_seed, self.now)

    def _render(self, call_sid: str, turn: Turn) -> str:
        voice_url = f"{self.settings.public_url}/voice"
        recording_url = f"{voice_url}/recording/{call_sid}/{turn.state.step}"
        return twiml.render(turn.directives, f"{voice_url}/{call_sid}/{turn.state.turn}", recording_url=recording_url)

    @staticmethod
    def _draw_seed() -> int:
        return secrets.randbits(32)

    # The web

    def app(self) -> Flask:
        """Everything that answers over HTTP."""
        flask = Flask("aftercall", static_folder=None)
        flask.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
        flask.url_map.merge_slashes = False  # a redirect would lose what the carrier sent
        line = Line(self.settings.public_url, self._tokens(), self.books, self.surveys, self.waker.wake)
        flask.register_blueprint(voice(line))
        flask.register_blueprint(api(self._api()))
        flask.register_blueprint(health(self._health()))
        flask.register_blueprint(metrics(self._health()))
        flask.register_blueprint(cases(self._case_pages()))
        if self.settings.phone and not self.settings.twilio_account_sid:
            flask.wsgi_app = _with_carrier(flask.wsgi_app, create_carrier_app(self.phone_carrier))  # type: ignore[assignment,method-assign]  # Flask's own way to wrap
        return flask

    def response(self, call_sid: str) -> Mapping[str, Any] | None:
        """A call's response as the API gives it."""
        with self.database.reading() as db:
            found = responses.find(db, call_sid)
            return response_json(found, self._questions, full=False) if found else None

    def _questions(self, version: str) -> list[str]:
        return [question.id for question in self.surveys.version(version).questions()]

    def _tokens(self) -> tuple[str, ...]:
        """Whose signatures hold: the account's, and the built-in phone's where it is on."""
        return (*self.account.tokens, self.phone_carrier.auth_token) if self.settings.phone else self.account.tokens

    def _api(self) -> Api:
        return Api(
            tokens=self.settings.api_tokens,
            public_url=self.settings.public_url,
            database=self.database,
            audio=self.audio,
            questions=self._questions,
        )

    def _case_pages(self) -> CasePages:
        return CasePages(self.database, self.audio, self.desk.teams, self.surveys.version, self.links, self.now)

    def _health(self) -> Health:
        asked = probes(self.settings.redis_url, self.settings.mail_url, self.settings.recordings_url)
        return Health(self.database, self.settings.data_dir, asked, self.now)

    # The background

    @cached_property
    def transcriber(self) -> Transcriber:
        chosen = self.settings
        return Transcriber(chosen.whisper_model, chosen.data_dir, chosen.whisper_device, chosen.whisper_compute_type)

    @cached_property
    def post_room(self) -> PostRoom:
        account, chosen = self.account, self.settings
        messages = Messages(account.api_url, account.sid, account.tokens, chosen.twilio_from)
        channels = open_channels(Post(chosen.mail_url, chosen.mail_from, messages, os.environ))
        return PostRoom(
            self.database, self.desk.teams, self.surveys.version, self.audio, self.links, channels, self.now
        )

    @cached_property
    def links(self) -> Links:
        return Links(self.settings.public_url, self.settings.secret_key)

    def workshop(self, queue: Queue, stopping: Stopping) -> Workshop:
        name = f"{queue}-{secrets.token_hex(4)}"
        return Workshop(queue, name, self.database, self._handlers(queue), self.now, stopping, LIMITS_S[queue])

    def clock(self, stopping: Stopping) -> Clock:
        limit = self.settings.call_silence_limit
        return Clock(self.database, self.waker, self.now, lambda now: self.books.close_silent(now - limit), stopping)

    def _handlers(self, queue: Queue) -> Mapping[str, Handler]:
        """Who handles which kind of outbox row."""
        database, audio, now = self.database, self.audio, self.now
        if queue == "transcription":
            return {
                "transcribe": partial(transcribe, database=database, audio=audio, transcriber=self.transcriber, now=now)
            }
        return {
            "recording.fetch": partial(
                fetch_recording,
                database=database,
                audio=audio,
                carrier=self.recordings,
                no_model=partial(why_no_model, self.settings.whisper_model, self.settings.data_dir),
                keep_carrier_copy=self.settings.keep_carrier_copy,
                now=now,
            ),
            "recording.close": partial(close_recording, database=database, now=now),
            "recording.delete": partial(delete_at_carrier, database=database, carrier=self.recordings, now=now),
            "audio.delete": partial(delete_audio, database=database, audio=audio, now=now),
            "delivery.send": partial(send_delivery, room=self.post_room),
            "transcript.ready": partial(tell_transcript, room=self.post_room),
        }


def _with_carrier(app: WsgiApp, carrier: WsgiApp) -> WsgiApp:
    """The app, with the REST API of the built-in phone's carrier beside it."""

    def both(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked = carrier if environ["PATH_INFO"].startswith(f"/{API_VERSION}/") else app
        return asked(environ, start_response)

    return both
