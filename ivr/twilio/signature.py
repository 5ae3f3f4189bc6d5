"""X-Twilio-Signature: is it the carrier who asks?

https://www.twilio.com/docs/usage/security#validating-requests
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache

SERVER = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?:[^/?#]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::(?P<port>\d+))?(?P<rest>.*)", re.DOTALL
)
BODY_HASH = re.compile(r"[?&]bodySHA256=([0-9a-fA-F]{64})(?:&|$)")
DEFAULT_PORTS = {"https": "443", "http": "80"}


def holds(
    url: str, params: Iterable[tuple[str, str]], signature: str, tokens: Sequence[str], body: bytes = b""
) -> bool:
    """Whether the carrier signed this request with one of our tokens (several during a rotation).

    `url` is the address as the carrier knows it, query as sent, no fragment. `params` are the form's fields of a
    POST, repeated and empty ones included, and none for a GET. `body` is looked at only where the address carries
    its hash in place of form fields.
    """
    fields = _fields(params)
    if not fields and not _body_holds(url, body):
        return False
    signed = signature.encode("utf-8", "replace")
    messages = [(form + fields).encode() for form in _forms(url)]
    return any(hmac.compare_digest(sign(message, token), signed) for message in messages for token in tokens)


def sign(message: bytes, token: str) -> bytes:
    """The signature of an address followed by its sorted fields, as the header carries it."""
    return b64encode(hmac.digest(token.encode(), message, "sha1"))


def _fields(params: Iterable[tuple[str, str]]) -> str:
    """Names and values, sorted; a value repeated under one name counts once, as in the carrier's own libraries."""
    return "".join(name + value for name, value in sorted(set(params)))


def _forms(url: str) -> tuple[str, ...]:
    """The address without its port and with it, since the carrier signs either; never with user and password.

    The likelier one is first: it leaves the port out over https, and keeps it over http.
    """
    begins = url.find("/", url.find("://") + 3)
    here, rest = (url, "") if begins < 0 else (url[:begins], url[begins:])
    return tuple(form + rest for form in _servers(here))


@lru_cache(maxsize=64)
def _servers(here: str) -> tuple[str, ...]:
    found = SERVER.match(here)
    if found is None:
        return (here,)
    scheme, host, port, rest = found.group("scheme", "host", "port", "rest")
    port = port or DEFAULT_PORTS.get(scheme.lower(), "")
    bare, with_port = f"{scheme}://{host}{rest}", f"{scheme}://{host}:{port}{rest}"
    return (with_port, bare) if scheme == "http" else (bare, with_port)


def _body_holds(url: str, body: bytes) -> bool:
    named = BODY_HASH.search(url)
    return named is None or hmac.compare_digest(named[1].lower(), hashlib.sha256(body).hexdigest())
