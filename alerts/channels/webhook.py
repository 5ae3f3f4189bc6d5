"""Alerts to other people's programs, signed as Standard Webhooks 1.0: https://www.standardwebhooks.com"""

import json
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from standardwebhooks import Webhook as Signer

from alerts.channels.outgoing import DeliveryFailed, Outgoing, Patience, Post, Recording
from ivr.moments import render_moment

TIMEOUT = httpx.Timeout(10, connect=5)
LARGEST = 19_000  # bytes of a body; receivers are promised less than 20 kB
LONGEST_TEXT = 4_000  # characters of a transcript; the rest is behind the case's address
SWITCHED_OFF = "switched off"
TYPES = {
    "opened": "recovery.case.opened",
    "raised": "recovery.case.severity_raised",
    "joined": "recovery.case.attached",
    "audio": "recovery.audio.ready",
    "transcript": "recovery.transcript.ready",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """POSTs to the address of a team; `environment` is where its secret is looked up."""

    environment: Mapping[str, str]

    most_recordings = 1
    attaches = False
    patience = Patience(longest_wait=timedelta(hours=1), gives_up_after=timedelta(days=3), repeatable=True)

    @classmethod
    def open(cls, post: Post) -> "Webhook":
        return cls(post.environment)

    def message_id(self, delivery: str, case: int) -> str:  # noqa: ARG002  a delivery's own name is enough
        return delivery

    def send(self, outgoing: Outgoing) -> str | None:
        body = render_body(outgoing)
        headers = {
            "content-type": "application/json",
            "user-agent": "Aftercall-Webhook/1",
            "webhook-id": outgoing.message_id,
            "webhook-timestamp": str(int(outgoing.sent_at.timestamp())),
            "webhook-signature": self._signer(outgoing.secret).sign(outgoing.message_id, outgoing.sent_at, body),
        }
        try:
            with httpx.stream("POST", outgoing.to, content=body.encode(), headers=headers, timeout=TIMEOUT) as answer:
                _judge(answer)  # by its status; what it says is not read
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"the receiver cannot be reached: {type(error).__name__}") from error
        return None

    def _signer(self, secret: str | None) -> Signer:
        name = (secret or "").removeprefix("env:")
        found = self.environment.get(name) if secret and secret.startswith("env:") else secret
        if not found:
            raise DeliveryFailed(f"{name or 'the secret'} is not set")
        try:
            return Signer(found)
        except (NotBase64, ValueError) as error:
            raise DeliveryFailed("the secret is not whsec_ and 24 to 64 bytes in base64") from error


def render_body(outgoing: Outgoing) -> str:
    """The event as JSON, in less than 20 kB."""
    recording = outgoing.recordings[0] if outgoing.recordings else None
    data = {"case": outgoing.case, "audio": _audio(recording), "transcript": _transcript(recording)}
    event = {"type": TYPES[outgoing.wave], "timestamp": render_moment(outgoing.happened_at), "data": data}
    body = json.dumps(event, ensure_ascii=False)
    if len(body.encode()) > LARGEST:
        data["case"] = {
            name: outgoing.case[name] for name in ("number", "url", "state", "severity", "team", "call_sid")
        }
        body = json.dumps(event, ensure_ascii=False)
    return body


def _audio(recording: Recording | None) -> dict[str, Any] | None:
    if recording is None:
        return None
    return {
        "url": recording.url,
        "expires_at": render_moment(recording.expires_at),
        "sha256": recording.sha256,
        "seconds": recording.seconds,
        "bytes": recording.size_bytes,
        "mime": "audio/mpeg",
    }


def _transcript(recording: Recording | None) -> dict[str, Any] | None:
    if recording is None:
        return None
    written = recording.transcript
    text = written.text[:LONGEST_TEXT] if written and written.text else None
    return {"text": text, "status": written.status if written else "queued"}


def _judge(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    if answer.status_code == httpx.codes.GONE:
        raise DeliveryFailed(f"{SWITCHED_OFF}: the receiver answered 410 and wants no more", permanent=True)
    wait = answer.headers.get("retry-after", "")
    raise DeliveryFailed(
        f"the receiver answered {answer.status_code}", retry_after_s=float(wait) if wait.isdecimal() else None
    )
