"""Scripted calls that read as telephone calls.

```python
caller = phone.takes("after-call", agent="a7", group="billing")
caller.hears("how satisfied").presses("1")
caller.hears("tell us what went wrong").says("two_transfers.wav").hangs_up()
```
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import urlencode

from phone import texting
from phone.call import PhoneCall
from phone.carrier import CallRecord, Carrier, Route
from phone.clock import VirtualClock
from phone.dialogue import Line, tell
from phone.errors import PhoneMisused
from phone.leg import Ended
from phone.manners import Manners
from phone.transport import Reply, Transport

NORA = "+12025550199"
SURVEY_LINE = "+12025550100"
ANONYMOUS = "+266696687"  # how a withheld number often arrives: ANONYMOUS on a keypad
CameBy = Literal["query", "form", "sip"]


class Phone:
    """A telephone that reaches the app at `public_url` through `transport`.

    `clips` is the folder in which `says("…wav")` looks. Calls complain of everything the app does wrong, unless they
    are `forgiving`.
    """

    def __init__(
        self,
        carrier: Carrier,
        transport: Transport,
        public_url: str,
        *,
        manners: Manners | None = None,
        clips: Path = Path(),
        clock: Callable[[], VirtualClock] = VirtualClock,
        on_line: Callable[[Line], None] | None = None,
    ) -> None:
        self.carrier = carrier
        self.manners = manners or Manners()
        self._transport = transport
        self._public_url = public_url.rstrip("/")
        self._clips = clips
        self._clock = clock
        self._on_line = on_line

    def takes(
        self,
        survey: str,
        *,
        by: CameBy = "query",
        caller: str = NORA,
        manners: Manners | None = None,
        forgiving: bool = False,
        **context: str,
    ) -> "Caller":
        """A caller comes to the survey, with what the contact centre knows; `by` tells how that travels.

        As `sip` it comes as X- headers of a SIP call, whose parties are SIP addresses.
        """
        manners = manners or self.manners
        route = self.route(survey, context if by == "query" else {}, manners)
        called = SURVEY_LINE
        fields = dict(context)
        if by == "sip":
            caller, called = f"sip:{caller.lstrip('+')}@pbx.example.com", "sip:survey@harbor.sip.twilio.com"
            fields = _sip_fields(context, self.carrier)
        return self.calls(route, caller, called, manners, {} if by == "query" else fields, forgiving=forgiving)

    def calls(
        self,
        route: Route,
        caller: str = NORA,
        called: str = SURVEY_LINE,
        manners: Manners | None = None,
        fields: Mapping[str, str] | None = None,
        *,
        forgiving: bool = False,
    ) -> "Caller":
        """A caller comes to a number with that route."""
        record = self.carrier.open_call(caller, called, "inbound", route, self._clock().now())
        call = self._call(record, manners)
        return Caller(call, self._clips, forgiving=forgiving).rings(lambda: call.begin(fields))

    def dials(self, number: str, caller: str = NORA, *, forgiving: bool = False) -> "Caller":
        """A caller dials one of the account's numbers."""
        found = self.carrier.find_number(number)
        if found is None:
            raise PhoneMisused(f"{number} is none of the account's numbers")
        return self.calls(found.route, caller, number, forgiving=forgiving)

    def answers(self, call_sid: str, *, forgiving: bool = False, **fields: str) -> "Caller":
        """Somebody picks up a call that the app has asked the carrier for. `fields` such as `AnsweredBy`."""
        call = self._call(self._waiting(call_sid), None)
        return Caller(call, self._clips, forgiving=forgiving).rings(lambda: call.answer(fields))

    def rings_in_vain(self, call_sid: str, status: Ended = "no-answer") -> PhoneCall:
        """Nobody picks up a call that the app has asked the carrier for."""
        call = self._call(self._waiting(call_sid), None)
        call.fail(status)
        return call

    def texts(self, body: str, caller: str = NORA, called: str = SURVEY_LINE) -> Reply:
        """Somebody sends a text message to the survey line; what the app answers."""
        return texting.receive(self.carrier, self._transport, f"{self._public_url}/sms", caller, called, body)

    def reports(self, message_sid: str, status: str, error_code: int | None = None) -> None:
        """The carrier tells what became of a message that the app sent."""
        texting.report(self.carrier, self._transport, message_sid, status, error_code)

    def route(self, survey: str, context: Mapping[str, str] | None = None, manners: Manners | None = None) -> Route:
        """How a number leads to the survey, as `app.py connect` sets it."""
        voice = f"{self._public_url}/voice/{survey}" + (f"?{urlencode(context)}" if context else "")
        return Route(
            voice_url=voice,
            voice_method=(manners or self.manners).method,
            fallback_url=f"{self._public_url}/voice/fallback",
            status_callback=f"{self._public_url}/voice/status",
        )

    def _call(self, record: CallRecord, manners: Manners | None) -> PhoneCall:
        return PhoneCall(self.carrier, self._transport, record, manners or self.manners, self._clock(), self._on_line)

    def _waiting(self, call_sid: str) -> CallRecord:
        record = self.carrier.find_call(call_sid)
        if record is None or record.status != "queued":
            raise PhoneMisused(f"no call {call_sid} waits to be answered")
        return record


class Caller:
    """Who holds the telephone: each method is what they do or notice, and fails with the dialogue so far."""

    def __init__(self, call: PhoneCall, clips: Path = Path(), *, forgiving: bool = False) -> None:
        self.call = call
        self._clips = clips
        self._forgiving = forgiving
        self._since = 0  # the line of the dialogue after the caller's last act

    @property
    def call_sid(self) -> str:
        return self.call.sid

    @property
    def heard(self) -> list[str]:
        """What the line has said so far."""
        return self.call.heard

    @property
    def transcript(self) -> str:
        """The dialogue so far."""
        return tell(self.call.lines)

    def rings(self, begin: Callable[[], None]) -> "Caller":
        """The call comes about."""
        return self._goes_on(begin)

    # What the caller notices

    def hears(self, words: str) -> "Caller":
        """The line says these words after the caller's last act; case and spacing do not matter."""
        while _plain(words) not in self._just_heard():
            if self._is_asked():
                self._fail(f'"{words}" was not heard')
            self._goes_on(self.call.move_on)
        return self

    def is_hung_up_on(self) -> "Caller":
        """The line hangs up without asking for anything more."""
        while not self._is_asked():
            self._goes_on(self.call.move_on)
        if not self.call.over:
            self._fail("the line did not hang up")
        return self

    # What the caller does

    def presses(self, keys: str) -> "Caller":
        """Hear the question out, press the keys, and wait until they are taken for an answer."""
        return self._acts(lambda: self.call.key_in(keys))

    def presses_at_once(self, keys: str) -> "Caller":
        """Press keys now, into a prompt, or before an answer is complete."""
        return self._acts(lambda: self.call.press(keys), waits=False)

    def says(self, sound: float | str | Path) -> "Caller":
        """Speak into a recording: so many seconds, or a clip by its name."""
        return self._acts(lambda: self.call.speak(self._clips / sound if isinstance(sound, str) else sound))

    def answers(self, words: str, confidence: float | None = 0.9) -> "Caller":
        """Answer a speech recogniser."""
        return self._acts(lambda: self.call.utter(words, confidence))

    def stays_silent(self) -> "Caller":
        """Hear the question out, and let the chance go by; after speaking, let silence end the recording."""
        return self._acts(self.call.stay_silent)

    def waits(self, seconds: float) -> "Caller":
        """Let time pass."""
        return self._acts(lambda: self.call.wait(seconds), waits=False)

    def hangs_up(self) -> "Caller":
        """Put the telephone down, now."""
        return self._acts(self.call.hang_up, waits=False)

    def _acts(self, act: Callable[[], None], *, waits: bool = True) -> "Caller":
        if waits:
            self._goes_on(self.call.hear_out)
        if self.call.over:
            self._fail("the call is over, and the caller can do nothing more")
        self._since = len(self.call.lines)
        return self._goes_on(act)

    def _goes_on(self, act: Callable[[], None]) -> "Caller":
        act()
        if self.call.errors and not self._forgiving:
            self._fail(f"the carrier complains: {self.call.errors[0]}")
        return self

    def _is_asked(self) -> bool:
        """It is the caller's turn, or there is no call any more."""
        phase = self.call.phase
        return phase is None or (phase.awaits_caller and not phase.heeded)

    def _just_heard(self) -> str:
        return _plain(" ".join(line.text for line in self.call.lines[self._since :] if line.who == "line"))

    def _fail(self, why: str) -> NoReturn:
        raise AssertionError(f"{why}\n{self.transcript}")


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def _sip_fields(context: Mapping[str, str], carrier: Carrier) -> dict[str, str]:
    headers = {f"SipHeader_X-{name.replace('_', '-').title()}": value for name, value in context.items()}
    return {
        "SipDomain": "harbor.sip.twilio.com",
        "SipDomainSid": carrier.new_sid("SD"),
        "SipCallId": f"{carrier.new_sid('')}@pbx.example.com",
        "SipSourceIp": "203.0.113.7",
        **headers,
    }
