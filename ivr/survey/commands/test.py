"""`survey test`: the calls of `tests:` played, and what none of them shows."""

import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import click
from rich.console import Console

from ivr.survey.commands.files import File, load, page
from ivr.survey.coverage import Branch, branches, covered
from ivr.survey.generate import generate, observed
from ivr.survey.scripted import PlayedCall, play
from ivr.survey.shapes import Survey
from ivr.survey.wording import counted
from ivr.survey.writing import CannotWrite, with_tests


@click.command()
@click.argument("files", nargs=-1, required=True, type=File)
@click.option("--generate", "write", is_flag=True, help="Write a test for each thing that no test shows.")
@click.option("--junit", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a JUnit report.")
def test(files: tuple[Path, ...], write: bool, junit: Path | None) -> None:
    """Play the tests of FILES; exit 1 where one fails. Tells which steps, branches and alerts no test shows."""
    suites = [(path, *_played(path, write)) for path in files]
    console = page()
    for path, survey, calls, seconds in suites:
        _tell(console, path, survey, calls, seconds)
    if junit:
        junit.write_bytes(_report([(path.stem, calls, seconds) for path, _, calls, seconds in suites]))
    sys.exit(int(any(call.failures for _, _, calls, _ in suites for call in calls)))


def _played(path: Path, write: bool) -> tuple[Survey, list[PlayedCall], float]:
    survey = load(path)
    if write:
        _generate(path, survey)
        survey = load(path)
    began = perf_counter()
    calls = [play(survey, scripted) for scripted in survey.tests]
    return survey, calls, perf_counter() - began


def _generate(path: Path, survey: Survey) -> None:
    """Add tests to the file; the rest of it stays as it is."""
    tests = tuple(generate(survey, _unshown(survey, [play(survey, scripted) for scripted in survey.tests])))
    try:
        path.write_text(with_tests(path.read_text(encoding="utf-8"), tests), encoding="utf-8") if tests else None
    except CannotWrite as error:
        raise click.ClickException(f"{path}: {error}") from error
    click.echo(f"{path}: {counted(len(tests), 'test')} written", err=True)


def add_test(path: Path, words: Sequence[str], context: Mapping[str, str]) -> str:
    """Add the call of these words to the tests of a survey file, with what it came to; says so."""
    survey = load(path)
    names = {scripted.name for scripted in survey.tests}
    name = next(name for number in count(1) if (name := f"rehearsed {number}") not in names)
    try:
        text = with_tests(path.read_text(encoding="utf-8"), [observed(survey, name, words, context)])
    except CannotWrite as error:
        raise click.ClickException(f"{path}: {error}") from error
    path.write_text(text, encoding="utf-8")
    return f"{path} has a new test: {name}."


def _unshown(survey: Survey, calls: Sequence[PlayedCall]) -> list[Branch]:
    shown = covered(survey, calls)
    return [branch for branch in branches(survey) if branch not in shown]


def _tell(console: Console, path: Path, survey: Survey, calls: Sequence[PlayedCall], seconds: float) -> None:
    console.print(f"{path}", style="bold", markup=False)
    for call in calls:
        mark, style = ("✗", "red") if call.failures else ("✓", "green")
        if console.options.ascii_only:
            mark = "FAILED" if call.failures else "ok"
        console.print(f"  {mark} {call.test.name}  ({call.length_s:.0f} s on the line)", style=style, markup=False)
        for failure in call.failures:
            console.print(f"      {failure}", markup=False, soft_wrap=True)
    unshown, all_of_them = _unshown(survey, calls), branches(survey)
    failed = sum(bool(call.failures) for call in calls)
    went = f"{counted(len(calls), 'call')}, {f'{failed} failed' if failed else 'all as expected'}"
    shown = len(all_of_them) - len(unshown)
    console.print(f"  {went}; {shown} of {len(all_of_them)} branches shown; {seconds * 1000:.0f} ms", style="dim")
    for branch in unshown:
        console.print(f"  no test shows that {branch}", style="yellow", markup=False)


def _report(suites: Sequence[tuple[str, Sequence[PlayedCall], float]]) -> bytes:
    """The calls as JUnit XML, which CI servers read."""
    root = ElementTree.Element("testsuites")
    for name, calls, seconds in suites:
        failed = str(sum(bool(call.failures) for call in calls))
        counts = {"tests": str(len(calls)), "failures": failed, "errors": "0", "time": f"{seconds:.3f}"}
        suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts})
        for call in calls:
            case = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": call.test.name})
            if call.failures:
                failure = ElementTree.SubElement(case, "failure", {"message": call.failures[0]})
                failure.text = "\n".join(call.failures)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
