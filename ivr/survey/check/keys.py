"""Keys: each once, and every answer can be keyed in."""

from collections.abc import Iterator, Mapping

from ivr.steps.block import Block
from ivr.steps.callback import Callback
from ivr.steps.choice import Choice
from ivr.steps.consent import Consent
from ivr.steps.language import Language
from ivr.steps.multi import Multi
from ivr.steps.number import Number
from ivr.steps.outcome import Given
from ivr.steps.question import Question
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.check.subject import Subject
from ivr.survey.diagnostics import Diagnostic, did_you_mean
from ivr.survey.domains import Codes, CodeSets, Numbers
from ivr.survey.parts import Option
from ivr.survey.strict_yaml import Path

LONGEST_RECORDING_S = 600
LONGEST_RINGING_S = 600


def check_keys(subject: Subject) -> Iterator[Diagnostic]:
    for located in subject.steps:
        step, path = located.step, located.path
        match step:
            case Choice() | Multi():
                yield from _options(subject, step.options, (*path, "options"))
            case Callback():
                yield from _options(subject, step.times, (*path, "times"))
                yield from _callback(subject, step, path)
            case Consent():
                yield from _consent(subject, step, path)
            case Language() if step.keys is not None:
                yield from _languages(subject, step.keys, path)
            case Number() if step.id not in subject.lost:
                yield from _number(subject, step, path)
            case Voice():
                yield from _recording(subject, step, path)
            case Transfer() if not 1 <= step.timeout <= LONGEST_RINGING_S:
                yield subject.wrong("E070", (*path, "timeout"), "it rings for 1 s to 10 min", "write timeout: 30s")
            case Block() if step.id not in subject.lost:
                yield from _share(subject, step, path)
        if step.id in subject.lost:
            continue
        if isinstance(step, Multi):
            yield from _several(subject, step, path)
        if isinstance(step, Question):
            yield from _ways_out(subject, step, path)
            yield from _synonyms(subject, step, path)


def _options(subject: Subject, options: tuple[Option, ...], at: Path) -> Iterator[Diagnostic]:
    keys: dict[str, str] = {}
    codes: set[str] = set()
    for number, option in enumerate(options):
        path = (*at, number)
        if option.key in keys:
            message = f'key {_told(option.key)} is taken by "{keys[option.key]}"'
            yield subject.wrong("E040", (*path, "key"), message, "give it another key")
        if option.code in codes:
            message = f'"{option.code}" is the code of another option'
            yield subject.wrong("E020", (*path, "code"), message, "give it another code")
        yield from _free(subject, option.key, (*path, "key"))
        keys.setdefault(option.key, option.code)
        codes.add(option.code)


def _free(subject: Subject, key: str, path: Path, at_name: bool = False) -> Iterator[Diagnostic]:
    """Star opens the star menu, and pound ends an answer."""
    say = subject.wrong_key if at_name else subject.wrong
    if key == "*" and subject.survey.defaults.star_menu:
        yield say("E041", path, "star opens the star menu", "use a digit, or write star_menu: [] under defaults")
    if key == "#":
        yield say("E042", path, "pound alone is silence, so nobody can choose it", "use a digit")


def _callback(subject: Subject, step: Callback, path: Path) -> Iterator[Diagnostic]:
    if step.sensitive:
        message = "the wish to be called, or not, is kept, and so is the number to call"
        yield subject.wrong_key("E010", (*path, "sensitive"), message, "remove it")
    if step.time is not None and not step.times:
        yield subject.wrong("E042", (*path, "time"), "there are no times to choose from", "list them under times")


def _consent(subject: Subject, step: Consent, path: Path) -> Iterator[Diagnostic]:
    for key in step.keys:
        written = next((name for name, value in (("star", "*"), ("pound", "#")) if value == key), key)
        yield from _free(subject, key, (*path, "keys", written), at_name=True)
    if "continue" not in step.keys.values():
        yield subject.wrong_key(
            "E042", (*path, "keys"), "no key goes on with the survey", "add one, such as 1: continue"
        )


def _languages(subject: Subject, keys: Mapping[str, str], path: Path) -> Iterator[Diagnostic]:
    for key, language in keys.items():
        here = (*path, "keys", key)
        yield from _free(subject, key, here, at_name=True)
        if language not in subject.survey.languages:
            repair = did_you_mean(language, subject.survey.languages)
            yield subject.wrong("E051", here, f'the survey has no "{language}"', repair)


def _number(subject: Subject, step: Number, path: Path) -> Iterator[Diagnostic]:
    if step.min < 0:
        yield subject.wrong("E042", (*path, "min"), f"{step.min} cannot be keyed in", "write min: 0 or more")
    if step.max < step.min:
        message = f"no number is at least {step.min} and at most {step.max}"
        yield subject.wrong("E042", (*path, "max"), message, "write max above min")


def _recording(subject: Subject, step: Voice, path: Path) -> Iterator[Diagnostic]:
    if not 1 <= step.max <= LONGEST_RECORDING_S:
        yield subject.wrong("E070", (*path, "max"), "a recording has 1 s to 10 min", "write max: 90s")
    if not 1 <= step.silence <= LONGEST_RECORDING_S:
        yield subject.wrong(
            "E070", (*path, "silence"), "the silence that ends it has 1 s to 10 min", "write silence: 4s"
        )
    if step.stop_key == "*":
        yield from _free(subject, step.stop_key, (*path, "stop_key"))
    if step.sensitive:
        message, repair = "a recording is kept, or it would not be made", "remove it; privacy: {keep: …} says how long"
        yield subject.wrong_key("E010", (*path, "sensitive"), message, repair)


def _share(subject: Subject, step: Block, path: Path) -> Iterator[Diagnostic]:
    if step.ask is not None and step.ask.of != len(step.steps):
        message = f"the block has {len(step.steps)} steps, not {step.ask.of}"
        yield subject.wrong("E042", (*path, "ask"), message, f"write ask: {step.ask.asked} of {len(step.steps)}")


def _several(subject: Subject, step: Multi, path: Path) -> Iterator[Diagnostic]:
    most = len(step.options) if step.at_most is None else step.at_most
    if not 1 <= step.at_least <= most <= len(step.options):
        message = f"nobody can choose at least {step.at_least} and at most {most} of {len(step.options)} options"
        field = "at_most" if step.at_most is not None else "at_least"
        yield subject.wrong("E042", (*path, field), message, f"write numbers from 1 to {len(step.options)}")


def _ways_out(subject: Subject, step: Question, path: Path) -> Iterator[Diagnostic]:
    """The keys for those who cannot answer are no answer themselves, and differ."""
    for field, keys in (("dont_know", step.dont_know), ("not_applicable", step.not_applicable)):
        if keys is not None and isinstance(step.read(keys), Given):
            message = f"{keys} is an answer already, which nobody could give any more"
            yield subject.wrong("E040", (*path, field), message, "give it another key")
    if step.not_applicable is not None and step.not_applicable == step.dont_know:
        message = f"{step.not_applicable} means dont_know already"
        yield subject.wrong("E040", (*path, "not_applicable"), message, "give it another key")


def _synonyms(subject: Subject, step: Question, path: Path) -> Iterator[Diagnostic]:
    """Words that are spoken stand for an answer that there is, in a language that is spoken."""
    answers = step.answers()
    known = answers.codes if isinstance(answers, Codes | CodeSets) else ()
    known = tuple(map(str, answers.values)) if isinstance(answers, Numbers) else known
    for language, words in step.synonyms.items():
        here = (*path, "synonyms", language)
        if language not in subject.survey.languages:
            repair = did_you_mean(language, subject.survey.languages)
            yield subject.wrong_key("E051", here, f'the survey does not speak "{language}"', repair)
        for code in words if known else ():
            if code not in known:
                yield subject.wrong_key("E028", (*here, code), f"{step.id} is never {code}", did_you_mean(code, known))


def _told(key: str) -> str:
    return {"*": "star", "#": "pound"}.get(key, key)
