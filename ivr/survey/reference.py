"""What is written about the language from its own definitions: JSON Schema for editors, the tables of docs/surveys.md.

`python -m ivr.survey.reference` writes both anew, and the drawings; a test holds them to the definitions.
"""

import ast
import dataclasses
import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from ivr.steps import STEPS
from ivr.steps.digits import Length
from ivr.steps.question import Question
from ivr.steps.say import Say
from ivr.steps.scale import Scale
from ivr.steps.yes_no import YesNo
from ivr.survey.check.codes import CODES
from ivr.survey.diagnostics import either
from ivr.survey.draw import draw
from ivr.survey.parts import Jump, Option, Privacy, Spoken, StepKeys, Tries, Wait
from ivr.survey.phrases import PHRASES
from ivr.survey.reader import load_survey
from ivr.survey.scores import Score
from ivr.survey.shapes import AlertRule, Defaults, Expected, Limits, Once, ScriptedCall, Survey
from ivr.survey.watch import WatchRule
from ivr.survey.wording import duration

HOUSE = Path(__file__).parents[2]
FLOWS = HOUSE / "flows"
SCHEMA_FILE = FLOWS / "survey.schema.json"
PAGE = HOUSE / "docs" / "surveys.md"
PICTURES = HOUSE / "docs" / "surveys"
BEGIN, END = "<!-- made by ivr.survey.reference: begin -->", "<!-- made by ivr.survey.reference: end -->"


# Descriptions ---------------------------------------------------------------------------------------


@cache
def descriptions(shape: type) -> Mapping[str, str]:
    """The text under each field of a shape, its inherited fields included."""
    found: dict[str, str] = {}
    for cls in reversed(shape.__mro__):
        if dataclasses.is_dataclass(cls):
            found |= _under_fields(cls)
    return found


def _under_fields(cls: type) -> dict[str, str]:
    body = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef), "a shape is a class"
    found: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = " ".join(said.split())
    return found


def written_name(shape: type, field: str) -> str:
    """The field as it is written in YAML: `from` rather than `step`."""
    hint = get_type_hints(shape, include_extras=True)[field]
    aliases = [each.alias for each in getattr(hint, "__metadata__", ()) if isinstance(each, FieldInfo)]
    return next((alias for alias in aliases if alias), field)


# JSON Schema ----------------------------------------------------------------------------------------


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a survey file, with the descriptions that editors show."""
    schema = TypeAdapter(Survey).json_schema(by_alias=True)
    shapes = {name: shape for shape in _shapes(Survey) for name in _names(shape)}
    for name, part in schema["$defs"].items():
        if name in shapes:
            _describe(part, shapes[name])
    _describe(schema, Survey)
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Aftercall survey, syntax 1"}
    return {**about, **{key: value for key, value in _without_titles(schema).items() if key != "title"}}


def _describe(part: dict[str, Any], shape: type) -> None:
    part["description"] = inspect.cleandoc(shape.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    for field, text in descriptions(shape).items():
        known = part.get("properties", {}).get(written_name(shape, field))
        if known is not None:
            known["description"] = text


def _without_titles(part: Any) -> Any:
    """pydantic gives every field a title, which says what its name says already."""
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if key != "title" or not isinstance(value, str)}
        return {key: _without_titles(value) for key, value in kept.items()}
    return [_without_titles(each) for each in part] if isinstance(part, list) else part


def _names(shape: type) -> tuple[str, str]:
    return shape.__name__, f"{shape.__module__}.{shape.__qualname__}".replace(".", "__")


def _shapes(hint: Any) -> Iterator[type]:
    """Every shape inside an annotation."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
        for inner in _hints(hint).values():
            yield from _shapes(inner)
    for inner in get_args(hint):
        yield from _shapes(inner)


@cache
def _hints(shape: type) -> Mapping[str, Any]:
    return get_type_hints(shape, include_extras=True)


# Tables ---------------------------------------------------------------------------------------------

PARTS: Mapping[str, type] = {
    "defaults": Defaults,
    "wait": Wait,
    "tries": Tries,
    "limits": Limits,
    "a prompt with a recording": Spoken,
    "options": Option,
    "jump": Jump,
    "privacy": Privacy,
    "alerts": AlertRule,
    "watch": WatchRule,
    "tests": ScriptedCall,
    "expect": Expected,
}


def tables() -> str:
    """The reference part of docs/surveys.md."""
    schema = json_schema()
    questions = ", ".join(name for name, shape in STEPS.items() if issubclass(shape, Question))
    parts = [
        "### The file",
        _table(schema, Survey),
        *(f"#### {name}\n\n{_about(shape)}\n\n{_table(schema, shape)}" for name, shape in PARTS.items()),
        "### Steps",
        "Keys of every step:",
        _table(schema, StepKeys),
        f"Keys of every question ({questions}):",
        _table(schema, YesNo, [field for field in _own(Question) if field not in _own(StepKeys)]),
        *(_kind(schema, name, shape) for name, shape in STEPS.items()),
        "### Scores",
        *(f"#### {_tag(shape)}\n\n{_about(shape)}\n\n{_table(schema, shape)}" for shape in get_args(Score)),
        "### The engine's own sentences",
        _phrases(),
        "### What `survey check` finds",
        _codes(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _phrases() -> str:
    rows = [f"| `{name}` | {said['en']} |" for name, said in PHRASES.items()]
    return "\n".join(["| name | English |", "|---|---|", *rows])


def _codes() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in CODES.items()]
    return "\n".join(["| code | |", "|---|---|", *rows])


def _kind(schema: Mapping[str, Any], name: str, shape: type) -> str:
    around = _own(Question) if issubclass(shape, Question) else _own(StepKeys)
    own = [field for field in _own(shape) if field not in around and field != "type"]
    return f"#### `{name}`\n\n{_about(shape)}\n\n{_table(schema, shape, own)}".rstrip()


def _own(shape: type) -> list[str]:
    return [field.name for field in dataclasses.fields(shape)]


def _tag(shape: type) -> str:
    return f"`{get_args(_hints(shape)['kind'])[0]}`"


def _about(shape: type) -> str:
    return inspect.cleandoc(shape.__doc__ or "")


def _table(schema: Mapping[str, Any], shape: type, fields: Sequence[str] | None = None) -> str:
    part = _part(schema, Say if shape is StepKeys else shape)
    rows = [_row(part, shape, field) for field in dataclasses.fields(shape) if fields is None or field.name in fields]
    told = [row for row in rows if row]
    return "\n".join(["| key | value | default | |", "|---|---|---|---|", *told]) if told else ""


def _part(schema: Mapping[str, Any], shape: type) -> Mapping[str, Any]:
    if shape is Survey:
        return schema
    return next(schema["$defs"][name] for name in _names(shape) if name in schema["$defs"])


def _row(part: Mapping[str, Any], shape: type, field: dataclasses.Field[Any]) -> str:
    name = written_name(shape, field.name)
    if name in ("type", "kind"):
        return ""
    default = "needed" if name in part.get("required", ()) else _default(field)
    said = descriptions(shape).get(field.name, "").replace("|", "\\|")
    return f"| `{name}` | {_told(part['properties'][name])} | {default} | {said} |".replace(" |  |", " | |")


def _default(field: dataclasses.Field[Any]) -> str:
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    match value:
        case None | () | "":
            return ""
        case bool():
            return f"`{str(value).lower()}`"
        case float():
            return f"`{duration(value)}`"
        case tuple():
            return f"`[{', '.join(map(str, value))}]`"
        case Mapping():
            return f"`{{{', '.join(f'{key}: {each}' for key, each in value.items())}}}`" if value else ""
        case Scale(low=low, high=high) | Length(least=low, most=high):
            return f"`{low}-{high}`"
        case Once():
            return "`per ticket`"
    return "" if dataclasses.is_dataclass(value) else f"`{value}`"


def _told(part: Any) -> str:
    """A value's schema in words."""
    match part:
        case {"enum": words}:
            return either(f"`{word}`" for word in words)
        case {"const": word}:
            return f"`{word}`"
        case {"anyOf": [{"type": "string"}, {"type": "object"}, *_]}:
            return "text by language"
        case {"anyOf": choices}:
            return either(dict.fromkeys(_told(choice) for choice in choices if choice != {"type": "null"}))
        case {"type": "array", "items": items}:
            return f"list: {_told(items)}"
        case {"type": "object", "additionalProperties": inside}:
            return f"map to {_told(inside)}"
        case {"type": "object", "patternProperties": inside}:
            return f"map to {either(map(_told, inside.values()))}"
        case {"type": "string", "pattern": pattern} if "days" in pattern:
            return "duration"
        case {"type": kind}:
            return KINDS.get(str(kind), str(kind))
        case {"$ref": shape}:
            return f"see {_section(shape)}"
        case {"discriminator": {"propertyName": "kind"}}:
            return "see scores"
    return "see steps"


KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}


def _section(ref: str) -> str:
    name = ref.rsplit("/", 1)[-1]
    return next((told for told, shape in PARTS.items() if name in _names(shape)), name.lower())


# Writing --------------------------------------------------------------------------------------------


def written_schema() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def written_page(page: str) -> str:
    """The page with its tables made anew."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.split(END)[1]}"


def drawings() -> Iterator[tuple[Path, str]]:
    """The picture of each survey that ships, and where it lies."""
    for path in sorted(FLOWS.glob("*.yaml")):
        yield PICTURES / f"{path.stem}.svg", draw(load_survey(path.read_text(encoding="utf-8")))


def write() -> None:
    SCHEMA_FILE.write_text(written_schema(), encoding="utf-8")
    PAGE.write_text(written_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    for place, picture in drawings():
        place.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    write()
