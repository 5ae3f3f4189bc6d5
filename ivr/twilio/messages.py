"""Text messages through the carrier's REST API."""

from dataclasses import dataclass

from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from ivr.twilio.client import open_client

# The number itself, or its owner's wish, stands against it: https://www.twilio.com/docs/api/errors
HOPELESS = {21211, 21214, 21217, 21408, 21610, 21612, 21614}


class NotSent(Exception):
    """The carrier did not take the message. `permanent`: trying again cannot help, or could send it twice."""

    def __init__(self, reason: str, permanent: bool) -> None:
        super().__init__(reason)
        self.reason, self.permanent = reason, permanent


@dataclass(frozen=True, slots=True)
class Messages:
    """The SMS service of one account; each of its tokens is tried. `sender` is a number or a messaging service."""

    api_url: str
    account_sid: str
    tokens: tuple[str, ...]
    sender: str | None

    def send(self, to: str, body: str) -> str:
        """Hand a message to the carrier; gives its SID.

        Raises:
            NotSent: it was not taken, or nobody knows.
        """
        if self.sender is None:
            raise NotSent("TWILIO_FROM is not set", permanent=False)
        origin = {"messaging_service_sid" if self.sender.startswith("MG") else "from_": self.sender}
        refused: NotSent | None = None
        for token in self.tokens:
            try:
                client = open_client(self.api_url, self.account_sid, token)
                return str(client.messages.create(to=to, body=body, **origin).sid)
            except (TwilioException, RequestException) as error:
                refused = _refusal(error)
                if not (isinstance(error, TwilioRestException) and error.status == 401):
                    raise refused from error
        raise refused or NotSent("no carrier account is set", permanent=False)


def _refusal(error: Exception) -> NotSent:
    match error:
        case TwilioRestException(status=status, code=code):
            return NotSent(f"the carrier answered {status} (code {code})", permanent=code in HOPELESS)
        case ConnectTimeout() | NotConnected(args=[MaxRetryError(reason=NewConnectionError())]):
            return NotSent("the carrier cannot be reached", permanent=False)
    return NotSent("the carrier did not answer; the message may have been sent", permanent=True)
