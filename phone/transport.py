"""How the carrier's requests reach the app: over HTTP, or straight into a WSGI app in this process."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import httpx
from werkzeug.test import Client

from phone.errors import CarrierError

CONNECT_S = 5.0
RESPONSE_S = 15.0
MOST_BYTES = 40 * 1024 * 1024
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; names of headers are in lower case, and of a repeated one the last is kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class Transport(Protocol):
    """Sends one request and follows no redirect."""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The app's reply, whatever its status.

        Raises:
            CarrierError: 11201, 11202, 11205 or 11206, there is none.
        """


class WsgiTransport:
    """Into a WSGI app in this process: quick, and an exception in the app is seen as it is."""

    def __init__(self, app: WsgiApp) -> None:
        self._client = Client(app, use_cookies=False)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(url)
        target = _target(parts)
        response = self._client.open(
            path=parts.path or "/",
            base_url=f"{parts.scheme}://{_host(parts)}",
            query_string=parts.query,
            method=method,
            headers=dict(headers),
            data=body,
            environ_overrides={"REQUEST_URI": target, "RAW_URI": target},  # as servers give it: not decoded
        )
        with response:
            return Reply(response.status_code, _lower(response.headers.items()), response.get_data())


class HttpTransport:
    """Over the network, with the carrier's patience: two tries to connect, and 15 s for the whole reply.

    `connect_to` reaches an app that does not yet live at its public address: requests go to that server and carry
    the public name in `Host`.
    """

    def __init__(
        self,
        connect_to: str | None = None,
        response_s: float = RESPONSE_S,
        network: httpx.BaseTransport | None = None,
    ) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self._network = network or httpx.HTTPTransport(limits=limits)
        self._connect_to = connect_to
        self._response_s = response_s

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        request = self._request(method, url, headers, body)
        try:
            return self._try(request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return self._last_try(request)

    def close(self) -> None:
        """Let go of the connections."""
        self._network.close()

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> httpx.Request:
        parts = urlsplit(url)
        timeout = httpx.Timeout(self._response_s, connect=min(CONNECT_S, self._response_s))
        return httpx.Request(
            method,
            self._connect_to or f"{parts.scheme}://{_host(parts)}",
            headers={"Host": _host(parts), **headers},
            content=body,
            # The target goes out letter by letter as it was signed.
            extensions={"timeout": timeout.as_dict(), "target": _target(parts).encode()},
        )

    def _last_try(self, request: httpx.Request) -> Reply:
        try:
            return self._try(request)
        except httpx.ConnectTimeout as error:
            raise CarrierError(11201, f"HTTP connection timed out twice: {request.url}") from error
        except httpx.ConnectError as error:
            raise CarrierError(11202, f"HTTP connection refused twice: {request.url}: {error}") from error

    def _try(self, request: httpx.Request) -> Reply:
        deadline = time.monotonic() + self._response_s
        try:
            response = self._network.handle_request(request)
            try:
                return Reply(response.status_code, _lower(response.headers.items()), self._read(response, deadline))
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TimeoutException as error:
            raise CarrierError(11205, f"HTTP no reply within {self._response_s:g} s: {request.url}") from error
        except httpx.HTTPError as error:
            raise CarrierError(11206, f"HTTP protocol violation: {request.url}: {error}") from error

    def _read(self, response: httpx.Response, deadline: float) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > MOST_BYTES or time.monotonic() > deadline:
                raise CarrierError(11205, f"HTTP reply longer than {MOST_BYTES} bytes or {self._response_s:g} s")
        return bytes(body)


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + ("?" + parts.query if parts.query else "")


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}
