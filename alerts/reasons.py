"""Why a recording or a transcript is not there, and what is odd about a call's data, in the reader's language.

The books and the logs have it in English. In another language what concerns the caller is told in full; of what went
wrong inside the house its reader learns that it did.
"""

import re

from alerts.phrases import phrase

SPANISH = (
    (r"too short", "demasiado corto"),
    (r"silent", "silencio"),
    (r"nothing was recorded", "no se grabó nada"),
    (r"nothing was recorded before the call ended", "no se grabó nada antes de que terminara la llamada"),
    (r"nothing was said", "no se dijo nada"),
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
