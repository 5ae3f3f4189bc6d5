"""Tests written into a survey's file; all else in it stays as it is."""

import json
import re
from collections.abc import Sequence
from typing import Any

from ivr.survey.shapes import ScriptedCall
from ivr.survey.strict_yaml import read_document

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.'’“”()/-]*", re.ASCII)
RESERVED = frozenset({"true", "false"})


class CannotWrite(ValueError):
    """The file's `tests:` are written in a way that nothing can be added to."""


def with_tests(text: str, tests: Sequence[ScriptedCall]) -> str:
    """The text of a survey file with tests added at the end of its list.

    Raises:
        CannotWrite: the list is written in square brackets.
    """
    document = read_document(text)
    lines = text.rstrip("\n").split("\n")
    if ("tests",) not in document.keys:
        return "\n".join([*lines, "tests:", *_written(tests, "  ")]) + "\n"
    place = document.at(("tests",))
    if ("tests", 0) not in document.values or lines[place.line - 1][place.column - 1] == "[":
        raise CannotWrite("tests: is a list in square brackets; write each test on lines of its own, after a dash")
    indent = " " * (document.values[("tests", 0)].column - 3)
    end = _end_of_tests(lines, document)
    return "\n".join([*lines[:end], *_written(tests, indent), *lines[end:]]) + "\n"


def _end_of_tests(lines: Sequence[str], document: Any) -> int:
    """The number of the line after the last test: before the next field and the comments above it."""
    began = document.keys[("tests",)].line
    after = [place.line for path, place in document.keys.items() if len(path) == 1 and place.line > began]
    end = min(after, default=len(lines) + 1) - 1
    while end > began and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _written(tests: Sequence[ScriptedCall], indent: str) -> list[str]:
    return [line for test in tests for line in _test(test, indent)]


def _test(test: ScriptedCall, indent: str) -> list[str]:
    expect = {
        "answers": test.expect.answers or None,
        "missing": test.expect.missing or None,
        "alerts": test.expect.alerts,
        "disposition": test.expect.disposition,
        "opted_out": test.expect.opted_out,
    }
    fields = {
        "name": test.name,
        "language": test.language,
        "context": test.context or None,
        "do": test.do,
        "expect": {name: value for name, value in expect.items() if value is not None},
    }
    lines = [f"{name}: {yaml(value)}" for name, value in fields.items() if value is not None]
    return [f"{indent}{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines)]


def yaml(value: Any) -> str:
    """A value on one line, as the strict reader reads it.

    >>> yaml({"solved": "no", "csat": 1, "used": ("app", "web"), "ticket": "88213"})
    '{solved: no, csat: 1, used: [app, web], ticket: "88213"}'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml(str(key))}: {yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml, value))}]"
    text = str(value)
    plain = PLAIN.fullmatch(text) and text == text.strip() and text not in RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)
