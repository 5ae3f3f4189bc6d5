"""The account's numbers, and where each leads.

Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, request

from phone.carrier import API_VERSION, Carrier, PhoneNumber
from phone.rest.refusals import Refused, not_found

ROUTE = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "fallback_url",
    "VoiceFallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}
TEXTS = {"SmsUrl": "sms_url", "SmsMethod": "sms_method"}


def api(carrier: Carrier) -> Blueprint:
    numbers = Blueprint("numbers", __name__)

    @numbers.get("/IncomingPhoneNumbers.json")
    def list_all() -> dict[str, Any]:
        wanted = request.args.get("PhoneNumber", "")
        found = [_described(number, carrier) for number in carrier.numbers() if wanted in number.number]
        return {"incoming_phone_numbers": found, "page": 0, "page_size": 50, "next_page_uri": None}

    @numbers.get("/IncomingPhoneNumbers/<sid>.json")
    def show(sid: str) -> dict[str, Any]:
        return _described(_find(carrier, sid), carrier)

    @numbers.post("/IncomingPhoneNumbers/<sid>.json")
    def change(sid: str) -> dict[str, Any]:
        number = _find(carrier, sid)
        route = replace(number.route, **_given(ROUTE))
        return _described(carrier.keep_number(replace(number, route=route, **_given(TEXTS))), carrier)

    return numbers


def _find(carrier: Carrier, sid: str) -> PhoneNumber:
    found = next((number for number in carrier.numbers() if number.sid == sid), None)
    if found is None:
        raise not_found()
    return found


def _given(names: dict[str, str]) -> dict[str, Any]:
    """The fields of the form, under our names."""
    given = {ours: request.form[theirs] for theirs, ours in names.items() if theirs in request.form}
    for name, value in given.items():
        if name.endswith("method") and value not in ("GET", "POST"):
            raise Refused(400, 21403, f"Invalid Method: {value}")
        if not name.endswith("method") and value and urlsplit(value).scheme not in ("http", "https"):
            raise Refused(400, 21402, f"Invalid URL: {value}")
    return given


def _described(number: PhoneNumber, carrier: Carrier) -> dict[str, Any]:
    return {
        "sid": number.sid,
        "account_sid": carrier.account_sid,
        "phone_number": number.number,
        "friendly_name": number.number,
        **{_snake(name): getattr(number.route, ours) for name, ours in ROUTE.items()},
        **{_snake(name): getattr(number, ours) for name, ours in TEXTS.items()},
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{carrier.account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }


def _snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
