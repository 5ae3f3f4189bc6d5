"""The carrier's end of one call: runs the app's documents and tells the app what happened."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin, urlsplit

from phone import parameters
from phone.carrier import CallRecord, Carrier
from phone.clock import VirtualClock
from phone.dialogue import Kind, Line, Who
from phone.errors import CarrierError, PhoneMisused
from phone.manners import Manners
from phone.phases import Connected, Gathering, Phase, Speaking
from phone.prompts import WRONG_TYPE_IN_GATHER, prepare
from phone.recording import RecordingPhase
from phone.requests import Requests
from phone.transport import Reply, Transport
from phone.twiml import read_reply, read_twiml
from phone.verbs import Dial, Enqueue, Gather, Hangup, Pause, Play, Record, Redirect, Reject, Say, Verb

MOST_DOCUMENTS = 50  # in a row that ask for nothing
SORRY = "We are sorry, an application error has occurred. Goodbye."
Ended = Literal["completed", "busy", "failed", "no-answer"]


class Leg:
    """A call between `record`'s parties. The clock moves only as far as time is let pass; nothing sleeps.

    What the app does wrong is kept in `errors` (the carrier's debugger) and leads to the fallback address, as at the
    carrier; only what nobody can do on a telephone raises.

    Attributes:
        lines: the dialogue so far; `on_line` is told each line as it comes.
        requests: all requests about this call, with their replies.
        phase: what the line is doing; None before the call begins and after its end.
        late_news: what `Manners(recording_news="late")` holds back.
    """

    def __init__(
        self,
        carrier: Carrier,
        transport: Transport,
        record: CallRecord,
        manners: Manners,
        clock: VirtualClock,
        on_line: Callable[[Line], None],
    ) -> None:
        self.carrier = carrier
        self.record = record
        self.manners = manners
        self.clock = clock
        self.requests = Requests(carrier.sign, transport, manners)
        self.lines: list[Line] = []
        self.errors: list[CarrierError] = []
        self.late_news: list[Callable[[], None]] = []
        self.phase: Phase | None = None
        self._on_line = on_line
        self._began_at = clock.now()
        self._answered_at: datetime | None = None
        self._verbs: deque[Verb] = deque()
        self._document_url = ""  # empty while a document runs that came with the call itself
        self._documents = 0

    @property
    def sid(self) -> str:
        return self.record.sid

    @property
    def over(self) -> bool:
        return self.record.over

    @property
    def answered(self) -> bool:
        return self._answered_at is not None

    def note(self, who: Who, kind: Kind, text: str = "") -> None:
        """Add to the dialogue."""
        line = Line((self.clock.now() - self._began_at).total_seconds(), who, kind, text)
        self.lines.append(line)
        self._on_line(line)

    # Time

    def wait(self, seconds: float) -> None:
        """Let time pass, and with it whatever falls due."""
        until = self.clock.now().timestamp() + seconds
        while self.phase is not None and self.phase.due_at().timestamp() <= until:
            self.move_on()
        self.clock.sleep(max(0.0, until - self.clock.now().timestamp()))

    def move_on(self) -> None:
        """Let time pass until the line goes on by itself: to the next prompt, or past the caller's chance."""
        phase = self.must_be_on()
        self.clock.sleep(max(0.0, (phase.due_at() - self.clock.now()).total_seconds()))
        phase.time_is_up()

    def must_be_on(self) -> Phase:
        """What the line is doing.

        Raises:
            PhoneMisused: the call has not begun, or is over.
        """
        if self.phase is None:
            raise PhoneMisused("the call is over" if self.over else "the call has not begun")
        return self.phase

    # Documents

    def go_to(self, url: str, method: str, fields: Mapping[str, str]) -> None:
        """Ask the app for the next document, and run it. An empty `url` is the current document's."""
        try:
            self._run(self._fetch(url, method, fields))
        except CarrierError as error:
            self._fall_back(error, urljoin(self._document_url, url), fields)

    def run_inline(self, twiml: str) -> None:
        """Run a document that came with the call or its update; its addresses must be absolute."""
        self._document_url = ""
        try:
            self._run(read_twiml(twiml.encode()))
        except CarrierError as error:
            self._fall_back(error, "", {})

    def next_verb(self) -> None:
        """Go on below the verb that has ended; at the end of the document the line hangs up."""
        self.phase = None
        try:
            while self.phase is None and not self.over:
                self._do(self._verbs.popleft() if self._verbs else Hangup())
        except CarrierError as error:
            self._fall_back(error, self._document_url, {})

    def _run(self, verbs: Iterable[Verb]) -> None:
        self._verbs = deque(verbs)
        self.next_verb()

    def _do(self, verb: Verb) -> None:
        if not isinstance(verb, Redirect | Reject | Pause):
            self.pick_up()
        match verb:
            case Say() | Play() | Pause():
                self._enter(Speaking(self, [prepare(verb, self._file)]))
            case Gather(prompts=prompts):
                sounds = [prepare(prompt, self._file, WRONG_TYPE_IN_GATHER) for prompt in prompts]
                self._enter(Gathering(self, verb, sounds))
            case Record():
                self._resolve(verb.action)
                self._enter(RecordingPhase(self, verb))
            case Dial() | Enqueue():
                self._enter(Connected(self, verb))
            case Redirect(url=url, method=method):
                self._verbs.clear()
                self.go_to(url, method, {})
            case Reject(reason=reason):
                self.hang_up_line("busy" if reason == "busy" else "no-answer")
            case Hangup():
                self.hang_up_line("completed")

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        if isinstance(phase, Gathering | RecordingPhase):
            self._documents = 0

    def _fetch(self, url: str, method: str, fields: Mapping[str, str]) -> tuple[Verb, ...]:
        self._documents += 1
        if self._documents > MOST_DOCUMENTS:
            raise CarrierError(12400, f"{MOST_DOCUMENTS} documents in a row that ask for nothing: they go in circles")
        url = self._resolve(url)
        reply = self.requests.ask(url, method, self._fields(fields))
        verbs = read_reply(reply.body, reply.content_type)
        self._document_url = url
        return verbs

    def _resolve(self, url: str) -> str:
        if not self._document_url and not urlsplit(url).scheme:
            raise CarrierError(11100, f"Invalid URL {url!r}: it must be absolute in a document that came with the call")
        return urljoin(self._document_url, url)

    def _file(self, url: str) -> tuple[str, Reply]:
        url = self._resolve(url)
        return url, self.requests.fetch(url)

    def _fields(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {**parameters.of_call(self.record, self.carrier.account_sid), **self.manners.extra, **fields}

    # Where things go wrong

    def _fall_back(self, error: CarrierError, url: str, fields: Mapping[str, str]) -> None:
        self._complain(error)
        route = self.record.route
        if not route.fallback_url or self._document_url == route.fallback_url:
            self._apologise()
            return
        reason = {"ErrorCode": str(error.code), "ErrorUrl": url}
        try:
            verbs = self._fetch(route.fallback_url, route.fallback_method, {**fields, **reason})
        except CarrierError as another:
            self._complain(another)
            self._apologise()
        else:
            self._run(verbs)

    def _complain(self, error: CarrierError) -> None:
        self.errors.append(error)
        self.note("carrier", "error", str(error))

    def _apologise(self) -> None:
        self.note("line", "say", SORRY)
        self.hang_up_line("completed" if self.answered else "failed")

    # News for the app

    def tell(self, url: str, method: str, fields: Mapping[str, str], times: int = 1) -> None:
        """Send a callback whose reply says nothing but that it arrived."""
        try:
            reply = self.requests.ask(self._resolve(url), method, {**fields, **self.manners.extra}, times)
            if reply.status != 204 and read_reply(reply.body, reply.content_type):
                raise CarrierError(12200, f"{url} answers a callback with verbs; answer 204, or an empty Response")
        except CarrierError as error:
            self._complain(error)

    def tell_action(self, url: str, method: str, fields: Mapping[str, str]) -> None:
        """Ask for the action of a verb that the caller left; nobody hears the document, but it must be one."""
        try:
            reply = self.requests.ask(self._resolve(url), method, self._fields(fields))
            read_reply(reply.body, reply.content_type)
        except CarrierError as error:
            self._complain(error)

    def in_hangup_order(self, action: Callable[[], None], end: Callable[[], None]) -> None:
        """Do both in the order that the carrier's manners have today, or what of it is not lost."""
        orders = {"action_first": (action, end), "status_first": (end, action), "action_lost": (end,), "both_lost": ()}
        for tell in orders[self.manners.hangup_order]:
            tell()

    def tell_event(self, event: str) -> None:
        """Send the call's status callback, if that event is wanted."""
        route = self.record.route
        if route.status_callback and event in route.status_events:
            news = parameters.of_event(event, self.record, self.clock.now())
            self.tell(route.status_callback, route.status_callback_method, self._fields(news))

    # Beginning and end

    def pick_up(self) -> None:
        """The call is answered, once."""
        if not self.answered:
            self._answered_at = self.clock.now()
            self.become("in-progress")

    def hang_up_line(self, status: Ended) -> None:
        """The line's side ends the call."""
        self.note("line", "hangup")
        self.close(status)
        self.tell_event("completed")

    def close(self, status: Ended) -> None:
        """The call is over, and nobody has been told yet."""
        self.phase = None
        self._verbs.clear()
        spoken_s = (self.clock.now() - self._answered_at).total_seconds() if self._answered_at else 0
        self.record = replace(self.record, duration_s=round(spoken_s))
        self.become(status)
        self.carrier.live.pop(self.sid, None)

    def become(self, status: str) -> None:
        self.record = replace(self.record, status=status)
        self.carrier.keep_call(self.record)
