"""Tests written by themselves: for each thing that can happen and no test shows, a call in which it does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from ivr.steps import Step
from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey.coverage import Branch, happened
from ivr.survey.flow import Flow
from ivr.survey.knowledge import Known, trimmed
from ivr.survey.made_up import NO_ANSWER, converse
from ivr.survey.scripted import PlayedCall, play
from ivr.survey.shapes import Disposition, Expected, ScriptedCall, Survey
from ivr.survey.values import names_in

State = tuple[int, Known]


def generate(survey: Survey, wanted: Collection[Branch]) -> Iterator[ScriptedCall]:
    """A call for each wanted branch, or for several at once; none for what no call of this seed comes to."""
    flow = Flow(survey)
    shown: set[Branch] = set()
    for branch in wanted:
        if branch in shown:
            continue
        call = _call(flow, branch)
        if call is not None:
            shown |= set(happened(flow, call))
            yield call.test


def _call(flow: Flow, branch: Branch) -> PlayedCall | None:
    """A call in which the branch happens."""
    for state, route in _routes(flow, branch):
        if _leads_to(flow, state, branch):
            call = play(flow.survey, _scripted(flow.survey, branch, dict(route)))
            if branch in set(happened(flow, call)):
                return call
    return None


def _routes(flow: Flow, branch: Branch) -> Iterator[tuple[State, Known]]:
    """Each place with what may be known there, and one way to it: the answers that were given on it."""
    rules = {rule.name: rule.when for rule in flow.survey.alerts}
    names = names_in(flow.survey.condition(rules[branch.name]).tree) if branch.kind == "alert" else set()
    live = flow.live(frozenset(names))
    routes: list[dict[Known, Known]] = [{} for _ in range(len(flow.places) + 1)]
    for known in flow.knowledge.beginnings(live[0]):
        routes[0][known] = known
    for number, here in enumerate(routes):
        for known, route in here.items():
            yield (number, known), route
            if number < len(flow.places):
                for there, after in flow.onward(number, known):
                    answered = (after - known) | _silent(flow, number, known, after)
                    routes[there].setdefault(trimmed(after, live[there]), route | answered)


def _silent(flow: Flow, number: int, known: Known, after: Known) -> Known:
    """What is remembered of a question that was asked and not answered."""
    step = flow.places[number].step
    asked = isinstance(step, Question | Voice) and flow.applies(number, known)
    unanswered = asked and step.id not in dict(after)
    return frozenset({(step.id, NO_ANSWER)}) if unanswered else frozenset()


def _leads_to(flow: Flow, state: State, branch: Branch) -> bool:
    number, known = state
    if branch.kind == "alert":
        rule = next(rule for rule in flow.survey.alerts if rule.name == branch.name)
        return flow.holds(rule.when, known)
    if flow.number_of[branch.name] != number:
        return branch.kind == "jump" and number > flow.number_of[branch.name]
    return flow.applies(number, known) is (branch.kind != "left out")


def _scripted(survey: Survey, branch: Branch, route: dict[str, Any]) -> ScriptedCall:
    """The call that follows the route, with what it comes to."""
    context = {
        **dict.fromkeys(survey.required_context(), "1"),
        **{name.removeprefix("context."): value for name, value in route.items() if name.startswith("context.")},
    }

    def intent(step: Step) -> Any:
        return route.get(step.id)

    words = [exchanged.did for exchanged in converse(survey, context, intent) if exchanged.did]
    return observed(survey, str(branch), words, context)


def observed(survey: Survey, name: str, words: Sequence[str], context: Mapping[str, str]) -> ScriptedCall:
    """The call in which a caller does this, with what it comes to as what is expected of it."""
    bare = ScriptedCall(name=name, do=tuple(words), context=context)
    return replace(bare, expect=_outcome(survey, play(survey, bare)))


def _outcome(survey: Survey, call: PlayedCall) -> Expected:
    """What the call came to, as a test expects it."""
    questions = {question.id for question in survey.questions() if not question.sensitive}
    given = {step: answer.value for step, answer in call.state.answers.items() if step in questions}
    answers = {step: tuple(value) if isinstance(value, list) else value for step, value in given.items()}
    told = {step: value for step, value in answers.items() if value is not None}
    return Expected(answers=told, alerts=call.alerts, disposition=_disposition(call.state.disposition))


def _disposition(ended: str) -> Disposition | None:
    return next((word for word in get_args(Disposition) if word == ended), None)
