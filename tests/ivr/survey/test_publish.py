"""A file in the flows folder is live at the next call; a call stays on the version it began with."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.survey.publish import Surveys
from storage.database import Database

SURVEY = """
ivr_survey: 1
id: short
languages: [en]
steps:
  - {id: hello, type: say, say: {en: "Hello."}}
  - {id: thanks, type: end, say: {en: "Thank you."}}
"""


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "short.yaml").write_text(SURVEY)
    return folder


@pytest.fixture
def surveys(flows: Path, database: Database, clock: Clock) -> Surveys:
    return Surveys(flows, database, clock)


def title(surveys: Surveys) -> str | None:
    published = surveys.current("short")
    return published.survey.title if published else None


def edit(flows: Path, text: str) -> None:
    (flows / "short.yaml").write_text(text)


def test_a_file_is_live_at_once(surveys):
    published = surveys.current("short")
    assert published.survey.id == "short"
    assert published.version.startswith("sha256:")


def test_a_changed_file_is_live_at_the_next_call(surveys, flows):
    assert title(surveys) is None
    edit(flows, SURVEY + "title: New\n")
    assert title(surveys) == "New"


def test_a_change_of_the_same_length_in_the_same_instant_is_seen(surveys, flows):
    edit(flows, SURVEY + "title: One\n")
    assert title(surveys) == "One"
    before = (flows / "short.yaml").stat()
    edit(flows, SURVEY + "title: Two\n")
    os.utime(flows / "short.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert title(surveys) == "Two"


def test_a_call_stays_on_its_version(surveys, flows):
    began_with = surveys.current("short").version
    edit(flows, SURVEY + "title: New\n")
    surveys.current("short")
    assert surveys.version(began_with).title is None


def test_a_version_is_known_after_a_restart(surveys, flows, database, clock):
    began_with = surveys.current("short").version
    edit(flows, SURVEY + "title: New\n")
    surveys.current("short")
    assert Surveys(flows, database, clock).version(began_with).title is None


def test_a_file_with_errors_keeps_the_last_good_version(surveys, flows, database, clock):
    edit(flows, SURVEY + "title: Good\n")
    assert title(surveys) == "Good"
    edit(flows, "steps: [")
    assert title(surveys) == "Good"
    assert title(Surveys(flows, database, clock)) == "Good"


def test_a_survey_that_never_was_good_is_not_served(surveys, flows):
    edit(flows, "steps: [")
    assert surveys.current("short") is None


def test_a_file_set_back_is_live_again(surveys, flows):
    edit(flows, SURVEY + "title: New\n")
    assert title(surveys) == "New"
    edit(flows, SURVEY)
    assert title(surveys) is None
    assert surveys.current("short") is not None


def test_what_one_process_publishes_the_others_serve(surveys, flows, database, clock, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "short.yaml").write_text(SURVEY)
    other = Surveys(elsewhere, database, clock)
    assert title(other) is None
    edit(flows, SURVEY + "title: New\n")
    assert title(surveys) == "New"
    assert title(other) == "New"


def test_a_file_that_is_only_being_replaced_is_still_served(surveys, flows, clock):
    assert surveys.current("short")
    (flows / "short.yaml").unlink()
    assert surveys.current("short")
    clock.now += timedelta(seconds=10)
    assert surveys.current("short") is None


def test_the_file_must_be_called_like_the_survey(surveys, flows):
    edit(flows, SURVEY.replace("id: short", "id: long"))
    assert surveys.current("short") is None


def test_a_file_that_is_no_utf_8_is_an_error(surveys, flows):
    (flows / "short.yaml").write_bytes(SURVEY.encode() + b"title: \xff\n")
    assert surveys.current("short") is None


@pytest.mark.parametrize(
    "name", ["../short", "..", "", "short.yaml", "Short", "status", "fallback", "short\n", "a/b", "x" * 100]
)
def test_no_other_name_is_a_survey(surveys, flows, name):
    for folder in (flows, flows.parent):
        (folder / "status.yaml").write_text(SURVEY.replace("id: short", "id: status"))
    assert surveys.current(name) is None


def test_versions_that_were_never_published_are_not_there(surveys):
    with pytest.raises(LookupError):
        surveys.version("sha256:0")


def test_a_copy_under_another_name_is_no_survey(surveys, flows):
    assert surveys.current("short")
    (flows / "copy.yaml").write_text(SURVEY)
    assert surveys.current("copy") is None
