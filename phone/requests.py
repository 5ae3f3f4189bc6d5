"""The carrier's requests to the app: signed, with its headers, and with its patience for what comes back."""

import base64
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from phone.errors import CarrierError
from phone.manners import Manners
from phone.transport import Reply, Transport

MOST_REDIRECTS = 10
Signer = Callable[[str, Iterable[tuple[str, str]]], str]
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it went out; sent again, it is the same in every letter."""

    method: str
    url: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back; None: nothing did."""

    request: Request
    reply: Reply | None


class Requests:
    """The requests about one call or text message. Cookies last as long, and every exchange is in `log`."""

    def __init__(self, sign: Signer, transport: Transport, manners: Manners) -> None:
        self.log: list[Exchange] = []
        self._sign = sign
        self._transport = transport
        self._manners = manners
        self._cookies: dict[str, str] = {}

    def ask(self, url: str, method: str, parameters: Mapping[str, str], times: int = 1) -> Reply:
        """Send a signed request, `times` over with the same letters, and give the last reply.

        Raises:
            CarrierError: 11200 the app answered with an error (or 3xx, which loses the parameters), 11215 too many
                redirects, and those of the transport.
        """
        request = self._signed(url, method, parameters)
        reply = self._send(request)
        for _ in range(times - 1 + self._manners.repeats_requests):
            reply = self._send(request)
        if reply.status == 401 and "www-authenticate" in reply.headers and urlsplit(url).username:
            reply = self._send(self._with_password(request, url))
        if 300 <= reply.status < 400:
            reply = self._follow(reply, request)
        return _must_be_fine(reply, request)

    def fetch(self, url: str) -> Reply:
        """Get a file for Play. It is asked for without a signature, so that none may be needed."""
        request = Request("GET", url, {}, self._headers(), b"")
        return _must_be_fine(self._send(request), request)

    def send_again(self, exchange: Exchange) -> Reply:
        """What the app says to the same request once more."""
        return self._send(exchange.request)

    def _signed(self, url: str, method: str, parameters: Mapping[str, str]) -> Request:
        url = urldefrag(url).url
        fields = list(parameters.items())
        if method == "GET":
            joined = url + ("&" if urlsplit(url).query else "?") + urlencode(fields) if fields else url
            return Request(
                "GET", joined, parameters, self._headers({"X-Twilio-Signature": self._sign(joined, ())}), b""
            )
        headers = {"X-Twilio-Signature": self._sign(url, fields), "Content-Type": FORM}
        return Request("POST", url, parameters, self._headers(headers), urlencode(fields).encode())

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            **(more or {}),
        }
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return headers

    def _with_password(self, request: Request, url: str) -> Request:
        parts = urlsplit(url)
        password = base64.b64encode(f"{parts.username}:{parts.password or ''}".encode()).decode()
        headers = {**request.headers, "Authorization": f"Basic {password}"}
        return Request(request.method, request.url, request.parameters, headers, request.body)

    def _follow(self, reply: Reply, request: Request) -> Reply:
        if not self._manners.follows_redirects:
            raise CarrierError(
                11200, f"{_bare(request)} answered {reply.status}: a redirect loses the call's parameters"
            )
        for _ in range(MOST_REDIRECTS):
            request = self._signed(urljoin(request.url, reply.headers.get("location", "")), "GET", {})
            reply = self._send(request)
            if not 300 <= reply.status < 400:
                return reply
        raise CarrierError(11215, f"HTTP too many redirects: {_bare(request)}")

    def _send(self, request: Request) -> Reply:
        try:
            reply = self._transport.send(request.method, request.url, request.headers, request.body)
        except CarrierError:
            self.log.append(Exchange(request, None))
            raise
        self.log.append(Exchange(request, reply))
        self._keep_cookies(reply)
        return reply

    def _keep_cookies(self, reply: Reply) -> None:
        if "set-cookie" in reply.headers:
            try:
                jar = SimpleCookie(reply.headers["set-cookie"])
            except CookieError:
                return
            self._cookies.update({name: morsel.value for name, morsel in jar.items()})


def _must_be_fine(reply: Reply, request: Request) -> Reply:
    if reply.status >= 400:
        raise CarrierError(11200, f"HTTP retrieval failure: {request.method} {_bare(request)} answered {reply.status}")
    return reply


def _bare(request: Request) -> str:
    return urlunsplit(urlsplit(request.url)._replace(query=""))
