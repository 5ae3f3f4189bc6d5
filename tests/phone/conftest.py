"""Small apps for the phone to call: documents by path, and what was asked for them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Request, Response

from phone.carrier import Carrier
from phone.line import Phone
from phone.manners import Manners
from phone.transport import WsgiTransport

PUBLIC_URL = "https://survey.harbor.example"


@dataclass(frozen=True)
class Asked:
    """A request as the app saw it; `form` holds the parameters of either method."""

    method: str
    path: str
    form: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    signed: bool

    def __getitem__(self, name: str) -> str:
        return self.form[name]

    def __contains__(self, name: str) -> bool:
        return name in self.form


class App:
    """A WSGI app of a few documents. A path's documents are given in turn, the last for good."""

    def __init__(self, token: str) -> None:
        self.asked: list[Asked] = []
        self._pages: dict[str, list[Response | Callable[[], Response]]] = defaultdict(list)
        self._token = token

    def says(self, path: str, verbs: str, status: int = 200, content_type: str = "text/xml", **headers: str) -> "App":
        """Answer with these verbs, wrapped into a Response where they are XML."""
        body = f"<Response>{verbs}</Response>" if content_type == "text/xml" else verbs
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.does(path, lambda: Response(body, status, {"Content-Type": content_type, **named}))

    def does(self, path: str, page: Callable[[], Response]) -> "App":
        self._pages[path].append(page)
        return self

    def to(self, path: str) -> list[Asked]:
        """The requests to a path."""
        return [asked for asked in self.asked if asked.path == path]

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append(self._seen(request))
        pages = self._pages.get(request.path)
        if not pages:
            return Response("nothing here", 404)(environ, start_response)
        page = pages.pop(0) if len(pages) > 1 else pages[0]
        return page()(environ, start_response)

    def _seen(self, request: Request) -> Asked:
        form = dict(request.values.items())
        url = PUBLIC_URL + request.environ["RAW_URI"]
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(self._token).validate(url, request.form, signature)
        return Asked(request.method, request.path, form, request.args.to_dict(), dict(request.headers), signed)


@pytest.fixture
def carrier() -> Carrier:
    return Carrier("AC" + "5" * 32, "12345", seed=1)


@pytest.fixture
def app(carrier: Carrier) -> App:
    app = App(carrier.auth_token)
    app.says("/voice/status", "", status=204)
    app.says("/voice/fallback", "<Say>Something went wrong. Goodbye.</Say>")
    return app


@pytest.fixture
def phone(carrier: Carrier, app: App) -> Phone:
    return Phone(carrier, WsgiTransport(app), PUBLIC_URL)


@pytest.fixture
def phone_with(carrier: Carrier, app: App) -> Callable[..., Phone]:
    """A phone at a carrier of such manners."""
    return lambda **manners: Phone(carrier, WsgiTransport(app), PUBLIC_URL, manners=Manners(**manners))
