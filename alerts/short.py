"""An alert in one SMS: 160 characters of the GSM alphabet, and never a caller's name or number."""

import unicodedata
from collections.abc import Iterator

from alerts.facts import Answered, Facts

SEPTETS = 160
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€")  # two septets each
LONGEST_GROUP = 24
LONGEST_RULE = 40
WORDS = {
    "en": {"unresolved": "unresolved", "callback": "wants callback", "audio": "{s}s audio", "case": "case {n}"},
    "es": {"unresolved": "sin resolver", "callback": "pide llamada", "audio": "audio {s}s", "case": "caso {n}"},
}


def render_sms(facts: Facts) -> str:
    """`SR P1: 1/5, unresolved, wants callback. billing. 41s audio https://…/cases/4821?key=…`

    What does not fit is left out: the audio's length first, then the group, and the link gives way to the number.
    """
    words = WORDS[facts.language]
    start = f"SR {facts.severity}: {', '.join(_matter(facts)) or words['case'].format(n=facts.number)}."
    group = gsm(facts.context.get("group", "")[:LONGEST_GROUP])
    audio, link = _audio(facts), facts.link
    tries = [[start, group and f"{group}.", audio, link], [start, group and f"{group}.", link], [start, link]]
    number = words["case"].format(n=facts.number)
    return next((sms for sms in map(_join, tries) if septets(sms) <= SEPTETS), _join([start, number]))


def gsm(text: str) -> str:
    """The text in letters of the GSM alphabet: accents it lacks are taken off, the rest becomes a question mark."""
    return "".join(_letter(letter) for letter in text)


def septets(text: str) -> int:
    """How much of the 160 the text takes."""
    return sum(2 if letter in GSM_EXTENDED else 1 for letter in text)


def _matter(facts: Facts) -> Iterator[str]:
    words = WORDS[facts.language]
    match facts.headline:
        case Answered(value=value, high=int(high)):
            yield f"{value}/{high}"
    if facts.resolved is False:
        yield words["unresolved"]
    if facts.calling == "allowed":
        yield words["callback"]
    if facts.watched:
        yield gsm(facts.watched[0].rule[:LONGEST_RULE])


def _audio(facts: Facts) -> str:
    stored = [words.duration_s for words in facts.words if words.status == "stored" and words.duration_s]
    return WORDS[facts.language]["audio"].format(s=round(sum(stored))) if stored else ""


def _join(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)


def _letter(letter: str) -> str:
    if letter in GSM or letter in GSM_EXTENDED:
        return letter
    bare = unicodedata.normalize("NFKD", letter)[:1]
    return bare if bare in GSM else "?"
