"""Record: what the caller says until a key, silence, the limit or a hang-up, and the news of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from phone import audio
from phone.carrier import Recording
from phone.phases import Phase
from phone.verbs import Record

if TYPE_CHECKING:
    from phone.leg import Leg

TOO_SHORT, SILENT, LOST = 16101, 16102, 16105


class RecordingPhase(Phase):
    """The caller is being recorded."""

    def __init__(self, leg: "Leg", verb: Record) -> None:
        super().__init__(leg)
        self._verb = verb
        self._sid = leg.carrier.new_sid("RE")
        self._samples = bytearray()
        self._speech: slice | None = None  # from the first word to the last
        self._quiet_since = self.since
        if verb.play_beep:
            leg.note("line", "beep")
        self._tell(self._describe("in-progress", 0, 0))

    @property
    def awaits_caller(self) -> bool:
        return True

    @property
    def heeded(self) -> bool:
        return self._speech is not None

    def due_at(self) -> datetime:
        limit = self.since + timedelta(seconds=self._verb.max_length)
        silence = timedelta(seconds=self._verb.timeout)
        return min(limit, self._quiet_since + silence) if silence else limit

    def time_is_up(self) -> None:
        self._finish("")

    def press(self, key: str) -> None:
        if key in self._verb.finish_on_key:
            self._finish(key)
        else:
            self.speak(audio.key_tone(key))

    def speak(self, samples: bytes) -> None:
        heard = samples[: self._room()]
        begins = self._speech.start if self._speech else len(self._with_silence())
        self._samples = self._with_silence() + heard
        self._speech = slice(begins, len(self._samples))
        self.leg.clock.sleep(audio.seconds(heard))
        self._quiet_since = self.leg.clock.now()
        if len(heard) < len(samples):
            self._finish("")

    def hung_up(self, tell_end: Callable[[], None]) -> None:
        if self._leaves_no_trace():
            tell_end()
            return
        recording = self._keep()
        self._tell_early(recording)
        result = self._result("hangup")
        self.leg.in_hangup_order(lambda: self.leg.tell_action(self._verb.action, self._verb.method, result), tell_end)
        self._tell_afterwards(recording)

    def _finish(self, ended_by: str) -> None:
        if self._leaves_no_trace():
            self.leg.next_verb()
            return
        recording = self._keep()
        self._tell_early(recording)
        self.leg.go_to(self._verb.action, self._verb.method, self._result(ended_by))
        self._tell_afterwards(recording)

    def _leaves_no_trace(self) -> bool:
        return self._speech is None and self.leg.manners.silent_record == "falls_through"

    # The sound

    def _room(self) -> int:
        left_s = self._verb.max_length - (self.leg.clock.now() - self.since).total_seconds()
        return 2 * round(audio.RATE * left_s)

    def _with_silence(self) -> bytearray:
        missing_s = (self.leg.clock.now() - self.since).total_seconds() - audio.seconds(self._samples)
        return self._samples + audio.silence(max(0.0, missing_s))

    def _file(self) -> bytes:
        """What is kept: all of it, or by default without the silence around the words."""
        whole = self._with_silence()
        return bytes(whole[self._speech] if self._speech and self._verb.trim == "trim-silence" else whole)

    # What the carrier makes of it

    def _keep(self) -> Recording:
        samples, news = self._file(), self.leg.manners.recording_news
        if news == "failed":
            recording = self._describe("failed", 0, LOST)
        elif news == "absent":
            recording = self._describe("absent", 0, TOO_SHORT)
        elif self._speech is None and self.leg.manners.silent_record == "action":
            recording = self._describe("absent", 0, SILENT)
        else:
            recording = self._describe("completed", round(audio.seconds(samples)), 0)
        self.leg.carrier.keep_recording(recording, audio.wav(samples) if recording.status == "completed" else None)
        return recording

    def _describe(self, status: str, duration_s: int, error_code: int) -> Recording:
        late = self.leg.manners.media_404s
        return Recording(self._sid, self.leg.sid, status, duration_s, self.since.isoformat(), late, error_code)

    def _result(self, ended_by: str) -> dict[str, str]:
        """The parameters of the action; the length is that before silence is cut off."""
        nothing = self._speech is None and self.leg.manners.silent_record == "action"
        duration_s = 0 if nothing else round((self.leg.clock.now() - self.since).total_seconds())
        return {
            "RecordingSid": self._sid,
            "RecordingUrl": self.leg.carrier.recording_url(self._sid),
            "RecordingDuration": str(duration_s),
            **({"Digits": ended_by} if ended_by or self.leg.manners.empty_digits == "empty" else {}),
        }

    # The news of it

    def _tell_early(self, recording: Recording) -> None:
        if self.leg.manners.recording_news == "before_action":
            self._tell(recording)

    def _tell_afterwards(self, recording: Recording) -> None:
        match self.leg.manners.recording_news:
            case "normal" | "absent" | "failed":
                self._tell(recording)
            case "twice":
                self._tell(recording, times=2)
            case "late":
                self.leg.late_news.append(lambda: self._tell(recording))

    def _tell(self, recording: Recording, times: int = 1) -> None:
        url, wanted = self._verb.recording_status_callback, self._verb.recording_status_callback_event
        if url and (recording.status in wanted or recording.status == "failed"):
            method = self._verb.recording_status_callback_method
            self.leg.tell(url, method, self._news_of(recording), times)

    def _news_of(self, recording: Recording) -> dict[str, str]:
        # No From, To or CallStatus: the call is known by its CallSid alone.
        return {
            "AccountSid": self.leg.carrier.account_sid,
            "CallSid": self.leg.sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.leg.carrier.recording_url(recording.sid),
            "RecordingStatus": recording.status,
            "RecordingDuration": str(recording.duration_s),
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": format_datetime(self.since),
            "ErrorCode": str(recording.error_code),
        }
