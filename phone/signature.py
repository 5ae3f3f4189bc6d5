"""How the carrier signs what it sends.

Source: https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha1
from urllib.parse import urlsplit, urlunsplit


def sign(auth_token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """The X-Twilio-Signature of a request to exactly this URL, with the fields of its form (none for GET).

    Names are taken in byte order, each with its different values in order; empty values count.
    """
    fields = sorted(set(form), key=lambda field: (field[0].encode(), field[1].encode()))
    signed = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.new(auth_token.encode(), signed.encode(), sha1).digest()).decode()


def voice_url(url: str) -> str:
    """The form of an address that a voice request signs: no user and password, no fragment, and over https no port."""
    return _bare(url, keep_port=urlsplit(url).scheme != "https")


def message_url(url: str) -> str:
    """The form of an address that a message request signs: as for voice, but the port stays."""
    return _bare(url, keep_port=True)


def _bare(url: str, *, keep_port: bool) -> str:
    # The host is cut out of the text, not taken from urlsplit().hostname, which would lower its case.
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit() and not keep_port:
        host = name
    return urlunsplit(parts._replace(netloc=host, fragment=""))
