"""What is being checked: a survey beside the document it was read from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ivr.steps import Step
from ivr.steps.block import Block
from ivr.survey.diagnostics import Diagnostic
from ivr.survey.domains import Codes, CodeSets
from ivr.survey.shapes import Survey
from ivr.survey.sounds import Sound
from ivr.survey.strict_yaml import Document, Path

CONTEXT = (
    "agent",
    "agent_name",
    "group",
    "queue",
    "ticket",
    "customer",
    "customer_name",
    "segment",
    "language",
    "call_key",
)
"""What the contact centre may hand over with any call."""


@dataclass(frozen=True, slots=True)
class Located:
    """A step and where it stands in the document; `block` is the one around it, `number` its place in the list."""

    step: Step
    path: Path
    number: int
    block: Block | None = None


@dataclass(frozen=True)  # no slots: what is derived is kept in the instance
class Subject:
    """A survey to check. `lost` are steps whose answers cannot be told: nothing is said of those who name them.

    `gaps` says that steps or jumps are left out, so that it cannot be told where calls go on.
    `sounds` are the recordings of the audio folder by name; None where nobody looked.
    """

    survey: Survey
    document: Document
    lost: frozenset[str] = frozenset()
    gaps: bool = False
    sounds: Mapping[str, Sound] | None = None

    @cached_property
    def steps(self) -> tuple[Located, ...]:
        return tuple(locate(self.survey.steps, ("steps",)))

    @cached_property
    def by_id(self) -> Mapping[str, Located]:
        """The first step of each id."""
        return {located.step.id: located for located in reversed(self.steps)}

    @cached_property
    def context(self) -> frozenset[str]:
        return frozenset({*CONTEXT, *self.survey.context})

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that an answer may be, and yes and no."""
        domains = (located.step.answers() for located in self.steps)
        listed = (domain.codes for domain in domains if isinstance(domain, Codes | CodeSets))
        return frozenset({"yes", "no"}).union(*listed)

    def knows(self, step_id: str) -> bool:
        return step_id in self.by_id or step_id in self.lost

    def wrong(self, code: str, path: Path, message: str, repair: str) -> Diagnostic:
        """A problem with the value at this path."""
        return Diagnostic(code, self.document.at(path), message, repair)

    def wrong_key(self, code: str, path: Path, message: str, repair: str) -> Diagnostic:
        """A problem with what is called so, rather than with its value."""
        return Diagnostic(code, self.document.key_at(path), message, repair)

    def wrong_within(self, code: str, path: Path, text: str, column: int, message: str, repair: str) -> Diagnostic:
        """A problem at a column of the text at this path."""
        return Diagnostic(code, self.document.inside(path, column, text), message, repair)


def locate(steps: tuple[Any, ...], at: Path, first: int = 0, block: Block | None = None) -> Iterator[Located]:
    number = first
    for index, step in enumerate(steps):
        here = (*at, index)
        yield Located(step, here, number, block)
        number += 1
        if isinstance(step, Block):
            yield from locate(step.steps, (*here, "steps"), number, step)
            number += len(step.steps)
