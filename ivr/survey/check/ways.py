"""Ways through the survey: steps that no call comes to, conditions that decide nothing, alerts that cannot fire."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.steps.end import End
from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey.check.clear import is_unclear
from ivr.survey.check.subject import Located, Subject
from ivr.survey.diagnostics import Diagnostic
from ivr.survey.flow import VERDICT, Flow, TooMany
from ivr.survey.knowledge import CONSENT, Known, asked_name
from ivr.survey.shapes import AlertRule
from ivr.survey.strict_yaml import Path


def check_ways(subject: Subject) -> Iterator[Diagnostic]:
    """The survey's conditions must be without error."""
    flow = Flow(subject.survey)
    try:
        seen = _Seen.along(subject, flow)
    except TooMany:
        yield subject.wrong(
            "W011", ("steps",), "there are too many ways through to try them all", "ask fewer questions"
        )
        return
    yield from _steps(subject, flow, seen)
    for number, rule in enumerate(subject.survey.alerts):
        yield from _alert(subject, flow, rule, ("alerts", number))


class Verdict:
    """What a condition came to, over all that may be known where it is asked."""

    def __init__(self, flow: Flow, text: str) -> None:
        self.flow, self.text = flow, text
        self.asked = self.ever = False
        self.always = self.always_with_answers = True

    def see(self, known: Known) -> bool:
        judged = next((value for name, value in known if name == VERDICT), None)
        holds, whole = judged or (self.flow.holds(self.text, known), self.flow.knowledge.is_whole(self.text, known))
        self.asked, self.ever = True, self.ever or holds
        self.always = self.always and holds
        self.always_with_answers = self.always_with_answers and (holds or not whole)
        return bool(holds)

    @property
    def is_never(self) -> bool:
        return self.asked and not self.ever

    @property
    def is_always(self) -> bool:
        """True whatever is answered. One that asks whether there is an answer must be so without any, too."""
        return self.ever and self.always_with_answers

    @property
    def is_always_a_jump(self) -> bool:
        """A jump away from what is for others may well hold for all who come to it; it must also be needless."""
        return self.is_always and (self.always or self.flow.is_always(self.text))


@dataclass(slots=True)
class _Seen:
    """What was met on all ways together."""

    reached: set[int] = field(default_factory=set)  # numbers of places
    unconsented: set[int] = field(default_factory=set)
    verdicts: dict[Path, Verdict] = field(default_factory=dict)

    @classmethod
    def along(cls, subject: Subject, flow: Flow) -> "_Seen":
        seen = cls()
        paths = {located.step.id: located.path for located in subject.steps}
        for number, known in flow.walk():
            if number < len(flow.places):
                seen._arrive(flow, number, known, paths[flow.places[number].step.id])
        return seen

    def _arrive(self, flow: Flow, number: int, known: Known, path: Path) -> None:
        place = flow.places[number]
        if place.kind != "close" and place.step.only_if and _is_drawn(flow, number, known):
            self._verdict(flow, (*path, "only_if"), place.step.only_if).see(known)
        if not flow.applies(number, known):
            return
        self.reached.add(number)
        if isinstance(place.step, Voice) and (CONSENT, True) not in known:
            self.unconsented.add(number)
        if place.kind != "open":
            for after, dialled in flow.outcomes(number, known):
                self._leave(flow, number, after, dialled, path)

    def _leave(self, flow: Flow, number: int, after: Known, dialled: int | None, path: Path) -> None:
        step = flow.places[number].step
        if dialled is not None:
            self.reached.add(dialled)
            return
        if step.confirm_if and isinstance(step, Question) and step.id in {name for name, _ in after}:
            self._verdict(flow, (*path, "confirm_if"), step.confirm_if).see(after)
        for index, jump in enumerate(step.jump):
            if self._verdict(flow, (*path, "jump", index, "when"), jump.when).see(after):
                break

    def _verdict(self, flow: Flow, path: Path, text: str) -> Verdict:
        if path not in self.verdicts:
            self.verdicts[path] = Verdict(flow, text)
        return self.verdicts[path]


def _is_drawn(flow: Flow, number: int, known: Known) -> bool:
    block = flow.places[number].block
    return not block or not block.ask or flow.places[number].step.id in dict(known).get(f"#{block.id}", ())


def _steps(subject: Subject, flow: Flow, seen: _Seen) -> Iterator[Diagnostic]:
    for number, place in enumerate(flow.places):
        if place.kind == "close":
            continue
        located = subject.by_id[place.step.id]
        only_if = seen.verdicts.get((*located.path, "only_if"))
        if number not in seen.reached and (only_if is None or not only_if.asked):
            yield _unreached(subject, located)
        if number in seen.unconsented:
            message = f'"{place.step.id}" records callers who have not agreed to it'
            yield subject.wrong("E033", (*located.path, "id"), message, "put a consent step before it on every path")
    for path, verdict in seen.verdicts.items():
        yield from _verdict(subject, path, verdict)


def _unreached(subject: Subject, located: Located) -> Diagnostic:
    message = f'no call comes to "{located.step.id.partition(" ")[0]}"'  # a second of that id was given another
    before = [other.step for other in subject.steps if other.number < located.number]
    after_end = any(isinstance(step, End) and step.only_if is None for step in before)
    repair = "move it above the ending" if after_end else "change the jumps or conditions before it, or remove it"
    return subject.wrong("E030", (*located.path, "id"), message, repair)


def _verdict(subject: Subject, path: Path, verdict: Verdict) -> Iterator[Diagnostic]:
    if is_unclear(verdict.text):
        return
    role = next(str(part) for part in reversed(path) if isinstance(part, str))
    if verdict.is_never:
        yield subject.wrong(
            "E031", path, f'"{verdict.text}" is never true here', "change it, or remove what depends on it"
        )
    elif role == "when" and not verdict.is_always_a_jump:
        return
    elif verdict.is_always and not (role == "confirm_if" and "answered" in verdict.text):
        repair = f"remove {role}" if role != "when" else "remove the condition's excess, or the steps it jumps over"
        yield subject.wrong("E032", path, f'"{verdict.text}" is true for every answer', repair)


# Alerts ---------------------------------------------------------------------------------------------


def _alert(subject: Subject, flow: Flow, rule: AlertRule, at: Path) -> Iterator[Diagnostic]:
    """The rule is judged with every answer, so wherever a call may come to; an answer once kept stays."""
    anywhere, at_the_end = Verdict(flow, rule.when), Verdict(flow, rule.when)
    attached: set[str] = set()
    try:
        for number, known in flow.walk(map(asked_name, rule.attach), rule.when):
            if anywhere.see(known):
                attached |= {name for name, _ in known}
            if number == len(flow.places) or _ends(flow, number, known):
                at_the_end.see(known)
    except TooMany:
        yield subject.wrong("W011", (*at, "when"), "there are too many ways to try them all", "name fewer answers")
        return
    if anywhere.is_never and not is_unclear(rule.when):
        yield subject.wrong(
            "E034", (*at, "when"), f'"{rule.name}" can never fire', "change its condition, or remove it"
        )
        return
    if at_the_end.is_always and not is_unclear(rule.when):
        yield subject.wrong(
            "E032", (*at, "when"), f'"{rule.when}" is true for every answer', "say which callers are meant"
        )
    for index, step_id in enumerate(rule.attach):
        if step_id in subject.by_id and asked_name(step_id) not in attached:
            message = f'"{step_id}" is asked on no path on which "{rule.name}" fires'
            yield subject.wrong("E035", (*at, "attach", index), message, "ask it there, or do not attach it")


def _ends(flow: Flow, number: int, known: Known) -> bool:
    return isinstance(flow.places[number].step, End) and flow.applies(number, known)
