"""Languages: each once, and the engine's own sentences known in all of them."""

import re
from collections.abc import Iterator

from ivr.steps.callback import Callback
from ivr.steps.choice import Choice
from ivr.steps.consent import Consent
from ivr.steps.digits import Digits
from ivr.steps.multi import Multi
from ivr.steps.question import Question
from ivr.steps.scale import NumberQuestion
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.steps.yes_no import YesNo
from ivr.survey.check.subject import Subject
from ivr.survey.diagnostics import Diagnostic, did_you_mean
from ivr.survey.parts import Prompt
from ivr.survey.phrases import MASTER, PHRASES
from ivr.survey.shapes import Survey
from ivr.survey.strict_yaml import Path
from ivr.survey.watch import EVERY, WatchRule

VALUE = re.compile(r"\{(\w+)\}")


def check_languages(subject: Subject) -> Iterator[Diagnostic]:
    languages = subject.survey.languages
    for number, language in enumerate(languages):
        if language in languages[:number]:
            yield subject.wrong("E020", ("languages", number), f'"{language}" is named twice', "keep one of them")
        yield from _untold(subject, language, ("languages", number))
    for field, named in (("voices", subject.survey.voices), ("speech", subject.survey.speech)):
        for language in named:
            yield from _spoken(subject, language, (field, language))
    for name, prompt in subject.survey.phrases.items():
        yield from _own_words(subject, name, prompt, ("phrases", name))
    for number, rule in enumerate(subject.survey.watch):
        yield from _watched(subject, rule, ("watch", number, "words"))


def _watched(subject: Subject, rule: WatchRule, path: Path) -> Iterator[Diagnostic]:
    """A rule listens in every language, or somebody who speaks another is not heard."""
    if EVERY in rule.words:
        return
    for language in rule.words:
        yield from _spoken(subject, language, (*path, language))
    for language in subject.survey.languages:
        if language not in rule.words and language.partition("-")[0] not in rule.words:
            repair = f"write {language}: […], or one list for every language"
            yield subject.wrong("E050", path, f'nothing is watched for in "{language}"', repair)


def _spoken(subject: Subject, language: str, path: Path) -> Iterator[Diagnostic]:
    if language not in subject.survey.languages:
        repair = did_you_mean(language, subject.survey.languages)
        yield subject.wrong_key("E051", path, f'the survey does not speak "{language}"', repair)


def _untold(subject: Subject, language: str, path: Path) -> Iterator[Diagnostic]:
    own = subject.survey.phrases
    known = {name for name, words in PHRASES.items() if {language, language.split("-")[0]} & set(words)}
    untold = [name for name in sorted(needed(subject.survey) - known) if language not in own.get(name, {})]
    if untold:
        message = f'the engine\'s own sentences are not known in "{language}": {", ".join(untold)}'
        yield subject.wrong("E050", path, message, f"write them under phrases:, such as {untold[0]}: {{{language}: …}}")


def _own_words(subject: Subject, name: str, prompt: Prompt, path: Path) -> Iterator[Diagnostic]:
    """A survey's words for a sentence hold the same values as the original."""
    if name not in PHRASES:
        message = f'"{name}" is no sentence of the engine'
        yield subject.wrong_key("E010", path, message, did_you_mean(name, PHRASES))
        return
    wanted = set(VALUE.findall(PHRASES[name][MASTER]))
    for language, said in prompt.items():
        here, given = (*path, language), set(VALUE.findall(said.text))
        yield from _spoken(subject, language, here)
        for value in sorted(wanted - given):
            yield subject.wrong("E052", here, f"{{{value}}} is missing", f"say {{{value}}} somewhere")
        for value in sorted(given - wanted):
            yield subject.wrong("E052", here, f'"{value}" is not known here', did_you_mean(value, wanted, "remove it"))


def needed(survey: Survey) -> set[str]:
    """The sentences of the engine that may be heard in this survey."""
    menu = [f"star_{word}" for word in survey.defaults.star_menu]
    names = {"apology", "goodbye", "welcome_back", "wrong_key", *menu, *(("menu_first", "menu_next") if menu else ())}
    for step in survey.all_steps:
        names |= _named(step)
        if isinstance(step, Question):
            names |= _around(step)
    return names - ({"star_language"} if len(survey.languages) == 1 else set())


def _named(step: object) -> set[str]:
    """The sentences that belong to a kind of step."""
    match step:
        case Consent(keys=keys, legal=legal):
            return {f"key_{meaning}" for meaning in keys.values()} if legal else set()
        case Choice():
            return {"option"}
        case Multi():
            return {"option", "multi_end", "too_few", "too_many"}
        case YesNo(legal=legal):
            return {"yes", "no"} | ({"key_answer"} if legal else set())
        case Callback(number=number, times=times):
            asks_more = ({"too_few", "too_many"} if number else set()) | ({"option"} if times else set())
            return {"yes", "no"} | asks_more
        case NumberQuestion():
            return {"key_range"}
        case Digits():
            return {"too_few", "too_many"}
        case Voice(review=review):
            return {f"review_{word}" for word in review}
        case Transfer():
            return {"unavailable"}
    return set()


def _around(step: Question) -> set[str]:
    """The sentences that any question may need."""
    read_back = step.confirm_if is not None or "speech" in step.input
    names = {"read_back", "read_back_key", "keep_or_change"} if read_back else set()
    names |= {"low_confidence"} if "speech" in step.input else set()
    return names | {name for name in ("dont_know", "not_applicable") if getattr(step, name) is not None}
