"""Scores: what one response earns, and what many come to, with n and a 95 % interval.

A missing answer is left out, never guessed. Intervals are those of a large random sample of callers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import fmean
from typing import Any, Protocol

from ivr.survey.diff import meaning
from ivr.survey.domains import Numbers
from ivr.survey.scores import Ces, Composite, Csat, Fcr, Mean, Nps, Score, steps_of
from ivr.survey.shapes import Survey

Z_95 = 1.959963984540054


class Given(Protocol):
    """An answer, as far as scores look at it; `value` is None where it is missing."""

    @property
    def value(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Measure:
    """A score over `n` responses, between `low` and `high` with 95 % certainty; None where there are no responses."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


# One response ---------------------------------------------------------------------------------------


def response_scores(survey: Survey, answers: Mapping[str, Given]) -> dict[str, float]:
    """What one response earns in each of the survey's scores; a score that was not answered is left out.

    csat and fcr: 0 or 1 (csat with `show: mean`: the answer). nps: -100, 0 or 100. ces, mean, composite: on the scale
    of their questions.
    """
    values = {step: answer.value for step, answer in answers.items() if answer.value is not None}
    earned = {name: _earned(survey, score, values) for name, score in survey.scores.items()}
    return {name: float(score) for name, score in earned.items() if score is not None}


def _earned(survey: Survey, score: Score, values: Mapping[str, Any]) -> float | None:
    match score:
        case Csat(step=step) if step in values:
            return _csat(_scale(survey, step), score, values[step])
        case Nps(step=step) if step in values:
            return promoter(values[step])
        case Ces(step=step) if step in values:
            return _turned(_scale(survey, step), values[step]) if score.reverse else values[step]
        case Fcr(step=step) if step in values:
            return values[step] in score.yes
        case Mean():
            given = [_item(survey, step, values, score.reverse) for step in score.steps if step in values]
            return fmean(given) if given else None
        case Composite():
            return _composite(survey, score, values)
    return None


def _csat(scale: Numbers, score: Csat, value: int) -> float:
    rating = _turned(scale, value) if score.reverse else value
    return rating if score.show == "mean" else rating in top_box(scale, score)


def top_box(scale: Numbers, score: Csat) -> tuple[int, ...]:
    """The answers that count as satisfied: those named, else the two highest."""
    return score.top or (scale.high - 1, scale.high)


def promoter(value: int) -> int:
    """100 for a promoter (9-10), -100 for a detractor (0-6), else 0."""
    return 100 if value >= 9 else -100 if value <= 6 else 0


def _composite(survey: Survey, score: Composite, values: Mapping[str, Any]) -> float | None:
    given = [step for step in score.weights if step in values]
    if len(given) < score.at_least:
        return None
    items = [_item(survey, step, values, step in score.reverse) for step in given]
    return fmean(items, weights=[score.weights[step] for step in given])


def _item(survey: Survey, step: str, values: Mapping[str, Any], reverse: bool) -> float:
    return _turned(_scale(survey, step), values[step]) if reverse else float(values[step])


def _turned(scale: Numbers, value: int) -> int:
    return scale.low + scale.high - value


def _scale(survey: Survey, step: str) -> Numbers:
    scale = survey.step(step).answers()
    if not isinstance(scale, Numbers):
        raise TypeError(f"the answers of {step} are no numbers")  # a survey that was checked has no such score
    return scale


# Many responses -------------------------------------------------------------------------------------


def measure(score: Score, earned: Sequence[float]) -> Measure:
    """A score over many responses: shares in percent with Wilson's interval, NPS and means with the variance's."""
    match score:
        case Fcr():
            return share(earned)
        case Csat() if score.show == "share":
            return share(earned)
        case Nps():
            return mean(earned, -100, 100)
        case _:
            return mean(earned)


def share(hits: Sequence[float]) -> Measure:
    """The percentage of ones among zeros and ones, with the Wilson score interval.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    n = len(hits)
    if n == 0:
        return Measure(None, 0)
    p, z2 = sum(hits) / n, Z_95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Measure(100 * p, n, 100 * min(p, max(0.0, middle - reach)), 100 * max(p, min(1.0, middle + reach)))


def mean(values: Sequence[float], least: float = float("-inf"), most: float = float("inf")) -> Measure:
    """The mean with the interval that its variance gives, cut at the ends of the scale; no interval for one value.

    For NPS the values are -100, 0 and 100: the variance is that of promoters minus detractors.
    """
    n = len(values)
    if n == 0:
        return Measure(None, 0)
    middle = fmean(values)
    if n == 1:
        return Measure(middle, 1)
    reach = Z_95 * sqrt(sum((value - middle) ** 2 for value in values) / (n - 1) / n)
    return Measure(middle, n, max(least, middle - reach), min(most, middle + reach))


def nps(scores: Sequence[int]) -> float | None:
    """Net Promoter Score of answers on the 0-10 scale.

    Promoters (9-10) minus detractors (0-6), as a percentage of all answers: from -100 to 100, or None when there are
    no answers.

    Raises:
        ValueError: a score is outside 0-10.

    Source: Reichheld, "The One Number You Need to Grow", HBR, December 2003.
    """
    if any(not 0 <= score <= 10 for score in scores):
        raise ValueError("an NPS answer is outside 0-10")
    return mean([promoter(score) for score in scores]).value


# Where a trend breaks -------------------------------------------------------------------------------


def definition(survey: Survey, name: str) -> str:
    """What a score means in this version, as a short hash: where it differs, numbers are not to be compared.

    It covers the formula, the languages, and for its questions what `survey diff` calls a trend break or breaking:
    wording, type, scale, codes, who is asked, and the questions before them.
    """
    score = survey.scores[name]
    asked = [question.id for question in survey.questions()]
    meant = {
        "score": asdict(score),
        "languages": sorted(survey.languages),
        "questions": [[asked[: asked.index(step)], meaning(survey, step)] for step in steps_of(score)],
    }
    return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()[:16]
