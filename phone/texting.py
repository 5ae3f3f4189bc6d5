"""Text messages as the carrier tells the app of them.

Source: https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from collections.abc import Mapping

from phone.carrier import API_VERSION, Carrier
from phone.errors import PhoneMisused
from phone.manners import Manners
from phone.requests import Requests
from phone.transport import Reply, Transport

STOP_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
START_WORDS = ("START", "UNSTOP")
SEGMENT = 160


def receive(carrier: Carrier, transport: Transport, url: str, sender: str, to: str, body: str) -> Reply:
    """Somebody texts one of the account's numbers; what the app answers.

    A word such as STOP bars the number from texting them, START lets it again, and the app hears of either.
    """
    match body.strip().upper():
        case word if word in STOP_WORDS:
            carrier.bar(to, sender)
        case word if word in START_WORDS:
            carrier.bar(to, sender, barred=False)
    sid = carrier.new_sid("SM")
    return _ask(carrier, transport, url, _of_message(carrier, sid, sender, to) | _of_text(sid, body))


def report(
    carrier: Carrier, transport: Transport, message_sid: str, status: str, error_code: int | None = None
) -> None:
    """What became of a message that the app sent: sent, delivered, undelivered (with a code) or failed."""
    message = carrier.find_message(message_sid)
    if message is None or not message.status_callback:
        raise PhoneMisused(f"nobody wants to know what became of the message {message_sid}")
    fields = _of_message(carrier, message.sid, message.sender, message.to)
    fields |= {"MessageStatus": status, "SmsStatus": status}
    fields |= {"ErrorCode": str(error_code)} if error_code else {}
    _ask(carrier, transport, message.status_callback, fields)


def _of_message(carrier: Carrier, sid: str, sender: str, to: str) -> dict[str, str]:
    return {
        "AccountSid": carrier.account_sid,
        "ApiVersion": API_VERSION,
        "MessageSid": sid,
        "SmsSid": sid,
        "From": sender,
        "To": to,
    }


def _of_text(sid: str, body: str) -> dict[str, str]:
    places = {party + place: "" for party in ("From", "To") for place in ("City", "State", "Zip", "Country")}
    segments = str(max(1, -(-len(body) // SEGMENT)))
    text = {"SmsMessageSid": sid, "SmsStatus": "received", "Body": body, "NumMedia": "0", "NumSegments": segments}
    return places | text


def _ask(carrier: Carrier, transport: Transport, url: str, fields: Mapping[str, str]) -> Reply:
    return Requests(carrier.sign_message, transport, Manners()).ask(url, "POST", fields)
