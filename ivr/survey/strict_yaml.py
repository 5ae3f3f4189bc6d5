"""YAML read strictly: what the author wrote is what we take, and every value knows its line and column.

Only `true` and `false` are booleans; a number is what looks like one and nothing else (`0101`, `21:00`, `+1555…`, `no`
and `null` are text). Keys are always text. Duplicate keys, anchors, aliases, tags, empty values, files over 1 MB or
20 levels are refused. Built on the parser's event layer, so nothing is constructed that was not looked at.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ivr.survey.diagnostics import Diagnostic, Place

MAX_BYTES = 1_000_000
MAX_LEVELS = 20
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times as fast, where the wheel has it
WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,15}", re.ASCII)
BOOLEANS = {"true": True, "false": False}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The plain data of a file; `data` is None where it could not be read at all.

    `keys` and `values` say where each stands, by its path: `("steps", 0, "ask", "en")`. `lines` is the text.
    """

    data: Any
    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]
    problems: tuple[Diagnostic, ...]
    lines: tuple[str, ...] = ()

    def at(self, path: Path) -> Place:
        """Where the value stands, or the nearest thing around it that is there."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def key_at(self, path: Path) -> Place:
        """Where the key that leads to the value stands."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, column: int, text: str) -> Place:
        """Where a column of the text at this path stands; where the text begins if it is folded or has escapes."""
        place = self.at(path)
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        for quote in (0, 1):
            if text and line[place.column - 1 + quote :].startswith(text):
                return place.right(quote + column)
        return place

    def changed(self, cut: Collection[Path], put: Mapping[Path, Any]) -> "Document":
        """The same without what stands at some paths, and with other values at others.

        What is left keeps its places; so does the key of what was taken out.
        """
        keys: dict[Path, Place] = {}
        values: dict[Path, Place] = {}

        def copied(data: Any, old: Path, new: Path) -> Any:
            if old in self.values:
                values[new] = self.values[old]
            if old in put:
                return put[old]
            if isinstance(data, dict):
                keys.update({(*new, each[-1]): self.keys[each] for each in entries.get(old, ())})
                added = {path[-1] for path in put if path[:-1] == old}
                kept = [key for key in (*data, *sorted(added - set(data))) if (*old, key) not in cut]
                return {key: copied(data.get(key), (*old, key), (*new, key)) for key in kept}
            if isinstance(data, list):
                rest = [number for number in range(len(data)) if (*old, number) not in cut]
                return [copied(data[number], (*old, number), (*new, place)) for place, number in enumerate(rest)]
            return data

        entries: dict[Path, list[Path]] = {}
        for path in self.keys:
            entries.setdefault(path[:-1], []).append(path)
        data = None if () in cut else copied(self.data, (), ())
        return Document(data, keys, values, self.problems, self.lines)


def read_document(text: str) -> Document:
    """Read one YAML document into dicts, lists, text, numbers and booleans, with all problems found on the way."""
    reader = _Reader(text)
    return Document(reader.read(), reader.keys, reader.values, tuple(reader.problems), tuple(text.split("\n")))


class _Unreadable(Exception):
    """There is no sense in reading on."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.problems: list[Diagnostic] = []

    def read(self) -> Any:
        try:
            self.refuse_size()
            self.events: Iterator[Any] = yaml.parse(self.text, Loader=PARSER)
            return self.document()
        except _Unreadable:
            return None
        except yaml.MarkedYAMLError as error:
            self.wrong("E001", _place(error.problem_mark or error.context_mark), *self.syntax(error))
        except yaml.reader.ReaderError as error:
            self.wrong("E001", self.at_byte(error.position), "there is a character that no text has", "remove it")
        return None

    def refuse_size(self) -> None:
        try:
            size = len(self.text.encode())
        except UnicodeEncodeError as error:
            before = self.text[: error.start]
            place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
            self.stop("E001", place, "there is a character that no text has", "remove it")
        if size > MAX_BYTES:
            self.stop("E005", Place(1, 1), f"the file has {size:,} bytes", f"keep it under {MAX_BYTES:,}")

    def document(self) -> Any:
        next(self.events)  # the stream starts
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self.stop("E004", Place(1, 1), "the file is empty", "write at least the fields that are needed")
        data = self.value(next(self.events), ())
        next(self.events)  # the document ends
        more = next(self.events)
        if not isinstance(more, yaml.StreamEndEvent):
            self.wrong("E001", _place(more.start_mark), "a second document begins", "keep to one document in one file")
        return data

    def value(self, event: Any, path: Path) -> Any:
        place = self.values[path] = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.wrong("E003", place, f"*{event.anchor} points elsewhere", "write the value out here")
            return None
        self.refuse_marks(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(path) >= MAX_LEVELS:
            self.stop("E005", place, f"the file is nested over {MAX_LEVELS} levels deep", "write it flatter")
        return self.mapping(path) if isinstance(event, yaml.MappingStartEvent) else self.sequence(path)

    def refuse_marks(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self.wrong("E003", place, f"&{event.anchor} is an anchor", "remove it, and write each value out")
        if event.tag is not None:
            self.wrong("E003", place, f"{event.tag} is a tag", "remove it; put text that looks like a number in quotes")

    def sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            value = self.value(event, here)
            if _is_empty(event):
                self.wrong("E004", self.values[here], "an entry of the list is empty", "write it, or remove its dash")
            elif value is not None:  # an alias, of which enough is said
                items.append(value)
        return items

    def mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self.entry(event, path, entries)
        return entries

    def entry(self, event: Any, path: Path, entries: dict[str, Any]) -> None:
        place, key = _place(event.start_mark), self.key(event)
        here, again = (*path, key), key in entries or (*path, key) in self.keys
        if again:
            first = self.keys[here].line
            self.wrong("E002", place, f'"{key}" is written twice, first in line {first}', "keep one of them")
            here = (*path, f"{key} again")  # read to find its other problems, then dropped
        self.keys[here] = place
        event = next(self.events)
        value = self.value(event, here)
        if _is_empty(event):
            cut = (
                "put text with a comma or colon in quotes"
                if set(key) & set("()<>=' ")
                else "write its value, or remove the line"
            )
            self.wrong("E004", place, f'nothing is written after "{key}:"', cut)
        elif not again and value is not None:
            entries[key] = value

    def key(self, event: Any) -> str:
        place = _place(event.start_mark)
        if not isinstance(event, yaml.ScalarEvent):
            self.stop("E001", place, "a key is a list or a map", "use one word as a key; put text with {…} in quotes")
        self.refuse_marks(event, place)
        return str(event.value)

    def wrong(self, code: str, place: Place, message: str, repair: str) -> None:
        self.problems.append(Diagnostic(code, place, message, repair))

    def stop(self, code: str, place: Place, message: str, repair: str) -> None:
        self.wrong(code, place, message, repair)
        raise _Unreadable

    def syntax(self, error: yaml.MarkedYAMLError) -> tuple[str, str]:
        mark = error.problem_mark
        if (
            mark
            and self.text.splitlines()[mark.line : mark.line + 1]
            and "\t" in self.text.splitlines()[mark.line][: mark.column + 1]
        ):
            return "a tab is used to indent", "use spaces"
        problem = error.problem or "it cannot be read"
        return (
            f"this is not YAML: {problem}",
            'look at the indentation, and put text with ": ", " #" or a leading { in quotes',
        )

    def at_byte(self, position: int) -> Place:
        before = self.text.encode()[:position].decode(errors="ignore")
        return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _is_empty(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and event.value == ""


def _scalar(event: Any) -> str | int | float | bool:
    text: str = event.value
    if event.style or event.tag:  # in quotes, or a block: text, whatever it looks like
        return text
    if text in BOOLEANS:
        return BOOLEANS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else text
