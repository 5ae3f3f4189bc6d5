"""Why a recording or a transcript is not there, and what is odd about a call's data, in the reader's language.

The books and the logs have it in English. In another language what concerns the caller is told in full; of what went
wrong inside the house its reader learns that it did.
"""

import re

from alerts.phrases import phrase

BY_CALLER = "the caller deleted it"
SPANISH = (
    (r"too short", "demasiado corto"),
    (r"silent", "silencio"),
    (r"nothing was recorded", "no se grabó nada"),
    (r"nothing was recorded before the call ended", "no se grabó nada antes de que terminara la llamada"),
    (r"nothing was said", "no se dijo nada"),
    (r"erased at the caller's wish", "se borró a petición de quien llamó"),
    (r"kept for (\d+) days, as the survey says", "se guardó {0} días, como dice la encuesta"),
    (r"(\w+) is missing", "falta {0}"),
    (r"(\w+) is cut at (\d+) characters", "{0} está cortado a {1} caracteres"),
    (r"(\S+) is left out: .*", "{0} se dejó fuera"),
    (r'the alert "(.+)" names no team: (.+)', 'la alerta "{0}" nombra un equipo que no existe: {1}'),
)


def reason_in(language: str, reason: str | None) -> str:
    """The reason as that language has it; None: nobody knows.

    >>> reason_in("es", "agent is missing")
    'falta agent'
    >>> reason_in("es", "the recording is broken")
    'un motivo técnico'
    """
    if reason is None:
        return phrase("unknown", language)
    if language == "en":
        return reason
    found = ((re.fullmatch(english, reason), spanish) for english, spanish in SPANISH)
    return next((words.format(*match.groups()) for match, words in found if match), phrase("technical", language))


def deletion_in(language: str, reason: str | None) -> str:
    """Who had a message deleted, or why, as one sentence; without a reason it was the caller.

    >>> deletion_in("en", "the caller deleted it")
    'The caller deleted the message.'
    >>> deletion_in("en", "erased at the caller's wish")
    "The message is not kept any more: erased at the caller's wish."
    """
    if reason in (None, BY_CALLER):
        return phrase("deleted", language)
    return phrase("gone", language, reason=reason_in(language, reason))
