"""What becomes of what was heard: an answer is kept or read back, a failure is counted and the question asked again."""

from collections.abc import Mapping
from typing import Literal

from ivr.call import (
    WITHHELD,
    AnswerGiven,
    AnswerMissing,
    AnswerWithdrawn,
    Digits,
    Input,
    NoInput,
    NoMatch,
    Silence,
    Speech,
    Spoken,
    Turn,
)
from ivr.ending import end, settle
from ivr.exchange import Exchange
from ivr.onward import go_on, transfer
from ivr.posing import pose, pose_anew
from ivr.star_menu import MAX_HELP
from ivr.steps import Step
from ivr.steps.callback import Callback
from ivr.steps.outcome import Absent, Done, Given, Missed, Outcome, Over
from ivr.steps.question import Question
from ivr.survey.parts import Tries

SURE = 0.6  # what a recogniser is less confident of than that is read back


def act(exchange: Exchange, outcome: Outcome, heard: Input) -> Turn:
    """Do what the step made of what was heard."""
    match outcome:
        case Given():
            return _keep(exchange, outcome, heard)
        case Absent(reason):
            exchange.happen(AnswerMissing(exchange.step.id, reason))
            return go_on(exchange)
        case Missed(kind):
            return try_again(exchange, kind)
        case Done(events, then):
            exchange.happen(*events)
            return pose_anew(exchange, then) if then else go_on(exchange)
        case Over(events, disposition):
            exchange.happen(*events)
            return end(exchange, disposition)


def hear_read_back(exchange: Exchange, heard: Input) -> Turn:
    """1 keeps the answer that was read back, and so does silence; 2 asks again.

    After an answer of several keys any other key asks again: the 0 of a 10 that is keyed in slowly comes while the 1
    is being read back, and the 1 must not stay.
    """
    match heard:
        case Digits("1") | Silence():
            return _settled(exchange)
        case Digits(key) if key == "2" or _has_several_keys(exchange.step):
            return _ask_anew(exchange)
    return try_again(exchange, "wrong_key")


def try_again(exchange: Exchange, kind: str) -> Turn:
    """Count a failure, and ask again unless tries have run out."""
    counts = {**exchange.state.counts, kind: exchange.state.counts.get(kind, 0) + 1}
    exchange.move(counts=counts, menu=False)
    step = exchange.step
    exchange.happen(NoInput(step.id, counts[kind]) if kind == "silence" else NoMatch(step.id, counts[kind], kind))
    if _run_out(exchange.survey.tries(step), counts, kind):
        return _give_up(exchange, kind)
    exchange.say(*_correction(exchange, kind, counts[kind]))
    return pose(exchange)


def _keep(exchange: Exchange, given: Given, heard: Input) -> Turn:
    """Store an answer at once; one that is read back is settled only later."""
    step = exchange.step
    assert isinstance(step, Question), "only questions have answers"
    name = f"{step.id}.{given.part}" if given.part else step.id
    means: Literal["dtmf", "speech"] = "speech" if isinstance(heard, Speech) else "dtmf"
    if step.sensitive and not _is_wish_to_be_called(step, given):
        exchange.happen(AnswerGiven(name, WITHHELD, None, None, means, settled=True))
        return _follow_up(exchange, given.value)
    read_back = given.part is None and _needs_read_back(exchange, step, given, heard)
    label = step.label(exchange.speaker.in_master_language, given.value)
    keys = given.keys if isinstance(heard, Digits) else None
    exchange.happen(AnswerGiven(name, given.value, label, keys, means, settled=not read_back))
    return pose_anew(exchange, "confirm") if read_back else _follow_up(exchange, given.value)


def _is_wish_to_be_called(step: Question, given: Given) -> bool:
    """A no is honoured, so it is kept, also where a survey that was published earlier calls it sensitive."""
    return isinstance(step, Callback) and given.part is None


def _needs_read_back(exchange: Exchange, step: Question, given: Given, heard: Input) -> bool:
    """Where the survey asks for it or the recogniser is unsure."""
    if isinstance(heard, Speech) and (heard.confidence or 0.0) < SURE:
        return True
    if step.confirm_if is None:
        return False
    return exchange.survey.condition(step.confirm_if).holds({**exchange.environment(), step.id: given.value})


def _settled(exchange: Exchange) -> Turn:
    settle(exchange)
    exchange.move(phase="ask")
    return _follow_up(exchange, exchange.state.answers[exchange.asking.id].value)


def _ask_anew(exchange: Exchange) -> Turn:
    """The answer does not stand, and the question is heard again; but not for ever."""
    exchange.happen(AnswerWithdrawn(exchange.step.id))
    if exchange.state.helped >= MAX_HELP:
        return _then(exchange, exchange.asking.give_up("wrong_key"))
    exchange.move(helped=exchange.state.helped + 1)
    return pose_anew(exchange, "ask")


def _has_several_keys(step: Step) -> bool:
    return isinstance(step, Question) and step.digits() != 1


def _follow_up(exchange: Exchange, value: object) -> Turn:
    """What else the step asks after this answer, or the next step."""
    then = exchange.asking.follow_up(exchange.state.phase, value)
    return pose_anew(exchange, then) if then else go_on(exchange)


def _run_out(tries: Tries, counts: Mapping[str, int], kind: str) -> bool:
    """Kinds that the survey does not name count together with `wrong_key`."""
    limit, failures = getattr(tries, kind), counts[kind]
    if limit is None or kind == "wrong_key":
        limit = tries.wrong_key
        failures = sum(n for each, n in counts.items() if each == "wrong_key" or getattr(tries, each) is None)
    return failures >= limit or sum(counts.values()) >= tries.total


def _correction(exchange: Exchange, kind: str, count: int) -> tuple[Spoken, ...]:
    """What is said the 1st, 2nd … time: the entry with the highest number not above the count."""
    said = getattr(exchange.step, f"on_{kind}") or getattr(exchange.survey.defaults, f"on_{kind}")
    if said:
        return exchange.speaker.prompt(said[min(count, len(said)) - 1])
    if kind == "silence":
        return ()
    return exchange.asking.correction(exchange.speaker, exchange.state.phase, kind)


def _give_up(exchange: Exchange, kind: str) -> Turn:
    """Tries have run out: at a step's own question `then` applies; later on, what was answered before stands."""
    step = exchange.asking
    match exchange.state.phase:
        case "ask":
            return _then(exchange, step.give_up(kind))
        case "confirm":
            return _settled(exchange)
        case phase:
            then = step.follow_up(phase, None)
            return pose_anew(exchange, then) if then else go_on(exchange)


def _then(exchange: Exchange, outcome: Outcome) -> Turn:
    """What the step makes of giving up, then what the survey says comes after it."""
    match outcome:
        case Over():
            return act(exchange, outcome, Silence())
        case Absent(reason):
            exchange.happen(AnswerMissing(exchange.step.id, reason))
        case Done(events):
            exchange.happen(*events)
    match exchange.survey.then(exchange.step):
        case "skip":
            return go_on(exchange)
        case "end":
            return end(exchange)
        case "transfer":
            return transfer(exchange)
