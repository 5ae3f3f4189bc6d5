"""A score over time: lines of points, a new one wherever the score came to mean something else."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from ivr.survey.shapes import Survey
from reports.scores import Measure, definition, measure


@dataclass(frozen=True, slots=True)
class Earned:
    """What one response earned in a score, when its call began, and the version of the survey that it answered."""

    at: datetime
    version: str
    score: float


@dataclass(frozen=True, slots=True)
class Point:
    """A score over one week; `monday` is its first day, in UTC."""

    monday: date
    measure: Measure


@dataclass(frozen=True, slots=True)
class Line:
    """Points that may be compared with one another."""

    points: tuple[Point, ...]


def lines(name: str, earned: Iterable[Earned], version: Callable[[str], Survey]) -> tuple[Line, ...]:
    """The lines of a score; `earned` comes in the order of time, and `version` gives the survey of that version."""
    alike = groupby(earned, lambda each: definition(version(each.version), name))
    return tuple(Line(tuple(_points(name, list(responses), version))) for _, responses in alike)


def _points(name: str, earned: list[Earned], version: Callable[[str], Survey]) -> Iterator[Point]:
    score = version(earned[0].version).scores[name]
    for monday, week in groupby(earned, lambda each: _monday(each.at)):
        yield Point(monday, measure(score, [each.score for each in week]))


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())
