"""The verbs of TwiML, as values with the carrier's defaults.

Source: https://www.twilio.com/docs/voice/twiml
"""

from dataclasses import dataclass

from phone.audio import speech_s

FOREVER = 1000  # `loop="0"` plays until the caller hangs up, and at most so often


@dataclass(frozen=True, slots=True)
class Say:
    """`<Say voice="Polly.Joanna-Neural" language="en-US">Goodbye.</Say>`; `text` is what is heard, without SSML."""

    text: str
    voice: str = "man"
    language: str | None = None
    loop: int = 1

    @property
    def seconds(self) -> float:
        return speech_s(self.text) * (self.loop or FOREVER)


@dataclass(frozen=True, slots=True)
class Play:
    """`<Play>https://…/hello.wav</Play>`, or tones: `<Play digits="wW1"/>`. An empty `url` is the document's own."""

    url: str = ""
    loop: int = 1
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """`<Pause length="4"/>`, in seconds."""

    length: int = 1


Prompt = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """`<Gather numDigits="1" finishOnKey="" action="…">`; no `action` asks for the current document again."""

    prompts: tuple[Prompt, ...] = ()
    action: str = ""
    method: str = "POST"
    input: str = "dtmf"
    timeout: int = 5
    num_digits: int | None = None
    finish_on_key: str = "#"
    action_on_empty_result: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """`<Record action="…" maxLength="90" finishOnKey="#" recordingStatusCallback="…"/>`; `timeout` 0 never ends it."""

    action: str = ""
    method: str = "POST"
    timeout: int = 5
    finish_on_key: str = "1234567890*#"
    max_length: int = 3600
    play_beep: bool = True
    trim: str = "trim-silence"
    recording_status_callback: str | None = None
    recording_status_callback_method: str = "POST"
    recording_status_callback_event: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Redirect:
    """`<Redirect>https://…</Redirect>`: another document takes over."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Noun:
    """Whom a Dial reaches: `kind` is Number, Sip, Client, Conference or Queue."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Dial:
    """`<Dial action="…"><Number>+12025550111</Number></Dial>`; no `action` goes on with the next verb."""

    nouns: tuple[Noun, ...]
    action: str | None = None
    method: str = "POST"
    timeout: int = 30
    time_limit: int = 14400
    hangup_on_star: bool = False


@dataclass(frozen=True, slots=True)
class Enqueue:
    """`<Enqueue action="…">support</Enqueue>`; no `action` goes on with the next verb."""

    queue: str
    action: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """`<Hangup/>`"""


@dataclass(frozen=True, slots=True)
class Reject:
    """`<Reject reason="busy"/>`: the call is never answered."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Record | Redirect | Dial | Enqueue | Hangup | Reject
