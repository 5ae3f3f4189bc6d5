"""Digits as people say them and as recognisers write them: `four one double one`, `4111-`, `seiscientos doce`.

Amounts, dates and years that are written as such (`1,500`, `49.99`, `21/11/2026`) are no digits here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

UNITS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
}
TEENS = {
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "es": "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve",
}
TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
OTHERS = {
    "en": {"oh": "0", "o": "0", "nought": "0"},
    "es": {f"veinti{unit}": f"2{i + 1}" for i, unit in enumerate(UNITS["es"].split()[1:])}
    | {hundred: f"{i + 1}00" for i, hundred in enumerate(HUNDREDS.split())}
    | {"un": "1", "una": "1", "cien": "100"},
}
REPEATED = {"double": 2, "doble": 2, "triple": 3, "treble": 3}
JOINING = {"and", "y", "e"}
HESITATING = {"uh", "um", "er", "erm", "ah", "eh", "em", "mm", "hmm", "then", "next", "luego", "pues", "este"}
DIVIDING = {"dash", "hyphen", "guion", "space", "espacio", "comma", "coma"}
FILLERS = JOINING | HESITATING | DIVIDING
INTERRUPTING = {"sorry", "wait", "ok", "okay", "right", "again", "no", "perdon", "espera", "espere", "vale", "bueno"}
MOST_FILLERS = 2
LONG = 3  # digits of a number that `and` seldom joins to another: `in 2019 and 2020`
WITHOUT_ACCENTS = str.maketrans("áéíóúüñ", "aeiouun")
YEAR, MONTH, DAY = r"(19|20)\d\d", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
NO_DIGITS = re.compile(
    rf"{YEAR}[-/.]{MONTH}[-/.]{DAY}|{DAY}[-/.]{DAY}[-/.]{YEAR}|{DAY}/{DAY}/\d\d|{YEAR}[-/]{YEAR}"  # dates and years
    r"|\d{1,3}[,.]\d{3}|\d,\d{3},\d{3}|(\d{1,3}(,\d{3})+|\d+)\.\d{1,2}|(\d{1,3}(\.\d{3})+|\d+),\d{1,2}"  # amounts
)


@dataclass(frozen=True, slots=True)
class Run:
    """Digits said one after the other; `places` has for each digit the number of its word."""

    digits: str
    places: tuple[int, ...]


def plain(word: str) -> str:
    """A word without accents, capitals and the punctuation around it.

    >>> plain("Dieciséis,")
    'dieciseis'
    """
    return word.lower().translate(WITHOUT_ACCENTS).strip(".,;:!?¿¡()[]\"'…-")


def is_number(word: str, language: str) -> bool:
    """Whether a plain word is a number, written or said."""
    return bool(_digits(word, _spoken(language)))


def find_runs(words: Sequence[str], language: str, *, whatever_joins: bool = False) -> list[Run]:
    """All digits among the words, in runs that only fillers interrupt.

    `whatever_joins`: also an `and` between two long numbers, which mostly are two, or a word such as `sorry`.

    >>> [run.digits for run in find_runs("it is four one double one, uh 22 and twenty three ok 5".split(), "en")]
    ['41112223', '5']
    >>> [run.digits for run in find_runs("in 2019 and 2020".split(), "en")]
    ['2019', '2020']
    """
    said = [plain(word) for word in words]
    runs: list[Run] = []
    last = Run("", ())
    for number in _numbers(said, _spoken(language)):
        between = said[last.places[-1] + 1 : number.places[0]] if runs else []
        if runs and _goes_on(between, whatever_joins) and (whatever_joins or not _are_two(last, between, number)):
            runs[-1] = Run(runs[-1].digits + number.digits, runs[-1].places + number.places)
        else:
            runs.append(number)
        last = number
    return runs


def _goes_on(between: Sequence[str], whatever_joins: bool) -> bool:
    fillers = FILLERS | INTERRUPTING if whatever_joins else FILLERS
    return len(between) <= MOST_FILLERS and all(word in fillers for word in between)


def _are_two(number: Run, between: Sequence[str], other: Run) -> bool:
    joined = any(word in JOINING for word in between)
    return joined and len(number.digits) >= LONG and len(other.digits) >= LONG


def _numbers(said: Sequence[str], known: Mapping[str, str]) -> Iterator[Run]:
    """Each number as its speaker thinks of it: `4111`, `double one`, `twenty three`."""
    place = 0
    while place < len(said):
        number, used = _number(said[place:], known)
        if number.digits:
            yield Run(number.digits, tuple(place + offset for offset in number.places))
        place += used


def _number(said: Sequence[str], known: Mapping[str, str]) -> tuple[Run, int]:
    """The number that the words begin with, empty where there is none, and how many words it takes."""
    digits, times = _digits(said[0], known), REPEATED.get(said[0])
    after = _digits(said[1], known) if len(said) > 1 else ""
    if times and len(after) == 1:
        return Run(after * times, (0,) + (1,) * (times - 1)), 2
    if said[1:2] == ["hundred"] and "1" <= digits <= "9" and len(digits) == 1:
        return _filled_up(Run(digits + "00", (0, 1, 1)), 2, said, known)
    number = Run(digits, (0,) * len(digits))
    return _filled_up(number, 1, said, known) if said[0] in known else (number, 1)


def _filled_up(number: Run, used: int, said: Sequence[str], known: Mapping[str, str]) -> tuple[Run, int]:
    """The zeros at its end give way to a smaller number that follows: `twenty three`, `seiscientos doce`."""
    at = used + (said[used : used + 1] in (["y"], ["and"]))
    zeros = len(number.digits) - len(number.digits.rstrip("0"))
    room = zeros if len(number.digits) > 1 and number.digits != "10" else 0
    if not room or at >= len(said) or said[at] not in known:
        return number, used
    rest, more = _number(said[at:], known)
    if len(rest.digits) > room or rest.digits[0] == "0":
        return number, used
    places = tuple(at + place for place in rest.places)
    keeps = len(number.digits) - len(rest.digits)
    return Run(number.digits[:keeps] + rest.digits, number.places[:keeps] + places), at + more


def _digits(word: str, known: Mapping[str, str]) -> str:
    return known.get(word) or _written(word)


def _spoken(language: str) -> Mapping[str, str]:
    """Number words of a language; of all we know where it is another."""
    if language not in UNITS:
        return {**_spoken("es"), **_spoken("en")}
    known = {word: str(i) for i, word in enumerate(UNITS[language].split())}
    known |= {word: str(i + 10) for i, word in enumerate(TEENS[language].split())}
    tens = {word: str(10 * (i + 2)) for i, word in enumerate(TENS[language].split())}
    hyphened = {
        f"{ten}-{unit}": value[0] + str(i + 1)
        for ten, value in tens.items()
        for i, unit in enumerate(UNITS[language].split()[1:])
    }
    return known | tens | hyphened | OTHERS[language]


def _written(word: str) -> str:
    """The digits of a token such as `4111-1111`, `(202)` or `+1`; none of an amount, a date, or what has letters."""
    if NO_DIGITS.fullmatch(word):
        return ""
    bare = "".join(letter for letter in word if letter not in "-./()+ ,")
    return bare if bare.isascii() and bare.isdecimal() else ""
