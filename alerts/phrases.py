"""The words of alerts, in the languages that teams read."""

from collections.abc import Callable, Mapping

PHRASES: Mapping[str, Mapping[str, str]] = {
    # The subject and what stands above everything else
    "of": {"en": "{value} of {high}", "es": "{value} de {high}"},
    "not_resolved": {"en": "not resolved", "es": "sin resolver"},
    "wants_call": {"en": "wants a call", "es": "pide que le llamen"},
    "by_time": {"en": "wants a call by {time}", "es": "pide que le llamen antes de las {time}"},
    "case": {"en": "case {number}", "es": "caso {number}"},
    "P1": {"en": "P1: now", "es": "P1: ahora"},
    "P2": {"en": "P2: soon", "es": "P2: pronto"},
    "P3": {"en": "P3: in the digest", "es": "P3: en el resumen"},
    # Why this message comes
    "raised": {"en": "This case has become more urgent.", "es": "Este caso se ha vuelto más urgente."},
    "joined": {
        "en": "Another response about the same contact has joined this case.",
        "es": "Otra respuesta sobre el mismo contacto se ha unido a este caso.",
    },
    "said_more": {"en": "The same caller has said more.", "es": "La misma persona ha dicho algo más."},
    "audio": {
        "en": "The recording has come. It is attached, with all of the message again.",
        "es": "La grabación ha llegado. Va adjunta, con todo el mensaje otra vez.",
    },
    "watched": {"en": 'Said "{word}": {rule}.', "es": 'Dijo "{word}": {rule}.'},
    "watched_in_house": {
        "en": "Said a word that is watched for: {rule}.",
        "es": "Dijo una palabra que se vigila: {rule}.",
    },
    # May the caller be called?
    "allowed": {"en": "Wants to be called back.", "es": "Quiere que le devuelvan la llamada."},
    "refused": {"en": "Does not want to be called: do not call.", "es": "No quiere que le llamen: no llamar."},
    "not_asked": {
        "en": "Was not asked about being called back; calling is allowed.",
        "es": "No se le preguntó si quería que le llamaran; se puede llamar.",
    },
    "doubted": {
        "en": "May wish no more calls: listen before you call.",
        "es": "Puede que no quiera más llamadas: escuche antes de llamar.",
    },
    # The caller's own words
    "words": {"en": "In the caller's own words", "es": "En sus propias palabras"},
    "attached": {"en": "Recording, {length}: attached as {name}", "es": "Grabación, {length}: adjunta como {name}"},
    "sent_before": {
        "en": "Recording, {length}: attached to an earlier message as {name}.",
        "es": "Grabación, {length}: adjunta a un mensaje anterior como {name}.",
    },
    "behind_link": {
        "en": "Recording, {length}: too large to attach. It plays behind the link below.",
        "es": "Grabación, {length}: demasiado grande para adjuntarla. Se oye en el enlace de abajo.",
    },
    "in_house": {
        "en": "Recording, {length}: your team's recordings are not sent, nor what is said in them. Both are behind the "
        "link below.",
        "es": "Grabación, {length}: las grabaciones de su equipo no se envían, ni lo que se dice en ellas. Ambas cosas "
        "están en el enlace de abajo.",
    },
    "coming_in_house": {
        "en": "The recording is not here yet. It is not sent: it will be behind the link below.",
        "es": "La grabación aún no ha llegado. No se envía: estará en el enlace de abajo.",
    },
    "follows": {
        "en": "Recording, {length}: it could not be attached just now. It follows in this thread.",
        "es": "Grabación, {length}: ahora no se pudo adjuntar. Seguirá en este hilo.",
    },
    "coming": {
        "en": "The recording is not here yet. It follows in this thread.",
        "es": "La grabación aún no ha llegado. Seguirá en este hilo.",
    },
    "absent": {"en": "The caller left no message: {reason}.", "es": "No dejó ningún mensaje: {reason}."},
    "failed": {"en": "The recording is lost: {reason}.", "es": "La grabación se ha perdido: {reason}."},
    "deleted": {"en": "The caller deleted the message.", "es": "Borró su mensaje."},
    "gone": {"en": "The message is not kept any more: {reason}.", "es": "El mensaje ya no se guarda: {reason}."},
    "not_recorded": {
        "en": "No message: the call did not come to that question.",
        "es": "Sin mensaje: la llamada no llegó a esa pregunta.",
    },
    "none_asked": {"en": "No message was asked for.", "es": "No se pidió ningún mensaje."},
    "machine": {
        "en": "Written down by a machine ({model}); it may have misheard.",
        "es": "Transcrito por una máquina ({model}); puede haber oído mal.",
    },
    "queued": {"en": "Not written down yet.", "es": "Aún sin transcribir."},
    "empty": {"en": "The machine heard no words in it.", "es": "La máquina no oyó palabras en ella."},
    "unwritten": {"en": "Not written down: {reason}.", "es": "Sin transcribir: {reason}."},
    # Answers
    "answers": {"en": "Answers", "es": "Respuestas"},
    "csat": {"en": "Satisfaction", "es": "Satisfacción"},
    "nps": {"en": "Would recommend", "es": "Recomendaría"},
    "ces": {"en": "Ease", "es": "Facilidad"},
    "fcr": {"en": "Resolved", "es": "Resuelto"},
    "callback": {"en": "Call back", "es": "Devolver la llamada"},
    "callback_number": {"en": "At this number", "es": "A este número"},
    "callback_time": {"en": "When it suits", "es": "Cuándo conviene"},
    "reason": {"en": "Reason chosen", "es": "Motivo elegido"},
    "not_kept": {"en": "answered, and not kept", "es": "respondido, y no se guarda"},
    "yes": {"en": "yes", "es": "sí"},
    "no": {"en": "no", "es": "no"},
    # The call
    "call": {"en": "The call", "es": "La llamada"},
    "survey": {"en": "Survey", "es": "Encuesta"},
    "caller": {"en": "Caller", "es": "Persona"},
    "withheld": {"en": "number withheld", "es": "número oculto"},
    "erased": {"en": "number erased", "es": "número borrado"},
    "agent": {"en": "Agent", "es": "Agente"},
    "unknown": {"en": "unknown", "es": "desconocido"},
    "technical": {"en": "a technical reason", "es": "un motivo técnico"},
    "group": {"en": "Group", "es": "Grupo"},
    "queue": {"en": "Queue", "es": "Cola"},
    "ticket": {"en": "Ticket", "es": "Caso de soporte"},
    "ended": {"en": "Ended", "es": "Terminó"},
    "ended_ago": {"en": "The call ended {ago}.", "es": "La llamada terminó {ago}."},
    "on_the_line": {"en": "The caller is still on the line.", "es": "La persona sigue en la línea."},
    "seconds_ago": {"en": "{n} s ago", "es": "hace {n} s"},
    "minutes_ago": {"en": "{n} min ago", "es": "hace {n} min"},
    "hours_ago": {"en": "{n} h ago", "es": "hace {n} h"},
    "days_ago": {"en": "{n} days ago", "es": "hace {n} días"},
    "alerts": {"en": "Why", "es": "Por qué"},
    "problems": {"en": "Data", "es": "Datos"},
    # The page of a case
    "started": {"en": "Began", "es": "Empezó"},
    "language": {"en": "Language", "es": "Idioma"},
    "told": {"en": "Who was told", "es": "A quién se avisó"},
    "nobody_told": {"en": "Nobody yet.", "es": "A nadie todavía."},
    "history": {"en": "What happened", "es": "Qué ha pasado"},
    "waiting": {
        "en": "waits for the recording or the end of the call",
        "es": "espera la grabación o el fin de la llamada",
    },
    "pending": {"en": "on its way", "es": "en camino"},
    "accepted": {"en": "sent {time}", "es": "enviado {time}"},
    "not_sent": {"en": "not sent: {reason}", "es": "no enviado: {reason}"},
    "tried": {"en": "tried, will be tried again: {reason}", "es": "intentado, se intentará otra vez: {reason}"},
    "state_new": {"en": "new: nobody has taken it yet", "es": "nuevo: nadie lo ha tomado aún"},
    "event_opened": {"en": "The case was opened.", "es": "Se abrió el caso."},
    "event_erased": {"en": "The caller's data were erased.", "es": "Se borraron los datos de quien llamó."},
    "event_attached": {"en": "Another response joined.", "es": "Se unió otra respuesta."},
    "event_severity_raised": {"en": "It became more urgent.", "es": "Se volvió más urgente."},
    "event_moved": {"en": "It went to another team.", "es": "Pasó a otro equipo."},
    "event_calling": {"en": "The caller said whether to be called back.", "es": "Dijo si quiere que le llamen."},
    "event_word_heard": {
        "en": 'The caller said "{word}" at {step}: {rule}.',
        "es": 'Dijo "{word}" en {step}: {rule}.',
    },
    "event_word_forgotten": {
        "en": "The caller said a word at {step} that is watched for: {rule}. The word itself is not kept any more.",
        "es": "Dijo en {step} una palabra que se vigila: {rule}. La palabra misma ya no se guarda.",
    },
    "event_opt_out_proposed": {
        "en": "It was proposed never to survey this caller again: {rule}.",
        "es": "Se propuso no volver a encuestar a esta persona: {rule}.",
    },
    "event_opt_out_confirmed": {
        "en": "It was confirmed: this caller is never surveyed again.",
        "es": "Se confirmó: no se volverá a encuestar a esta persona.",
    },
    "proposed": {
        "en": "Proposed: never survey this caller again ({rule}). Nothing has been done; a person must confirm it.",
        "es": "Propuesta: no volver a encuestar a esta persona ({rule}). Nada se ha hecho; alguien debe confirmarla.",
    },
    "response": {"en": "Response of {time}", "es": "Respuesta de {time}"},
    # What else
    "also_told": {"en": "Also told: {who}.", "es": "También avisados: {who}."},
    "nobody_else": {"en": "Nobody else was told.", "es": "Nadie más fue avisado."},
    "by_email": {"en": "{name} by mail", "es": "{name} por correo"},
    "by_sms": {"en": "{name} by SMS", "es": "{name} por SMS"},
    "by_webhook": {"en": "the team's webhook", "es": "el webhook del equipo"},
    "next": {
        "en": "Next: nothing more is sent by itself. A recording that is late, or another response, follows in this "
        "thread.",
        "es": "Después: no se envía nada más por sí solo. Una grabación que llegue tarde, u otra respuesta, seguirá en "
        "este hilo.",
    },
    "next_in_house": {
        "en": "Next: nothing more is sent by itself, unless another response joins.",
        "es": "Después: no se envía nada más por sí solo, salvo que se una otra respuesta.",
    },
    "look": {"en": "Look at the case", "es": "Ver el caso"},
    "recording": {"en": "Recording, {length}", "es": "Grabación, {length}"},
    "page_only_shows": {
        "en": "This page only shows the case. Looking at it, or listening, changes nothing and acknowledges nothing.",
        "es": "Esta página solo muestra el caso. Mirarla o escuchar no cambia ni confirma nada.",
    },
    "only_shows": {
        "en": "The link only shows the case; nothing is acknowledged until someone presses a button. It works for "
        "{days} days.",
        "es": "El enlace solo muestra el caso; nada queda confirmado hasta que alguien pulse un botón. Funciona "
        "{days} días.",
    },
    "why_you": {"en": "You get this as part of the team {team}.", "es": "Recibe esto como parte del equipo {team}."},
}


def phrase(key: str, language: str, /, **values: object) -> str:
    """The words in that language, with the values put in."""
    return PHRASES[key][language].format(**values)


def speaking(language: str) -> Callable[..., str]:
    """`phrase` in one language."""
    return lambda key, /, **values: phrase(key, language, **values)
