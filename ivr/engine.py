"""The call engine: a survey, where the caller is, and what was heard give what happens and what is said next.

Pure: it reads no clock, draws no chance but from the call's seed, and touches nothing. What it does in one turn is
told in `exchange`; asking in `posing`, what was heard in `answering`, the way in `onward`, the end in `ending`.
"""

from collections.abc import Mapping

from ivr import star_menu
from ivr.answering import act, hear_read_back, try_again
from ivr.call import (
    AnswerMissing,
    AnswerWithdrawn,
    CallState,
    Digits,
    Hangup,
    HungUp,
    Input,
    LanguageChanged,
    OptedOut,
    Recorded,
    Silence,
    Turn,
    VerbatimDiscarded,
    VerbatimRecorded,
)
from ivr.ending import close, end, hang_up
from ivr.exchange import Exchange, environment
from ivr.onward import come_back, go_on, transfer
from ivr.orders import draw
from ivr.posing import pose
from ivr.steps.asking import Asking
from ivr.steps.outcome import Done
from ivr.steps.question import Question
from ivr.steps.voice import SHORT_TAKE_S, Voice
from ivr.survey.shapes import Survey
from ivr.survey.tree import Environment

UNTIL_THEN = ("hung_up", "not_asked")  # why a question has no answer when its caller hangs up
TURNS_A_STEP = 12  # no patient caller needs as many; a call with more on average is going round in circles


def begin(
    survey: Survey,
    context: Mapping[str, str],
    *,
    seed: int,
    language: str | None = None,
    opted_out: bool = False,
    balance: Mapping[str, int] | None = None,
    number: str | None = None,
) -> Turn:
    """Open a call.

    `language` is the caller's last one: it counts after the one the call came with, and before the survey's first.
    `opted_out`: the caller wished never to be surveyed, and hears a goodbye. `balance` says how many calls each
    balanced block has had. `number` is None where the caller withholds it.
    """
    order, drawn = draw(survey, seed, balance or {})
    spoken = _language(survey, context.get("language"), language)
    state = CallState(spoken, dict(context), seed, turn=1, order=order, opted_out=opted_out, number_known=bool(number))
    exchange = Exchange(survey, state)
    if opted_out:
        return end(exchange, "refusal")
    if spoken != _language(survey, language):
        exchange.happen(LanguageChanged(spoken))
    exchange.happen(*drawn)
    return go_on(exchange)


def go_on_from(
    survey: Survey, left: CallState, at: str, context: Mapping[str, str], *, number: str | None = None
) -> Turn:
    """Open a call that goes on with one whose caller hung up at the step `at`; `left` is how that one ended.

    Answers, language and the order of the questions hold; the question that was open is asked again, unless what was
    said there was kept. What is known of the new call goes before what was known of the old one.
    """
    answers = {step: answer for step, answer in left.answers.items() if answer.missing not in UNTIL_THEN}
    fresh = CallState(left.language, {**left.context, **context}, left.seed, turn=1, step=at, order=left.order)
    state = fresh.but(
        answers=answers,
        verbatims=left.verbatims,
        rate=left.rate,
        consented=left.consented,
        number_known=bool(number),
    )
    exchange = Exchange(survey, state)
    exchange.say(exchange.speaker.phrase("welcome_back"))
    is_open = isinstance(exchange.step, Asking) and at not in answers and at not in left.verbatims
    return pose(exchange) if is_open else go_on(exchange)


def resume(survey: Survey, state: CallState, heard: Input) -> Turn:
    """Carry a call on by one turn. A call that has ended stays as it is."""
    if state.step is None:
        return Turn(state, (), (Hangup(),))
    exchange = Exchange(survey, state.but(turn=state.turn + 1))
    if isinstance(heard, HungUp):
        return hang_up(exchange, heard.by)
    if isinstance(heard, Recorded) and heard.ended_by == "hangup":
        return _hang_up_speaking(exchange, heard)
    if state.turn >= max_turns(survey):
        return end(exchange, pending="error")
    if state.phase == "transfer":
        return come_back(exchange, heard)
    if state.menu:
        return _choose(exchange, heard)
    if _wants_menu(exchange, heard):
        return _open_menu(exchange, heard)
    if state.phase == "confirm":
        return hear_read_back(exchange, heard)
    return act(exchange, exchange.asking.hear(exchange.speaker, state.phase, heard), heard)


def fail(survey: Survey, state: CallState) -> Turn:
    """End a call because of us: the caller hears an apology, and what was answered stays."""
    exchange = Exchange(survey, state.but(turn=state.turn + 1))
    if state.step is not None:
        close(exchange, "failed", "error", pending="error")
    return exchange.turn(exchange.speaker.phrase("apology"), Hangup())


def env_of(state: CallState) -> Environment:
    """What alert rules are judged by: the settled answers, the verbatims and the context."""
    return environment(state, settled_only=True)


def max_turns(survey: Survey) -> int:
    """After that many turns a call is ended, whatever its caller does."""
    return TURNS_A_STEP * (len(survey.all_steps) + 2)


def _language(survey: Survey, *wishes: str | None) -> str:
    """The first wish that the survey speaks, `es-MX` being as good as `es`; else its first language."""
    spoken = {language.lower(): language for language in reversed(survey.languages)}
    kin = {language.partition("-")[0]: spoken[language] for language in spoken}
    for wish in filter(None, wishes):
        asked = wish.lower().replace("_", "-")
        found = spoken.get(asked) or kin.get(asked.partition("-")[0])
        if found:
            return found
    return survey.languages[0]


def _hang_up_speaking(exchange: Exchange, heard: Recorded) -> Turn:
    """The caller hung up while recording: what was said until then is kept."""
    step, phase = exchange.step, exchange.state.phase
    if isinstance(step, Voice) and phase == "ask":
        match step.hear(exchange.speaker, phase, heard):
            case Done(events):
                exchange.happen(*events)
    return hang_up(exchange, "caller")


# The star menu --------------------------------------------------------------------------------------


def _wants_menu(exchange: Exchange, heard: Input) -> bool:
    """Star opens the menu; in a recording only at its beginning, later it ends it like the stop key."""
    match heard:
        case Digits(keys):
            wanted = "*" in keys
        case Recorded(_, duration_s, "*"):
            wanted = duration_s < SHORT_TAKE_S
        case _:
            wanted = False
    return wanted and bool(star_menu.entries(exchange.survey, exchange.state))


def _open_menu(exchange: Exchange, heard: Input) -> Turn:
    if isinstance(heard, Recorded):
        step, sid = exchange.asking.id, heard.recording_sid
        exchange.happen(VerbatimRecorded(step, sid, heard.duration_s), VerbatimDiscarded(step, sid))
    exchange.move(menu=True)
    return pose(exchange)


def _choose(exchange: Exchange, heard: Input) -> Turn:
    """Do what was chosen; anything else closes the menu and counts as a failure at the question."""
    entry = star_menu.entries(exchange.survey, exchange.state).get(heard.keys) if isinstance(heard, Digits) else None
    if entry is None:
        return try_again(exchange, "silence" if isinstance(heard, Silence) else "wrong_key")
    exchange.move(menu=False)
    match entry.word:
        case "skip":
            return _skip(exchange)
        case "agent":
            return transfer(exchange)
        case "stop":
            return _stop(exchange)
        case "back":
            _step_back(exchange)
        case "slower":
            exchange.move(rate=star_menu.slower(exchange.state.rate))
        case "language" if entry.language:
            exchange.happen(LanguageChanged(entry.language))
    exchange.move(helped=exchange.state.helped + 1)
    return pose(exchange)


def _skip(exchange: Exchange) -> Turn:
    if isinstance(exchange.step, Question):
        exchange.happen(AnswerMissing(exchange.step.id, "refused"))
    return go_on(exchange)


def _stop(exchange: Exchange) -> Turn:
    """The caller never wants to be surveyed again; what was answered stays."""
    exchange.happen(OptedOut(exchange.asking.id))
    return end(exchange, pending="refused")


def _step_back(exchange: Exchange) -> None:
    before = star_menu.question_before(exchange.survey, exchange.state)
    if before:
        exchange.happen(AnswerWithdrawn(before.id))
        exchange.move(step=before.id, phase="ask", counts={})
