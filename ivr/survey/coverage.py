"""What the tests of a survey reach: each step asked, each condition both ways, each jump taken, each alert raised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ivr.call import CallEnded, CallState, QuestionAsked, Transferred
from ivr.exchange import environment
from ivr.steps.block import Block
from ivr.steps.end import End
from ivr.survey.flow import Flow
from ivr.survey.knowledge import Known
from ivr.survey.scripted import PlayedCall
from ivr.survey.shapes import Survey


@dataclass(frozen=True, slots=True)
class Branch:
    """One thing that can happen in a survey: a step is asked or left out, a jump is taken, an alert is raised."""

    kind: Literal["asked", "left out", "jump", "alert"]
    name: str
    to: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "jump":
                return f"{self.name} jumps to {self.to}"
            case "alert":
                return f"alert “{self.name}”"
            case kind:
                return f"{self.name} is {kind}"


def branches(survey: Survey) -> tuple[Branch, ...]:
    """Everything that can happen, from the top of the survey to its alerts."""
    return tuple(_branches(survey))


def _branches(survey: Survey) -> Iterator[Branch]:
    drawn = {inner.id for step in survey.steps if isinstance(step, Block) and step.ask for inner in step.steps}
    for step in survey.all_steps:
        if step.id in drawn:
            continue  # left to chance, which a test does not choose
        yield Branch("asked", step.id)
        if step.only_if:
            yield Branch("left out", step.id)
        yield from (Branch("jump", step.id, jump.to) for jump in step.jump)
    yield from (Branch("alert", rule.name) for rule in survey.alerts)


def covered(survey: Survey, calls: Iterable[PlayedCall]) -> frozenset[Branch]:
    """What happened in these calls."""
    flow = Flow(survey)
    return frozenset(branch for call in calls for branch in happened(flow, call))


def happened(flow: Flow, call: PlayedCall) -> Iterator[Branch]:
    """What happened in one call."""
    yield from (Branch("alert", name) for name in call.alerts)
    heard = _heard(call)
    yield from (Branch("asked", step) for step in heard)
    yield from _on_the_way(flow, _known(flow, call.state), _stopped(flow, call, heard))


def _heard(call: PlayedCall) -> list[str]:
    """The steps that were heard, in order; the last one is where the call ended."""
    heard: list[str] = []
    for event in (event for exchanged in call.exchanges for event in exchanged.turn.events):
        match event:
            case QuestionAsked(step) | Transferred(step) | CallEnded(ending=str(step)):
                heard.append(step)
    return heard


def _stopped(flow: Flow, call: PlayedCall, heard: list[str]) -> int:
    """The number of the place at which the call ended; one that ran off the list came past all."""
    last = flow.number_of[heard[-1]] if heard else 0
    ran_off = call.state.disposition == "complete" and not isinstance(flow.places[last].step, End)
    return len(flow.places) if ran_off else last


def _known(flow: Flow, state: CallState) -> Known:
    """All answers of a call, and the steps that its blocks drew."""
    env = dict(environment(state))
    pairs = {(f"context.{name}", value) for name, value in env.pop("context").items()}
    pairs |= {(name, tuple(value) if isinstance(value, list) else value) for name, value in env.items()}
    for place in flow.places:
        if isinstance(place.step, Block):
            drawn = tuple(step.id for step in place.step.steps if step.id in state.order)
            pairs.add((f"#{place.step.id}", drawn))
    return frozenset(pairs)


def _on_the_way(flow: Flow, known: Known, stopped: int) -> Iterator[Branch]:
    """The way once more with all answers known: its conditions ask only for those that were known by then."""
    number = 0
    while number < min(stopped + 1, len(flow.places)):
        place = flow.places[number]
        if not flow.applies(number, known):
            if place.step.only_if and not flow.holds(place.step.only_if, known):
                yield Branch("left out", place.step.id)
            number = flow.past(number)
            continue
        yield Branch("asked", place.step.id)
        if number == stopped:
            return
        following = flow.next(number, known)
        if following != number + 1:
            yield Branch("jump", place.step.id, flow.places[following].step.id)
        number = following
