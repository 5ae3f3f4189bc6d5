"""The form fields of the carrier's voice requests.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters
"""

from datetime import datetime
from email.utils import format_datetime
from math import ceil

from phone.carrier import API_VERSION, CallRecord

PLACES = ("City", "State", "Zip", "Country")
WITHHELD_COUNTRY = {"+266696687": "LS"}  # ANONYMOUS on a keypad happens to be a number in Lesotho
EVENTS = ("initiated", "ringing", "answered", "completed")


def of_call(record: CallRecord, account_sid: str) -> dict[str, str]:
    """What every voice request carries. Numbers that are none come without a place."""
    parties = {"From": record.caller, "Caller": record.caller, "To": record.called, "Called": record.called}
    fields = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": record.sid,
        "CallStatus": record.status,
        "Direction": record.direction,
        **parties,
    }
    for party, number in parties.items():
        if number.startswith("+"):
            fields |= {party + place: "" for place in PLACES} | {party + "Country": _country(number)}
    return fields


def of_event(event: str, record: CallRecord, now: datetime) -> dict[str, str]:
    """What a status callback carries besides; `event` is one of EVENTS, and completed stands for every end."""
    fields = {
        "Timestamp": format_datetime(now),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(_sequence_number(event, record)),
    }
    if event == "completed":
        duration_s = record.duration_s or 0
        fields |= {
            "CallDuration": str(duration_s),
            "Duration": str(ceil(duration_s / 60)),
            "SipResponseCode": {"completed": "200", "busy": "486", "no-answer": "487"}.get(record.status, "500"),
        }
    return fields


def _country(number: str) -> str:
    return WITHHELD_COUNTRY.get(number, "US" if number.startswith("+1") else "")


def _sequence_number(event: str, record: CallRecord) -> int:
    # A number that is called tells only the end; a call out numbers all it could tell, and an unanswered one skips one.
    if record.direction == "inbound":
        return 0
    skipped = event == "completed" and record.status != "completed"
    return EVENTS.index(event) - skipped
