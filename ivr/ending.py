"""How a call ends: at an ending, earlier, or because the line is dead. The books close in any case."""

from typing import Literal

from ivr.call import AnswerMissing, AnswerSettled, CallEnded, Hangup, Turn, ValueSet
from ivr.exchange import Exchange
from ivr.orders import applies, order_of
from ivr.steps.end import End
from ivr.steps.set import Set

By = Literal["survey", "caller", "silence", "error"]


def complete(exchange: Exchange, ending: End | None) -> Turn:
    """An ending was reached, or the last step."""
    speaker = exchange.speaker
    farewell = speaker.prompt(ending.say) if ending and ending.say else (speaker.phrase("goodbye"),)
    close(exchange, "complete", "survey", ending=ending.id if ending else None)
    return exchange.turn(*farewell, Hangup())


def end(exchange: Exchange, disposition: str | None = None, pending: str = "not_asked") -> Turn:
    """End the call before an ending was reached; `pending` is why the present question has no answer."""
    close(exchange, disposition or _left(exchange), "survey", pending)
    return exchange.turn(exchange.speaker.phrase("goodbye"), Hangup())


def hang_up(exchange: Exchange, by: By) -> Turn:
    """The line is dead: an answer that was being read back is kept, and so is a message under review."""
    close(exchange, _left(exchange), by, pending="hung_up")
    # Nobody hears it, unless the line was only silent for too long and the caller comes back.
    return exchange.turn(exchange.speaker.phrase("goodbye"), Hangup())


def settle(exchange: Exchange) -> None:
    """An answer that was being read back is final."""
    for name, answer in exchange.state.answers.items():
        if not answer.settled:
            exchange.happen(AnswerSettled(name))


def close(exchange: Exchange, disposition: str, by: By, pending: str = "not_asked", ending: str | None = None) -> None:
    """Close the books: every question has an answer, or a reason why it has none."""
    settle(exchange)
    present = exchange.state.step
    if disposition != "complete":
        _work_out_what_is_ahead(exchange)
    for question in exchange.survey.questions():
        if question.id not in exchange.state.answers:
            exchange.happen(AnswerMissing(question.id, pending if question.id == present else "not_asked"))
    exchange.happen(CallEnded(disposition, by, ending))


def _work_out_what_is_ahead(exchange: Exchange) -> None:
    """Values that the call did not come to any more are made of what was answered: an alert may be waiting for them."""
    survey, order = exchange.survey, order_of(exchange.survey, exchange.state)
    ahead = order[order.index(exchange.state.step) :] if exchange.state.step else ()
    for step in map(survey.step, ahead):
        env = exchange.environment()
        if isinstance(step, Set) and applies(survey, step.id, env):
            exchange.happen(ValueSet(step.id, survey.condition(step.value).value(env)))


def _left(exchange: Exchange) -> str:
    """How a call ended that reached no ending: partial where enough was answered, else a break-off."""
    state = exchange.state
    answered = {step for step, answer in state.answers.items() if answer.missing is None} | set(state.verbatims)
    asked = {question.id for question in exchange.survey.questions()} | set(state.verbatims)
    enough = answered & asked and answered >= set(exchange.survey.partial_after)
    return "partial" if enough else "break_off"
