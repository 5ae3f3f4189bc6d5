"""Prompts: said in every language, with values that are known, and recordings that can be played."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, cast

from ivr.placeholders import SPOKEN_AS, Placeholder, read_text
from ivr.steps.block import Block
from ivr.steps.scale import ScaleQuestion
from ivr.survey.check.subject import Located, Subject
from ivr.survey.diagnostics import Diagnostic, did_you_mean
from ivr.survey.domains import Nothing
from ivr.survey.parts import Prompt, Shape, Spoken
from ivr.survey.strict_yaml import Path

CLIPPED = 0.001  # of all samples at the limit is heard as distortion
SILENT = 0.01  # a peak under that is silence on a telephone


def check_prompts(subject: Subject) -> Iterator[Diagnostic]:
    context = {name: need == "required" for name, need in _context(subject).items()}
    for located in subject.steps:
        known = context | _answers(subject, located)
        for path, prompt in prompts(_without_steps(located.step), located.path):
            yield from _prompt(subject, prompt, path, known | _ends(located, path))
        yield from _legal(subject, located)
    for path, prompt in prompts(subject.survey.defaults, ("defaults",)):
        yield from _prompt(subject, prompt, path, context)


def prompts(value: Any, at: Path) -> Iterator[tuple[Path, Prompt]]:
    """Every prompt inside a shape, with its path."""
    if isinstance(value, Mapping):
        if any(isinstance(each, Spoken) for each in value.values()):
            yield at, value
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from prompts(each, (*at, number))
    elif isinstance(value, Shape):
        for name in _fields(cast(Any, type(value))):
            if not isinstance(inside := getattr(value, name), str | int | float | None):
                yield from prompts(inside, (*at, name))


@cache
def _fields(shape: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(shape))


def _without_steps(step: Any) -> Any:
    """A block's steps are looked at by themselves."""
    return () if isinstance(step, Block) else step


# What may stand in braces ---------------------------------------------------------------------------


def _context(subject: Subject) -> dict[str, str]:
    return dict.fromkeys(subject.context, "optional") | dict(subject.survey.context)


def _answers(subject: Subject, located: Located) -> dict[str, bool]:
    """Earlier answers; none of them is sure to be there."""
    earlier = (other.step for other in subject.steps if other.number < located.number)
    answering = [step for step in earlier if not step.sensitive and not isinstance(step.answers(), Nothing)]
    return {step.id: False for step in answering} | dict.fromkeys(subject.lost, True)


def _ends(located: Located, path: Path) -> dict[str, bool]:
    """`{low}` and `{high}`, in the question of a scale whose ends have a meaning."""
    if not isinstance(located.step, ScaleQuestion) or path[-1] != "ask":
        return {}
    return {name: True for name in ("low", "high") if getattr(located.step, name) is not None}


# One prompt -----------------------------------------------------------------------------------------


def _prompt(subject: Subject, prompt: Prompt, path: Path, known: Mapping[str, bool]) -> Iterator[Diagnostic]:
    for language in subject.survey.languages:
        if language not in prompt:
            message = f'"{language}" is missing'
            beside = ", ".join(each for each in prompt if each in subject.survey.languages)
            yield subject.wrong_key(
                "E050", path, message, f"write {language}: …" + (f" beside {beside}" if beside else "")
            )
    for language, said in prompt.items():
        here = (*path, language)
        if language not in subject.survey.languages:
            repair = did_you_mean(language, subject.survey.languages)
            yield subject.wrong_key("E051", here, f'the survey does not speak "{language}"', repair)
        if not said.text.strip():
            yield subject.wrong("E050", here, f'nothing is said in "{language}"', "write the words")
        yield from _placeholders(subject, said.text, here, known)
        if said.audio is not None:
            yield from _audio(subject, said.audio, here)


def _placeholders(subject: Subject, text: str, path: Path, known: Mapping[str, bool]) -> Iterator[Diagnostic]:
    for part in read_text(text):
        if isinstance(part, Placeholder):
            yield from _placeholder(subject, part, text, path, known)
        elif "{" in part or "}" in part:
            column = text.find(part) + min(part.find(brace) for brace in "{}" if brace in part)
            message = "a brace belongs to no placeholder"
            yield _within(subject, "E052", path, text, column, message, "write it like {agent_name | 'our agent'}")


def _placeholder(
    subject: Subject, part: Placeholder, text: str, path: Path, known: Mapping[str, bool]
) -> Iterator[Diagnostic]:
    column = text.find("{" + part.name) if "{" + part.name in text else text.find(part.name)
    name = part.name.removeprefix("context.")
    if name not in known:
        repair = did_you_mean(part.name, known, "name a field of the context or an earlier answer")
        yield _within(subject, "E052", path, text, column, f'"{part.name}" is not known here', repair)
    elif not known[name] and part.default is None:
        message = f'"{part.name}" may be missing'
        yield _within(subject, "E053", path, text, column, message, f"write {{{part.name} | '…'}} with other words")
    if part.spoken_as is not None and part.spoken_as not in SPOKEN_AS:
        repair = did_you_mean(part.spoken_as, SPOKEN_AS)
        yield _within(subject, "E012", path, text, column, f'"{part.spoken_as}" is no way to say a value', repair)


def _within(subject: Subject, code: str, path: Path, text: str, column: int, message: str, repair: str) -> Diagnostic:
    written = (*path, "text") if (*path, "text") in subject.document.values else path
    return subject.wrong_within(code, written, text, column, message, repair)


def _legal(subject: Subject, located: Located) -> Iterator[Diagnostic]:
    path = (*located.path, "barge_in")
    if located.step.legal and located.step.barge_in and path in subject.document.values:
        message = "a legal prompt must be heard whole"
        yield subject.wrong_key("E054", path, message, "remove barge_in: true, or legal: true")


# Recordings -----------------------------------------------------------------------------------------


def _audio(subject: Subject, audio: str, at: Path) -> Iterator[Diagnostic]:
    path = (*at, "audio")
    if "/" in audio or "\\" in audio or audio.startswith("."):
        yield subject.wrong("E055", path, f'"{audio}" is no file of flows/audio/', "write its name alone")
        return
    if subject.sounds is None:
        return
    sound = subject.sounds.get(audio)
    if sound is None:
        repair = did_you_mean(audio, subject.sounds, "put it into flows/audio/")
        yield subject.wrong("E055", path, f'there is no "{audio}" in flows/audio/', repair)
    elif sound.problem is not None:
        yield subject.wrong("E056", path, f'"{audio}" cannot be played: {sound.problem}', "save it as WAV or MP3")
    elif sound.peak < SILENT:
        yield subject.wrong("E058", path, f'"{audio}" is silent', "record it again, or make it louder")
    elif sound.clipped > CLIPPED:
        yield subject.wrong("E057", path, f'"{audio}" is clipped', "record it again with less level")
