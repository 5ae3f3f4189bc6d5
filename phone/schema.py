"""Which attributes each verb of TwiML takes, with the values they take and what the carrier says of others.

Names are those of https://www.twilio.com/docs/voice/twiml; a test holds them against the carrier's SDK.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from phone import verbs

SCHEMA_WARNING = 12200
INVALID_URL = 11100


@dataclass(frozen=True, slots=True)
class Attribute:
    """How a value is read; `read` raises ValueError with what may be written, which the carrier reports as `code`."""

    read: Callable[[str], Any]
    code: int = SCHEMA_WARNING


@dataclass(frozen=True, slots=True)
class Shape:
    """A verb and its attributes; those that the verb's value has no field for are checked and left."""

    verb: type
    attributes: Mapping[str, Attribute]

    def field_of(self, attribute: str) -> str | None:
        name = re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), attribute)
        return name if name in {field.name for field in fields(self.verb)} else None


def _text(text: str) -> str:
    return text


def _word(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(words))
        return text

    return read


def _truth(text: str) -> bool:
    return _word("true", "false")(text) == "true"


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
            raise ValueError(f"a whole number from {least}" + (f" to {most}" if most is not None else ""))
        return int(text)

    return read


def _or_auto(read: Callable[[str], int]) -> Callable[[str], int]:
    return lambda text: 5 if text == "auto" else read(text)


def _url(text: str) -> str:
    return check_url(text)


def check_url(text: str) -> str:
    """An address that the carrier can request: http or https, or relative to the document; surrounding space is cut.

    Raises:
        ValueError: it is none, or its host has an underscore, which the carrier refuses.
    """
    url = text.strip()
    parts = urlsplit(url)
    absolute = parts.scheme in ("http", "https") and parts.hostname
    if not url or (parts.scheme and not absolute) or "_" in (parts.hostname or "") or re.search(r"\s", url):
        raise ValueError("an address such as https://survey.example.com/voice")
    return url


def _language(text: str) -> str:
    if not re.fullmatch("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise ValueError("a language such as en-US")
    return text


def _voice(text: str) -> str:
    if not re.fullmatch(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+", text):
        raise ValueError("man, woman, or the name of a Polly or Google voice, such as Polly.Joanna-Neural")
    return text


def _keys(pattern: str, wanted: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(wanted)
        return text

    return read


def _input(text: str) -> str:
    return _word("dtmf", "speech", "dtmf speech", "speech dtmf")(text)


def _events(*known: str) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        events = tuple(text.split())
        if not events or not set(events) <= set(known):
            raise ValueError("some of " + ", ".join(known))
        return events

    return read


def _method(code: int) -> Attribute:
    return Attribute(_word("GET", "POST"), code)


_TEXT = Attribute(_text)
_TRUTH = Attribute(_truth)
_URL = Attribute(_url, INVALID_URL)
_RECORDING_CALLBACK = {
    "recordingStatusCallback": Attribute(_url, 13256),
    "recordingStatusCallbackMethod": _method(SCHEMA_WARNING),
    "recordingStatusCallbackEvent": Attribute(_events("in-progress", "completed", "absent")),
    "recordingConfigurationId": _TEXT,
}

VERBS: Mapping[str, Shape] = {
    "Say": Shape(
        verbs.Say,
        {
            "voice": Attribute(_voice, 13511),
            "language": Attribute(_language, 13512),
            "loop": Attribute(_whole(0, 1000), 13510),
        },
    ),
    "Play": Shape(
        verbs.Play,
        {
            "loop": Attribute(_whole(0, 1000), 13410),
            "digits": Attribute(_keys("[0-9A-D#*wW]+", "keys, w and W"), 13430),
        },
    ),
    "Pause": Shape(verbs.Pause, {"length": Attribute(_whole(1), 13910)}),
    "Gather": Shape(
        verbs.Gather,
        {
            "action": _URL,
            "method": _method(13312),
            "input": Attribute(_input),
            "timeout": Attribute(_or_auto(_whole(1)), 13313),
            "numDigits": Attribute(_whole(1), 13314),
            "finishOnKey": Attribute(_keys("[0-9#*]?", "one key, or nothing"), 13310),
            "actionOnEmptyResult": Attribute(_truth, 13338),
            "speechTimeout": Attribute(_or_auto(_whole(1))),
            "maxSpeechTime": Attribute(_whole(1)),
            "language": Attribute(_language),
            "hints": _TEXT,
            "profanityFilter": _TRUTH,
            "partialResultCallback": _URL,
            "partialResultCallbackMethod": _method(SCHEMA_WARNING),
            "bargeIn": _TRUTH,
            "debug": _TRUTH,
            "speechModel": _TEXT,
            "enhanced": _TRUTH,
        },
    ),
    "Record": Shape(
        verbs.Record,
        {
            "action": _URL,
            "method": _method(13610),
            "timeout": Attribute(_whole(0), 13611),
            "maxLength": Attribute(_whole(2, 14400), 13612),
            "finishOnKey": Attribute(_keys("[0-9#*]*", "some of the keys 0-9, # and *, or nothing"), 13613),
            "transcribe": Attribute(_truth, 13614),
            "transcribeCallback": _URL,
            "playBeep": Attribute(_truth, 13616),
            "trim": Attribute(_word("trim-silence", "do-not-trim"), 13699),
            **_RECORDING_CALLBACK,
        },
    ),
    "Redirect": Shape(verbs.Redirect, {"method": _method(13710)}),
    "Dial": Shape(
        verbs.Dial,
        {
            "action": _URL,
            "method": _method(13210),
            "timeout": Attribute(_whole(1, 600), 13212),
            "hangupOnStar": Attribute(_truth, 13213),
            "callerId": _TEXT,
            "timeLimit": Attribute(_whole(1), 13216),
            "record": Attribute(
                _word(
                    "true",
                    "false",
                    "do-not-record",
                    *(f"record-from-{when}{dual}" for when in ("answer", "ringing") for dual in ("", "-dual")),
                ),
                13217,
            ),
            "sequential": Attribute(_truth, 13218),
            "trim": Attribute(_word("trim-silence", "do-not-trim")),
            "answerOnBridge": _TRUTH,
            "ringTone": _TEXT,
            "recordingTrack": Attribute(_word("inbound", "outbound", "both")),
            "referUrl": _URL,
            "referMethod": _method(SCHEMA_WARNING),
            "events": _TEXT,
            "passports": _TEXT,
            **_RECORDING_CALLBACK,
        },
    ),
    "Enqueue": Shape(
        verbs.Enqueue,
        {
            "action": Attribute(_url, 14203),
            "method": _method(14201),
            "waitUrl": Attribute(_url, 14202),
            "waitUrlMethod": _method(14206),
            "maxQueueSize": Attribute(_whole(1)),
            "workflowSid": Attribute(_keys("WW[0-9a-fA-F]{32}", "WW and 32 hexadecimal digits"), 14220),
        },
    ),
    "Hangup": Shape(verbs.Hangup, {}),
    "Reject": Shape(verbs.Reject, {"reason": Attribute(_word("rejected", "busy"))}),
}

PROMPTS = ("Say", "Play", "Pause")

_CALLBACK = ("url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod")
_MACHINE = (
    "machineDetection",
    "amdStatusCallback",
    "amdStatusCallbackMethod",
    "machineDetectionTimeout",
    "machineDetectionSpeechThreshold",
    "machineDetectionSpeechEndThreshold",
    "machineDetectionSilenceTimeout",
)
NOUNS: Mapping[str, tuple[str, ...]] = {
    "Number": (*_CALLBACK, *_MACHINE, "sendDigits", "byoc"),
    "Sip": (*_CALLBACK, *_MACHINE, "username", "password"),
    "Client": _CALLBACK,
    "Queue": ("url", "method", "reservationSid", "postWorkActivitySid"),
    "Conference": (
        "muted",
        "beep",
        "startConferenceOnEnter",
        "endConferenceOnExit",
        "waitUrl",
        "waitMethod",
        "maxParticipants",
        "record",
        "recordingConfigurationId",
        "region",
        "coach",
        "trim",
        "statusCallback",
        "statusCallbackEvent",
        "statusCallbackMethod",
        "recordingStatusCallback",
        "recordingStatusCallbackMethod",
        "recordingStatusCallbackEvent",
        "eventCallbackUrl",
        "jitterBufferSize",
        "participantLabel",
    ),
}

# Speech Synthesis Markup inside Say, for Polly and Google voices.
SSML: Mapping[str, tuple[str, ...]] = {
    "break": ("strength", "time"),
    "emphasis": ("level",),
    "lang": ("xml:lang",),
    "p": (),
    "phoneme": ("alphabet", "ph"),
    "prosody": ("volume", "rate", "pitch"),
    "s": (),
    "say-as": ("interpret-as", "format"),
    "sub": ("alias",),
    "w": ("role",),
}
