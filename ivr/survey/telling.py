"""Each part of a survey told in a line or two, for `explain` and for the drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.steps.block import Block
from ivr.steps.callback import Callback
from ivr.steps.choice import Choice
from ivr.steps.consent import Consent
from ivr.steps.digits import Digits, Length
from ivr.steps.language import Language
from ivr.steps.multi import Multi
from ivr.steps.number import Number
from ivr.steps.question import Question
from ivr.steps.scale import ScaleQuestion
from ivr.steps.set import Set
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.diagnostics import either
from ivr.survey.paths import UNANSWERED, Move, Path
from ivr.survey.scores import Ces, Composite, Csat, Fcr, Mean, Nps, Score
from ivr.survey.shapes import AlertRule, Once, Survey
from ivr.survey.watch import WatchRule
from ivr.survey.wording import counted, duration, in_words

MEANINGS = {"continue": "goes on", "decline": "declines", "opt_out": "never again"}
REPLACED = {"skip": "goes on to the next step", "end": "ends the call", "transfer": "transfers the caller"}


def words_of(survey: Survey, step: Step) -> str:
    """What the caller hears of the step itself, in the master language."""
    prompt = getattr(step, "ask", None) if isinstance(step, Asking) else getattr(step, "say", None)
    if isinstance(step, Block) or not prompt:
        return ""
    return str(prompt[survey.languages[0]].text)


def details(survey: Survey, step: Step) -> Iterator[str]:
    """What else there is to know of a step: its keys, its limits, what it does."""
    yield from _kind(survey, step)
    if isinstance(step, Question):
        yield from _ways_out(step)
    if step.legal:
        yield "legal: heard whole"
    elif not step.barge_in:
        yield "heard whole"
    if step.sensitive:
        yield "sensitive: not kept"
    if step.confirm_if:
        yield f"read back if {in_words(survey, step.confirm_if)}"


def _kind(survey: Survey, step: Step) -> Iterator[str]:
    master = survey.languages[0]
    match step:
        case Consent(keys=keys):
            yield ", ".join(f"{key} {MEANINGS[meaning]}" for key, meaning in keys.items())
        case ScaleQuestion():
            low, high = step.answers().low, step.answers().high
            ends = [f"{number} {end[master].text}" for number, end in ((low, step.low), (high, step.high)) if end]
            yield f"{low}-{high}" + (f": {', '.join(ends)}" if ends else "")
        case Choice(options=options) | Multi(options=options):
            yield ", ".join(f"{option.key} {option.code}" for option in options)
        case Number(min=low, max=high):
            yield f"{low} to {high}"
        case Digits(holds=holds, length=size):
            yield "a date" if holds == "date" else _how_many(size)
        case Voice():
            yield f"recorded for {duration(step.max)} at most" + (f"; {', '.join(step.review)}" if step.review else "")
        case Language():
            yield ", ".join(f"{key} {language}" for key, language in step.by_key(survey.languages).items())
        case Callback(number=number, times=times):
            asks = [*(["number"] if number else []), *(["time"] if times else [])]
            yield "1 yes, 2 no" + (f"; then asks for the {' and the '.join(asks)}" if asks else "")
        case Transfer(to=to, after=after):
            yield f"to {to}; then {'the call ends, or goes on if nobody answers' if after == 'end' else 'goes on'}"
        case Set(value=value):
            yield f"worked out: {in_words(survey, value)}"
        case Block(order=order, ask=share):
            yield f"{share.asked} of {share.of} are asked, order {order}" if share else f"order {order}"
        case Question():
            yield "1 yes, 2 no"


def _how_many(size: Length) -> str:
    return counted(size.most, "digit") if size.least == size.most else f"{size.least}-{size.most} digits"


def _ways_out(step: Question) -> Iterator[str]:
    if step.dont_know:
        yield f"{step.dont_know} don't know"
    if step.not_applicable:
        yield f"{step.not_applicable} does not apply"


def jumps(survey: Survey, step: Step) -> Iterator[str]:
    for jump in step.jump:
        yield f"to {jump.to} if {in_words(survey, jump.when)}"


def told_path(survey: Survey, path: Path) -> str:
    """`hello → csat (1-2, read back) → solved → …`"""
    return " → ".join(f"{move.step.id}{_told_answers(survey, move)}" for move in path.moves)


def _told_answers(survey: Survey, move: Move) -> str:
    condition = move.step.only_if
    told = [f"heard if {in_words(survey, condition)}"] if condition and _is_derived(survey, condition) else []
    told += [_range(move.answers)] if move.answers and _matters(move) else []
    told += ["read back"] if move.read_back else []
    return f" ({', '.join(told)})" if told else ""


def _is_derived(survey: Survey, condition: str) -> bool:
    """Whether it asks for a value that was worked out, so that no answer on the path shows it."""
    return any(isinstance(survey.step(name), Set) for name in survey.condition(condition).names)


def _matters(move: Move) -> bool:
    """Whether other answers would lead elsewhere."""
    return len(move.answers) < move.of or move.read_back


def _range(answers: tuple[object, ...]) -> str:
    """`1-2`, `yes`, `wait or courtesy`; `yes, or no answer`, which is not to be read as the answer "no"."""
    given = [answer for answer in answers if answer != UNANSWERED]
    told = [_given(given)] if given else []
    return ", or ".join([*told, UNANSWERED] if UNANSWERED in answers else told)


def _given(answers: Sequence[object]) -> str:
    """Answers that follow one another as a range."""
    numbers = [answer for answer in answers if isinstance(answer, int) and not isinstance(answer, bool)]
    if len(numbers) == len(answers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}-{numbers[-1]}"
    return " or ".join(map(_answer, answers))


def _answer(answer: object) -> str:
    return "+".join(answer) if isinstance(answer, tuple) else str(answer)


# Rules ----------------------------------------------------------------------------------------------


def told_alert(survey: Survey, rule: AlertRule) -> str:
    """An alert rule in a sentence."""
    team = f"the team {rule.to}" if rule.to else "the team of the call's group"
    attached = f", with the recording of {' and '.join(rule.attach)}" if rule.attach else ""
    return f"if {in_words(survey, rule.when)}: tells {team}{attached}; {told_once(rule.once)}"


def told_watch(rule: WatchRule) -> str:
    """A rule of the word watch in a sentence."""
    words = dict.fromkeys(word for words in rule.words.values() for word in words)
    does = {
        "open": "opens a case",
        "raise": "raises an open case",
        "propose_opt_out": "opens a case, proposes an opt-out",
    }
    return f"if a message holds {either(f'“{word}”' for word in words)}: {does[rule.then]}"


def told_once(once: Once) -> str:
    match once.per:
        case "call":
            return "once per call"
        case "caller":
            return f"once per caller in {duration(once.within or 0)}"
        case _:
            return "once per ticket, else per call_key, else per call"


def told_score(score: Score) -> str:
    """A score in a sentence."""
    match score:
        case Csat(step=step, show="mean"):
            return f"the mean of {step}"
        case Csat(step=step, top=top):
            tops = " or ".join(map(str, top)) or "one of the two highest"
            return f"the share of callers whose {step} is {tops}" + (", the scale turned" if score.reverse else "")
        case Nps(step=step):
            return f"the share of 9-10 at {step}, minus that of 0-6"
        case Ces(step=step):
            return f"the mean of {step}" + (", the scale turned" if score.reverse else "")
        case Fcr(step=step, yes=yes):
            return f"the share of callers whose {step} is {' or '.join(yes)}"
        case Mean(steps=steps):
            return f"the mean of {', '.join(steps)}" + (", the scale turned" if score.reverse else "")
        case Composite(weights=weights):
            items = ", ".join(f"{step} × {weight:g}" for step, weight in weights.items())
            return f"the weighted mean of {items}; at least {score.at_least} answered"


def defaults_in_force(survey: Survey) -> Iterator[tuple[str, str, str]]:
    """Each default that steps fall back on, its value, and whether the survey or the language says so."""
    given = survey.defaults
    for group in ("wait", "tries"):
        part = getattr(given, group)
        for each in fields(part):
            value = getattr(part, each.name)
            told = "counts with wrong_key" if value is None else duration(value) if group == "wait" else str(value)
            yield f"{group}.{each.name}", told, "survey" if value != each.default else "built in"
    yield "then", f"{given.then}: {REPLACED[given.then]}", "survey" if given.then != "skip" else "built in"
    usual = type(given)().star_menu
    yield "star_menu", ", ".join(given.star_menu) or "none", "survey" if given.star_menu != usual else "built in"
    for event in ("silence", "wrong_key", "too_few", "too_many", "low_confidence"):
        said = getattr(given, f"on_{event}")
        told = " / ".join(prompt[survey.languages[0]].text for prompt in said) or _engine_says(survey, event)
        yield f"on_{event}", told, "survey" if said else "built in"
    for language in survey.languages:
        pace = survey.words_per_second(language)
        yield f"speech.{language}", f"{pace:g} words a second", "survey" if language in survey.speech else "built in"


def _engine_says(survey: Survey, event: str) -> str:
    return "nothing is added" if event == "silence" else survey.phrase(event, survey.languages[0])
