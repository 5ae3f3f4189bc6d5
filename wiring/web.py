"""What answers over HTTP: the carrier's addresses, the API, the case pages, health and numbers."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from console.api import Api, api
from console.cases import CasePages, cases
from console.health import Health, health
from console.metrics import metrics
from console.probes import probes
from console.responses import response_json
from ivr.gate import Gate
from ivr.prompts import prompts
from ivr.webhooks import Line, WsgiApp, with_voice
from phone.carrier import API_VERSION, Carrier
from storage import responses
from wiring.house import House

MAX_REQUEST = 256_000  # bytes


def create_web(house: House) -> Flask:
    """The web application of that house."""
    flask = Flask("aftercall", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    flask.register_blueprint(prompts(house.surveys.audio))
    flask.register_blueprint(api(_api(house)))
    flask.register_blueprint(cases(_case_pages(house)))
    flask.register_blueprint(health(_health(house)))
    flask.register_blueprint(metrics(_health(house), lambda: house.failures.total))
    flask.wsgi_app = _before(house, flask.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's own way to wrap
    return flask


def _before(house: House, app: WsgiApp) -> WsgiApp:
    """What hears a request before Flask does: the carrier's addresses, and who stands in front of us."""
    settings = house.settings
    app = with_voice(_line(house), app)
    if settings.phone:
        app = _CarrierBeside(app, house.phone_carrier)
    proxies = settings.trusted_proxies
    return ProxyFix(app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies) if proxies else app


def response_of(house: House, call_sid: str) -> Mapping[str, Any] | None:
    """A call's response as the API gives it."""
    with house.database.reading() as db:
        found = responses.find(db, call_sid)
        return response_json(found, lambda version: _questions(house, version), full=False) if found else None


def _line(house: House) -> Line:
    tokens = house.account.tokens
    if house.settings.phone:
        tokens = (*tokens, house.phone_carrier.auth_token)
    gate = Gate(house.settings.public_url, tokens)
    return Line(gate, house.books, house.surveys, lambda queue: house.waker.wake(queue), house.failures.count)


def _api(house: House) -> Api:
    return Api(
        tokens=house.settings.api_tokens,
        public_url=house.settings.public_url,
        database=house.database,
        audio=house.audio,
        questions=lambda version: _questions(house, version),
    )


def _questions(house: House, version: str) -> list[str]:
    return [question.id for question in house.surveys.version(version).questions()]


def _case_pages(house: House) -> CasePages:
    return CasePages(house.database, house.audio, house.desk.teams, house.surveys.version, house.links, house.now)


def _health(house: House) -> Health:
    asked = probes(house.settings.redis_url, house.settings.mail_url, house.settings.recordings_url)
    return Health(house.database, house.settings.data_dir, asked, house.now)


class _CarrierBeside:
    """The app, with the REST API of the built-in phone's carrier beside it, made when it is first asked for."""

    def __init__(self, app: WsgiApp, carrier: Carrier) -> None:
        self._app, self._carrier = app, carrier

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_for_carrier = environ["PATH_INFO"].startswith(f"/{API_VERSION}/")
        return (self._carrier_app if is_for_carrier else self._app)(environ, start_response)

    @cached_property
    def _carrier_app(self) -> WsgiApp:
        from phone.rest.app import create_carrier_app  # brings codecs for sound, which no call needs

        return create_carrier_app(self._carrier)
