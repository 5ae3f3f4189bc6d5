import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from phone.signature import message_url, sign, voice_url

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "To": "+18005551212"}
FROM_09 = {**CALL, "From": "+14158675309", "Caller": "+14158675309"}
FROM_10 = {**CALL, "From": "+14158675310", "Caller": "+14158675310"}
BODY = '{"property": "value", "boolean": true}'
BODY_SHA256 = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (URL, FROM_09, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", FROM_09, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", FROM_09, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", FROM_09, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://example.com/myapp.php?foo=1&bar=2", FROM_10, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (f"{URL}&bodySHA256={BODY_SHA256}", {}, "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
def test_signatures_are_those_of_the_carriers_own_examples(url, form, signature):
    assert sign(TOKEN, url, form.items()) == signature


def test_a_name_that_comes_several_times_counts_each_different_value_once():
    form = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]

    assert sign(TOKEN, URL, form) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


def test_the_example_with_a_body_is_signed_by_its_hash():
    assert hashlib.sha256(BODY.encode()).hexdigest() == BODY_SHA256


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines may be slow
@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_any_form_is_signed_as_the_carriers_sdk_checks_it(form):
    # The SDK sorts by code point and we by byte; for UTF-8 that is the same order.
    assert sign(TOKEN, URL, form) == RequestValidator(TOKEN).compute_signature(URL, MultiDict(form))


@pytest.mark.parametrize(
    ("url", "voice", "message"),
    [
        ("https://user:pw@a.example:8443/v?x=1#rc=2", "https://a.example/v?x=1", "https://a.example:8443/v?x=1"),
        ("http://user:pw@a.example:8080/v", "http://a.example:8080/v", "http://a.example:8080/v"),
        ("https://A.example/v%2Fw?x=%20+y", "https://A.example/v%2Fw?x=%20+y", "https://A.example/v%2Fw?x=%20+y"),
        ("https://[2001:db8::1]:8443/v", "https://[2001:db8::1]/v", "https://[2001:db8::1]:8443/v"),
        ("https://[2001:db8::1]/v", "https://[2001:db8::1]/v", "https://[2001:db8::1]/v"),
    ],
)
def test_what_of_an_address_is_signed(url, voice, message):
    assert voice_url(url) == voice
    assert message_url(url) == message
