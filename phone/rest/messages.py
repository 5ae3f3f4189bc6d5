"""Text messages that go out.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, request

from phone.carrier import API_VERSION, Carrier, Message
from phone.rest.refusals import Refused, not_found

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
MOST_CHARACTERS = 1600


def api(carrier: Carrier, now: Callable[[], datetime]) -> Blueprint:
    messages = Blueprint("messages", __name__)

    @messages.post("/Messages.json")
    def create() -> tuple[dict[str, Any], int]:
        sender = request.form.get("MessagingServiceSid") or request.form.get("From", "")
        to, body = request.form.get("To", ""), request.form.get("Body", "")
        _check(sender, to, body)
        if carrier.is_barred(sender, to):
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        message = carrier.take_message(sender, to, body, request.form.get("StatusCallback", ""), now())
        return _described(message, carrier), 201

    @messages.get("/Messages/<sid>.json")
    def show(sid: str) -> dict[str, Any]:
        message = carrier.find_message(sid)
        if message is None:
            raise not_found()
        return _described(message, carrier)

    return messages


def _check(sender: str, to: str, body: str) -> None:
    if not to:
        raise Refused(400, 21604, "A 'To' phone number is required.")
    if not NUMBER.fullmatch(to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not sender:
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if not body:
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > MOST_CHARACTERS:
        raise Refused(400, 21617, f"The concatenated message body exceeds the {MOST_CHARACTERS} character limit")


def _described(message: Message, carrier: Carrier) -> dict[str, Any]:
    service = message.sender.startswith("MG")
    return {
        "sid": message.sid,
        "account_sid": carrier.account_sid,
        "messaging_service_sid": message.sender if service else None,
        "from": None if service else message.sender,
        "to": message.to,
        "body": message.body,
        "status": "accepted" if service else "queued",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "num_media": "0",
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{carrier.account_sid}/Messages/{message.sid}.json",
    }
