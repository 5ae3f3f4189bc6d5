"""How the call speaks at this moment: its language, its pace, and what is known to fill prompts with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ivr.call import CallState, Directive, Gather, Play, Say, Spoken
from ivr.placeholders import fill
from ivr.survey.parts import Prompt, StepKeys

if TYPE_CHECKING:  # a survey is made of steps, and steps speak
    from ivr.survey.shapes import Survey


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes of prompts and phrases what is said next."""

    survey: "Survey"
    state: CallState

    @property
    def language(self) -> str:
        return self.state.language

    def speaking(self, language: str) -> "Speaker":
        """The same call in another language."""
        return self if language == self.language else Speaker(self.survey, self.state.but(language=language))

    @property
    def in_master_language(self) -> "Speaker":
        """As the survey's first language has it; reports and alerts read that one."""
        return self.speaking(self.survey.languages[0])

    def prompt(self, prompt: Prompt, **more: str) -> tuple[Spoken, ...]:
        """What the survey says, in the caller's language; `more` are values of this place, such as `low`."""
        said = prompt[self.language]
        words = self.say(self._filled(said.text, more))
        return (Play(said.audio, words),) if said.audio else (words,)

    def words(self, prompt: Prompt) -> str:
        """The words of a prompt alone."""
        return self._filled(prompt[self.language].text, {})

    def phrase(self, name: str, **values: str) -> Say:
        """One of the engine's own sentences."""
        return self.say(self.survey.phrase(name, self.language, **values))

    def say(self, words: str) -> Say:
        return Say(words, self.language, self.survey.voices.get(self.language), self.state.rate)

    def gather(self, step: StepKeys, prompts: Iterable[Spoken], digits: int | None) -> Gather:
        """Ask for keys, waiting as the step says. A single key is judged whatever it is; several end by pound."""
        wait = self.survey.wait(step)
        return Gather(
            prompts=joined(prompts),
            digits=digits,
            finish_on="" if digits == 1 else "#",
            first_key_s=wait.first_key,
            between_keys_s=wait.between_keys,
            language=self.language,
        )

    def length_s(self, directives: Iterable[Directive]) -> float:
        """How long it takes to say them, by the survey's words per second."""
        per_second = self.survey.words_per_second(self.language) * self.state.rate
        return round(sum(_words(each) for each in directives) / per_second, 1)

    def _filled(self, text: str, more: Mapping[str, str]) -> str:
        return fill(text, lambda name: more.get(name) or self._known(name), self.language)

    def _known(self, name: str) -> str | None:
        """A field of the context, or an earlier answer in the caller's language."""
        answer = self.state.answers.get(name)
        if answer is None:
            return self.state.context.get(name.removeprefix("context."))
        return None if answer.value is None else aloud(self, name, answer.value)


def aloud(speaker: Speaker, step_id: str, value: object) -> str:
    """The words for an answer: its label, or else the value itself."""
    label = getattr(speaker.survey.step(step_id), "label", None) if step_id in speaker.survey.ids else None
    return (label and label(speaker, value)) or str(value)


def joined(spoken: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """Sentences that follow one another in the same voice, as one."""
    said: list[Spoken] = []
    for each in spoken:
        last = said[-1] if said else None
        if isinstance(each, Say) and isinstance(last, Say) and _alike(each, last):
            said[-1] = replace(last, text=f"{last.text} {each.text}")
        else:
            said.append(each)
    return tuple(said)


def _alike(one: Say, other: Say) -> bool:
    return (one.language, one.voice, one.rate) == (other.language, other.voice, other.rate)


def _words(directive: Directive) -> int:
    match directive:
        case Gather(prompts):
            return sum(_words(prompt) for prompt in prompts)
        case Say(text) | Play(_, Say(text)):
            return len(text.split())
    return 0
