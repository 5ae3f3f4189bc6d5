"""A call at the engine's side, without a carrier: it reads as a phone call."""

from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from ivr import engine
from ivr.call import (
    Dial,
    Digits,
    Event,
    Gather,
    HungUp,
    Input,
    Play,
    Record,
    Recorded,
    Returned,
    Say,
    Silence,
    Speech,
    Turn,
)
from ivr.survey.reader import load_survey
from ivr.survey.shapes import Survey

RECORDING = "RE" + "a1" * 16

SOLVED = '- {id: solved, type: yes_no, ask: "Solved? Yes, press 1. No, press 2."}'
CSAT = '- {id: csat, type: rating, scale: 1-5, low: awful, high: great, ask: "How was it, 1, {low}, to 5, {high}?"}'
READ_BACK = CSAT.replace("ask:", "confirm_if: csat <= 2, ask:")
VOICE = '- {id: why, type: voice, max: 90s, silence: 4s, review: [keep, again, delete], ask: "Tell us why."}'
HELLO = '- {id: hello, type: consent, ask: "Press 1 to go on, 2 to decline."}'


def survey_of(steps: str, head: str = "languages: [en]") -> Survey:
    """A survey with these steps, written as YAML list items; it need not pass `survey check`."""
    text = f"ivr_survey: 1\nid: tried\n{dedent(head).strip()}\nsteps:\n{dedent(steps)}"
    return load_survey(text)


def ring(*steps: str, head: str = "languages: [en]", **known: Any) -> "Line":
    """A caller on the line of a survey with these steps."""
    return Line(survey_of("\n".join(steps), head), **known)


@dataclass
class Line:
    """One caller on the line; each verb is one exchange. `events` are those of the last one."""

    survey: Survey
    context: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    seed: int = 1
    number: str | None = "+12025550199"
    opted_out: bool = False
    balance: dict[str, int] | None = None
    turn: Turn = field(init=False)
    happened: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._take(
            engine.begin(
                self.survey,
                self.context,
                seed=self.seed,
                language=self.language,
                opted_out=self.opted_out,
                balance=self.balance,
                number=self.number,
            )
        )

    def presses(self, *keys: str) -> "Line":
        for each in keys:
            self._hear(Digits(each))
        return self

    def is_silent(self) -> "Line":
        return self._hear(Recorded(None, 0.0, "") if self.records else Silence())

    def says(self, words: str, confidence: float | None = 1.0) -> "Line":
        return self._hear(Speech(words, confidence))

    def speaks(self, seconds: float = 12.0, ended_by: str = "#", sid: str = RECORDING) -> "Line":
        assert self.records, "nothing is recorded now"
        return self._hear(Recorded(sid, seconds, ended_by))

    def comes_back(self, status: str = "completed") -> "Line":
        assert isinstance(self.turn.directives[-1], Dial)
        return self._hear(Returned(status, 20.0))

    def hangs_up(self) -> "Line":
        return self._hear(HungUp())

    def hears(self, *words: str) -> "Line":
        for each in words:
            assert each in self.heard, f"{each!r} is not in {self.heard!r}"
        return self

    def does_not_hear(self, *words: str) -> "Line":
        for each in words:
            assert each not in self.heard, f"{each!r} is in {self.heard!r}"
        return self

    @property
    def heard(self) -> str:
        """All that is said in this turn."""
        return " ".join([self.heard_before_keys, self.heard_while_keys]).strip()

    @property
    def heard_before_keys(self) -> str:
        """What no key interrupts."""
        return _words(self.turn.directives)

    @property
    def heard_while_keys(self) -> str:
        """What a key interrupts."""
        last = self.turn.directives[-1]
        return _words(last.prompts) if isinstance(last, Gather) else ""

    @property
    def gather(self) -> Gather:
        last = self.turn.directives[-1]
        assert isinstance(last, Gather), last
        return last

    @property
    def records(self) -> bool:
        return isinstance(self.turn.directives[-1], Record)

    @property
    def state(self):
        return self.turn.state

    @property
    def answers(self) -> dict[str, object]:
        """Every answer there is."""
        return {step: answer.value for step, answer in self.state.answers.items() if answer.missing is None}

    @property
    def missing(self) -> dict[str, str]:
        """Why the others are not there."""
        return {step: answer.missing for step, answer in self.state.answers.items() if answer.missing}

    @property
    def is_over(self) -> bool:
        return self.state.step is None

    @property
    def events(self) -> tuple[Event, ...]:
        return self.turn.events

    def _hear(self, heard: Input) -> "Line":
        self._take(engine.resume(self.survey, self.state, heard))
        return self

    def _take(self, turn: Turn) -> None:
        self.turn = turn
        self.happened += turn.events


def _words(directives) -> str:
    said = [each.instead if isinstance(each, Play) else each for each in directives]
    return " ".join(each.text for each in said if isinstance(each, Say))
