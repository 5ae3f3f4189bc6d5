"""What is said next, as the carrier's TwiML: a pure function from directives to a document.

Every document leads on: after a Gather or a Record stands a Redirect to the same address, since carriers may fall
through. Built as text, which is twenty times faster than the SDK; a test holds the names against the SDK's.
https://www.twilio.com/docs/voice/twiml
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from ivr.call import Dial, Directive, Gather, Hangup, Pause, Play, Record, Say, Spoken

MAX_DOCUMENT = 64_000  # bytes; the carrier takes 64 kB (error 11750)
MAX_SAID = 2900  # characters of one Say; Polly takes 3000, the others more (error 13521)
MAX_QUOTED = 4400  # the same as the carrier counts it, URL-encoded: 4500
NEVER_TOO_LONG = MAX_QUOTED // 12  # even where every character takes twelve in a URL
READS_TAGS = ("Polly.", "Google.")
LOCALES = {"en": "en-US", "es": "es-MX", "fr": "fr-FR", "de": "de-DE", "it": "it-IT", "pt": "pt-BR", "nl": "nl-NL"}
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

AudioUrl = Callable[[str], str | None]
Attributes = Mapping[str, str | int | None]  # None is left out


class DocumentTooLong(ValueError):
    """More than the carrier takes in one document."""


def render(
    directives: Iterable[Directive],
    next_url: str,
    *,
    recording_url: str | None = None,
    audio_url: AudioUrl = lambda name: name,
    back_url: str | None = None,
) -> str:
    """The document that has the carrier do what the directives say.

    `next_url` is the absolute address of the turn that follows, `recording_url` the one for news of a recording,
    `audio_url` gives the address of a recorded prompt, None where it cannot be played and its words are spoken;
    `back_url` is where the call goes instead of being hung up.

    Raises:
        DocumentTooLong: the document is over 64 kB.

    >>> print(render([Say("Goodbye <now>.", "en"), Hangup()], ""))
    <?xml version="1.0" encoding="UTF-8"?><Response><Say language="en-US">Goodbye &lt;now&gt;.</Say><Hangup/></Response>
    """
    verbs = "".join([_verb(directive, next_url, recording_url, audio_url, back_url) for directive in directives])
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
    if len(document) > MAX_DOCUMENT // 4 and len(document.encode()) > MAX_DOCUMENT:
        raise DocumentTooLong(f"{len(document)} characters of TwiML")
    return document


def _verb(
    directive: Directive, next_url: str, recording_url: str | None, audio_url: AudioUrl, back_url: str | None
) -> str:
    match directive:
        case Gather():
            return _gather(directive, next_url, audio_url)
        case Record():
            return _record(directive, next_url, recording_url)
        case Dial():
            return _dial(directive, next_url)
        case Hangup():
            return _redirect(back_url) if back_url else "<Hangup/>"
        case _:
            return _spoken(directive, audio_url)


def _gather(gather: Gather, next_url: str, audio_url: AudioUrl) -> str:
    """One Gather has one `timeout`, for the first key as for the next; what the first may take longer is a Pause."""
    one_key = gather.digits == 1
    timeout = max(1, math.ceil(gather.first_key_s if one_key else min(gather.between_keys_s, gather.first_key_s)))
    longer = math.ceil(gather.first_key_s) - timeout
    attributes: Attributes = {
        "input": "dtmf speech" if gather.speech else "dtmf",
        "action": next_url,
        "method": "POST",
        "timeout": timeout,
        "numDigits": gather.digits,
        "finishOnKey": gather.finish_on,
        "actionOnEmptyResult": "true",
        "language": _locale(gather.language) if gather.speech else None,
        "hints": ",".join(gather.hints) or None,
    }
    prompts = "".join([_spoken(prompt, audio_url) for prompt in gather.prompts])
    pause = f'<Pause length="{longer}"/>' if longer > 0 else ""
    return f"<Gather{_written(attributes)}>{prompts}{pause}</Gather>{_redirect(next_url)}"


def _record(record: Record, next_url: str, recording_url: str | None) -> str:
    attributes: Attributes = {
        "action": next_url,
        "method": "POST",
        "timeout": record.silence_s,
        "finishOnKey": record.stop_keys,
        "maxLength": record.max_s,
        "playBeep": "true",
        "recordingStatusCallback": recording_url,
        "recordingStatusCallbackMethod": "POST" if recording_url else None,
        "recordingStatusCallbackEvent": "completed absent" if recording_url else None,
    }
    return f"<Record{_written(attributes)}/>{_redirect(next_url)}"


def _dial(dial: Dial, next_url: str) -> str:
    attributes: Attributes = {"action": next_url, "method": "POST", "timeout": dial.timeout_s}
    noun = "Sip" if dial.to.startswith(("sip:", "sips:")) else "Number"
    return f"<Dial{_written(attributes)}><{noun}>{_text(dial.to)}</{noun}></Dial>{_redirect(next_url)}"


def _redirect(url: str) -> str:
    return f'<Redirect method="POST">{_text(url)}</Redirect>'


def _spoken(spoken: Spoken, audio_url: AudioUrl) -> str:
    match spoken:
        case Say():
            return _say(spoken)
        case Play(audio, instead):
            address = audio_url(audio)
            return f"<Play>{_text(address)}</Play>" if address else _say(instead)
        case Pause(seconds):
            return f'<Pause length="{seconds}"/>'


def _say(say: Say) -> str:
    """A voice that reads tags brings its own language; naming another one beside it is an error (13511)."""
    reads_tags = say.voice is not None and say.voice.startswith(READS_TAGS)
    language = None if reads_tags else _locale(say.language)
    opening = f"<Say{_written({'voice': say.voice, 'language': language})}>"
    slower = reads_tags and say.rate != 1.0
    before, after = (f'<prosody rate="{say.rate:.0%}">', "</prosody>") if slower else ("", "")
    return "".join([f"{opening}{before}{_text(part)}{after}</Say>" for part in _parts(say.text)])


def _locale(language: str) -> str:
    return LOCALES.get(language, language)


def _parts(text: str) -> Iterator[str]:
    """The text in pieces that one Say can take, cut between sentences where possible."""
    text = text.strip()
    while text and not _fits(text):
        cut = _last_cut(text)
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:  # an empty Say is an error (13520)
        yield text


def _fits(text: str) -> bool:
    return len(text) <= NEVER_TOO_LONG or (len(text) <= MAX_SAID and len(quote_plus(text)) <= MAX_QUOTED)


def _last_cut(text: str) -> int:
    """The end of the longest beginning that fits: of a sentence if it can be, else of a word, else anywhere."""
    longest = _longest_fit(text)
    sentences = [m.start() for m in re.finditer(r"(?<=[.!?])\s", text[:longest])]
    words = [m.start() for m in re.finditer(r"\s", text[:longest])]
    return (sentences or words or [longest])[-1] or longest


def _longest_fit(text: str) -> int:
    low, high = NEVER_TOO_LONG, min(len(text), MAX_SAID)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(text[:middle]) else (low, middle - 1)
    return low


def _written(attributes: Attributes) -> str:
    return "".join([f' {name}="{_attribute(value)}"' for name, value in attributes.items() if value is not None])


def _attribute(value: str | int) -> str:
    return _text(value).replace('"', "&quot;") if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    return escape(_xml(text))


def _xml(text: str) -> str:
    return text if text.isascii() and text.isprintable() else NOT_XML.sub("", text)
