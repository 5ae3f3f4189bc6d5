"""Digits as people say them and as recognisers write them: `four one double one`, `4111-`, `treinta y cuatro`."""

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
OTHERS = {
    "en": {"oh": "0", "o": "0", "nought": "0"},
    "es": {f"veinti{unit}": f"2{i + 1}" for i, unit in enumerate(UNITS["es"].split()[1:])} | {"un": "1", "una": "1"},
}
REPEATED = {"double": 2, "doble": 2, "triple": 3}
FILLERS = {
    "and",
    "y",
    "then",
    "luego",
    "uh",
    "um",
    "eh",
    "em",
    "dash",
    "hyphen",
    "guion",
    "space",
    "espacio",
    "comma",
    "coma",
}
MOST_FILLERS = 2
WITHOUT_ACCENTS = str.maketrans("áéíóúüñ", "aeiouun")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits said one after the other; `places` has for each digit the number of its word."""

    digits: str
    places: tuple[int, ...]

    def part(self, start: int, end: int) -> "Run":
        return Run(self.digits[start:end], self.places[start:end])


def plain(word: str) -> str:
    """A word without accents, capitals and the punctuation around it.

    >>> plain("Dieciséis,")
    'dieciseis'
    """
    return word.lower().translate(WITHOUT_ACCENTS).strip(".,;:!?¿¡()[]\"'…-")


def find_runs(words: Sequence[str], language: str) -> list[Run]:
    """All digits among the words, in runs that only fillers interrupt.

    >>> [run.digits for run in find_runs("it is four one double one, uh 22 and twenty three ok 5".split(), "en")]
    ['41112223', '5']
    """
    said = [plain(word) for word in words]
    runs: list[Run] = []
    for number in _numbers(said, _spoken(language)):
        if runs and _goes_on(said[runs[-1].places[-1] + 1 : number.places[0]]):
            runs[-1] = Run(runs[-1].digits + number.digits, runs[-1].places + number.places)
        else:
            runs.append(number)
    return runs


def _goes_on(between: Sequence[str]) -> bool:
    return len(between) <= MOST_FILLERS and all(word in FILLERS for word in between)


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
    digits = known.get(said[0]) or _written(said[0])
    unit_at = 2 if said[1:2] in (["y"], ["and"]) else 1
    following = known.get(said[unit_at], "") if len(said) > unit_at else ""
    if said[0] in known and len(digits) == 2 and digits[0] > "1" and digits[1] == "0" and "0" < following <= "9":
        return Run(digits[0] + following, (0, unit_at)), unit_at + 1
    times = REPEATED.get(said[0])
    repeated = (known.get(said[1]) or _written(said[1])) if times and len(said) > 1 else ""
    if times and len(repeated) == 1:
        return Run(repeated * times, (0,) + (1,) * (times - 1)), 2
    return Run(digits, (0,) * len(digits)), 1


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
    """The digits of a token such as `4111-1111`, `(202)` or `+1`; none where letters are among them."""
    bare = "".join(letter for letter in word if letter not in "-./()+ ,")
    return bare if bare.isascii() and bare.isdecimal() else ""
