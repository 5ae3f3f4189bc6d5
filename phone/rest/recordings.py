"""Recordings: their sound, what is known of them, and their deletion.

Source: https://www.twilio.com/docs/voice/api/recording
"""

from typing import Any

from flask import Blueprint, Response, request

from phone import audio
from phone.carrier import API_VERSION, Carrier, Recording
from phone.rest.refusals import Refused, not_found


def api(carrier: Carrier) -> Blueprint:
    recordings = Blueprint("recordings", __name__)

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


def _described(recording: Recording, carrier: Carrier) -> dict[str, Any]:
    account = f"/{API_VERSION}/Accounts/{carrier.account_sid}"
    return {
        "sid": recording.sid,
        "account_sid": carrier.account_sid,
        "call_sid": recording.call_sid,
        "status": recording.status,
        "duration": str(recording.duration_s),  # the carrier gives it as text
        "channels": 1,
        "source": "RecordVerb",
        "error_code": recording.error_code if recording.status == "absent" else None,
        "media_url": carrier.recording_url(recording.sid),
        "api_version": API_VERSION,
        "uri": f"{account}/Recordings/{recording.sid}.json",
        "encryption_details": None,
    }
