"""A survey taken by made-up callers: how long it takes, where they leave, and how many alerts to expect."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from random import Random
from statistics import median
from typing import Any

from alerts.rules import judge
from ivr import engine
from ivr.call import Digits, Gather, HungUp, Input, QuestionAsked, Record, Recorded, Silence, Turn
from ivr.speaker import Speaker
from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.steps.outcome import Missed
from ivr.steps.question import Question
from ivr.survey.domains import Codes, CodeSets, Numbers
from ivr.survey.made_up import reply
from ivr.survey.scripted import NUMBER, Exchanged, connected, heard_as
from ivr.survey.shapes import Survey

KEYING_S = 1.0  # from the end of a question to the key
SLIPS: tuple[str, ...] = (*"9876543210", "99")
RECORDING_S = (5.0, 40.0)

Shares = Mapping[str, Mapping[Any, float]]
"""Step -> answer -> how often it is given, in any unit; steps that are not named are answered evenly."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How made-up callers behave. Rates are between 0 and 1; `hang_ups` are per second on the line."""

    silence: float = 0.03
    wrong_key: float = 0.02
    hang_ups: float = 0.001
    declined: float = 0.1
    shares: Shares | None = None


@dataclass(frozen=True, slots=True)
class TakenCall:
    """What one made-up caller did. `left_at` is the step at which the caller hung up."""

    disposition: str
    seconds: float
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    left_at: str | None
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What many made-up callers did."""

    survey: Survey
    calls: Sequence[TakenCall]

    @property
    def dispositions(self) -> Counter[str]:
        return Counter(call.disposition for call in self.calls)

    @property
    def median_s(self) -> float:
        return median(call.seconds for call in self.calls) if self.calls else 0.0

    def seconds_at(self, share: float) -> float:
        """The length that this share of calls stays under."""
        lengths = sorted(call.seconds for call in self.calls)
        return lengths[min(len(lengths) - 1, int(share * len(lengths)))] if lengths else 0.0

    def count(self, step: str) -> tuple[int, int, int]:
        """How many were asked, answered, and hung up at a step."""
        asked = sum(step in call.asked for call in self.calls)
        answered = sum(step in call.answered for call in self.calls)
        return asked, answered, sum(call.left_at == step for call in self.calls)

    @property
    def alerts(self) -> Counter[str]:
        return Counter(name for call in self.calls for name in call.alerts)


def simulate(survey: Survey, callers: int, seed: int = 1, manners: Manners | None = None) -> Simulation:
    """Have so many callers take the survey; the same seed gives the same calls."""
    return Simulation(survey, [_take(survey, Random(f"{seed} {n}"), manners or Manners()) for n in range(callers)])  # noqa: S311  made-up


def _take(survey: Survey, random: Random, manners: Manners) -> TakenCall:
    context = dict.fromkeys(survey.required_context(), "1")
    begun = engine.begin(survey, context, seed=random.randrange(2**31), number=NUMBER)
    exchanges, seconds, left_at = [Exchanged("", begun)], 0.0, None
    while (turn := exchanges[-1].turn).state.step is not None:
        heard, took = _hears(survey, exchanges, random, manners)
        if random.random() > exp(-manners.hang_ups * took):
            left_at, heard, took = turn.state.step, HungUp(), took * random.random()
        seconds += took
        exchanges.append(Exchanged("", engine.resume(survey, turn.state, heard)))
    return _told(survey, [exchanged.turn for exchanged in exchanges], seconds, left_at)


def _hears(survey: Survey, exchanges: list[Exchanged], random: Random, manners: Manners) -> tuple[Input, float]:
    """What the caller does next, and how long that takes from the beginning of the prompt."""
    turn = exchanges[-1].turn
    speaking = Speaker(survey, turn.state).length_s(turn.directives)
    for _, returned in connected(exchanges):
        return returned, speaking + 30.0
    match turn.directives[-1]:
        case Record(_, silence_s) if random.random() < manners.declined:
            return Recorded(None, 0.0, ""), speaking + silence_s
        case Record(max_s):
            length = min(random.uniform(*RECORDING_S), max_s)
            return Recorded("RE" + "0" * 32, round(length, 1), "#"), speaking + length
        case Gather() as gather if random.random() < manners.silence:
            return Silence(), speaking + gather.first_key_s
        case Gather():
            slips = random.random() < manners.wrong_key
            word = f"press {_wrong_keys(survey, turn)}" if slips else _word(survey, turn, random, manners)
            return heard_as(word, survey, turn)[0], speaking + KEYING_S
    return Silence(), speaking


def _wrong_keys(survey: Survey, turn: Turn) -> str:
    """Keys that are no answer to what is asked."""
    step, state = survey.step(turn.state.step or ""), turn.state
    assert isinstance(step, Asking), "somebody is asked"
    heard = ((keys, step.hear(Speaker(survey, state), state.phase, Digits(keys))) for keys in SLIPS)
    return next((keys for keys, outcome in heard if isinstance(outcome, Missed)), SLIPS[-1])


def _word(survey: Survey, turn: Turn, random: Random, manners: Manners) -> str:
    return reply(survey, turn, lambda step: _answer(step, random, manners))


def _answer(step: Step, random: Random, manners: Manners) -> Any:
    """One of the answers, as often as its share says."""
    if not isinstance(step, Question):
        return None
    shares = (manners.shares or {}).get(step.id) or dict.fromkeys(_possible(step), 1.0)
    return random.choices(list(shares), weights=list(shares.values()))[0] if shares else None


def _possible(step: Question) -> Sequence[Any]:
    match step.answers():
        case Numbers() as numbers:
            return numbers.values
        case Codes(codes):
            return codes
        case CodeSets(codes, at_least):
            return [(code,) for code in codes] if at_least <= 1 else [codes]
    return ()


def _told(survey: Survey, turns: Sequence[Turn], seconds: float, left_at: str | None) -> TakenCall:
    events = [event for turn in turns for event in turn.events]
    state = turns[-1].state
    alerts = [rule.name for turn in turns for rule in judge(survey, engine.env_of(turn.state))]
    given = [step for step, answer in state.answers.items() if answer.missing is None]
    return TakenCall(
        disposition=state.disposition,
        seconds=seconds,
        asked=tuple(dict.fromkeys(event.step for event in events if isinstance(event, QuestionAsked))),
        answered=(*given, *state.verbatims),
        left_at=left_at,
        alerts=tuple(dict.fromkeys(alerts)),
    )
