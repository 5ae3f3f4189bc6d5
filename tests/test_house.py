"""The house rules that a machine can hold: who imports whom, how long a module is, what examples and papers say."""

import doctest
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from settings import Settings

HOUSE = Path(__file__).parent.parent
ROOMS = ("alerts", "console", "ivr", "phone", "recovery", "reports", "storage", "transcription", "wiring")
LONGEST_MODULE = 400  # most are under 300


def modules() -> list[Path]:
    """Our own modules; migrations are a record of what was, and not held to anything."""
    found = [*HOUSE.glob("*.py"), *(path for room in ROOMS for path in (HOUSE / room).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def modules_with_examples() -> list[str]:
    found = [path.relative_to(HOUSE) for path in modules() if ">>> " in path.read_text()]
    return sorted(".".join(path.with_suffix("").parts) for path in found)


def papers() -> list[Path]:
    return [HOUSE / "README.md", HOUSE / "CHANGELOG.md", *(HOUSE / "docs").rglob("*.md")]


def test_imports_go_one_way():
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    checked = subprocess.run([*lint, "--no-cache"], cwd=HOUSE, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_module_holds_one_idea_and_is_short():
    lengths = {str(path.relative_to(HOUSE)): len(path.read_text().splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_in_docstrings_are_true(module):
    tried = doctest.testmod(import_module(module))
    assert (tried.failed, tried.attempted > 0) == (0, True)


@pytest.mark.parametrize("room", [*ROOMS, "flows", "tests", "bench", "docs"])
def test_every_room_has_its_sentence(room):
    assert f"`{room}/`" in (HOUSE / "docs" / "architecture.md").read_text()


def test_every_setting_is_explained_in_the_readme():
    names = {name.upper() for name in Settings.__slots__} - {"TWILIO_AUTH_TOKENS"} | {"TWILIO_AUTH_TOKEN"}
    readme = (HOUSE / "README.md").read_text()
    assert {name for name in names if f"`{name}`" not in readme} == set()


@pytest.mark.parametrize("paper", papers(), ids=lambda path: str(path.relative_to(HOUSE)))
def test_links_between_papers_lead_somewhere(paper):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", paper.read_text())
    assert [target for target in targets if not (paper.parent / target).exists()] == []


def test_decisions_are_numbered_without_a_gap():
    numbers = sorted(int(path.name[:4]) for path in (HOUSE / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.parametrize("part", ["Context", "Decision", "Consequences"])
def test_a_decision_says_why_and_what_follows(part):
    decisions = (HOUSE / "docs" / "decisions").glob("*.md")
    assert [path.name for path in decisions if f"\n## {part}\n" not in path.read_text()] == []
