"""The surveys that ship are in order, tested through and through, and drawn as they are."""

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from ivr.survey.coverage import branches, covered
from ivr.survey.reader import load_survey, read_survey
from ivr.survey.reference import PAGE, SCHEMA_FILE, drawings, json_schema, written_page, written_schema
from ivr.survey.scripted import play
from ivr.survey.strict_yaml import read_document

HOUSE = Path(__file__).parents[3]
SHIPPED = sorted((HOUSE / "flows").glob("*.yaml"))
CALLS = sorted((HOUSE / "tests" / "calls").rglob("*.yaml"))
ANEW = "write it anew: python -m ivr.survey.reference"


def told(text: str) -> list[str]:
    return [problem.told("survey.yaml") for problem in read_survey(text)[1] if problem.is_error]


@cache
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def test_five_surveys_ship():
    assert {path.stem for path in SHIPPED} >= {"after-call", "nps", "effort", "agent-quality", "recovery-check"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_survey_has_no_error_and_speaks_english_and_spanish(path):
    text = path.read_text(encoding="utf-8")
    assert told(text) == []
    assert {"en", "es"} <= set(load_survey(text).languages)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_tests_of_a_shipped_survey_hold_and_show_everything(path):
    survey = load_survey(path.read_text(encoding="utf-8"))
    calls = [play(survey, test) for test in survey.tests]
    assert {call.test.name: call.failures for call in calls if call.failures} == {}
    assert [str(branch) for branch in branches(survey) if branch not in covered(survey, calls)] == []


def test_the_drawings_are_of_the_surveys_as_they_are():
    for place, picture in drawings():
        assert place.read_text(encoding="utf-8") == picture, f"{place.name}; {ANEW}"


def test_the_schema_and_the_tables_are_made_from_the_definitions():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == written_schema(), ANEW
    page = PAGE.read_text(encoding="utf-8")
    assert page == written_page(page), ANEW


@pytest.mark.parametrize("path", [*SHIPPED, *CALLS], ids=lambda path: path.stem)
def test_the_schema_takes_what_the_reader_takes(path):
    data = json.loads(json.dumps(read_document(path.read_text(encoding="utf-8")).data))
    schema().validate(data)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("scale: 1-5", "scales: 1-5"),
        ("max: 90s", "max: 90"),
        ("severity: P1", "severity: P9"),
        ("type: yes_no", "type: yesno"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong, right):
    text = (HOUSE / "flows" / "after-call.yaml").read_text(encoding="utf-8").replace(wrong, right)
    assert told(text)
    assert list(schema().iter_errors(read_document(text).data))


def test_every_field_says_what_it_is_for():
    schema = json_schema()
    silent = [
        f"{name}.{field}"
        for name, part in schema["$defs"].items()
        for field, known in part.get("properties", {}).items()
        if not known.get("description") and field not in ("type", "kind")
    ]
    assert silent == []


def test_the_surveys_of_the_tutorial_have_no_error():
    tutorial = re.findall(r"```yaml\n(ivr_survey.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(tutorial) >= 3
    for text in tutorial:
        assert told(text) == []
    last = load_survey(tutorial[-1])
    assert [failure for test in last.tests for failure in play(last, test).failures] == []


def test_the_mistake_of_the_tutorial_is_told_as_it_says():
    page = PAGE.read_text(encoding="utf-8")
    last = re.findall(r"```yaml\n(ivr_survey.*?)```", page, re.DOTALL)[-1]
    told_lines = told(last.replace("only_if: csat <= 2", "only_if: cast <= 2", 1))
    assert [line.replace("survey.yaml", "flows/delivery.yaml") for line in told_lines] == [
        line for line in page.split("\n") if line.startswith("flows/delivery.yaml:")
    ]
