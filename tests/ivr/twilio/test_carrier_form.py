"""What the carrier's form says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ivr.call import Digits, HungUp, Recorded, Returned, Silence, Speech
from ivr.twilio import form
from ivr.twilio.form import RecordingNews, read_context, read_input, read_number, read_recording, read_seconds

RE = "RE" + "a1" * 16


@pytest.mark.parametrize(
    ("params", "heard"),
    [
        ({}, Silence()),
        ({"Digits": ""}, Silence()),
        ({"Digits": "#"}, Silence()),
        ({"Digits": "1", "msg": "Gather End", "FinishedOnKey": ""}, Digits("1")),
        ({"Digits": "10#"}, Digits("10")),
        ({"Digits": "*"}, Digits("*")),
        ({"Digits": "0"}, Digits("0")),
        ({"Digits": "1", "CallStatus": "in-progress", "Unheard": "of"}, Digits("1")),
        ({"SpeechResult": "yes please", "Confidence": "0.91"}, Speech("yes please", 0.91)),
        ({"SpeechResult": "yes"}, Speech("yes", None)),
        ({"SpeechResult": "yes", "Confidence": "nan"}, Speech("yes", None)),
        ({"RecordingSid": RE, "RecordingDuration": "12", "Digits": "#"}, Recorded(RE, 12.0, "#")),
        ({"RecordingSid": RE, "RecordingDuration": "12"}, Recorded(RE, 12.0, "")),
        ({"RecordingSid": RE, "RecordingDuration": "0", "Digits": ""}, Recorded(RE, 0.0, "")),
        ({"RecordingUrl": f"https://api.twilio.com/Recordings/{RE}", "RecordingDuration": "3"}, Recorded(RE, 3.0, "")),
        ({"RecordingUrl": "http://elsewhere/", "RecordingDuration": "3"}, Recorded(None, 0.0, "")),
        ({"RecordingSid": RE, "RecordingDuration": "soon"}, Recorded(RE, 1.0, "")),
        (
            {"RecordingSid": RE, "RecordingDuration": "12", "Digits": "hangup", "CallStatus": "completed"},
            Recorded(RE, 12.0, "hangup"),
        ),
        (
            {"RecordingSid": RE, "RecordingDuration": "12", "Digits": "#", "CallStatus": "completed"},
            Recorded(RE, 12.0, "hangup"),
        ),
        ({"Digits": "hangup", "CallStatus": "completed"}, Recorded(None, 0.0, "hangup")),
        ({"DialCallStatus": "completed", "DialCallDuration": "61"}, Returned("completed", 61.0)),
        ({"DialCallStatus": "no-answer"}, Returned("no-answer", 0.0)),
        ({"DialCallStatus": "completed", "CallStatus": "completed"}, HungUp()),
        ({"CallStatus": "completed"}, HungUp()),
    ],
)
def test_a_request_to_a_turn_is_heard_as(params, heard):
    assert read_input(params) == heard


def test_a_thousand_keys_are_bounded():
    heard = read_input({"Digits": "1" * 1000})
    assert isinstance(heard, Digits)
    assert len(heard.keys) == form.MAX_KEYS


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "Digits",
                "RecordingSid",
                "RecordingDuration",
                "CallStatus",
                "DialCallStatus",
                "DialCallDuration",
                "SpeechResult",
                "Confidence",
                "RecordingUrl",
                "RecordingStatus",
                "ErrorCode",
                "CallDuration",
            ]
        ),
        st.text(),
    )
)
def test_any_form_is_heard_as_something(params):
    read_input(params)
    read_recording(params)
    read_seconds(params)


# Recordings and numbers


@pytest.mark.parametrize(
    ("params", "news"),
    [
        ({"RecordingStatus": "completed", "RecordingSid": RE, "RecordingDuration": "12", "ErrorCode": "0"},
         RecordingNews(RE, "completed", 12.0)),
        ({"RecordingStatus": "absent", "RecordingSid": RE, "ErrorCode": "16101"},
         RecordingNews(RE, "absent", 0.0, "too short")),
        ({"RecordingStatus": "absent", "RecordingSid": RE, "ErrorCode": "16102"},
         RecordingNews(RE, "absent", 0.0, "silent")),
        ({"RecordingStatus": "absent"}, RecordingNews(None, "absent", 0.0, "nothing was recorded")),
        ({"RecordingStatus": "failed", "RecordingSid": RE, "ErrorCode": "16105"},
         RecordingNews(RE, "failed", None, "the carrier failed, error 16105")),
        ({"RecordingStatus": "in-progress", "RecordingSid": RE}, None),
        ({"RecordingStatus": "completed", "RecordingSid": "RE/../../etc"}, None),
    ],
)  # fmt: skip
def test_news_of_a_recording(params, news):
    assert read_recording(params) == news


@pytest.mark.parametrize("withheld", ["anonymous", "Anonymous", "unknown", "RESTRICTED", "+266696687", "266696687",
                                      "+7378742883", "+2562533", "+8656696", "+86282452253", "", None,
                                      "sip:anonymous@anonymous.invalid"])  # fmt: skip
def test_a_withheld_number_is_none(withheld):
    assert read_number(withheld) is None


@pytest.mark.parametrize("number", ["+12025550199", "sip:nora@harbor.example", "client:nora"])
def test_a_number_is_kept(number):
    assert read_number(number) == number


def test_the_line_time_comes_from_the_status_callback():
    assert read_seconds({"CallDuration": "49", "Duration": "1"}) == 49
    assert read_seconds({}) is None


# Context


def test_query_comes_before_form_before_sip_header():
    context, problems = read_context(
        MultiDict([("agent", "from the query")]),
        MultiDict([("agent", "from the form"), ("group", "billing"), ("SipHeader_X-Group", "sales"),
                   ("SipHeader_X-Ticket", "88213")]),
    )  # fmt: skip
    assert context == {"agent": "from the query", "group": "billing", "ticket": "88213"}
    assert problems == ()


def test_header_names_match_without_case_and_a_dash_is_an_underscore():
    context, _ = read_context({}, {"sipheader_X-AGENT-Name": "Sam Reyes", "SipHeader_X-call_key": "k1"})
    assert context == {"agent_name": "Sam Reyes", "call_key": "k1"}


def test_names_that_begin_with_a_capital_are_the_carriers():
    carriers = {"CallSid": "CA1", "Digits": "1", "Agent": "no", "SipHeader_User-to-User": "no"}
    ours = {"agent": "a7", "campaign": "spring"}
    assert read_context({"bodySHA256": "0a"}, {**carriers, **ours, "msg": "Gather End"})[0] == ours


def test_empty_values_and_control_characters_are_dropped():
    context, _ = read_context({"agent": " ", "ticket": "88\x00213\n"}, {"agent": "a7"})
    assert context == {"agent": "a7", "ticket": "88 213"}


def test_too_much_of_it_is_named_as_a_problem():
    context, problems = read_context({"note": "x" * 5000}, {f"field{n}": "y" for n in range(100)})
    assert len(context["note"]) == form.MAX_VALUE
    assert len(context) == form.MAX_FIELDS
    assert problems[0] == "note is cut at 1000 characters"
    assert "field99 is left out" in problems[-1]
