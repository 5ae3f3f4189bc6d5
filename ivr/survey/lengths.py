"""How long each thing takes to say, in seconds, by the very words the engine speaks."""

from collections.abc import Iterable, Mapping

from ivr.call import Answer, CallState, Directive, Gather, Play, Say
from ivr.exchange import Exchange
from ivr.posing import pose
from ivr.speaker import Speaker
from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.survey.shapes import Survey
from ivr.survey.sounds import Sound

Sounds = Mapping[str, Sound]


def said_s(survey: Survey, step: Step, language: str, sounds: Sounds | None = None) -> float:
    """A step heard whole: its prompt, and what the engine adds to it."""
    if isinstance(step, Asking):
        return _turn_s(survey, CallState(language, {}, seed=0, step=step.id), sounds)
    speaker = Speaker(survey, CallState(language, {}, seed=0))
    prompt = getattr(step, "say", None)
    return _spoken_s(survey, language, speaker.prompt(prompt), sounds) if prompt else 0.0


def prompt_s(survey: Survey, step: Step, language: str, sounds: Sounds | None = None) -> float:
    """The longest that is heard of a step without a pause; after a legal prompt its keys come by themselves."""
    if not isinstance(step, Asking):
        return said_s(survey, step, language, sounds)
    said = pose(Exchange(survey, CallState(language, {}, seed=0, step=step.id))).directives
    return max(_spoken_s(survey, language, (directive,), sounds) for directive in said)


def read_back_s(survey: Survey, step: Asking, value: object, language: str, sounds: Sounds | None = None) -> float:
    """The read-back of an answer."""
    answers = {step.id: Answer(value, keys=str(value), settled=False)}
    state = CallState(language, {}, seed=0, step=step.id, phase="confirm", answers=answers)
    return _turn_s(survey, state, sounds)


def review_s(survey: Survey, step: Asking, language: str, sounds: Sounds | None = None) -> float:
    """What may be done with a recording."""
    state = CallState(language, {}, seed=0, step=step.id, phase="review", verbatims={step.id: "RE"})
    return _turn_s(survey, state, sounds)


def goodbye_s(survey: Survey, language: str) -> float:
    """The goodbye of a survey that has no ending."""
    return len(survey.phrase("goodbye", language).split()) / survey.words_per_second(language)


def _turn_s(survey: Survey, state: CallState, sounds: Sounds | None) -> float:
    return _spoken_s(survey, state.language, pose(Exchange(survey, state)).directives, sounds)


def _spoken_s(survey: Survey, language: str, directives: Iterable[Directive], sounds: Sounds | None) -> float:
    length = 0.0
    for directive in directives:
        match directive:
            case Say(text, spoken):
                length += len(text.split()) / survey.words_per_second(spoken)
            case Play(audio, instead):
                sound = (sounds or {}).get(audio)
                length += sound.seconds if sound else _spoken_s(survey, language, (instead,), None)
            case Gather(prompts):
                length += _spoken_s(survey, language, prompts, sounds)
    return length
