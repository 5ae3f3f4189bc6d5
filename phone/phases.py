"""What the line is doing at a moment of a call: speaking, listening for keys, or connected to somebody."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from phone import audio
from phone.prompts import Sound
from phone.verbs import Dial, Enqueue, Gather

if TYPE_CHECKING:
    from phone.leg import Leg


class Phase:
    """One stretch of a call. It ends by itself when it is due, or by what the caller does."""

    def __init__(self, leg: "Leg") -> None:
        self.leg = leg
        self.since = leg.clock.now()

    @property
    def awaits_caller(self) -> bool:
        """It is the caller's turn."""
        return False

    @property
    def heeded(self) -> bool:
        """The caller has begun to answer, and the line goes on by itself."""
        return False

    def due_at(self) -> datetime:
        """When it ends, or moves on, if the caller does nothing."""
        raise NotImplementedError

    def time_is_up(self) -> None:
        raise NotImplementedError

    def press(self, key: str) -> None:
        self.leg.note("caller", "lost", key)

    def utter(self, words: str, confidence: float | None) -> None:
        """Words for a speech recogniser: lost where there is none."""

    def speak(self, samples: bytes) -> None:
        """Sound takes its time, and only a recording keeps it."""
        self.leg.wait(audio.seconds(samples))

    def hung_up(self, tell_end: Callable[[], None]) -> None:
        """The caller has gone; `tell_end` sends the call's status callback."""
        tell_end()


class Speaking(Phase):
    """Say, Play and Pause: one sound after the other, then the next verb."""

    def __init__(self, leg: "Leg", sounds: Iterable[Sound]) -> None:
        super().__init__(leg)
        self._sounds = deque(sounds)
        self._sound_until: datetime | None = None
        self._next_sound()

    def due_at(self) -> datetime:
        return self._sound_until or self.since

    def time_is_up(self) -> None:
        self._next_sound()
        if self._sound_until is None:
            self.leg.next_verb()

    def _next_sound(self) -> None:
        self._sound_until = None
        if self._sounds:
            sound = self._sounds.popleft()
            self._sound_until = self.leg.clock.now() + timedelta(seconds=sound.seconds)
            self.leg.note("line", sound.kind, sound.text)


class Gathering(Speaking):
    """Gather: the first key stops the prompts, and each key starts the waiting anew."""

    def __init__(self, leg: "Leg", verb: Gather, sounds: Iterable[Sound]) -> None:
        self._verb = verb
        self._digits = ""
        self._quiet_since = leg.clock.now()
        super().__init__(leg, sounds)

    @property
    def awaits_caller(self) -> bool:
        return self._sound_until is None

    @property
    def heeded(self) -> bool:
        return bool(self._digits)

    def due_at(self) -> datetime:
        return self._sound_until or self._quiet_since + timedelta(seconds=self._verb.timeout)

    def time_is_up(self) -> None:
        if self._sound_until is None:
            self._finish()
            return
        self._next_sound()
        self._quiet_since = self.leg.clock.now()

    def press(self, key: str) -> None:
        if "dtmf" not in self._verb.input:
            super().press(key)
            return
        self._sounds.clear()
        self._sound_until = None
        self._quiet_since = self.leg.clock.now()
        if key == self._verb.finish_on_key:
            self._finish(key)
            return
        self._digits += key
        if len(self._digits) == self._verb.num_digits:
            self._finish()

    def utter(self, words: str, confidence: float | None) -> None:
        if "speech" in self._verb.input:
            heard = {"SpeechResult": words} | ({} if confidence is None else {"Confidence": f"{confidence:.8f}"})
            self._request(heard)

    def _finish(self, key: str = "") -> None:
        ended = {"FinishedOnKey": key, "msg": "Gather End"}
        if self._digits:
            self._request({"Digits": self._digits, **ended})
        elif self._verb.action_on_empty_result and self.leg.manners.empty_digits != "falls_through":
            self._request(({"Digits": ""} if self.leg.manners.empty_digits == "empty" else {}) | ended)
        else:
            self.leg.next_verb()

    def _request(self, heard: dict[str, str]) -> None:
        self.leg.go_to(self._verb.action, self._verb.method, heard)


class Connected(Phase):
    """Dial and Enqueue: the caller speaks with somebody, and the survey waits."""

    def __init__(self, leg: "Leg", verb: Dial | Enqueue) -> None:
        super().__init__(leg)
        self._verb = verb
        self._far_sid = leg.carrier.new_sid("CA")
        whom = verb.queue if isinstance(verb, Enqueue) else ", ".join(noun.target for noun in verb.nouns)
        leg.note("line", "connect", whom)

    def due_at(self) -> datetime:
        talks = self.leg.manners.dial_status in ("completed", "answered")
        limit = self._verb.time_limit if isinstance(self._verb, Dial) else self.leg.manners.dial_s
        rings = self._verb.timeout if isinstance(self._verb, Dial) else 0
        return self.since + timedelta(seconds=min(self.leg.manners.dial_s, limit) if talks else rings)

    def time_is_up(self) -> None:
        if self._verb.action is None:
            self.leg.next_verb()
        else:
            self.leg.go_to(self._verb.action, self._verb.method, self._result())

    def press(self, key: str) -> None:
        if key == "*" and isinstance(self._verb, Dial) and self._verb.hangup_on_star:
            self.time_is_up()

    def hung_up(self, tell_end: Callable[[], None]) -> None:
        action = self._verb.action
        if action is None or not self.leg.manners.dial_action_on_hangup:
            tell_end()
            return
        self.leg.in_hangup_order(lambda: self.leg.tell_action(action, self._verb.method, self._result()), tell_end)

    def _result(self) -> dict[str, str]:
        spoken_s = round((self.leg.clock.now() - self.since).total_seconds())
        match self._verb:
            case Enqueue():
                return {
                    "QueueSid": self._far_sid.replace("CA", "QU", 1),
                    "QueueResult": "bridged",
                    "QueueTime": str(spoken_s),
                }
            case Dial(nouns=nouns) if any(noun.kind == "Conference" for noun in nouns):
                return {"DialCallStatus": "answered"}
        talked = self.leg.manners.dial_status in ("completed", "answered")
        return {
            "DialCallStatus": self.leg.manners.dial_status,
            "DialCallSid": self._far_sid,
            "DialCallDuration": str(spoken_s if talked else 0),
            "DialBridged": "true" if talked else "false",
        }
