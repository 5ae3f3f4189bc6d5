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
from ivr.survey.parts import KEYS
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
    failures += _unmet(test.expect, exchanges[-1].turn.state, alerts, length_s) if not failures else []
    return PlayedCall(test, tuple(exchanges), alerts, length_s, tuple(failures))


def _script(survey: Survey, test: ScriptedCall, exchanges: list[Exchanged]) -> Iterator[tuple[str, Input]]:
    """What the caller does, word by word; after the last one they stay until the survey asks again, and hang up."""
    for word in test.do:
        yield from connected(exchanges)
        if exchanges[-1].turn.state.step is None:
            raise CannotDo(f'"{word}": the call was over before')
        for heard in heard_as(word, survey, exchanges[-1].turn):
            yield word, heard
    yield from connected(exchanges)
    if exchanges[-1].turn.state.step is not None:
        yield "hangup", HungUp()


def connected(exchanges: list[Exchanged]) -> Iterator[tuple[str, Input]]:
    """A transfer is answered, and comes back."""
    while isinstance(exchanges[-1].turn.directives[-1], Dial):
        yield "", Returned("completed", SPOKEN_WITH_S)


def heard_as(word: str, survey: Survey, turn: Turn) -> tuple[Input, ...]:
    """A word of a script as what is heard after that turn.

    Raises:
        CannotDo: the caller cannot do that now.
    """
    found = WORD.fullmatch(word)
    verb, rest = found.group("verb", "rest") if found else (word, "")
    waiting = turn.directives[-1]
    match verb, waiting:
        case "hangup", _:
            return (HungUp(),)
        case "silence", Record():
            return (Recorded(None, 0.0, ""),)
        case "press", Record() if _key(rest) in waiting.stop_keys:
            return (Recorded(None, 0.0, _key(rest)),)
        case "star", Record() if "*" in waiting.stop_keys:
            return (Recorded(None, 0.0, "*"), Digits(_menu_key(rest, survey, turn.state)))
        case "silence", _:
            return (Silence(),)
        case "record", Record():
            return (Recorded(RECORDING_SID, min(float(rest.removesuffix("s")), waiting.max_s), "#"),)
        case "press", Gather():
            return (_pressed(_key(rest), waiting.digits),)
        case "say", Gather():
            return (Speech(rest.strip("\"'"), 1.0),)
        case "star", Gather():
            return (Digits("*"), Digits(_menu_key(rest, survey, turn.state)))
    asked = f"a recording, which {' or '.join(waiting.stop_keys)} ends," if isinstance(waiting, Record) else "keys"
    raise CannotDo(f'"{word}": the survey waits for {asked} at {turn.state.step}')


def _key(written: str) -> str:
    """Keys as the carrier has them: `pound` is `#`."""
    return KEYS.get(written, written)


def _pressed(keys: str, digits: int | None) -> Input:
    """The carrier takes as many keys as an answer has; a pound that ends them is none of them."""
    taken = keys[:digits].rstrip("#")
    return Digits(taken) if taken else Silence()


def _menu_key(word: str, survey: Survey, state: CallState) -> str:
    for key, entry in star_menu.entries(survey, state).items():
        if entry.word == word:
            return key
    raise CannotDo(f'"star {word}": the star menu does not offer it at {state.step}')


def _speaking_s(survey: Survey, turn: Turn) -> float:
    return Speaker(survey, turn.state).length_s(turn.directives)


def _listening_s(turn: Turn, heard: Input) -> float:
    """How long the line waited for what was heard; keys come at once."""
    match turn.directives[-1], heard:
        case _, Recorded(_, duration_s) if duration_s:
            return duration_s
        case Record(_, silence_s), Recorded():
            return silence_s
        case Gather() as gather, Silence():
            return gather.first_key_s
        case Dial(), Returned(_, duration_s):
            return duration_s
    return 0.0


def _alerts(survey: Survey, exchanges: list[Exchanged]) -> tuple[str, ...]:
    """The names of the alerts that were raised on the way, in the order in which they were."""
    raised = [rule.name for each in exchanges for rule in judge(survey, engine.env_of(each.turn.state))]
    return tuple(dict.fromkeys(raised))


def _unmet(expect: Expected, state: CallState, alerts: tuple[str, ...], length_s: float) -> list[str]:
    """What is not as expected, each in a sentence."""
    pairs = [
        *((step, _answer(state, step), _as_answered(value)) for step, value in expect.answers.items()),
        *((f"why {step} is missing", _reason(state, step), reason) for step, reason in expect.missing.items()),
        ("alerts", sorted(alerts), None if expect.alerts is None else sorted(expect.alerts)),
        ("disposition", state.disposition, expect.disposition),
        ("opted_out", state.opted_out, expect.opted_out),
        ("language", state.language, expect.language),
    ]
    named = [(what, found, wanted) for what, found, wanted in pairs if wanted is not None]
    unmet = [f"{what}: {found!r}, expected {wanted!r}" for what, found, wanted in named if found != wanted]
    if expect.call is not None and length_s >= expect.call:
        unmet.append(f"call: {length_s:.0f}s, expected under {expect.call:.0f}s")
    return unmet


def _answer(state: CallState, step: str) -> object:
    """The answer at a step, or in words why there is none."""
    answer = state.answers.get(step)
    if answer is None:
        return "no answer"
    return f"missing: {answer.missing}" if answer.missing else answer.value


def _reason(state: CallState, step: str) -> str | None:
    answer = state.answers.get(step)
    return answer.missing if answer else None


def _as_answered(value: object) -> object:
    """Several codes are a tuple in a test, and a list in an answer."""
    return list(value) if isinstance(value, tuple) else value
