"""What a prompt leaves open: `{agent_name | 'our agent'}`, `{visit_date | as: date}`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

LONGEST = 40  # characters of a value that are spoken
SPOKEN_AS = ("date", "digits", "name", "number")
DEFAULT = r"'[^']*'|\"[^\"]*\""
PART = rf"\s*\|?\s*(?:{DEFAULT}|as\s*:?\s*[a-z]+)"
PLACEHOLDER = re.compile(rf"\{{\s*(?P<name>[A-Za-z][\w.-]*)(?P<rest>(?:{PART})*)\s*\}}")
REST = re.compile(rf"(?P<default>{DEFAULT})|as\s*:?\s*(?P<spoken_as>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A field or an earlier answer; `default` is spoken where it is not there, `spoken_as` is how it is read out."""

    name: str
    default: str | None = None
    spoken_as: str | None = None


@lru_cache(maxsize=20_000)
def read_text(text: str) -> tuple[str | Placeholder, ...]:
    """The text as words and placeholders; a brace that belongs to no placeholder stays among the words.

    >>> read_text("Thank you, {agent_name | 'our agent'}.")
    ('Thank you, ', Placeholder(name='agent_name', default='our agent', spoken_as=None), '.')
    """
    parts: list[str | Placeholder] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        parts += [text[end : found.start()], _placeholder(found)]
        end = found.end()
    return tuple(part for part in (*parts, text[end:]) if part)


def _placeholder(found: re.Match[str]) -> Placeholder:
    default = spoken_as = None
    for part in REST.finditer(found["rest"]):
        default = part["default"][1:-1] if part["default"] else default
        spoken_as = part["spoken_as"] or spoken_as
    return Placeholder(found["name"], default, spoken_as)


def fill(text: str, find: Callable[[str], str | None], language: str) -> str:
    """The text with its values; what is not there and has no default is spoken as nothing."""
    parts = read_text(text)
    if len(parts) == 1 and isinstance(parts[0], str):
        return text
    return "".join([part if isinstance(part, str) else _value(part, find, language) for part in parts])


def _value(placeholder: Placeholder, find: Callable[[str], str | None], language: str) -> str:
    value = " ".join((find(placeholder.name) or "").split())[:LONGEST]
    if not value:
        return placeholder.default or ""
    match placeholder.spoken_as:
        case "date":
            return as_date(value, language)
        case "digits":
            return as_digits(value)
        case "name":
            return as_name(value)
        case "number":
            return as_number(value)
    return value


def as_digits(value: str) -> str:
    """One by one.

    >>> as_digits("88213")
    '8 8 2 1 3'
    """
    return " ".join(character for character in value if character.isalnum())


def as_name(value: str) -> str:
    """With capitals where a system keeps names all in one case.

    >>> as_name("SAM O'NEIL"), as_name("Ines de Haan")
    ("Sam O'Neil", 'Ines de Haan')
    """
    return value.title() if value.isupper() or value.islower() else value


def as_number(value: str) -> str:
    """As one number, without the zeros that codes begin with.

    >>> as_number("0042")
    '42'
    """
    return str(int(value)) if value.isascii() and value.isdigit() else value


def as_date(value: str, language: str) -> str:
    """A date as people say it; what is no date, or in a language we have no months for, stays as it is.

    >>> as_date("2026-01-31", "en"), as_date("2026-01-31T10:00:00Z", "es-MX")
    ('January 31, 2026', '31 de enero de 2026')
    """
    months = MONTHS.get(language.split("-")[0])
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return value
    return months.form.format(day=day.day, month=months.names[day.month - 1], year=day.year) if months else value


@dataclass(frozen=True, slots=True)
class Months:
    form: str
    names: tuple[str, ...]


ENGLISH = "January February March April May June July August September October November December"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
MONTHS = {
    "en": Months("{month} {day}, {year}", tuple(ENGLISH.split())),
    "es": Months("{day} de {month} de {year}", tuple(SPANISH.split())),
}
