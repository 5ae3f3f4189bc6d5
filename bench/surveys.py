"""Surveys: how long a hundred take to load, and one of a hundred steps to check."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ivr.survey.reader import load_survey, read_survey

FLOWS = Path(__file__).parents[1] / "flows"
RATINGS = "".join(
    f"  - {{id: q{n}, type: rating, scale: 1-5, confirm_if: q{n} <= 2, ask: How was part {n}?}}\n"
    f"  - {{id: r{n}, type: choice, only_if: q{n} <= 2, dont_know: 3, ask: What was wrong with part {n}?, options: [\n"
    "      {key: 1, code: wait, say: the waiting}, {key: 2, code: price, say: the price}]}\n"
    for n in range(49)
)
HUNDRED_STEPS = f"""ivr_survey: 1
id: long
languages: [en]
steps:
  - {{id: agree, type: consent, ask: May we ask?}}
{RATINGS}  - {{id: thanks, type: end, say: Thank you.}}
alerts:
  - {{name: Unhappy, when: q0 <= 2 or q48 <= 2}}
"""


def measure() -> Mapping[str, tuple[float, float]]:
    """What is measured -> the seconds it took, and the seconds it may take."""
    shipped = [path.read_text(encoding="utf-8") for path in sorted(FLOWS.glob("*.yaml"))]
    example = (FLOWS / "after-call.yaml").read_text(encoding="utf-8")
    read_survey(example)  # the grammars and shapes are made once in a process
    return {
        "100 surveys loaded": (_seconds(lambda: [load_survey(text) for text in shipped * 20]), 2.0),
        "100 surveys loaded and checked": (_seconds(lambda: [read_survey(example) for _ in range(100)]), 2.0),
        "a survey of 100 steps checked": (_seconds(lambda: read_survey(HUNDRED_STEPS)), 1.0),
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    for name, (seconds, limit) in measure().items():
        print(f"{name:32} {seconds:6.2f} s   {seconds / limit:5.2f} of what it may take")
