"""Scripted calls: one survey for each kind of step and for each key, with calls that must go as they say.

The words that callers hear are held in `tests/ivr/test_engine.py`; here it is how their calls end.
"""

from functools import cache
from pathlib import Path

import pytest

from ivr import engine
from ivr.call import Digits, Silence
from ivr.steps import STEPS
from ivr.survey.parts import StepKeys
from ivr.survey.reader import read_survey
from ivr.survey.scripted import play
from ivr.survey.shapes import Survey
from ivr.twilio.twiml import render
from phone.twiml import read_twiml

HERE = Path(__file__).parent
NEXT = "https://voice.harbor.example/voice/CA1/2"
FILES = sorted(HERE.rglob("*.yaml"))
TOLD_BY = {  # keys that are told together
    "on_silence": "on_events",
    "on_wrong_key": "on_events",
    "on_too_few": "on_events",
    "on_too_many": "on_events",
    "on_low_confidence": "on_events",
    "synonyms": "input",
}
ELSEWHERE = {"id", "report_as"}  # a name, and a name in reports: they change no call


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


@pytest.mark.parametrize("kind", STEPS)
def test_every_kind_of_step_has_a_scripted_call(kind: str) -> None:
    survey = load(HERE / f"{kind}.yaml")
    assert any(step.type == kind for step in survey.all_steps)
    assert survey.tests


@pytest.mark.parametrize("key", sorted(set(StepKeys.__dataclass_fields__) - ELSEWHERE))
def test_every_key_of_a_step_has_a_scripted_call(key: str) -> None:
    text = (HERE / "keys" / f"{TOLD_BY.get(key, key)}.yaml").read_text(encoding="utf-8")
    assert load(HERE / "keys" / f"{TOLD_BY.get(key, key)}.yaml").tests
    assert f"{key}:" in text
