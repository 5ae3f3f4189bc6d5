"""The carrier's own SDK, pointed at the operator's carrier and keeping its log to itself."""

import logging

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

TIMEOUT_S = 15
SILENT = logging.getLogger("aftercall.twilio")
SILENT.disabled = True  # the SDK logs numbers and texts


def open_client(api_url: str, account_sid: str, token: str) -> Client:
    """A client of one account; `api_url` may be any carrier that speaks the same API."""
    http = TwilioHttpClient(timeout=TIMEOUT_S, logger=SILENT)
    client = Client(account_sid, token, http_client=http)  # type: ignore[no-untyped-call]  # the SDK's own
    client.api.base_url = api_url
    return client
