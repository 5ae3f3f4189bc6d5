"""What the steps that ask have in common."""

from dataclasses import dataclass

from ivr.survey.parts import Key, Prompt, StepKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(StepKeys):
    """`ask`, and the keys of their own for callers who cannot answer; those are kept as why the answer is missing."""

    ask: Prompt
    dont_know: Key | None = None
    not_applicable: Key | None = None
