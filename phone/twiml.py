"""The carrier's reading of a TwiML document, stricter than the carrier's own: what it would only warn of is refused."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import quote_plus
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from phone.errors import CarrierError
from phone.schema import INVALID_URL, NOUNS, PROMPTS, SCHEMA_WARNING, SSML, VERBS, Shape, check_url
from phone.verbs import Dial, Enqueue, Gather, Noun, Play, Prompt, Redirect, Say, Verb
from phone.voices import speaks

MOST_BYTES = 64 * 1024
MOST_ENCODED_SPEECH = 4500
XML_TYPES = ("text/xml", "application/xml", "text/html")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_reply(body: bytes, content_type: str) -> tuple[Verb, ...]:
    """What an app's reply to a voice request makes the carrier do.

    Raises:
        CarrierError: 11750 too large, 11770 empty, 12300 a type the carrier does not take, and all of `read_twiml`.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("audio/"):
        return (Play(),)
    if kind != "text/plain" and kind not in XML_TYPES:
        raise CarrierError(12300, f"Invalid Content-Type: {content_type or 'none'}; answer with text/xml")
    if len(body) > MOST_BYTES:
        raise CarrierError(11750, f"TwiML response body too large: more than {MOST_BYTES} bytes")
    if not body.strip():
        raise CarrierError(11770, "Empty response body; the least is <Response/>")
    if kind == "text/plain" and not body.lstrip().startswith(b"<"):
        return (Say(body.decode("utf-8", "replace").strip()),)
    return read_twiml(body)


def read_twiml(document: bytes) -> tuple[Verb, ...]:
    """The verbs of a document, in order.

    Raises:
        CarrierError: 12100 no well-formed XML, 12101 another XML version, 12102 another root, 12200 a verb,
            attribute or nesting that TwiML does not have, 13xxx a value that an attribute does not take.
    """
    if re.match(rb"\s*<\?xml[^>]*version\s*=\s*[\"'](?!1\.0[\"'])", document):
        raise CarrierError(12101, "Invalid Twilio Markup XML version: it must be 1.0")
    try:
        root = ElementTree.fromstring(document)  # noqa: S314  from our own app, and at most 64 kB of it
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the latter two: an unknown encoding
        raise CarrierError(12100, f"Document parse failure: {error}") from error
    if root.tag != "Response":
        raise CarrierError(12102, f"The root element must be Response, not {root.tag}")
    _refuse_attributes(root, ())
    return tuple(_read_verb(child) for child in _children(root, VERBS, SCHEMA_WARNING))


def _read_verb(element: Element) -> Verb:
    values = _read_attributes(element, VERBS[element.tag])
    match element.tag:
        case "Say":
            return _read_say(element, values)
        case "Play":
            return _read_play(element, values)
        case "Gather":
            return Gather(prompts=_read_prompts(element), **values)
        case "Redirect":
            return Redirect(_read_url(element), **values)
        case "Dial":
            return Dial(nouns=_read_nouns(element), **values)
        case "Enqueue":
            return Enqueue(_words(element), **values)
        case _:
            _children(element, (), SCHEMA_WARNING)
            verb: Verb = VERBS[element.tag].verb(**values)
            return verb


def _read_attributes(element: Element, shape: Shape) -> dict[str, Any]:
    _refuse_attributes(element, shape.attributes)
    values = {}
    for name, text in element.attrib.items():
        attribute = shape.attributes[name]
        try:
            value = attribute.read(text)
        except ValueError as error:
            raise CarrierError(
                attribute.code, f"{element.tag}: Invalid {name} value {text!r}; write {error}"
            ) from error
        if field := shape.field_of(name):
            values[field] = value
    return values


def _read_say(element: Element, values: dict[str, Any]) -> Say:
    for part in element.iter():
        if part is not element:
            _check_ssml(part)
    say = Say(" ".join("".join(element.itertext()).split()), **values)
    if not say.text:
        raise CarrierError(13520, "Say: Invalid text: there is nothing to say")
    most = {"Polly": 3000, "Google": 5000}.get(say.voice.partition(".")[0], 4096)
    if len(say.text) > most or len(quote_plus(say.text)) > MOST_ENCODED_SPEECH:
        raise CarrierError(13521, f"Say: text too long: {len(say.text)} characters; {say.voice} says at most {most}")
    if say.language and not speaks(say.voice, say.language):
        raise CarrierError(13512, f"Say: Invalid language {say.language}: {say.voice} does not speak it")
    return say


def _check_ssml(part: Element) -> None:
    if part.tag not in SSML:
        raise CarrierError(SCHEMA_WARNING, f"Say cannot hold {part.tag}; only {', '.join(SSML)}")
    _refuse_attributes(part, SSML[part.tag])


def _read_play(element: Element, values: dict[str, Any]) -> Play:
    if "digits" in values and not _words(element):
        return Play(**values)
    return Play(_read_url(element), **values)


def _read_prompts(element: Element) -> tuple[Prompt, ...]:
    prompts = []
    for child in _children(element, PROMPTS, 13320):
        verb = _read_verb(child)
        assert isinstance(verb, Prompt)
        prompts.append(verb)
    return tuple(prompts)


def _read_nouns(element: Element) -> tuple[Noun, ...]:
    if not len(element):
        return (Noun("Number", _words(element)),)
    nouns = _children(element, NOUNS, 13215)
    for noun in nouns:
        _refuse_attributes(noun, NOUNS[noun.tag])
    return tuple(Noun(noun.tag, _words(noun)) for noun in nouns)


def _read_url(element: Element) -> str:
    try:
        return check_url(_words(element))
    except ValueError as error:
        raise CarrierError(INVALID_URL, f"{element.tag}: Invalid URL {element.text!r}; write {error}") from error


def _words(element: Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise CarrierError(SCHEMA_WARNING, f"{element.tag} cannot hold {element[0].tag}, only text")
    return (element.text or "").strip()


def _children(element: Element, allowed: Collection[str], code: int) -> list[Element]:
    """The elements inside one that holds no text of its own."""
    loose = (element.text or "") + "".join(child.tail or "" for child in element)
    if loose.strip():
        raise CarrierError(SCHEMA_WARNING, f"{element.tag} cannot hold text: {loose.strip()[:40]!r}")
    for child in element:
        if child.tag not in allowed:
            raise CarrierError(
                code, f"{element.tag} cannot hold {child.tag}; it holds {', '.join(allowed) or 'nothing'}"
            )
    return list(element)


def _refuse_attributes(element: Element, known: Collection[str]) -> None:
    for name in element.attrib:
        if name.replace(XML_LANG, "xml:lang") not in known:
            raise CarrierError(
                SCHEMA_WARNING, f"{element.tag} has no attribute {name}; it has {', '.join(known) or 'none'}"
            )
