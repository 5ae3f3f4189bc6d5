"""Calls out, and changes to calls that are in progress.

Source: https://www.twilio.com/docs/voice/api/call-resource
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, request

from phone.carrier import API_VERSION, CallRecord, Carrier, Route
from phone.parameters import EVENTS
from phone.rest.messages import NUMBER
from phone.rest.refusals import Refused, not_found

MOST_INLINE = 4000


def api(carrier: Carrier, now: Callable[[], datetime]) -> Blueprint:
    calls = Blueprint("calls", __name__)

    @calls.post("/Calls.json")
    def create() -> tuple[dict[str, Any], int]:
        form = request.form
        if not form.get("To"):
            raise Refused(400, 21201, "No 'To' number is specified")
        if not form.get("From"):
            raise Refused(400, 21213, "No 'From' number is specified")
        if not NUMBER.fullmatch(form["To"]) and not form["To"].startswith(("sip:", "client:")):
            raise Refused(400, 21211, f"The phone number you are attempting to call, {form['To']}, is not valid")
        record = carrier.open_call(form["From"], form["To"], "outbound-api", _route(), now())
        return _described(record, carrier), 201

    @calls.get("/Calls/<sid>.json")
    def show(sid: str) -> dict[str, Any]:
        return _described(_find(carrier, sid), carrier)

    @calls.post("/Calls/<sid>.json")
    def change(sid: str) -> dict[str, Any]:
        record = _find(carrier, sid)
        if status := request.form.get("Status"):
            _end(carrier, record, status)
        else:
            _redirect(carrier, record)
        return _described(_find(carrier, sid), carrier)

    return calls


def _find(carrier: Carrier, sid: str) -> CallRecord:
    record = carrier.find_call(sid)
    if record is None:
        raise not_found()
    return record


def _route() -> Route:
    form = request.form
    url, twiml = form.get("Url", ""), form.get("Twiml", "")
    if not url and not twiml:
        raise Refused(400, 21205, "Url, Twiml or ApplicationSid is needed")
    _check_document(url, twiml)
    events = tuple(form.getlist("StatusCallbackEvent")) or ("completed",)
    if not set(events) <= set(EVENTS):
        raise Refused(400, 21626, "Invalid 'StatusCallbackEvent'")
    return Route(
        voice_url=url,
        voice_method=form.get("Method", "POST"),
        fallback_url=form.get("FallbackUrl", ""),
        fallback_method=form.get("FallbackMethod", "POST"),
        status_callback=form.get("StatusCallback", ""),
        status_callback_method=form.get("StatusCallbackMethod", "POST"),
        status_events=events,
        twiml="" if url else twiml,  # Url wins over Twiml
    )


def _check_document(url: str, twiml: str) -> None:
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Refused(400, 21205, f"Url is not a valid URL: {url}")
    if len(twiml) > MOST_INLINE:
        raise Refused(400, 32018, f"Twiml is longer than {MOST_INLINE} characters")


def _end(carrier: Carrier, record: CallRecord, status: str) -> None:
    call = carrier.live.get(record.sid)
    if record.status in ("queued", "initiated", "ringing") and status in ("canceled", "completed"):
        carrier.keep_call(replace(record, status="canceled"))  # and nobody is told
    elif call is not None and status == "completed":
        call.hang_up_line("completed")
    else:
        raise _wrong_state(record)


def _redirect(carrier: Carrier, record: CallRecord) -> None:
    url, twiml = request.form.get("Url", ""), request.form.get("Twiml", "")
    if bool(url) == bool(twiml):
        raise Refused(400, 21205, "Give Url or Twiml, one of them")
    _check_document(url, twiml)
    call = carrier.live.get(record.sid)
    if call is None or not call.answered:
        raise _wrong_state(record)
    call.redirect(url, request.form.get("Method", "POST"), twiml)


def _wrong_state(record: CallRecord) -> Refused:
    return Refused(400, 21220, f"Invalid call state: Call is {record.status}. Cannot redirect or end it.")


def _described(record: CallRecord, carrier: Carrier) -> dict[str, Any]:
    return {
        "sid": record.sid,
        "account_sid": carrier.account_sid,
        "from": record.caller,
        "to": record.called,
        "status": record.status,
        "direction": record.direction,
        "duration": None if record.duration_s is None else str(record.duration_s),
        "answered_by": None,
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{carrier.account_sid}/Calls/{record.sid}.json",
    }
