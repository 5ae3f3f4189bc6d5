import re
from datetime import UTC, datetime

import pytest
from werkzeug.wrappers import Response

from phone import audio
from phone.carrier import Route
from phone.errors import PhoneMisused
from phone.line import ANONYMOUS

STATUS = "/voice/status"


def test_a_call_comes_in_with_what_the_carrier_knows(phone, app, carrier):
    app.says("/voice/q", "<Say>Hello.</Say>")

    caller = phone.takes("q")

    [first] = app.asked
    assert first.method == "POST"
    assert first.signed
    expected = {
        "AccountSid": carrier.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": caller.call_sid,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": "+12025550199",
        "Caller": "+12025550199",
        "To": "+12025550100",
        "Called": "+12025550100",
    }
    assert {name: first[name] for name in expected} == expected
    assert re.fullmatch("CA[0-9a-f]{32}", caller.call_sid)
    assert (first["FromCountry"], first["FromCity"]) == ("US", "")


def test_requests_have_the_carriers_headers_and_each_a_token_of_its_own(phone, app):
    app.says("/voice/q", "<Redirect>/voice/q2</Redirect>")
    app.says("/voice/q2", "<Say>Hello.</Say>")

    phone.takes("q")

    first, second = app.asked
    assert first.headers["User-Agent"] == "TwilioProxy/1.1"
    assert first.headers["Accept"] == "*/*"
    assert first.headers["X-Home-Region"] == "us1"
    assert first.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    tokens = [asked.headers["I-Twilio-Idempotency-Token"] for asked in (first, second)]
    assert all(re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token) for token in tokens)
    assert tokens[0] != tokens[1]


def test_the_first_request_may_be_a_get(phone_with, app):
    app.says("/voice/q", "<Say>Hello.</Say>")

    phone_with(method="GET").takes("q", agent="a7")

    [first] = app.asked
    assert (first.method, first.signed) == ("GET", True)
    assert next(iter(first.query)) == "agent"
    assert first.query["CallStatus"] == "ringing"


@pytest.mark.parametrize(
    ("by", "name"), [("query", "agent_name"), ("form", "agent_name"), ("sip", "SipHeader_X-Agent-Name")]
)
def test_what_the_contact_centre_knows_comes_along(phone, app, by, name):
    app.says("/voice/q", "<Say>Hello.</Say><Redirect>/voice/q2</Redirect>")
    app.says("/voice/q2", "<Say>Goodbye.</Say>")

    phone.takes("q", by=by, agent_name="Sam & Söhne").is_hung_up_on()

    first, second = app.to("/voice/q")[0], app.to("/voice/q2")[0]
    assert first[name] == "Sam & Söhne"
    assert first.signed
    assert name not in second
    assert first["From"].startswith("sip:" if by == "sip" else "+")


def test_a_caller_may_withhold_the_number(phone, app):
    app.says("/voice/q", "<Say>Hello.</Say>")

    phone.takes("q", caller=ANONYMOUS)
    phone.takes("q", caller="anonymous")

    keypad, word = app.asked
    assert (keypad["From"], keypad["FromCountry"]) == ("+266696687", "LS")
    assert (word["From"], "FromCountry" in word) == ("anonymous", False)


def test_parameters_may_come_that_nobody_has_announced(phone_with, app):
    app.says("/voice/q", "<Say>Hello.</Say>")

    phone_with(extra={"StirVerstat": "TN-Validation-Passed-A", "Empty": ""}).takes("q")

    [first] = app.asked
    assert (first["StirVerstat"], first["Empty"], first.signed) == ("TN-Validation-Passed-A", "", True)


def test_a_redirect_leaves_the_call_ringing_and_speech_answers_it(phone, app):
    app.says("/voice/q", "<Redirect method='GET'>q2?x=1</Redirect>")
    app.says("/voice/q2", "<Say>Hello.</Say><Redirect>/voice/q3</Redirect>")
    app.says("/voice/q3", "<Say>Goodbye.</Say>")

    phone.takes("q").is_hung_up_on()

    statuses = [(asked.method, asked.path, asked["CallStatus"]) for asked in app.asked]
    assert statuses == [
        ("POST", "/voice/q", "ringing"),
        ("GET", "/voice/q2", "ringing"),
        ("POST", "/voice/q3", "in-progress"),
        ("POST", STATUS, "completed"),
    ]
    assert app.to("/voice/q2")[0].query["x"] == "1"


def test_a_rejected_call_is_never_answered(phone, app):
    app.says("/voice/q", "<Reject reason='busy'/>")

    phone.takes("q").is_hung_up_on()

    [end] = app.to(STATUS)
    assert (end["CallStatus"], end["CallDuration"], end["SipResponseCode"]) == ("busy", "0", "486")


def test_the_end_of_a_call_is_told_with_its_length(phone, app):
    app.says("/voice/q", "<Say>Hello.</Say><Pause length='60'/>")

    phone.takes("q").waits(49).hangs_up()

    [end] = app.to(STATUS)
    told = {name: end[name] for name in ("CallStatus", "CallDuration", "Duration", "SequenceNumber", "CallbackSource")}
    assert told == {
        "CallStatus": "completed",
        "CallDuration": "49",
        "Duration": "1",
        "SequenceNumber": "0",
        "CallbackSource": "call-progress-events",
    }
    assert datetime.strptime(end["Timestamp"], "%a, %d %b %Y %H:%M:%S %z").tzinfo == UTC
    assert end.signed


def test_a_caller_may_hang_up_in_any_prompt(phone, app):
    app.says("/voice/q", "<Say>One.</Say><Say>Two.</Say><Redirect>/voice/q2</Redirect>")
    app.says("/voice/q2", "<Say>Three.</Say>")

    for words, paths in [("one", ["q", "status"]), ("two", ["q", "status"]), ("three", ["q", "q2", "status"])]:
        app.asked.clear()
        phone.takes("q").hears(words).hangs_up()
        assert app.paths == [f"/voice/{path}" for path in paths]


def test_every_request_may_come_twice_in_the_same_letters(phone_with, app):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'/>")
    app.says("/voice/a", "<Say>Goodbye.</Say>")

    phone_with(repeats_requests=True).takes("q").presses("1").is_hung_up_on()

    assert app.paths == ["/voice/q"] * 2 + ["/voice/a"] * 2 + [STATUS] * 2
    assert all(first == second for first, second in zip(app.asked[::2], app.asked[1::2], strict=True))


def test_any_request_can_be_sent_once_more_later(phone, app):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'/>")
    app.says("/voice/a", "<Say>Goodbye.</Say>")
    caller = phone.takes("q").presses("1").is_hung_up_on()

    reply = caller.call.requests.send_again(caller.call.requests.log[1])

    assert b"Goodbye." in reply.body
    assert app.asked[-1] == app.to("/voice/a")[0]


def test_cookies_are_kept_for_the_length_of_a_call(phone, app):
    app.says("/voice/q", "<Redirect>/voice/q2</Redirect>", Set_Cookie="seat=7; Path=/")
    app.says("/voice/q2", "<Say>Hello.</Say>")

    phone.takes("q").hangs_up()
    phone.takes("q")

    assert [asked.headers.get("Cookie") for asked in app.asked] == [None, "seat=7", "seat=7", None, "seat=7"]


# What is played


def test_a_file_is_fetched_and_heard(phone, app):
    app.says("/voice/q", "<Play>/audio/hello.wav</Play><Play digits='12'/>")
    app.does("/audio/hello.wav", lambda: wav_response(3))

    caller = phone.takes("q").hears("hello.wav").is_hung_up_on()

    assert [(line.text, line.at_s) for line in caller.call.lines if line.kind == "play"] == [
        ("hello.wav", 0),
        ("the keys 12", 3),
    ]
    [fetched] = app.to("/audio/hello.wav")
    assert fetched.method == "GET"
    assert "X-Twilio-Signature" not in fetched.headers


def test_the_files_of_a_gather_are_fetched_before_it_begins(phone, app):
    app.says("/voice/q", "<Gather><Play>/audio/one.wav</Play><Play>/audio/two.wav</Play></Gather>")
    app.does("/audio/one.wav", lambda: wav_response(3)).does("/audio/two.wav", lambda: wav_response(3))

    phone.takes("q")

    assert app.paths == ["/voice/q", "/audio/one.wav", "/audio/two.wav"]


@pytest.mark.parametrize(
    ("verbs", "content_type", "status", "code"),
    [
        ("<Play>/audio/x</Play>", "text/html", 200, 13420),
        ("<Gather><Play>/audio/x</Play></Gather>", "text/html", 200, 13325),
        ("<Play>/audio/x</Play>", "audio/x-wav", 200, 11200),
        ("<Play>/audio/x</Play>", "audio/mpeg", 404, 11200),
    ],
)
def test_a_file_that_cannot_be_played_is_an_error(phone, app, verbs, content_type, status, code):
    app.says("/voice/q", verbs)
    app.says("/audio/x", "<h1>No</h1>", status=status, content_type=content_type)

    caller = phone.takes("q", forgiving=True).hears("something went wrong")

    assert [error.code for error in caller.call.errors] == [code]


# What goes wrong


@pytest.mark.parametrize(
    ("status", "content_type", "body", "code"),
    [
        (500, "text/xml", "", 11200),
        (403, "text/xml", "", 11200),
        (302, "text/xml", "", 11200),
        (200, "application/json", "{}", 12300),
        (200, "text/xml", "<Shout/>", 12200),
    ],
)
def test_a_document_that_cannot_be_had_leads_to_the_fallback(phone, app, status, content_type, body, code):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a?turn=1'/>")
    app.says("/voice/a", body, status=status, content_type=content_type, Location="/voice/b")

    caller = phone.takes("q", forgiving=True).presses("1").hears("something went wrong").is_hung_up_on()

    [fallback] = app.to("/voice/fallback")
    assert (fallback["ErrorCode"], fallback["Digits"]) == (str(code), "1")
    assert fallback["ErrorUrl"] == "https://survey.harbor.example/voice/a?turn=1"
    assert fallback["CallSid"] == caller.call_sid
    assert [error.code for error in caller.call.errors] == [code]


def test_without_a_fallback_the_caller_hears_that_the_carrier_is_sorry(phone, app):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'/>")
    route = Route(voice_url="https://survey.harbor.example/voice/q")

    caller = phone.calls(route, forgiving=True).presses("1").hears("an application error has occurred")

    assert caller.call.record.status == "completed"


def test_a_fallback_that_fails_is_not_asked_again(phone, app):
    app.says("/voice/q", "", status=500)
    route = Route(
        voice_url="https://survey.harbor.example/voice/q", fallback_url="https://survey.harbor.example/voice/nothing"
    )

    caller = phone.calls(route, forgiving=True)

    assert [error.code for error in caller.call.errors] == [11200, 11200]
    assert caller.call.record.status == "failed"


def test_a_fallback_with_a_bad_document_is_not_asked_again(phone, app):
    app.says("/voice/q", "", status=500)
    app.says("/voice/bad", "<Say>Sorry.</Say><Play>/audio/none.wav</Play>")
    base = "https://survey.harbor.example/voice"

    caller = phone.calls(Route(voice_url=f"{base}/q", fallback_url=f"{base}/bad"), forgiving=True).is_hung_up_on()

    assert app.paths == ["/voice/q", "/voice/bad", "/audio/none.wav"]
    assert caller.heard == ["Sorry.", "We are sorry, an application error has occurred. Goodbye."]


def test_the_carrier_follows_a_redirect_without_the_parameters(phone_with, app):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/a'/>")
    app.says("/voice/a", "", status=307, Location="/voice/a/")
    app.says("/voice/a/", "<Say>Who are you?</Say>")

    phone_with(follows_redirects=True).takes("q").presses("1").hears("who are you")

    [landed] = app.to("/voice/a/")
    assert (landed.method, landed.form, landed.signed) == ("GET", {}, True)


def test_the_carrier_follows_ten_redirects(phone_with, app):
    app.says("/voice/q", "", status=302, Location="/voice/q")

    caller = phone_with(follows_redirects=True).takes("q", forgiving=True)

    assert [error.code for error in caller.call.errors] == [11215]
    assert len(app.to("/voice/q")) == 11


def test_a_password_is_given_only_when_it_is_asked_for(phone, app):
    app.says("/voice/q", "", status=401, WWW_Authenticate='Basic realm="survey"')
    app.says("/voice/q", "<Say>Hello.</Say>")
    route = Route(voice_url="https://nora:secret@survey.harbor.example/voice/q")

    phone.calls(route).hears("hello")

    first, second = app.to("/voice/q")
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"] == "Basic bm9yYTpzZWNyZXQ="
    assert (first.signed, second.signed) == (True, True)


def test_documents_that_go_in_circles_are_stopped(phone, app):
    app.says("/voice/q", "<Say>Please hold.</Say><Redirect>/voice/q</Redirect>")

    caller = phone.takes("q", forgiving=True).is_hung_up_on()

    assert caller.call.errors[0].code == 12400
    assert len(app.to("/voice/q")) == 50


@pytest.mark.parametrize(
    ("status", "content_type", "body", "fine"),
    [
        (204, "text/xml", "", True),
        (200, "text/xml", "", True),
        (200, "text/xml", "<Say>Hello.</Say>", False),
        (200, "application/json", "{}", False),
        (500, "text/xml", "", False),
    ],
)
def test_a_callback_is_answered_with_nothing(phone, app, status, content_type, body, fine):
    app.says("/voice/q", "<Say>Hello.</Say>").says("/voice/end", body, status=status, content_type=content_type)
    base = "https://survey.harbor.example/voice"
    route = Route(voice_url=f"{base}/q", status_callback=f"{base}/end")

    caller = phone.calls(route, forgiving=True).hangs_up()

    assert (caller.call.errors == []) == fine


# Somebody else on the line


def test_after_a_dial_the_call_comes_back(phone_with, app):
    app.says("/voice/q", "<Dial action='/voice/back' timeout='20'>+12025550111</Dial>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    phone_with(dial_s=42).takes("q").hears("how was it")

    [back] = app.to("/voice/back")
    assert (back["DialCallStatus"], back["DialCallDuration"], back["DialBridged"]) == ("completed", "42", "true")
    assert (back["CallStatus"], back["DialCallSid"][:2]) == ("in-progress", "CA")


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_dial_may_reach_nobody(phone_with, app, status):
    app.says("/voice/q", "<Dial action='/voice/back' timeout='20'>+12025550111</Dial>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    caller = phone_with(dial_status=status).takes("q").hears("how was it")

    [back] = app.to("/voice/back")
    assert (back["DialCallStatus"], back["DialCallDuration"]) == (status, "0")
    assert caller.call.lines[-1].at_s == 20


def test_a_dial_without_an_action_goes_on_below(phone, app):
    app.says("/voice/q", "<Dial>+12025550111</Dial><Say>How was it?</Say>")

    phone.takes("q").hears("how was it")

    assert app.paths == ["/voice/q"]


def test_a_conference_tells_neither_sid_nor_length(phone, app):
    app.says("/voice/q", "<Dial action='/voice/back'><Conference>room 1</Conference></Dial>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    phone.takes("q").hears("how was it")

    [back] = app.to("/voice/back")
    assert (back["DialCallStatus"], "DialCallSid" in back, "DialCallDuration" in back) == ("answered", False, False)


def test_a_caller_may_leave_the_agent_with_star(phone_with, app):
    app.says("/voice/q", "<Dial action='/voice/back' hangupOnStar='true'>+12025550111</Dial>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    phone_with(dial_s=600).takes("q").waits(30).presses_at_once("5").presses_at_once("*").hears("how was it")

    [back] = app.to("/voice/back")
    assert back["DialCallDuration"] == "30"


@pytest.mark.parametrize(
    ("manners", "paths"),
    [
        ({}, ["back", "status"]),
        ({"hangup_order": "status_first"}, ["status", "back"]),
        ({"dial_action_on_hangup": False}, ["status"]),
    ],
)
def test_a_caller_may_hang_up_on_the_agent(phone_with, app, manners, paths):
    app.says("/voice/q", "<Dial action='/voice/back'>+12025550111</Dial>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    phone_with(**manners).takes("q").waits(10).hangs_up()

    assert app.paths == ["/voice/q", *(f"/voice/{path}" for path in paths)]
    assert all(asked["CallStatus"] == "completed" for asked in app.asked[1:])


def test_a_call_comes_back_from_a_queue(phone, app):
    app.says("/voice/q", "<Enqueue action='/voice/back'>support</Enqueue>")
    app.says("/voice/back", "<Say>How was it?</Say>")

    phone.takes("q").hears("how was it")

    [back] = app.to("/voice/back")
    assert (back["QueueResult"], back["QueueTime"], back["QueueSid"][:2]) == ("bridged", "60", "QU")


# What nobody can do


def test_a_call_that_is_over_can_do_nothing_more(phone, app):
    app.says("/voice/q", "<Say>Goodbye.</Say>")
    caller = phone.takes("q").is_hung_up_on()

    with pytest.raises(PhoneMisused, match="the call is over"):
        caller.call.press("1")


def test_a_telephone_has_twelve_keys(phone, app):
    app.says("/voice/q", "<Gather/>")

    with pytest.raises(PhoneMisused, match="cannot be pressed"):
        phone.takes("q").presses("yes")


def wav_response(seconds):
    return Response(audio.wav(audio.murmur(seconds)), 200, {"Content-Type": "audio/x-wav"})
