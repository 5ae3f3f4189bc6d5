"""One exchange with the caller while it is worked out: what happens in it, and what it says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ivr.call import (
    Answer,
    AnswerGiven,
    AnswerMissing,
    AnswerSettled,
    AnswerWithdrawn,
    CallEnded,
    CallState,
    ConsentGiven,
    Directive,
    Event,
    Gather,
    LanguageChanged,
    OptedOut,
    Spoken,
    Turn,
    ValueSet,
    VerbatimDiscarded,
    VerbatimRecorded,
)
from ivr.speaker import Speaker, joined
from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.survey.shapes import Survey
from ivr.survey.tree import Environment


class Exchange:
    """The state as it becomes, the events so far, and what is said before the caller is heard again.

    It lives for one turn inside the engine, which remains a function from values to values.
    """

    __slots__ = ("events", "said", "said_firmly", "state", "survey")

    def __init__(self, survey: Survey, state: CallState) -> None:
        self.survey, self.state = survey, state
        self.events: list[Event] = []
        self.said_firmly: list[Spoken] = []  # cannot be interrupted
        self.said: list[Spoken] = []  # after it; a key interrupts it

    @property
    def step(self) -> Step:
        """The step the caller is at."""
        assert self.state.step is not None, "the call has ended"
        return self.survey.step(self.state.step)

    @property
    def asking(self) -> Asking:
        """The same, where it is one that waits for the caller."""
        step = self.step
        assert isinstance(step, Asking), f"{step.id} asks nothing"
        return step

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.survey, self.state)

    def move(self, **changes: Any) -> None:
        """Change where the caller is."""
        self.state = self.state.but(**changes)

    def happen(self, *events: Event) -> None:
        """Events happen, and the state is what they make of it."""
        for event in events:
            self.events.append(event)
            self.state = _after(self.state, event)

    def say(self, *spoken: Spoken, firmly: bool = False) -> None:
        """Say something before the caller is heard again."""
        if firmly:
            self.said_firmly += [*self.said, *spoken]
            self.said = []
        else:
            self.said += spoken

    def length_s(self, *directives: Directive) -> float:
        """How long it takes to say what is said in this turn, when it ends with these."""
        return self.speaker.length_s((*self.said_firmly, *self.said, *directives))

    def turn(self, *directives: Directive) -> Turn:
        """The turn that ends this exchange. What may be interrupted is said while keys are awaited."""
        before = [*self.said_firmly, *self.said]
        match directives:
            case (Gather() as gather,):
                before = self.said_firmly
                directives = (self._listening(gather),)
        return Turn(self.state, tuple(self.events), (*joined(before), *directives))

    def _listening(self, gather: Gather) -> Gather:
        return replace(gather, prompts=joined([*self.said, *gather.prompts])) if self.said else gather

    def environment(self) -> Environment:
        """What conditions see: every answer there is, also one that is being read back."""
        return environment(self.state)


def environment(state: CallState, *, settled_only: bool = False) -> Environment:
    """Step -> its answer, where there is one; and `context`. A verbatim that is there counts as an answer."""
    seen: dict[str, Any] = {
        step: answer.value
        for step, answer in state.answers.items()
        if answer.missing is None and (answer.settled or not settled_only)
    }
    seen.update(dict.fromkeys(state.verbatims, "recorded"))
    seen["context"] = state.context
    return seen


def _after(state: CallState, event: Event) -> CallState:
    """The state after an event."""
    match event:
        case AnswerGiven(step, value, label, keys, how, settled):
            return _answered(state, step, Answer(value, label, keys, how, settled=settled))
        case AnswerSettled(step):
            return _answered(state, step, replace(state.answers[step], settled=True))
        case AnswerMissing(step, reason):
            return _answered(state, step, Answer(missing=reason))
        case AnswerWithdrawn(step):
            return state.but(answers=_without(state.answers, step))
        case ValueSet(step, value) if value is not None:
            return _answered(state, step, Answer(value))
        case VerbatimRecorded(step, str(sid)):
            return state.but(verbatims={**state.verbatims, step: sid})
        case VerbatimDiscarded(step):
            return state.but(verbatims=_without(state.verbatims, step))
        case LanguageChanged(language):
            return state.but(language=language)
        case ConsentGiven():
            return state.but(consented=True)
        case OptedOut():
            return state.but(opted_out=True)
        case CallEnded(disposition):
            return state.but(step=None, disposition=disposition)
    return state


def _answered(state: CallState, step: str, answer: Answer) -> CallState:
    return state.but(answers={**state.answers, step: answer})


def _without(kept: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    return {name: value for name, value in kept.items() if name != step}
