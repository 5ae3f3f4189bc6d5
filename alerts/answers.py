"""Answers in words: what was asked, what was said, and what that means; in a reader's language."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from alerts.facts import Answered
from alerts.phrases import phrase
from ivr.call import WITHHELD
from ivr.steps.callback import Callback
from ivr.steps.choice import Choice
from ivr.steps.multi import Multi
from ivr.steps.question import Question
from ivr.steps.scale import ScaleQuestion
from ivr.survey.parts import Prompt
from ivr.survey.scores import Fcr, steps_of
from ivr.survey.shapes import Survey

LONGEST = 200  # characters of a value that came from outside
NAMED = ("csat", "nps", "ces", "fcr", "callback", "reason")  # questions that have a name in every language
Values = Mapping[str, object]  # step -> its answer, as far as there is one


def in_words(survey: Survey | None, values: Values, language: str) -> Iterator[Answered]:
    """What was answered, in the order of the survey.

    `survey` None: its version cannot be read any more, and questions go by the names of their steps.
    """
    if survey is None:
        yield from (Answered(_spelled(step), tidy(value)) for step, value in values.items())
        return
    for question in survey.questions():
        if question.id in values:
            yield _answered(question, values[question.id], survey, language)
        if isinstance(question, Callback):
            yield from _parts(question, values, survey, language)


def headline(survey: Survey | None, values: Values, rules: Collection[str], language: str) -> Answered | None:
    """The first number on a scale among the answers that the matched rules look at, else among all."""
    if survey is None:
        return None
    scales = (each for each in survey.questions() if isinstance(each, ScaleQuestion))
    given = [scale for scale in scales if isinstance(values.get(scale.id), int)]
    looked_at = _looked_at(survey, rules)
    chosen = next((each for each in given if each.id in looked_at), next(iter(given), None))
    return _answered(chosen, values[chosen.id], survey, language) if chosen else None


def resolved(survey: Survey | None, values: Values) -> bool | None:
    """Whether the caller's problem was solved, by the survey's first score of that kind; None: not known."""
    for score in survey.scores.values() if survey else ():
        if isinstance(score, Fcr) and score.step in values:
            return values[score.step] in score.yes
    return None


def tidy(value: object) -> str:
    """What came from outside on one line, in letters that can be seen, and not without end."""
    text = " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _answered(question: Question, value: object, survey: Survey, language: str) -> Answered:
    label = _label(question, survey, language)
    if _is_secret(question, value):
        return Answered(label, phrase("not_kept", language))
    match question, value:
        case ScaleQuestion(), int():
            scale = question.answers()
            end = {scale.low: question.low, scale.high: question.high}.get(value)
            return Answered(label, str(value), scale.high, _text(end, survey, language) if end else None)
        case Choice() | Multi(), _:
            codes = value if isinstance(value, list | tuple) else [value]
            said = [_text(option.say, survey, language) for option in question.options if option.code in codes]
            return Answered(label, ", ".join(said), meaning=", ".join(map(str, codes)))
        case _, "yes" | "no":
            return Answered(label, phrase(str(value), language))
    return Answered(label, tidy(value))


def _parts(callback: Callback, values: Values, survey: Survey, language: str) -> Iterator[Answered]:
    """The number and the time at which the caller wishes to be called."""
    number, time = values.get(f"{callback.id}.number"), values.get(f"{callback.id}.time")
    not_kept = phrase("not_kept", language)
    if number is not None:
        said = not_kept if _is_secret(callback, number) else tidy(number)
        yield Answered(phrase("callback_number", language), said)
    if time is not None:
        times = {each.code: _text(each.say, survey, language) for each in callback.times}
        said = not_kept if _is_secret(callback, time) else times.get(str(time), tidy(time))
        yield Answered(phrase("callback_time", language), said)


def _is_secret(question: Question, value: object) -> bool:
    return question.sensitive and value == WITHHELD


def _label(question: Question, survey: Survey, language: str) -> str:
    """The question's name in reports; else that of the score made from it; else its id, spelled out."""
    if question.report_as:
        return question.report_as
    kinds = {step: score.kind for score in survey.scores.values() for step in steps_of(score)}
    kind = "callback" if isinstance(question, Callback) else kinds.get(question.id, question.id)
    return phrase(kind, language) if kind in NAMED else _spelled(question.id)


def _looked_at(survey: Survey, rules: Iterable[str]) -> set[str]:
    raised = [rule for rule in survey.alerts if rule.name in rules]
    return {name for rule in raised for name in survey.condition(rule.when).names}


def _text(prompt: Prompt, survey: Survey, language: str) -> str:
    """The words in the reader's language where the survey speaks it, else in its first."""
    return tidy((prompt.get(language) or prompt[survey.languages[0]]).text)


def _spelled(step: str) -> str:
    """`call_me` as a reader would write it: `Call me`."""
    return step.replace("_", " ").replace("-", " ").capitalize()
