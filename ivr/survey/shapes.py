"""A survey, as its YAML file has it. Nothing here is checked across parts; `ivr/survey/check` does that."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr.steps import Step
from ivr.steps.block import Block
from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey.expressions import Condition, read_condition
from ivr.survey.parts import (
    Language,
    Name,
    Prompt,
    Seconds,
    Shape,
    StarWord,
    StepKeys,
    Then,
    Tries,
    Wait,
    seconds,
    wrong,
)
from ivr.survey.phrases import phrase
from ivr.survey.scores import Score
from ivr.survey.watch import WatchRule

WORDS_PER_SECOND = 2.6
WORD = re.compile(
    r"press ([0-9*#]{1,20}|pound|star)|silence|record \d{1,4}(\.\d+)?s|say .{1,200}|star [a-z]+|hangup", re.ASCII
)


def read_word(written: Any) -> Any:
    """One word of a test: what the caller does."""
    if not isinstance(written, str) or not WORD.fullmatch(written):
        words = "press KEYS (or pound, or star), silence, record 12s, say WORDS, star WORD or hangup"
        raise wrong("E012", f"{written!r} is nothing a caller can do", f"write {words}")
    return written


def read_under(written: Any) -> float:
    """`under 150s` in seconds."""
    if not isinstance(written, str) or not written.startswith("under "):
        raise wrong("E013", f"{written!r} is no length of a call", "write it like under 150s")
    return seconds(written.removeprefix("under "))


def read_once(written: Any) -> Any:
    """`per call`, `per ticket`, `per caller in 24h`."""
    if isinstance(written, str) and written in ("per call", "per ticket"):
        return {"per": written.removeprefix("per ")}
    if isinstance(written, str) and written.startswith("per caller in "):
        return {"per": "caller", "within": written.removeprefix("per caller in ")}
    raise wrong("E012", f"{written!r} does not say how often", "write per call, per ticket or per caller in 24h")


def read_text(written: Any) -> Any:
    """A number written where the carrier would send text: `ticket: 88213`."""
    return str(written) if isinstance(written, int | float) and not isinstance(written, bool) else written


Disposition = Literal["complete", "partial", "break_off", "refusal"]
Missing = Literal["refused", "dont_know", "not_applicable", "silence", "wrong_key", "not_asked", "hung_up"]
Text = Annotated[str, BeforeValidator(read_text, json_schema_input_type=str | int | float)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults(Shape):
    """`defaults: {wait: {first_key: 6s}, tries: {silence: 2}, then: skip}`: for every step that says nothing else."""

    wait: Wait = field(default_factory=Wait)
    """How long to wait for keys."""
    tries: Tries = field(default_factory=Tries)
    """How often a question is tried."""
    then: Then = "skip"
    """What happens when tries run out: go on, end the call, or transfer."""
    star_menu: tuple[StarWord, ...] = ("repeat", "skip", "stop")
    """What the star key offers; empty: no star menu."""
    on_silence: tuple[Prompt, ...] = ()
    """What is said the 1st, 2nd … time nothing is pressed, before the question is heard again."""
    on_wrong_key: tuple[Prompt, ...] = ()
    """The same for a key that is no answer."""
    on_too_few: tuple[Prompt, ...] = ()
    """The same for too few keys."""
    on_too_many: tuple[Prompt, ...] = ()
    """The same for too many keys."""
    on_low_confidence: tuple[Prompt, ...] = ()
    """The same for speech that was not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Shape):
    """`limits: {questions: 8, typical_call: 120s, worst_call: 300s, prompt: 16s}`: what it may ask of a caller."""

    questions: int | None = None
    """The most questions on any path."""
    typical_call: Seconds | None = None
    """The median path, recordings 20 s."""
    worst_call: Seconds | None = None
    """The longest path, recordings at their `max`."""
    prompt: Seconds | None = None
    """The longest single prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once(Shape):
    """`once: per caller in 24h`"""

    per: Literal["call", "ticket", "caller"] = "ticket"
    within: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule(Shape):
    """`{name: Recover this caller, when: csat <= 2 or solved == no, severity: P2, attach: [why], once: per ticket}`"""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    """What it says in the alert."""
    when: str
    """A condition on the answers and the context."""
    severity: Literal["P1", "P2", "P3"] = "P2"
    """P1: now, on every way named. P2: soon. P3: in the digest."""
    attach: tuple[str, ...] = ()
    """The voice steps whose recordings go along."""
    to: str | None = None
    """A team; default: the one that owns the call's group."""
    once: Annotated[Once, BeforeValidator(read_once, json_schema_input_type=str)] = field(default_factory=Once)
    """`per call`, `per ticket` (else call_key, else call) or `per caller in 24h`; a second one joins the open case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Shape):
    """`expect: {answers: {csat: 1, solved: no}, alerts: [Recover], disposition: partial, call: under 150s}`"""

    answers: Mapping[str, int | float | str | tuple[str, ...]] = field(default_factory=dict)
    """Step -> its answer; steps that are not named may have any."""
    missing: Mapping[str, Missing] = field(default_factory=dict)
    """Step -> why its answer is missing."""
    alerts: tuple[str, ...] | None = None
    """The names of all alerts that fire, and no others."""
    disposition: Disposition | None = None
    """How the call ends."""
    opted_out: bool | None = None
    """Whether the caller wishes never to be surveyed again."""
    language: str | None = None
    """The language at the end."""
    call: Annotated[float, BeforeValidator(read_under, json_schema_input_type=str)] | None = None
    """`under 150s`: the most the call may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedCall(Shape):
    """`{name: happy, do: [press 1, press 5], expect: {answers: {csat: 5}, disposition: complete}}`"""

    name: str
    """What the test shows."""
    do: tuple[Annotated[str, BeforeValidator(read_word, json_schema_input_type=str)], ...]
    """What the caller does, in order; then they stay on the line until the survey ends or asks again, and hang up."""
    expect: Expected = field(default_factory=Expected)
    """What must be true at the end."""
    context: Mapping[str, Text] = field(default_factory=dict)
    """What the contact centre knows of the call."""
    language: str | None = None
    """The language the call begins in; default: the first."""


@dataclass(frozen=True, kw_only=True)  # no slots: what is derived is kept in the instance
class Survey(Shape):
    """One YAML file of `flows/`: a questionnaire for the telephone, with its scores, alerts and tests."""

    ivr_survey: Literal[1]
    """The syntax; 1."""
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    """The survey's name, and the file's: small letters, digits and `-`."""
    title: str | None = None
    """What people call it."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """The languages it speaks; the first is the master text."""
    voices: Mapping[str, str] = field(default_factory=dict)
    """Language -> the carrier's voice, such as Polly.Joanna-Neural."""
    context: Mapping[str, Literal["required", "optional"]] = field(default_factory=dict)
    """What the contact centre hands over with the call."""
    defaults: Defaults = field(default_factory=Defaults)
    """For every step that says nothing else."""
    limits: Limits = field(default_factory=Limits)
    """What the survey may ask of a caller."""
    phrases: Mapping[str, Prompt] = field(default_factory=dict)
    """The engine's own sentences in other words, or in other languages than English and Spanish."""
    speech: Mapping[str, Annotated[float, Field(gt=0, le=10)]] = field(default_factory=dict)
    """Language -> words a second; default 2.6."""
    steps: Annotated[tuple[Annotated[Step, Field(discriminator="type")], ...], Field(min_length=1)]
    """The call, from top to bottom."""
    partial_after: tuple[str, ...] = ()
    """The answers that make a response worth keeping when the caller leaves early."""
    scores: Mapping[Name, Annotated[Score, Field(discriminator="kind")]] = field(default_factory=dict)
    """The numbers that reports show."""
    alerts: tuple[AlertRule, ...] = ()
    """Who must know at once, and of what."""
    watch: tuple[WatchRule, ...] = ()
    """Words in the callers' own messages that somebody must know of."""
    tests: tuple[ScriptedCall, ...] = ()
    """Calls that must go as they say."""

    @cached_property
    def all_steps(self) -> tuple[Step, ...]:
        """Every step in the order of the list, those of a block right after it."""
        return tuple(_flat(self.steps))

    @cached_property
    def _by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.all_steps}

    @cached_property
    def block_of(self) -> Mapping[str, Block]:
        """Step -> the block it stands in."""
        return {inside.id: step for step in self.steps if isinstance(step, Block) for inside in step.steps}

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(self._by_id)

    def step(self, step_id: str) -> Step:
        """The step of that id.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[step_id]

    def questions(self) -> tuple[Question, ...]:
        """The steps that want an answer, in the order of the list; voice steps are not among them."""
        return self._questions

    @cached_property
    def _questions(self) -> tuple[Question, ...]:
        return tuple(step for step in self.all_steps if isinstance(step, Question))

    def wait(self, step: StepKeys) -> Wait:
        return step.wait or self.defaults.wait

    def tries(self, step: StepKeys) -> Tries:
        return step.tries or self.defaults.tries

    def then(self, step: StepKeys) -> Then:
        return step.then or self.defaults.then

    def condition(self, text: str) -> Condition:
        """A condition of this survey, ready to be asked.

        Raises:
            ExpressionError: it cannot be read; a survey that was checked has none of those.
        """
        return read_condition(text, self.ids)

    def phrase(self, name: str, language: str, **values: Any) -> str:
        """One of the engine's own sentences, in this survey's words where it has some."""
        return phrase(name, language, self.phrases, **values)

    def required_context(self) -> tuple[str, ...]:
        """What the contact centre must hand over with a call."""
        return tuple(name for name, need in self.context.items() if need == "required")

    def hotwords(self, step_id: str) -> str | None:
        """The names that the recogniser should expect at a voice step."""
        step = self.step(step_id)
        return ", ".join(step.terms) or None if isinstance(step, Voice) else None

    def words_per_second(self, language: str) -> float:
        return self.speech.get(language, WORDS_PER_SECOND)


def _flat(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _flat(step.steps)
