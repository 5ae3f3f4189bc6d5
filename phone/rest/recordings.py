"""Recordings: their sound, what is known of them, which there are, and their deletion.

Source: https://www.twilio.com/docs/voice/api/recording
"""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from phone import audio
from phone.carrier import API_VERSION, Carrier, Recording
from phone.rest.refusals import Refused, not_found

MOST_ON_A_PAGE = 1000


def api(carrier: Carrier) -> Blueprint:
    recordings = Blueprint("recordings", __name__)

    @recordings.get("/Recordings.json")
    def show_page() -> dict[str, Any]:
        return _page(_wanted(carrier), carrier)

    @recordings.get("/Recordings/<sid>.json")
    def show(sid: str) -> dict[str, Any]:
        recording = carrier.find_recording(sid)
        if recording is None or recording.status == "deleted":
            raise not_found()
        return _described(recording, carrier)

    @recordings.get("/Recordings/<sid>")
    @recordings.get("/Recordings/<sid>.wav")
    def wav(sid: str) -> Response:
        return Response(_media(carrier, sid), mimetype="audio/x-wav")

    @recordings.get("/Recordings/<sid>.mp3")
    def mp3(sid: str) -> Response:
        return Response(audio.mp3(_media(carrier, sid)), mimetype="audio/mpeg")

    @recordings.delete("/Recordings/<sid>")
    @recordings.delete("/Recordings/<sid>.json")
    def delete(sid: str) -> Response:
        if not carrier.delete_recording(sid):
            raise not_found()
        return Response(status=204)

    return recordings


def _media(carrier: Carrier, sid: str) -> bytes:
    media = carrier.fetch_media(sid)
    if media is None:
        raise not_found()
    if request.args.get("RequestedChannels") == "2":
        raise Refused(400, 16113, "Dual-channel media was asked for, and the recording has one channel")
    return media


def _wanted(carrier: Carrier) -> list[Recording]:
    """The recordings that the query asks for, latest first; the deleted ones only where it asks for them."""
    call_sid, with_deleted = request.args.get("CallSid"), request.args.get("IncludeSoftDeleted") == "true"
    return [
        recording
        for recording in reversed(carrier.recordings())
        if call_sid in (None, recording.call_sid) and (with_deleted or recording.status != "deleted")
    ]


def _page(wanted: Sequence[Recording], carrier: Carrier) -> dict[str, Any]:
    """The part of a list that the query asks for, with the addresses of its neighbours."""
    size, number = _count("PageSize", 50, range(1, MOST_ON_A_PAGE + 1)), _count("Page", 0, range(len(wanted) + 1))
    shown = wanted[size * number : size * (number + 1)]

    def address(page: int) -> str:
        query = urlencode({**request.args, "PageSize": size, "Page": page})
        return f"/{API_VERSION}/Accounts/{carrier.account_sid}/Recordings.json?{query}"

    return {
        "recordings": [_described(recording, carrier) for recording in shown],
        "page": number,
        "page_size": size,
        "start": size * number,
        "end": max(0, size * number + len(shown) - 1),
        "uri": address(number),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if size * (number + 1) < len(wanted) else None,
    }


def _count(name: str, usual: int, allowed: range) -> int:
    given = request.args.get(name, str(usual))
    if not given.isdecimal() or int(given) not in allowed:
        raise Refused(400, 20001, f"{name} is not valid: {given}")
    return int(given)


def _described(recording: Recording, carrier: Carrier) -> dict[str, Any]:
    account = f"/{API_VERSION}/Accounts/{carrier.account_sid}"
    return {
        "sid": recording.sid,
        "account_sid": carrier.account_sid,
        "call_sid": recording.call_sid,
        "status": recording.status,
        "duration": str(recording.duration_s),  # the carrier gives it as text
        "start_time": format_datetime(datetime.fromisoformat(recording.started_at)),
        "date_created": format_datetime(datetime.fromisoformat(recording.started_at)),
        "channels": 1,
        "source": "RecordVerb",
        "error_code": recording.error_code if recording.status == "absent" else None,
        "media_url": carrier.recording_url(recording.sid),
        "api_version": API_VERSION,
        "uri": f"{account}/Recordings/{recording.sid}.json",
        "encryption_details": None,
    }
