"""Scripted calls: surveys with every kind of step and every key, and calls through them that must go as they say.

The words that callers hear are held in `tests/ivr/test_engine.py`; here it is how their calls end.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from ivr import engine
from ivr.call import Digits, Silence
from ivr.steps import STEPS
from ivr.steps.question import Question
from ivr.steps.yes_no import YesNo
from ivr.survey.parts import StepKeys
from ivr.survey.reader import read_survey
from ivr.survey.reference import PAGE, PARTS, written_name
from ivr.survey.scores import Score
from ivr.survey.scripted import play
from ivr.survey.shapes import Survey
from ivr.survey.strict_yaml import read_document
from ivr.twilio.twiml import render
from phone.twiml import read_twiml

HERE = Path(__file__).parent
NEXT = "https://voice.harbor.example/voice/CA1/2"
FILES = sorted(HERE.rglob("*.yaml"))


@cache
def load(path: Path) -> Survey:
    survey, problems = read_survey(path.read_text(encoding="utf-8"))
    assert survey, "\n".join(problem.told(str(path)) for problem in problems)
    return survey


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_the_calls_of_a_survey_go_as_they_say(path: Path) -> None:
    survey = load(path)
    played = {test.name: play(survey, test).failures for test in survey.tests}
    assert {name: failures for name, failures in played.items() if failures} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_the_carrier_can_read_every_turn_of_them(path: Path) -> None:
    survey = load(path)
    for test in survey.tests:
        for exchanged in play(survey, test).exchanges:
            assert read_twiml(render(exchanged.turn.directives, NEXT, recording_url=NEXT).encode())


@pytest.mark.parametrize("keys", [*"0123456789*", ""])
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_any_key_leads_on(path: Path, keys: str) -> None:
    survey = load(path)
    turn = engine.begin(survey, {}, seed=1)
    while turn.state.step is not None:
        turn = engine.resume(survey, turn.state, Digits(keys) if keys else Silence())
        assert read_twiml(render(turn.directives, NEXT, recording_url=NEXT).encode())
    assert turn.state.disposition in {"complete", "partial", "break_off", "refusal"}


def test_every_kind_of_step_and_every_key_of_it_has_a_scripted_call() -> None:
    written = {(step["type"], key) for path in FILES for step in _steps(_data(path)) for key in step}
    kinds = {kind for kind, _ in written}
    silent = [
        f"{kind}.{key}" for kind, shape in STEPS.items() for key in _own_keys(shape) if (kind, key) not in written
    ]
    common = set(_keys(YesNo)) - {key for _, key in written}
    assert (set(STEPS) - kinds, silent, common) == (set(), [], set())


def test_every_other_key_has_a_scripted_call() -> None:
    written = {key for path in FILES for key in _all_keys(_data(path))}
    shapes = [Survey, *PARTS.values(), *get_args(Score)]
    assert [f"{shape.__name__}.{key}" for shape in shapes for key in _keys(shape) if key not in written] == []


def test_every_kind_of_step_and_every_key_of_it_has_its_line_in_the_docs() -> None:
    steps = PAGE.read_text(encoding="utf-8").split("\n### Steps\n")[1].split("\n### Scores\n")[0]
    sections = dict(part.split("\n", 1) for part in steps.split("\n#### ")[1:])
    lines = {kind: [f"| `{key}` |" for key in _own_keys(shape)] for kind, shape in STEPS.items()}
    untold = [(kind, line) for kind in STEPS for line in lines[kind] if line not in sections.get(f"`{kind}`", "")]
    assert untold == []


def _keys(shape: type) -> list[str]:
    return [written_name(shape, field.name) for field in fields(shape)]  # type: ignore[arg-type]  # shapes are dataclasses


def _own_keys(shape: type) -> list[str]:
    """The keys of one kind of step alone."""
    common = _keys(YesNo) if issubclass(shape, Question) else _keys(StepKeys)
    return [key for key in _keys(shape) if key not in common and key != "type"]


def _data(path: Path) -> Any:
    return read_document(path.read_text(encoding="utf-8")).data


def _steps(data: Any) -> Iterator[dict[str, Any]]:
    for step in data.get("steps", ()):
        yield step
        yield from _steps(step)


def _all_keys(data: Any) -> Iterator[str]:
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    yield from data if isinstance(data, dict) else ()
    for each in inside:
        yield from _all_keys(each)
