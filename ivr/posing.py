"""Asking: what is said where the caller is, and how the caller is heard."""

from dataclasses import replace

from ivr import star_menu
from ivr.call import Answer, Gather, QuestionAsked, Say, Turn, VerbatimAsked
from ivr.exchange import Exchange
from ivr.speaker import Speaker
from ivr.steps.asking import Asking
from ivr.steps.question import Question
from ivr.steps.voice import Voice


def pose(exchange: Exchange) -> Turn:
    """Ask what is open where the caller is: the star menu, the read-back, or the step's own question."""
    step, speaker = exchange.asking, exchange.speaker
    if exchange.state.menu:
        return exchange.turn(speaker.gather(step, star_menu.read_out(speaker), 1))
    match exchange.state.phase:
        case "confirm":
            return exchange.turn(_read_back(exchange))
        case "ask":
            return _first_question(exchange)
        case phase:
            return exchange.turn(*step.pose(speaker, phase))


def pose_anew(exchange: Exchange, phase: str) -> Turn:
    """Ask in another phase of the same step, with tries counted afresh."""
    exchange.move(phase=phase, counts={})
    return pose(exchange)


def _read_back(exchange: Exchange) -> Gather:
    """What was understood; 1 right, 2 change."""
    step, speaker = exchange.asking, exchange.speaker
    understood = _understood(speaker, step, exchange.state.answers[step.id])
    return speaker.gather(step, (understood, speaker.phrase("keep_or_change")), 1)


def _understood(speaker: Speaker, step: Asking, answer: Answer) -> Say:
    """The answer in words; with its key where it has one, but not with all the digits of a date or a code."""
    label = step.label(speaker, answer.value) if isinstance(step, Question) else None
    has_one_key = isinstance(answer.value, int) or len(answer.keys or "") == 1
    if answer.keys and has_one_key and label not in (None, answer.keys):
        return speaker.phrase("read_back_key", key=answer.keys, label=label)
    return speaker.phrase("read_back", label=label or str(answer.value))


def _first_question(exchange: Exchange) -> Turn:
    """The step's own question. What must be heard whole stands before the keys are awaited."""
    step, speaker = exchange.asking, exchange.speaker
    *spoken, wait = step.pose(speaker, "ask")
    if isinstance(wait, Gather) and (step.legal or not step.barge_in):
        exchange.say(*wait.prompts, firmly=True)
        wait = replace(wait, prompts=step.short_keys(speaker) if step.legal else ())
    exchange.happen(QuestionAsked(step.id, exchange.length_s(*spoken, wait)))
    if isinstance(step, Voice):
        exchange.happen(VerbatimAsked(step.id))
    return exchange.turn(*spoken, wait)
