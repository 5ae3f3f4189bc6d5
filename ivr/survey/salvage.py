"""What is left of a document that does not fit its shape, so that one run tells all that is wrong with it.

What does not fit is taken out, or replaced: a word by the one that is most like it, a field that cannot be left out by
a stand-in of which nothing is said.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ivr.survey.diagnostics import Diagnostic
from ivr.survey.shapes import Survey
from ivr.survey.strict_yaml import Document, Path
from ivr.survey.validation import adapter, diagnose, path_of, quoted

UNCLEAR = "answered(context.unclear-condition)"
"""Stands for a condition that could not be read: it may be true, or not."""

ROUNDS = 30  # a level of the file in each would be enough
PROMPTS = ("ask", "say")
NAMES = ("id", "name", "code")
CONDITIONS = ("only_if", "confirm_if", "when", "value")
STAND_INS = {"ivr_survey": 1, "scale": "1-5", "min": 0, "max": 9, "keys": {"1": "continue"}, "to": "+12025550100"}
OF_ANSWERS = frozenset({"id", "type", "scale", "options", "min", "max", "length", "holds", "number", "time", "times"})
OF_ANSWERS |= {"steps", "value", "keys", "sensitive"}


@dataclass(slots=True)
class Salvage:
    """A survey of what fits.

    `lost` are steps whose answers cannot be told, `gaps` says that whole steps or jumps had to be left out.
    """

    document: Document
    languages: tuple[str, ...]
    survey: Survey | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    gaps: bool = False
    _stood_in: set[object] = field(default_factory=set)

    def run(self) -> None:
        """Take out and replace until the rest fits, or nothing is left."""
        for attempt in range(ROUNDS):
            if self.document.data is None:
                return
            try:
                data = json.dumps(self.document.data)
                self.survey = adapter(Survey).validate_json(data, context={"languages": self.languages})
                return
            except ValidationError as error:
                self._mend(error.errors(include_url=False), first=attempt == 0)

    def _mend(self, errors: list[ErrorDetails], *, first: bool) -> None:
        cut: set[Path] = set()
        put: dict[Path, Any] = {}
        for error in errors:
            if error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
                continue  # long enough, but for what does not fit in it
            path = path_of(self.document.data, error["loc"])
            if first or error["type"] != "too_short":  # later it is short because something was taken out
                self.problems += filter(None, [diagnose(Survey, self.document, error)])
            self.lost |= set(_touched(self.document.data, path))
            for place, value in self._mended(path, error):
                if value is None:
                    cut.add(place)
                else:
                    put[place] = value
        self.gaps = self.gaps or any(_leads_on(path) for path in cut)
        self.document = self.document.changed(cut, put)

    def _mended(self, path: Path, error: ErrorDetails) -> Iterator[tuple[Path, Any]]:
        """What to put at which path; None: it is taken out."""
        context = error.get("ctx", {})
        match error["type"]:
            case "union_tag_invalid":
                tag = context["discriminator"].strip("'")
                like = get_close_matches(str(context["tag"]), quoted(context["expected_tags"]), n=1)
                yield ((*path, tag), like[0]) if like else (path, None)
            case "literal_error":
                like = get_close_matches(str(error["input"]), quoted(context["expected"]), n=1)
                yield path, like[0] if like and like[0] != error["input"] else None
            case "missing":
                place = (self.document.values.get(path[:-1]), path[-1])
                value = None if place in self._stood_in else self._stand_in(path)
                self._stood_in.add(place)
                yield (path[:-1], None) if value is None else (path, value)
            case "unexpected_keyword_argument":
                yield path, None
            case _:
                yield path, UNCLEAR if path and path[-1] in ("only_if", "confirm_if") else None

    def _stand_in(self, path: Path) -> Any:
        name = path[-1]
        said = dict.fromkeys(self.languages, "…")
        if name in CONDITIONS:
            return UNCLEAR
        if name in PROMPTS:
            return said
        if name in NAMES:
            place = self.document.at(path)
            return f"unnamed-in-line-{place.line}-column-{place.column}" if len(path) > 1 else "unnamed"
        if name == "options":
            return [{"key": 1, "code": "unclear", "say": said}]
        return None if "jump" in path else STAND_INS.get(str(name))


def _touched(data: Any, path: Path) -> Iterator[str]:
    """The steps at or around this path of whose answers it tells."""
    for length, part in enumerate(path):
        data = _inside(data, part)
        inner = path[length + 1 :]
        of_answers = not inner or inner[0] in OF_ANSWERS
        if (
            of_answers
            and "steps" in path[: length + 1]
            and isinstance(data, Mapping)
            and isinstance(data.get("id"), str)
        ):
            yield data["id"]


def _inside(data: Any, part: str | int) -> Any:
    if isinstance(data, list):
        return data[part] if isinstance(part, int) and part < len(data) else None
    return data.get(part) if isinstance(data, Mapping) else None


def _leads_on(path: Path) -> bool:
    """Whether a step, a jump, or all jumps of a step stand there: without them calls go elsewhere."""
    return path[-1:] in (("steps",), ("jump",)) or (len(path) > 1 and path[-2] in ("steps", "jump"))
