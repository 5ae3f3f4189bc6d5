"""The engine's own sentences in English and Spanish; a survey's `phrases:` has other words, or more languages."""

from collections.abc import Mapping
from typing import Any

from ivr.survey.parts import Prompt

MASTER = "en"
PHRASES: Mapping[str, Mapping[str, str]] = {
    "option": {"en": "For {label}, press {key}.", "es": "Para {label}, marque {key}."},
    "dont_know": {"en": "If you don't know, press {key}.", "es": "Si no lo sabe, marque {key}."},
    "not_applicable": {
        "en": "If this does not apply to you, press {key}.",
        "es": "Si no le corresponde, marque {key}.",
    },
    "multi_end": {"en": "When you are done, press pound.", "es": "Al terminar, marque numeral."},
    "read_back": {"en": "You answered {label}.", "es": "Usted respondió {label}."},
    "read_back_key": {"en": "You pressed {key}, {label}.", "es": "Usted marcó {key}, {label}."},
    "keep_or_change": {
        "en": "To keep it, press 1. To change it, press 2.",
        "es": "Para dejarlo así, marque 1. Para cambiarlo, marque 2.",
    },
    "review_keep": {"en": "To keep your message, press {key}.", "es": "Para guardar su mensaje, marque {key}."},
    "review_again": {"en": "To record it again, press {key}.", "es": "Para grabarlo otra vez, marque {key}."},
    "review_delete": {"en": "To delete it, press {key}.", "es": "Para borrarlo, marque {key}."},
    "menu_first": {"en": "{label}, press {key}.", "es": "{label}, marque {key}."},
    "menu_next": {"en": "{label}, {key}.", "es": "{label}, {key}."},
    "star_repeat": {"en": "To hear it again", "es": "Para escuchar otra vez"},
    "star_slower": {"en": "More slowly", "es": "Más despacio"},
    "star_back": {"en": "To go back", "es": "Para volver atrás"},
    "star_skip": {"en": "To skip it", "es": "Para saltarla"},
    "star_language": {"en": "For English, press {key}.", "es": "Para español, marque {key}."},
    "star_agent": {"en": "For an agent", "es": "Para hablar con alguien"},
    "star_stop": {"en": "To never be surveyed again", "es": "Para no recibir más encuestas"},
    "key_continue": {"en": "To go on, press {key}.", "es": "Para continuar, marque {key}."},
    "key_decline": {"en": "To decline, press {key}.", "es": "Para no participar, marque {key}."},
    "key_opt_out": {"en": "To never be surveyed, press {key}.", "es": "Para no recibir encuestas, marque {key}."},
    "key_answer": {"en": "For {label}, press {key}.", "es": "Para {label}, marque {key}."},
    "key_range": {
        "en": "Please press a number from {low} to {high}.",
        "es": "Marque un número del {low} al {high}, por favor.",
    },
    "wrong_key": {
        "en": "Sorry, that key isn't one of the choices.",
        "es": "Esa tecla no es una de las opciones.",
    },
    "too_few": {"en": "Sorry, that was not enough.", "es": "Faltaron teclas."},
    "too_many": {"en": "Sorry, that was too many.", "es": "Fueron demasiadas teclas."},
    "low_confidence": {"en": "Sorry, I didn't understand that.", "es": "No le entendí."},
    "unavailable": {"en": "Sorry, nobody is free right now.", "es": "Lo sentimos, ahora no hay nadie disponible."},
    "welcome_back": {"en": "Let's go on where we stopped.", "es": "Sigamos donde nos quedamos."},
    "yes": {"en": "yes", "es": "sí"},
    "no": {"en": "no", "es": "no"},
    "apology": {
        "en": "I'm sorry, something went wrong on our side. Thank you for your time. Goodbye.",
        "es": "Lo sentimos, algo falló de nuestra parte. Gracias por su tiempo. Adiós.",
    },
    "goodbye": {"en": "Thank you. Goodbye.", "es": "Gracias. Adiós."},
}


def phrase(name: str, language: str, own: Mapping[str, Prompt] | None = None, /, **values: Any) -> str:
    """One of the engine's sentences; `own` are a survey's, which go first. English where there is no other.

    >>> phrase("option", "es", label="el trato recibido", key=3)
    'Para el trato recibido, marque 3.'
    """
    said = (own or {}).get(name, {}).get(language)
    known = PHRASES[name]
    text = said.text if said else known.get(language) or known.get(language.split("-")[0]) or known[MASTER]
    for placeholder, value in values.items():
        text = text.replace(f"{{{placeholder}}}", str(value))
    return text
