"""The designer's tools, as a designer types them."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ivr.survey.commands import survey
from ivr.survey.publish import Surveys
from storage import surveys
from storage.database import Database
from storage.models import Answer
from storage.schema import migrate
from tests.rows import call_on_line

FLOWS = Path(__file__).parents[3] / "flows"
CLIPS = Path(__file__).parents[2] / "audio"
SMALL = """ivr_survey: 1
id: small
languages: [en]
steps:
  - {id: csat, type: rating, scale: 1-5, ask: How was it?}
  - {id: solved, type: yes_no, only_if: csat <= 2, ask: Is it solved?}
  - {id: thanks, type: end, say: Thanks.}
alerts:
  - {name: Low, when: csat <= 2}
"""


def run(*words: object) -> Result:
    result = CliRunner().invoke(survey, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copy(FLOWS / "after-call.yaml", tmp_path))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The settings of a house of its own, and its database."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLOWS_DIR", str(tmp_path / "flows"))
    (tmp_path / "var").mkdir()
    (tmp_path / "flows").mkdir()
    url = f"sqlite:///{tmp_path}/var/aftercall.db"
    migrate(url)
    return Database(url)


# check


def test_check_prints_place_code_problem_and_repair(small):
    small.write_text(SMALL.replace("only_if: csat", "only_if: cast"))
    result = run("check", small)
    assert result.exit_code == 1
    assert f'{small}:6:41: E025 "cast" is no step; did you mean "csat"?\n' in result.stdout


def test_check_tells_warnings_and_does_not_fail_for_them(small):
    result = run("check", small, FLOWS / "nps.yaml")
    assert result.exit_code == 0
    assert f"{small}:6:10: W001" in result.stdout


def test_check_wants_the_file_to_be_called_like_the_survey(small):
    other = small.rename(small.with_name("other.yaml"))
    result = run("check", other)
    assert result.exit_code == 1
    assert "E021" in result.stdout


def test_check_looks_at_recorded_prompts(small):
    small.write_text(SMALL.replace("Thanks.", "{en: {text: Thanks., audio: bye.wav}}"))
    assert "E055" in run("check", small).stdout


def test_no_colour_codes_go_into_a_pipe(example):
    for command in ("check", "explain", "test"):
        assert "\x1b" not in run(command, example).output


# explain


def test_explain_is_the_page_for_a_colleague(example):
    page = " ".join(run("explain", example).output.split())
    for told in (
        "only if csat is 2 or lower of 5, or solved is no",
        "hello → csat (1-2, read back) → solved → reason → why → call_me → thanks",
        "worst call 153 s",
        "typical call 81 s",
        "wait.first_key 6s built in",
        "star_menu repeat, slower, skip, language, stop survey",
        "the share of callers whose csat is 4 or 5",
        "with the recording of why",
    ):
        assert told in page, told


def test_explain_lists_stale_translations(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(
        SMALL.replace("[en]", "[en, es]")
        .replace("How was it?", "{en: How was it?, es: {text: ¿Qué tal?, of: How are you?}}")
        .replace("Is it solved?", "{en: Is it solved?, es: {text: ¿Resuelto?, of: Is it solved?}}")
        .replace("Thanks.", "{en: Thanks., es: Gracias.}")
    )
    result = run("explain", path, "--stale")
    assert result.exit_code == 1
    assert "How are you?" in result.output
    assert "solved" not in result.output


# test


def test_test_plays_the_tests_and_tells_what_none_shows(example, small):
    assert run("test", example).exit_code == 0
    assert "no test shows that solved is left out" in run("test", small).output


def test_a_test_that_does_not_hold_fails_and_says_why(example):
    example.write_text(example.read_text().replace("answers: {csat: 5, recommend: 10}", "answers: {csat: 4}"))
    result = run("test", example)
    assert result.exit_code == 1
    assert "csat: 5, expected 4" in result.output


def test_generate_writes_tests_until_all_is_shown(small):
    result = run("test", small, "--generate")
    assert result.exit_code == 0
    assert "5 of 5 branches shown" in result.output or "no test shows" not in result.output
    assert small.read_text().startswith(SMALL)
    before = small.read_text()
    run("test", small, "--generate")
    assert small.read_text() == before


def test_generated_tests_go_after_the_others_and_before_what_follows(small):
    text = SMALL.replace("alerts:", "tests:\n  - {name: low, do: [press 1]}\n\n# Who must know\nalerts:")
    small.write_text(text)
    run("test", small, "--generate")
    lines = small.read_text().split("\n")
    assert lines.index("# Who must know") > max(n for n, line in enumerate(lines) if "name:" in line and "do:" in line)
    assert [line for line in lines if line in text.split("\n")] == text.split("\n")


def test_tests_in_square_brackets_cannot_be_added_to(small):
    small.write_text(SMALL + "tests: [{name: low, do: [press 1]}]\n")
    result = run("test", small, "--generate")
    assert result.exit_code == 1
    assert "after a dash" in result.output


def test_junit_is_what_ci_reads(example, tmp_path):
    report = tmp_path / "report.xml"
    example.write_text(example.read_text().replace("answers: {csat: 5, recommend: 10}", "answers: {csat: 4}"))
    run("test", example, "--junit", report)
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    assert [case.get("name") for case in suite if len(case)] == ["happy"]


# draw, diff, simulate


def test_check_looks_at_the_files_that_are_there(example, tmp_path):
    result = run("check", example, tmp_path / "missing.yaml")
    assert result.exit_code == 1
    assert "missing.yaml: there is no such file" in result.output
    assert "1 survey: " in result.output


def test_draw_shows_watch_rules_and_what_follows_a_transfer(tmp_path):
    path = tmp_path / "small.yaml"
    steps = "  - {id: person, type: transfer, to: '+12025550100', after: end}\n  - {id: bye, type: end, say: Bye.}\n"
    watch = "watch:\n  - {name: Lawyer, words: [lawyer], then: open}\n"
    path.write_text(f"ivr_survey: 1\nid: small\nlanguages: [en]\nsteps:\n{steps}{watch}")
    picture = run("draw", path, "-o", "-").stdout
    assert "Lawyer" in picture
    assert "the call ends, or goes on" in picture


def test_draw_is_an_svg_of_every_step(example, tmp_path):
    out = tmp_path / "picture.svg"
    run("draw", example, "-o", out)
    texts = [element.text for element in ElementTree.parse(out).iter("{http://www.w3.org/2000/svg}text")]
    assert {"hello", "csat", "solved", "reason", "recommend", "why", "call_me", "thanks"} <= set(texts)
    assert "only if csat is 3 or higher of 5" in texts


def test_sixty_steps_stand_beside_and_not_on_each_other(tmp_path):
    steps = "".join(f"  - {{id: q{n}, type: rating, scale: 1-5, ask: {'How was it? ' * 9}}}\n" for n in range(60))
    path = tmp_path / "long.yaml"
    path.write_text(f"ivr_survey: 1\nid: long\nlanguages: [en]\nsteps:\n{steps}")
    picture = ElementTree.fromstring(run("draw", path, "-o", "-").stdout)
    boxes = [box.attrib for box in picture.iter("{http://www.w3.org/2000/svg}rect") if box.get("rx") == "8"]
    corners = [tuple(float(box[name]) for name in ("x", "y", "width", "height")) for box in boxes]
    assert len(corners) == 60
    assert float(picture.get("height")) < 2_200
    for n, (x, y, width, height) in enumerate(corners):
        for x2, y2, width2, height2 in corners[:n]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("¿Qué tan satisfecho", "¿Cuán satisfecho"), "safe        csat.ask.es: translation"),
        (("max: 90s", "max: 60s"), "safe        why.max: 90s became 60s"),
        (("Thank you. Goodbye.", "Thanks. Goodbye."), "safe        thanks.say.en: text"),
        (("silence: 2, wrong_key", "silence: 3, wrong_key"), "safe        defaults: changed"),
        (("How satisfied are you", "How happy are you"), "trend break csat.ask.en"),
        (("en: very satisfied", "en: delighted"), "trend break csat.high.en"),
        (("only_if: csat >= 3", "only_if: csat >= 4"), "trend break recommend.only_if: csat >= 3 became csat >= 4"),
        (("key: 1, code: knowledge", "key: 5, code: knowledge"), "trend break reason.knowledge.key: key 1 became 5"),
        (("languages: [en, es]", "languages: [es, en]"), "safe        languages: the master text is es now"),
        (("top: [4, 5]", "top: [5]"), "trend break score csat: computed otherwise"),
        (("severity: P1", "severity: P3"), "safe        alert “Wants a call”: severity, team, recordings or how often"),
        (("scale: 1-5", "scale: 1-7"), "breaking    csat.scale: 1-5 became 1-7"),
        (("code: courtesy", "code: manners"), "breaking    reason.courtesy: option removed"),
        (("name: Wants a call", "name: Call"), "breaking    alert “Wants a call”: removed: nobody is told any more"),
    ],
)
def test_diff_labels_each_change(example, tmp_path, change, told):
    new = tmp_path / "new.yaml"
    text = example.read_text().replace(*change)
    new.write_text(
        text.replace("[Recover this caller, Wants a call]", "[Recover this caller]") if "Call" in told else text
    )
    new.write_text(text.split("tests:")[0])
    example.write_text(example.read_text().split("tests:")[0])
    assert told in run("diff", example, new).output


def test_diff_names_what_a_change_touches(example, tmp_path):
    new = tmp_path / "new.yaml"
    new.write_text(example.read_text().replace("How satisfied are you", "How happy are you"))
    touched = run("diff", example, new).output.split("touches ")[1]
    for name in ("score csat", "alert Recover this caller", "test “happy”", "report csat"):
        assert name.replace("alert Recover this caller", "alert “Recover this caller”") in touched


def test_a_step_added_removed_or_moved(small, tmp_path):
    new = tmp_path / "new.yaml"
    lines = SMALL.split("\n")
    new.write_text("\n".join([*lines[:4], "  - {id: ease, type: effort, ask: Easy?}", *lines[4:5], *lines[6:]]))
    output = run("diff", small, new).output
    assert "trend break ease: added before csat" in output
    assert "breaking    solved: removed" in output


def test_the_same_file_has_no_change(example):
    assert "Nothing changed that" in run("diff", example, example).output


def test_simulate_is_the_same_for_the_same_seed(example):
    first = run("simulate", example, "--callers", 50, "--seed", 3).output
    assert first == run("simulate", example, "--callers", 50, "--seed", 3).output
    assert first != run("simulate", example, "--callers", 50, "--seed", 4).output
    assert "median" in first


def test_simulate_answers_as_it_is_told(example):
    happy = (
        "--answers",
        "csat=0,0,0,0,1",
        "--answers",
        "solved=yes:1",
        "--silence",
        0,
        "--wrong-keys",
        0,
        "--hang-ups",
        0,
    )
    output = run("simulate", example, "--callers", 50, *happy).output
    assert "complete 100%" in output
    assert "P2 Recover this caller: 0 a day" in output


def test_simulated_slips_are_wrong_keys_and_no_wish_to_stop(small):
    output = run("simulate", small, "--callers", 50, "--wrong-keys", 0.5, "--silence", 0, "--hang-ups", 0).output
    assert "complete 100%" in output


@pytest.mark.parametrize(
    "shares", ["csat=1,2", "cast=1", "solved=maybe:1", "why=1", "csat=a,b,c,d,e", "csat=0,0,0,0,0", "csat=1,-1,0,0,nan"]
)
def test_simulate_says_which_answers_there_are(example, shares):
    result = run("simulate", example, "--answers", shares)
    assert result.exit_code == 2


# publish and backtest


def test_publish_stores_and_puts_in_place_and_shows_what_changed(small, house, tmp_path):
    assert run("publish", small).exit_code == 0
    live = Surveys(tmp_path / "flows", house, lambda: datetime.now(UTC))
    assert live.current("small").survey.step("csat").ask["en"].text == "How was it?"
    small.write_text(SMALL.replace("How was it?", "How did we do?"))
    result = run("publish", small)
    assert "trend break csat.ask.en" in result.output
    assert live.current("small").survey.step("csat").ask["en"].text == "How did we do?"


def test_recorded_prompts_are_published_with_their_survey(small, house, tmp_path):
    (tmp_path / "audio").mkdir()
    shutil.copy(CLIPS / "dashwood.wav", tmp_path / "audio" / "bye.wav")
    small.write_text(SMALL.replace("Thanks.", "{en: {text: Thanks., audio: bye.wav}}"))
    run("publish", small)
    assert Surveys(tmp_path / "flows", house, lambda: datetime.now(UTC)).audio.address("bye.wav")


def test_a_survey_with_an_error_is_not_published(small, house):
    small.write_text(SMALL.replace("csat <= 2", "cast <= 2"))
    assert run("publish", small).exit_code == 1
    assert surveys.latest(house, "small") is None


def test_a_malformed_setting_names_itself(small, monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    result = run("publish", small)
    assert result.exit_code == 1
    assert "PORT" in result.output


def test_backtest_tells_what_rules_would_have_opened(small, house):
    run("publish", small)
    for number, csat in enumerate([1, 2, 5, None]):
        keep_call(house, f"CA{number}", csat, ticket="1" if number < 2 else str(number))
    output = run("backtest", small).output
    assert "4 calls in 30 days" in output
    assert "P2 Low: holds in 2 calls (0.1 a day), 1 case; raised then in 0" in output


def test_backtest_works_derived_values_out(small, house):
    run("publish", small)
    keep_call(house, "CA1", 1, ticket="1")
    low = "  - {id: bad, type: set, value: csat <= 2 or solved == no}\n"
    small.write_text(
        SMALL.replace("  - {id: thanks", f"{low}  - {{id: thanks").replace("when: csat <= 2", "when: bad == true")
    )
    assert "P2 Low: holds in 1 call " in run("backtest", small).output


def test_trend_breaks_where_a_score_came_to_mean_something_else(small, house):
    for number, text in enumerate([SCORED, SCORED + "title: Small\n", SCORED.replace("How was", "How good was")]):
        small.write_text(text)
        run("publish", small)
        keep_call(house, f"CA{number}", 5, ticket=str(number), scores={"csat": 1.0})
    told = run("trend", small).output
    week = r"week of \d{4}-\d\d-\d\d +100\.0 "
    assert re.search(rf"csat\n  {week}.* n 2\n  ── break.*\n  {week}.* n 1\n", told)


def test_calls_that_went_on_with_each_other_are_one_response(small, house):
    small.write_text(SCORED)
    run("publish", small)
    keep_call(house, "CA1", 1, ticket="7", scores={"csat": 0.0})
    keep_call(house, "CA2", 1, ticket="7", scores={"csat": 0.0}, continues="CA1")
    assert " n 1\n" in run("trend", small).output
    assert "1 call in 30 days" in run("backtest", small).output


SCORED = SMALL + "scores:\n  csat: {kind: csat, from: csat}\n"


def keep_call(database: Database, sid: str, csat: int | None, ticket: str, **columns: Any) -> None:
    """A call of today, through the survey as it is published."""
    columns |= {"survey": "small", "version": surveys.latest(database, "small"), "context": {"ticket": ticket}}
    with database.transaction() as db:
        db.add(call_on_line(sid, datetime.now(UTC), **columns))
        db.flush()
        missing = "silence" if csat is None else None
        db.add(Answer(call_sid=sid, step="csat", value=csat, missing=missing))
