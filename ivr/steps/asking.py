"""What every step that waits for the caller can do."""

from dataclasses import dataclass

from ivr.call import Directive, Input, Spoken
from ivr.speaker import Speaker
from ivr.steps.outcome import Outcome
from ivr.survey.parts import StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(StepKeys):
    """A step that asks and hears. Its first phase is `ask`; a step that asks more than once names its others."""

    def pose(self, speaker: Speaker, phase: str) -> tuple[Directive, ...]:
        """What is said, and last how the caller is heard: a Gather with its prompts inside, or a Record."""
        raise NotImplementedError

    def hear(self, speaker: Speaker, phase: str, heard: Input) -> Outcome:
        """What it means."""
        raise NotImplementedError

    def give_up(self, kind: str) -> Outcome:
        """What it means that tries have run out at the first phase; `kind` is the last failure."""
        raise NotImplementedError

    def follow_up(self, phase: str, value: object) -> str | None:
        """The phase that follows when this one has its answer; None where the step is over."""
        return None

    def correction(self, speaker: Speaker, phase: str, kind: str) -> tuple[Spoken, ...]:
        """What is said of keys that are no answer, where the survey has no words for it; `kind` says what is wrong."""
        return (speaker.phrase(kind),)

    def short_keys(self, speaker: Speaker) -> tuple[Spoken, ...]:
        """The keys once more, shortly, after a prompt that could not be interrupted."""
        return ()
