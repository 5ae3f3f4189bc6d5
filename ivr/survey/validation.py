"""A document against a shape: the value it gives, or each way in which it does not fit, at its line and column.

Shapes are frozen dataclasses; pydantic holds a document to their annotations.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ivr.survey.diagnostics import Diagnostic, did_you_mean
from ivr.survey.strict_yaml import Document, Path

T = TypeVar("T")
SHAPES = {  # pydantic's kind of error -> what should stand there
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a map, {…: …}",
    "mapping_type": "a map, {…: …}",
    "dataclass_type": "a map, {…: …}",
}
LIMITS = {  # pydantic's kind of error -> its bound, and what to write instead
    "greater_than_equal": ("ge", "write {} or more"),
    "greater_than": ("gt", "write more than {}"),
    "less_than_equal": ("le", "write {} or less"),
    "less_than": ("lt", "write less than {}"),
    "too_short": ("min_length", "write at least {}"),
    "too_long": ("max_length", "write {} at most"),
    "string_too_short": ("min_length", "write at least {} characters"),
    "string_too_long": ("max_length", "keep it to {} characters"),
}
NAMES = {  # how a pattern begins -> what fits it
    "^[a-z0-9-]": "write small letters, digits and -",
    "^[a-z]{2,3}": "write a language such as en or es-MX",
    "^": "begin with a letter, then letters, digits and _",
}


def validate(
    shape: type[T], document: Document, context: Mapping[str, Any] | None = None
) -> tuple[T | None, tuple[Diagnostic, ...]]:
    """The value of the document, or None and what does not fit; `context` is handed to the shape's validators."""
    try:
        # Strict JSON is what a document is: lists and maps, text that is no number, numbers that are no text.
        value: T = adapter(cast(Any, shape)).validate_json(json.dumps(document.data), context=dict(context or {}))
        return value, ()
    except ValidationError as error:
        found = [diagnose(shape, document, detail) for detail in error.errors(include_url=False)]
        return None, tuple(dict.fromkeys(diagnostic for diagnostic in found if diagnostic))


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    """What holds plain data to the shape."""
    return TypeAdapter(shape)


def diagnose(shape: type, document: Document, error: ErrorDetails) -> Diagnostic | None:
    """The error in a designer's words; None where enough was said of it."""
    path = path_of(document.data, error["loc"])
    field = _field(path)
    context, written = error.get("ctx", {}), error["input"]
    match error["type"]:
        case "missing" if path in document.keys:
            return None  # written, but with nothing behind it: the reader has said so
        case "missing":
            return Diagnostic("E011", document.at(path), f'"{path[-1]}" is missing', f"write {path[-1]}: …")
        case "unexpected_keyword_argument":
            known = _fields(shape, error["loc"][:-1])
            message = f'"{path[-1]}" is not known here'
            return Diagnostic("E010", document.key_at(path), message, did_you_mean(str(path[-1]), known))
        case "union_tag_not_found":
            tag = context["discriminator"].strip("'")
            return Diagnostic("E011", document.at(path), f'"{tag}" is missing', f"write {tag}: … with one of its kinds")
        case "union_tag_invalid":
            here = (*path, context["discriminator"].strip("'"))
            return _word(document, here, context["tag"], quoted(context["expected_tags"]))
        case "literal_error":
            return _word(document, path, written, quoted(context["expected"]))
        case "string_pattern_mismatch":
            repair = next((told for begins, told in NAMES.items() if context["pattern"].startswith(begins)), NAMES["^"])
            return Diagnostic("E022", document.at(path), f'"{written}" cannot be a name', repair)
        case code if code.startswith("E") and code[1:].isdigit():
            return Diagnostic(code, document.at(path), context["what"], context["repair"])
        case "value_error":
            return Diagnostic("E013", document.at(path), f"{_short(written)} is no {field}", str(context["error"]))
        case "too_short" if len(written) >= context["min_length"]:
            return None  # long enough as it is written: what does not fit in it is told by itself
        case "too_short" if not written:
            return Diagnostic("E004", document.at(path), f"{field} is empty", "write at least one")
        case kind if kind in LIMITS:
            bound, told = LIMITS[kind]
            repair = told.format(f"{context[bound]:g}").replace(" 1 characters", " 1 character")
            return Diagnostic("E070", document.at(path), f"{field} is outside its limits", repair)
        case kind:
            repair = f"write {SHAPES.get(kind, error['msg'])}" + _quotes(kind)
            return Diagnostic("E013", document.at(path), f"{field} is {_short(written)}", repair)


def _field(path: Path) -> str:
    """What the value at this path is called."""
    named = next((f'"{part}"' for part in reversed(path) if isinstance(part, str)), "the file")
    return f"an entry of {named}" if path and isinstance(path[-1], int) else named


def _word(document: Document, path: Path, written: Any, words: list[str]) -> Diagnostic:
    text = written if isinstance(written, str) else _short(written)
    message = f'"{text}" is no word for {_field(path).removeprefix("an entry of ")}'
    repair = f"write {text} without quotes" if text in words else did_you_mean(text, words)
    return Diagnostic("E012", document.at(path), message, repair)


def quoted(expected: str) -> list[str]:
    """The words of pydantic's list `'a', 'b' or 'c'`."""
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def _quotes(kind: str) -> str:
    return "; a number that is meant as text goes in quotes" if kind == "string_type" else ""


def _short(written: Any) -> str:
    if isinstance(written, Mapping):
        return "a map"
    if isinstance(written, list):
        return "a list"
    text = json.dumps(written, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def path_of(data: Any, loc: tuple[int | str, ...]) -> Path:
    """The error's place as a path through the document; pydantic also names the kinds of step it went through."""
    path: Path = ()
    for number, part in enumerate(loc):
        if isinstance(data, Mapping):
            if part in (data.get("type"), data.get("kind")) and part not in data and number < len(loc) - 1:
                continue
            path, data = (*path, part), data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int):
            path, data = (*path, part), data[part]
    return path


def _fields(shape: Any, loc: tuple[int | str, ...]) -> list[str]:
    """The fields that may stand at this place, found by walking the annotations."""
    for part in loc:
        shape = _inside(shape, part)
    shape = _plain(shape)
    return [f.name for f in dataclasses.fields(shape) if f.init] if dataclasses.is_dataclass(shape) else []


def _inside(shape: Any, part: int | str) -> Any:
    shape = _plain(shape)
    if dataclasses.is_dataclass(shape):
        return _hints(cast(Any, shape)).get(str(part))
    if get_origin(shape) in (Union, types.UnionType):
        return next((member for member in get_args(shape) if _tag(member) == part), None)
    return get_args(shape)[-1 if issubclass(get_origin(shape) or object, Mapping) else 0] if get_args(shape) else None


def _plain(shape: Any) -> Any:
    """The shape without Annotated[…] around it and None beside it."""
    while get_origin(shape) is Annotated:
        shape = get_args(shape)[0]
    if get_origin(shape) in (Union, types.UnionType):
        members = [member for member in get_args(shape) if member is not type(None)]
        return _plain(members[0]) if len(members) == 1 else shape
    return shape


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return typing.get_type_hints(shape, include_extras=True)


def _tag(member: Any) -> Any:
    hints = _hints(_plain(member))
    kind = hints.get("type") or hints.get("kind")
    return get_args(kind)[0] if get_origin(kind) is Literal else None
