import contextlib
import inspect
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.twiml import voice_response

from phone.errors import CarrierError
from phone.schema import NOUNS, SSML, VERBS
from phone.twiml import read_reply, read_twiml
from phone.verbs import Dial, Enqueue, Gather, Hangup, Noun, Pause, Play, Record, Redirect, Reject, Say

XML = "text/xml; charset=utf-8"


def read(verbs):
    return read_twiml(f"<Response>{verbs}</Response>".encode())


def complaint_of(reader, *given):
    with pytest.raises(CarrierError) as refused:
        reader(*given)
    return refused.value.code


@pytest.mark.parametrize(
    ("verbs", "value"),
    [
        ("<Say>Goodbye.</Say>", Say("Goodbye.")),
        ("<Say voice='Polly.Lupe' language='es-US' loop='2'>Adiós</Say>", Say("Adiós", "Polly.Lupe", "es-US", 2)),
        ("<Say>One <break time='1s'/> <prosody rate='80%'>two</prosody>.</Say>", Say("One two.")),
        ("<Play loop='0'> https://a.example/hello.wav </Play>", Play("https://a.example/hello.wav", 0)),
        ("<Play digits='wW1#'/>", Play(digits="wW1#")),
        ("<Pause length='4'/>", Pause(4)),
        ("<Gather/>", Gather()),
        (
            "<Gather numDigits='1' finishOnKey='' timeout='2' action='/v/1?a=1&amp;b=2' method='GET' "
            "actionOnEmptyResult='true' input='dtmf speech' speechTimeout='auto' hints='yes,no'>"
            "<Say>Yes?</Say><Pause length='4'/></Gather>",
            Gather((Say("Yes?"), Pause(4)), "/v/1?a=1&b=2", "GET", "dtmf speech", 2, 1, "", True),
        ),
        ("<Record/>", Record()),
        (
            "<Record action='/v/2' maxLength='90' timeout='4' finishOnKey='#' playBeep='false' trim='do-not-trim' "
            "recordingStatusCallback='/v/rec' recordingStatusCallbackEvent='completed absent'/>",
            Record("/v/2", "POST", 4, "#", 90, False, "do-not-trim", "/v/rec", "POST", ("completed", "absent")),
        ),
        ("<Redirect>\n  /v/3\n</Redirect>", Redirect("/v/3")),
        ("<Dial action='/v/4'>+12025550111</Dial>", Dial((Noun("Number", "+12025550111"),), "/v/4")),
        (
            "<Dial hangupOnStar='true'><Number>+12025550111</Number><Sip>sip:a@b.example?x-id=7</Sip></Dial>",
            Dial((Noun("Number", "+12025550111"), Noun("Sip", "sip:a@b.example?x-id=7")), hangup_on_star=True),
        ),
        ("<Enqueue action='/v/5'>support</Enqueue>", Enqueue("support", "/v/5")),
        ("<Hangup/>", Hangup()),
        ("<Reject reason='busy'/>", Reject("busy")),
    ],
)
def test_each_verb_is_read_with_the_carriers_defaults(verbs, value):
    assert read(verbs) == (value,)


def test_verbs_come_in_their_order_and_comments_do_not_count():
    assert read("<!-- goodbye --><Say>Bye.</Say>\n<Hangup/>") == (Say("Bye."), Hangup())


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ("<Shout>Hello</Shout>", 12200),
        ("<say>Hello</say>", 12200),
        ("Hello", 12200),
        ("<Say shout='yes'>Hello</Say>", 12200),
        ("<Say Voice='man'>Hello</Say>", 12200),
        ("<Say><Pause/></Say>", 12200),
        ("<Say><break size='1s'/>x</Say>", 12200),
        ("<Hangup>now</Hangup>", 12200),
        ("<Hangup after='1'/>", 12200),
        ("<Pause><Say>x</Say></Pause>", 12200),
        ("<Redirect><Number>1</Number></Redirect>", 12200),
        ("<Record><Say>x</Say></Record>", 12200),
        ("<Gather>Press 1</Gather>", 12200),
        ("<Gather input='keys'/>", 12200),
        ("<Gather><Record/></Gather>", 13320),
        ("<Gather><Redirect>/x</Redirect></Gather>", 13320),
        ("<Gather finishOnKey='##'/>", 13310),
        ("<Gather method='PUT'/>", 13312),
        ("<Gather timeout='0'/>", 13313),
        ("<Gather timeout='2.5'/>", 13313),
        ("<Gather numDigits='0'/>", 13314),
        ("<Gather actionOnEmptyResult='yes'/>", 13338),
        ("<Gather action='ftp://x'/>", 11100),
        ("<Play loop='-1'>/x.wav</Play>", 13410),
        ("<Play digits='5x'/>", 13430),
        ("<Play/>", 11100),
        ("<Say loop='many'>x</Say>", 13510),
        ("<Say voice='Joanna'>x</Say>", 13511),
        ("<Say language='English'>x</Say>", 13512),
        ("<Say voice='Polly.Joanna-Neural' language='es-US'>x</Say>", 13512),
        ("<Say voice='Google.es-US-Standard-A' language='en-US'>x</Say>", 13512),
        ("<Say> </Say>", 13520),
        (f"<Say>{'x' * 4097}</Say>", 13521),
        (f"<Say voice='Polly.Joanna'>{'x' * 3001}</Say>", 13521),
        (f"<Say voice='Google.en-US-Standard-A'>{'é' * 800}</Say>", 13521),
        ("<Record method='PUT'/>", 13610),
        ("<Record timeout='-1'/>", 13611),
        ("<Record maxLength='1'/>", 13612),
        ("<Record maxLength='14401'/>", 13612),
        ("<Record finishOnKey='pound'/>", 13613),
        ("<Record transcribe='maybe'/>", 13614),
        ("<Record playBeep='no'/>", 13616),
        ("<Record trim='yes'/>", 13699),
        ("<Record recordingStatusCallback='mailto:a@b'/>", 13256),
        ("<Record recordingStatusCallbackEvent='finished'/>", 12200),
        ("<Redirect method='get'>/x</Redirect>", 13710),
        ("<Redirect/>", 11100),
        ("<Redirect>https://my_host.example/</Redirect>", 11100),
        ("<Dial><Say>x</Say></Dial>", 13215),
        ("<Dial><Number color='red'>+1</Number></Dial>", 12200),
        ("<Dial timeout='0'>+1</Dial>", 13212),
        ("<Dial record='always'>+1</Dial>", 13217),
        ("<Pause length='0'/>", 13910),
        ("<Reject reason='tired'/>", 12200),
    ],
)
def test_what_twiml_does_not_have_is_refused_with_the_carriers_code(verbs, code):
    assert complaint_of(read, verbs) == code


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"<Response><Say>Hello</Response>", 12100),
        (b"<Response><Say>this & that</Say></Response>", 12100),
        (b"<Response/><Response/>", 12100),
        (b'<?xml version="1.0" encoding="klingon"?><Response/>', 12100),
        (b'<?xml version="1.1"?><Response/>', 12101),
        (b"<html/>", 12102),
        (b"<response/>", 12102),
        (b"<Response version='1'/>", 12200),
    ],
)
def test_what_is_no_document_is_refused_with_the_carriers_code(document, code):
    assert complaint_of(read_twiml, document) == code


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "text/html; charset=utf-8", "TEXT/XML"])
def test_three_types_are_taken_for_documents(content_type):
    assert read_reply(b"<Response><Hangup/></Response>", content_type) == (Hangup(),)


def test_plain_text_is_a_document_or_read_aloud_and_sound_is_played():
    assert read_reply(b"<Response><Hangup/></Response>", "text/plain") == (Hangup(),)
    assert read_reply(b"Hello.\n", "text/plain") == (Say("Hello."),)
    assert read_reply(b"RIFF", "audio/wav") == (Play(),)


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"<Response/>", "", 12300),
        (b"<Response/>", "application/json", 12300),
        (b"", XML, 11770),
        (b" \n", XML, 11770),
        (b"<Response>" + b" " * 65537 + b"</Response>", XML, 11750),
        (b"<Response>" + b"<Pause/>" * 8100 + b"</Response>", XML, None),
    ],
)
def test_the_reply_must_have_a_type_a_body_and_a_measure(body, content_type, code):
    if code is None:
        assert len(read_reply(body, content_type)) == 8100
    else:
        assert complaint_of(read_reply, body, content_type) == code


def attributes_in_sdk(method):
    """The carrier's SDK names attributes in Python's way; those of content are left out."""
    content = {"self", "kwargs", "message", "url", "number", "name", "words", "phone_number", "sip_url", "identity"}
    names = [name for name in inspect.signature(method).parameters if name not in content]
    return {re.sub("_(.)", lambda letter: letter[1].upper(), name) for name in names}


@pytest.mark.parametrize("verb", VERBS)
def test_the_attributes_of_a_verb_are_those_of_the_carriers_sdk(verb):
    assert set(VERBS[verb].attributes) == attributes_in_sdk(getattr(voice_response.VoiceResponse, verb.lower()))


@pytest.mark.parametrize("noun", NOUNS)
def test_the_attributes_of_a_noun_are_those_of_the_carriers_sdk(noun):
    # `url` of Number, Sip, Client and Queue is an attribute, and the SDK's name for it as well.
    assert set(NOUNS[noun]) - {"url"} == attributes_in_sdk(getattr(voice_response.Dial, noun.lower()))


@pytest.mark.parametrize("mark", SSML)
def test_the_attributes_of_speech_marks_are_those_of_the_carriers_sdk(mark):
    method = getattr(voice_response.Say, {"break": "break_"}.get(mark, mark.replace("-", "_")))
    named = {name.replace(":", "").replace("-", "").lower() for name in SSML[mark]}
    assert named == {name.lower() for name in attributes_in_sdk(method)}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines may be slow
@given(st.text())
def test_no_text_at_all_breaks_the_reader(text):
    for body in (text, f"<Response>{text}</Response>"):
        with contextlib.suppress(CarrierError):
            read_reply(body.encode(), XML)
