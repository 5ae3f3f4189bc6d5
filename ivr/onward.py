"""The way through the survey: which step comes next, and what happens on the way to it."""

from ivr import star_menu
from ivr.call import Dial, Input, Returned, Transferred, Turn, ValueSet
from ivr.ending import complete, end, settle
from ivr.exchange import Exchange
from ivr.orders import applies, order_of
from ivr.posing import pose
from ivr.steps import Step
from ivr.steps.block import Block
from ivr.steps.end import End
from ivr.steps.say import Say
from ivr.steps.set import Set
from ivr.steps.transfer import Transfer
from ivr.survey.tree import Environment


def go_on(exchange: Exchange) -> Turn:
    """On to the next step that wants to hear the caller; what is said or set on the way is said and set."""
    while step := _next_step(exchange):
        exchange.move(step=step.id, phase="ask", counts={}, helped=0)
        match step:
            case Say():
                exchange.say(*exchange.speaker.prompt(step.say), firmly=step.legal or not step.barge_in)
            case Set():
                value = exchange.survey.condition(step.value).value(exchange.environment())
                exchange.happen(ValueSet(step.id, value))
            case Block():
                pass  # its steps were asked before it
            case Transfer():
                return _dial(exchange, step)
            case End():
                return complete(exchange, step)
            case _:
                return pose(exchange)
    return complete(exchange, None)


def transfer(exchange: Exchange) -> Turn:
    """To the next transfer of the list, from wherever the caller is; where there is none the call ends."""
    ahead = star_menu.transfer_ahead(exchange.survey, exchange.state)
    if ahead is None:
        return end(exchange)
    settle(exchange)
    exchange.move(step=ahead.id, counts={}, helped=0)
    return _dial(exchange, ahead)


def come_back(exchange: Exchange, heard: Input) -> Turn:
    """They have spoken: go on or end, as the step says. Nobody answered: go on."""
    step = exchange.step
    spoke = isinstance(heard, Returned) and heard.status in ("completed", "answered")
    if spoke and isinstance(step, Transfer) and step.after == "end":
        return end(exchange)
    if not spoke:
        exchange.say(exchange.speaker.phrase("unavailable"))
    return go_on(exchange)


def _dial(exchange: Exchange, step: Transfer) -> Turn:
    exchange.move(phase="transfer")
    exchange.happen(Transferred(step.id))
    if step.say:
        exchange.say(*exchange.speaker.prompt(step.say))
    return exchange.turn(Dial(step.to, round(step.timeout)))


def _next_step(exchange: Exchange) -> Step | None:
    """The first step ahead whose condition holds; a jump of the present step goes first."""
    order, env = order_of(exchange.survey, exchange.state), exchange.environment()
    here = order.index(exchange.state.step) if exchange.state.step else -1
    start = _jump(exchange, order, here, env) or here + 1
    survey = exchange.survey
    return next((survey.step(step) for step in order[start:] if applies(survey, step, env)), None)


def _jump(exchange: Exchange, order: tuple[str, ...], here: int, env: Environment) -> int | None:
    """Where the present step jumps to; never backward."""
    for jump in exchange.step.jump if here >= 0 else ():
        if exchange.survey.condition(jump.when).holds(env) and jump.to in order[here + 1 :]:
            return _beginning(exchange.survey.step(jump.to), order)
    return None


def _beginning(step: Step, order: tuple[str, ...]) -> int:
    """Where a step begins in the order of this call: a block with the first of its steps."""
    begins = {step.id, *(inside.id for inside in step.steps)} if isinstance(step, Block) else {step.id}
    return next(place for place, step_id in enumerate(order) if step_id in begins)
