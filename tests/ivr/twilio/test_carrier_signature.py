"""Signatures: the vectors of the carrier's documentation, and agreement with its own library."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.twilio.signature import holds

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
OTHER_CALLER = [(name, "+14158675310" if name in {"Caller", "From"} else value) for name, value in FORM]
REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
BODY = b'{"property": "value", "boolean": true}'
HASHED = f"{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"

VECTORS = {
    "form": (URL, FORM, b"", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "https with its port": (URL.replace(".com/", ".com:443/"), FORM, b"", "kvajT1Ptam85bY51eRf/AJRuM3w="),
    "http with its port": ("http://mycompany.com:80/myapp.php?foo=1&bar=2", FORM, b"", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    "another port": ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", FORM, b"", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    "documentation": (URL.replace("mycompany", "example"), OTHER_CALLER, b"", "L/OH5YylLD5NRKLltdqwSvS0BnU="),
    "repeated names": (URL, REPEATED, b"", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    "a body with its hash": (HASHED, [], BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_the_published_vectors_hold(vector):
    url, form, body, signature = vector
    assert holds(url, form, signature, [TOKEN], body)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_nothing_holds_that_was_changed(vector):
    url, form, body, signature = vector
    assert not holds(url + "&more=1", form, signature, [TOKEN], body)
    assert not holds(url, [*form, ("Digits", "9")], signature, [TOKEN], body)
    assert not holds(url, form, signature, ["another token"], body)
    assert not holds(url, form, signature[:-2] + "x=", [TOKEN], body)


def test_a_body_that_was_changed_does_not_hold():
    assert not holds(HASHED, [], "a9nBmqA0ju/hNViExpshrM61xv4=", [TOKEN], BODY + b" ")


def test_https_holds_with_and_without_its_port():
    without_port, with_port = "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="
    for url in (URL, URL.replace(".com/", ".com:443/")):
        assert holds(url, FORM, without_port, [TOKEN])
        assert holds(url, FORM, with_port, [TOKEN])


def test_user_and_password_are_no_part_of_what_is_signed():
    assert holds(URL.replace("://", "://nora:secret@"), FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", [TOKEN])


def test_either_token_holds_during_a_rotation():
    signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert holds(URL, FORM, signature, ["the next token", TOKEN])
    assert not holds(URL, FORM, signature, [])


@pytest.mark.parametrize("signature", ["", "ü", "\ud800", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "x" * 10_000])
def test_a_signature_that_is_none_does_not_hold(signature):
    assert not holds(URL, FORM, signature, [TOKEN])


def test_an_empty_value_counts():
    signed = RequestValidator(TOKEN).compute_signature(URL, {"Digits": "", "To": "+1"})
    assert holds(URL, [("To", "+1"), ("Digits", "")], signed, [TOKEN])
    assert not holds(URL, [("To", "+1")], signed, [TOKEN])


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
forms = st.lists(st.tuples(names, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), max_size=12)
query_names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
queries = st.lists(st.tuples(query_names, st.from_regex(r"[A-Za-z0-9%+.-]{0,9}", fullmatch=True)))
addresses = st.builds(
    lambda scheme, port, path, query: (
        f"{scheme}://voice.harbor.example{port}/voice/{path}"
        + ("?" if query else "")
        + "&".join(f"{name}={value}" for name, value in query)
    ),
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", ":80", ":443", ":8443"]),
    st.from_regex(r"[a-z0-9/-]{0,20}", fullmatch=True),
    queries,
)


@given(url=addresses, form=forms, token=names, with_port=st.booleans())
def test_we_agree_with_the_carriers_own_library(url, form, token, with_port):
    theirs = RequestValidator(token)
    fields = MultiDict(form)
    host = url.split("/")[2]
    default = ":443" if url.startswith("https") else ":80"
    signed_host = (host if ":" in host else host + default) if with_port else host.split(":")[0]
    signature = theirs.compute_signature(url.replace(host, signed_host, 1), fields)
    assert theirs.validate(url, fields, signature)
    assert holds(url, form, signature, ["not this one", token])
    spoiled = signature[:-3] + ("A" if signature[-3] != "A" else "B") + signature[-2:]
    assert theirs.validate(url, fields, spoiled) == holds(url, form, spoiled, [token]) is False


@given(body=st.binary(max_size=200), token=names)
def test_a_body_is_held_to_its_hash(body, token):
    url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(token).compute_signature(url, {})
    assert holds(url, [], signature, [token], body)
    assert not holds(url, [], signature, [token], body + b"!")
