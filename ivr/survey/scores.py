"""The scores a survey defines; `reports/scores.py` computes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr.survey.parts import Shape


def listed(written: Any) -> Any:
    """One name is a list of one."""
    if isinstance(written, str):
        return (written,)
    return tuple(written) if isinstance(written, list) else written


Steps = Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Csat(Shape):
    """`csat: {kind: csat, from: csat, top: [4, 5]}`: the share of top answers, or their mean."""

    kind: Literal["csat"]
    step: Annotated[str, Field(alias="from")]
    """The rating it is made from."""
    top: tuple[int, ...] = ()
    """The answers that count as satisfied; default: the two highest."""
    show: Literal["share", "mean"] = "share"
    """The share of top answers in percent, or the mean answer."""
    reverse: bool = False
    """For a scale whose low end is the good one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nps(Shape):
    """`nps: {kind: nps, from: recommend}`: the share of promoters (9-10) minus that of detractors (0-6)."""

    kind: Literal["nps"]
    step: Annotated[str, Field(alias="from")]
    """The nps step it is made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ces(Shape):
    """`effort: {kind: ces, from: ease}`: the mean customer effort score."""

    kind: Literal["ces"]
    step: Annotated[str, Field(alias="from")]
    """The effort or rating step it is made from."""
    reverse: bool = False
    """For a scale whose low end is the good one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fcr(Shape):
    """`resolved: {kind: fcr, from: solved, yes: [yes]}`: the share of contacts that were resolved."""

    kind: Literal["fcr"]
    step: Annotated[str, Field(alias="from")]
    """The yes_no or choice step it is made from."""
    yes: tuple[str, ...] = ("yes",)
    """The codes that count as resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean(Shape):
    """`agent: {kind: mean, from: [polite, clear]}`: the mean of a response's answers; all on one scale."""

    kind: Literal["mean"]
    steps: Annotated[Steps, Field(alias="from")]
    """The steps it is made from."""
    reverse: bool = False
    """For items whose low end is the good one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite(Shape):
    """`quality: {kind: composite, from: {polite: 2, clear: 1}, at_least: 2}`: a weighted mean; all on one scale."""

    kind: Literal["composite"]
    weights: Annotated[Mapping[str, Annotated[float, Field(gt=0)]], Field(alias="from")]
    """Step -> its weight."""
    at_least: Annotated[int, Field(ge=1)] = 1
    """How many must be answered for a response to count."""
    reverse: Steps = ()
    """The steps whose low end is the good one."""


Score = Csat | Nps | Ces | Fcr | Mean | Composite


def steps_of(score: Score) -> tuple[str, ...]:
    """The steps a score is made from."""
    match score:
        case Mean():
            return score.steps
        case Composite():
            return tuple(score.weights)
        case _:
            return (score.step,)
