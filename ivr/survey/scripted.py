"""Scripted calls: the `tests:` of a survey, played through the engine without a telephone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.rules import judge
from ivr import engine, star_menu
from ivr.call import (
    CallState,
    Dial,
    Digits,
    Gather,
    HungUp,
    Input,
    Record,
    Recorded,
    Returned,
    Silence,
    Speech,
    Turn,
)
from ivr.speaker import Speaker
from ivr.survey.shapes import Expected, ScriptedCall, Survey

NUMBER = "+12025550199"  # of the caller in the script
RECORDING_SID = "RE" + "0" * 32
SPOKEN_WITH_S = 30.0  # a transfer is answered, for so long
WORD = re.compile(r"(?P<verb>press|silence|record|say|star|hangup)\s*(?P<rest>.*)")


class CannotDo(ValueError):
    """The script has the caller do what is not possible at that moment."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange: what the caller did (empty at the beginning), and the turn it led to."""

    did: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class PlayedCall:
    """A scripted call after it was played. `failures` are sentences, none where all went as expected."""

    test: ScriptedCall
    exchanges: tuple[Exchanged, ...]
    alerts: tuple[str, ...]
    length_s: float
    failures: tuple[str, ...]

    @property
    def state(self) -> CallState:
        return self.exchanges[-1].turn.state


def play(survey: Survey, test: ScriptedCall, seed: int = 0) -> PlayedCall:
    """Play a test from `begin` to the end of the call, and hold it to what it expects."""
    exchanges = [Exchanged("", engine.begin(survey, test.context, seed=seed, language=test.language, number=NUMBER))]
    failures: list[str] = []
    length_s = 0.0
    try:
        for word, heard in _script(survey, test, exchanges):
            length_s += _listening_s(exchanges[-1].turn, heard)
            exchanges.append(Exchanged(word, engine.resume(survey, exchanges[-1].turn.state, heard)))
    except CannotDo as error:
        failures.append(str(error))
    length_s += sum(_speaking_s(survey, exchanged.turn) for exchanged in exchanges)
    alerts = _alerts(survey, exchanges)
    wanted = [(what, found, value) for what, found, value in pairs if value is not None]
    unmet = [f"{what}: {found!r}, expected {value!r}" for what, found, value in wanted if found != value]
    if expect.call is not None and length_s >= expect.call:
        unmet.append(f"call: {length_s:.0f}s, expected under {expect.call:.0f}s")
    return unmet


def _told(state: CallState, step: str) -> object:
    """The answer at a step, or in words why there is none."""
    answer = state.answers.get(step)
    if answer is None:
        return "no answer"
    return f"missing: {answer.missing}" if answer.missing else answer.value


def _reason(state: CallState, step: str) -> str | None:
    answer = state.answers.get(step)
    return answer.missing if answer else None


def _same(value: object) -> object:
    """A list in YAML is read as a tuple, an answer with several codes is a list."""
    return list(value) if isinstance(value, tuple) else value
