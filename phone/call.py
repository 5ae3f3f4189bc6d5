"""One telephone call, with the caller's end of it: what a caller can press, say, and leave unsaid."""

from collections.abc import Callable, Mapping
from pathlib import Path

from phone import audio
from phone.carrier import CallRecord, Carrier
from phone.clock import VirtualClock
from phone.dialogue import Line
from phone.errors import PhoneMisused
from phone.leg import Ended, Leg
from phone.manners import Manners
from phone.phases import Gathering
from phone.recording import RecordingPhase
from phone.transport import Transport

KEYS = frozenset("0123456789*#")


class PhoneCall(Leg):
    """A call, and who holds the telephone. Time is virtual unless a `clock` says otherwise.

    ```python
    call.begin()
    call.hear_out()  # "How satisfied are you? Press a key from 1 to 5."
    call.press("2")
    ```
    """

    def __init__(
        self,
        carrier: Carrier,
        transport: Transport,
        record: CallRecord,
        manners: Manners | None = None,
        clock: VirtualClock | None = None,
        on_line: Callable[[Line], None] | None = None,
    ) -> None:
        super().__init__(
            carrier, transport, record, manners or Manners(), clock or VirtualClock(), on_line or (lambda _: None)
        )

    @property
    def awaits_caller(self) -> bool:
        """The prompts have been heard, and it is the caller's turn."""
        return self.phase is not None and self.phase.awaits_caller

    @property
    def is_recording(self) -> bool:
        return isinstance(self.phase, RecordingPhase)

    @property
    def heard(self) -> list[str]:
        """What the line has said so far."""
        return [line.text for line in self.lines if line.kind in ("say", "play")]

    # The call comes about

    def begin(self, fields: Mapping[str, str] | None = None) -> None:
        """Ring. `fields` come with the first request only: SIP headers, or what a Studio flow adds."""
        self.carrier.live[self.sid] = self
        route = self.record.route
        if route.voice_url:
            self.go_to(route.voice_url, route.voice_method, fields or {})
        else:
            self.run_inline(route.twiml)

    def answer(self, fields: Mapping[str, str] | None = None) -> None:
        """Somebody picks up a call out. `fields` may be what machine detection found."""
        self._ring_out()
        self.pick_up()
        self.tell_event("answered")
        self.begin(fields)

    def fail(self, status: Ended) -> None:
        """Nobody picks up a call out: busy, no-answer or failed."""
        self._ring_out()
        self.close(status)
        self.tell_event("completed")

    # What the caller does

    def press(self, keys: str) -> None:
        """Press keys now, in a row, whatever the line is doing."""
        self.must_be_on()
        if not keys or not set(keys) <= KEYS:
            raise PhoneMisused(f"{keys!r} cannot be pressed: a telephone has the keys 0-9, * and #")
        self.note("caller", "keys", keys)
        for key in keys:
            if self.phase is not None:
                self.phase.press(key)

    def key_in(self, keys: str) -> None:
        """Hear the question out, press the keys, and wait until they are taken for an answer."""
        self.hear_out()
        phase = self.phase
        self.press(keys)
        while isinstance(phase, Gathering) and self.phase is phase:
            self.move_on()

    def utter(self, words: str, confidence: float | None = 0.9) -> None:
        """Answer a speech recogniser, which is so sure of it; None: it does not tell."""
        phase = self.must_be_on()
        self.note("caller", "words", words)
        phase.utter(words, confidence)

    def speak(self, sound: float | bytes | str | Path) -> None:
        """Speak: so many seconds, or a WAV by its bytes or path."""
        phase = self.must_be_on()
        samples = audio.murmur(sound) if isinstance(sound, int | float) else audio.read_samples(sound)
        clip = f"{Path(sound).name}, " if isinstance(sound, str | Path) else ""
        self.note("caller", "speech", f"{clip}{audio.seconds(samples):.1f} s")
        phase.speak(samples)

    def hear_out(self) -> None:
        """Listen until it is the caller's turn, or the call is over."""
        while self.phase is not None and not self.phase.awaits_caller:
            self.move_on()

    def stay_silent(self) -> None:
        """Listen, and then let the chance go by."""
        self.hear_out()
        phase = self.phase
        if phase is not None and not phase.heeded:
            self.note("caller", "silence")
        while phase is not None and self.phase is phase:
            self.move_on()

    def hang_up(self) -> None:
        """Put the telephone down."""
        phase = self.must_be_on()
        self.note("caller", "hangup")
        self.close("completed" if self.answered else "no-answer")
        phase.hung_up(lambda: self.tell_event("completed"))

    # What the carrier does

    def redirect(self, url: str = "", method: str = "POST", twiml: str = "") -> None:
        """A document from the REST API takes over; the verb that runs is broken off, and its action never comes."""
        self.must_be_on()
        if url:
            self.go_to(url, method, {})
        else:
            self.run_inline(twiml)

    def deliver_late_news(self) -> None:
        """Send the recording callbacks that were held back."""
        while self.late_news:
            self.late_news.pop(0)()

    def _ring_out(self) -> None:
        for status in ("initiated", "ringing"):
            self.become(status)
            self.tell_event(status)
