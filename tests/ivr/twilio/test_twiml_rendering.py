"""Directives to TwiML: one table of pairs, and the carrier's rules for every document."""

import inspect
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml import voice_response

from ivr.call import Dial, Gather, Hangup, Pause, Play, Record, Say
from ivr.twilio import twiml
from ivr.twilio.twiml import DocumentTooLong, render

NEXT = "https://voice.harbor.example/voice/CA1/3"
NEWS = "https://voice.harbor.example/voice/recording/CA1/3"
ON = f'<Redirect method="POST">{NEXT}</Redirect>'
TO_NEXT = f'action="{NEXT}" method="POST"'
ALWAYS = 'actionOnEmptyResult="true"'
NORA = "Polly.Joanna-Neural"
THANKS = Say("Thanks.", "en")


def verbs(*directives, **addresses):
    document = render(directives, NEXT, **addresses)
    opening, closing = '<?xml version="1.0" encoding="UTF-8"?><Response>', "</Response>"
    assert document.startswith(opening)
    assert document.endswith(closing)
    return document.removeprefix(opening).removesuffix(closing)


@pytest.mark.parametrize(
    ("directive", "verb"),
    [
        (Say("Goodbye.", "en", NORA), f'<Say voice="{NORA}">Goodbye.</Say>'),
        (Say("Goodbye.", "en"), '<Say language="en-US">Goodbye.</Say>'),
        (Say("Hola.", "es-AR"), '<Say language="es-AR">Hola.</Say>'),
        (Say("Hola.", "es", "woman"), '<Say voice="woman" language="es-MX">Hola.</Say>'),
        (Say("Slowly.", "en", NORA, 0.8), f'<Say voice="{NORA}"><prosody rate="80%">Slowly.</prosody></Say>'),
        (Say("Slowly.", "en", "man", 0.8), '<Say voice="man" language="en-US">Slowly.</Say>'),
        (Say("Harbor & Sons <b>", "en", NORA), f'<Say voice="{NORA}">Harbor &amp; Sons &lt;b&gt;</Say>'),
        (Say("a\x00b\ud800c", "en", NORA), f'<Say voice="{NORA}">abc</Say>'),
        (Say("  ", "en"), ""),
        (Play("thanks.wav", THANKS), "<Play>https://voice.harbor.example/audio/thanks.wav?a=1&amp;b=2</Play>"),
        (Pause(2), '<Pause length="2"/>'),
        (Hangup(), "<Hangup/>"),
        (
            Gather((Say("1 to 5?", "en", NORA),)),
            f'<Gather input="dtmf" {TO_NEXT} timeout="6" numDigits="1" finishOnKey="" {ALWAYS}>'
            f'<Say voice="{NORA}">1 to 5?</Say></Gather>{ON}',
        ),
        (
            Gather((Say("0 to 10?", "en", NORA),), digits=2, finish_on="#"),
            f'<Gather input="dtmf" {TO_NEXT} timeout="2" numDigits="2" finishOnKey="#" {ALWAYS}>'
            f'<Say voice="{NORA}">0 to 10?</Say><Pause length="4"/></Gather>{ON}',
        ),
        (
            Gather((), digits=None, finish_on="#", first_key_s=1.5, between_keys_s=0.5),
            f'<Gather input="dtmf" {TO_NEXT} timeout="1" finishOnKey="#" {ALWAYS}><Pause length="1"/></Gather>{ON}',
        ),
        (
            Gather((), speech=True, language="es", hints=("sí", "no")),
            f'<Gather input="dtmf speech" {TO_NEXT} timeout="6" numDigits="1" finishOnKey="" {ALWAYS}'
            f' language="es-MX" hints="sí,no"></Gather>{ON}',
        ),
        (
            Record(max_s=90, silence_s=4, stop_keys="#"),
            f'<Record {TO_NEXT} timeout="4" finishOnKey="#" maxLength="90" playBeep="true" '
            f'recordingStatusCallback="{NEWS}" recordingStatusCallbackMethod="POST" '
            f'recordingStatusCallbackEvent="completed absent"/>{ON}',
        ),
        (
            Dial("+12025550100", 20),
            f'<Dial {TO_NEXT} timeout="20"><Number>+12025550100</Number></Dial>{ON}',
        ),
        (
            Dial("sip:desk@harbor.example?x-a=1&x-b=2"),
            f'<Dial {TO_NEXT} timeout="30"><Sip>sip:desk@harbor.example?x-a=1&amp;x-b=2</Sip></Dial>{ON}',
        ),
        (Dial("sips:a@b"), f'<Dial {TO_NEXT} timeout="30"><Sip>sips:a@b</Sip></Dial>{ON}'),
    ],
)
def test_a_directive_is_the_verb(directive, verb):
    audio = "https://voice.harbor.example/audio/{}?a=1&b=2".format
    assert verbs(directive, recording_url=NEWS, audio_url=audio) == verb


def test_a_recording_that_cannot_be_played_is_spoken():
    assert verbs(Play("gone.wav", THANKS), audio_url=lambda _name: None) == '<Say language="en-US">Thanks.</Say>'


def test_nothing_to_say_is_an_empty_response():
    assert verbs() == ""


def test_addresses_and_hints_are_escaped():
    awkward = 'https://voice.harbor.example/voice/CA1/3?q="<&>"'
    document = render((Gather((), hints=('say "yes"',), speech=True),), awkward)
    gather, redirect = ET.fromstring(document)
    assert gather.get("action") == redirect.text == awkward
    assert gather.get("hints") == 'say "yes"'


@pytest.mark.parametrize("text", ["word " * 3000, "Ein Satz. " * 700, "x" * 9000, "ñandú " * 900, "🙂" * 1500])
def test_a_long_text_is_said_in_pieces_that_the_voice_can_take(text):
    said = [say.text for say in ET.fromstring(render((Say(text, "es", NORA),), NEXT))]
    assert len(said) > 1
    assert all(len(part) <= 3000 and len(twiml.quote_plus(part)) <= 4500 for part in said)
    assert "".join(said).replace(" ", "") == text.replace(" ", "")


def test_a_long_text_is_cut_between_sentences():
    said = [say.text for say in ET.fromstring(render((Say("This is a sentence. " * 300, "en", NORA),), NEXT))]
    assert all(part.endswith("sentence.") for part in said)


def test_a_document_the_carrier_would_refuse_is_not_made():
    with pytest.raises(DocumentTooLong):
        render((Say("word " * 14_000, "en", NORA),), NEXT)


PLAIN_TEXT = st.text(max_size=400)


@given(st.lists(st.one_of(st.builds(Say, PLAIN_TEXT, st.just("en"), st.sampled_from([None, NORA]),
                                    st.sampled_from([1.0, 0.8])),
                          st.builds(Gather, st.tuples(st.builds(Say, PLAIN_TEXT, st.just("es")))),
                          st.builds(Dial, PLAIN_TEXT)), max_size=5))  # fmt: skip
def test_any_text_makes_a_document_that_can_be_read(directives):
    root = ET.fromstring(render(directives, NEXT).encode())
    assert root.tag == "Response"


METHODS = {"Say": voice_response.VoiceResponse.say, "Gather": voice_response.VoiceResponse.gather,
           "Record": voice_response.VoiceResponse.record, "Dial": voice_response.VoiceResponse.dial,
           "Pause": voice_response.VoiceResponse.pause, "Play": voice_response.VoiceResponse.play,
           "Redirect": voice_response.VoiceResponse.redirect, "Hangup": voice_response.VoiceResponse.hangup,
           "Number": voice_response.Dial.number, "Sip": voice_response.Dial.sip,
           "Prosody": voice_response.Say.prosody}  # fmt: skip


def snake(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_every_verb_and_attribute_is_one_the_sdk_knows():
    everything = (
        Say("x", "en", NORA, 0.8), Say("x", "en"), Play("x.wav", Say("x", "en")), Pause(1),
        Gather((Say("x", "en"),), digits=2, finish_on="#", speech=True, hints=("a",)),
        Record(60, 4, "#"), Dial("+1202"), Dial("sip:a@b"), Hangup(),
    )  # fmt: skip
    for element in ET.fromstring(render(everything, NEXT, recording_url=NEWS)).iter():
        if element.tag == "Response":
            continue
        known = set(inspect.signature(METHODS[element.tag.capitalize()]).parameters)
        assert {snake(name) for name in element.attrib} <= known, element.tag
