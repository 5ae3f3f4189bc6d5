import pytest

from phone.carrier import Route


@pytest.fixture
def survey(app):
    """Asks for a key, then for a message."""
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/r'><Say>How satisfied are you?</Say></Gather>")
    app.says("/voice/r", "<Say>Tell us what happened.</Say><Record action='/voice/a' finishOnKey='#'/>")
    app.says("/voice/a", "<Say>Thank you.</Say>")


def test_a_whole_call_reads_as_a_telephone_call(phone, survey):
    caller = phone.takes("q", agent="a7")
    caller.hears("How  SATISFIED").presses("1")
    caller.hears("tell us what happened").says(12).presses("#").hears("thank you").is_hung_up_on()

    assert caller.heard == ["How satisfied are you?", "Tell us what happened.", "Thank you."]
    assert caller.transcript == (
        "0:00  line     How satisfied are you?\n"
        "0:01  caller   presses 1\n"
        "0:01  line     Tell us what happened.\n"
        "0:03  line     [beep]\n"
        "0:03  caller   [speaks: 12.0 s]\n"
        "0:15  caller   presses #\n"
        "0:15  line     Thank you.\n"
        "0:15  line     [hangs up]"
    )


def test_what_was_not_heard_fails_with_the_dialogue(phone, survey):
    caller = phone.takes("q")

    with pytest.raises(AssertionError, match='"how happy" was not heard\n0:00  line     How satisfied'):
        caller.hears("how happy")


def test_only_what_is_said_after_the_last_act_counts(phone, survey):
    caller = phone.takes("q").presses("1")

    with pytest.raises(AssertionError, match='"how satisfied" was not heard'):
        caller.hears("how satisfied")


def test_a_line_that_does_not_hang_up_fails(phone, survey):
    with pytest.raises(AssertionError, match="the line did not hang up"):
        phone.takes("q").is_hung_up_on()


def test_a_caller_can_do_nothing_after_the_end(phone, survey):
    with pytest.raises(AssertionError, match="the call is over"):
        phone.takes("q").hangs_up().presses("1")


def test_whatever_the_app_does_wrong_fails_the_call(phone, app):
    app.says("/voice/q", "<Say>Hello.</Say><Shout/>")

    with pytest.raises(AssertionError, match="the carrier complains: 12200 Response cannot hold Shout"):
        phone.takes("q")


def test_a_status_callback_that_fails_fails_the_call(phone, app):
    app.says("/voice/q", "<Say>Hello.</Say>")
    caller = phone.calls(Route("https://a.example/voice/q", status_callback="https://a.example/voice/nothing"))

    with pytest.raises(AssertionError, match="the carrier complains: 11200"):
        caller.hangs_up()


def test_clips_are_found_in_their_folder(carrier, app, phone, survey, tmp_path):
    from phone import audio
    from phone.line import Phone
    from phone.transport import WsgiTransport

    (tmp_path / "two_transfers.wav").write_bytes(audio.wav(audio.murmur(3)))
    phone = Phone(carrier, WsgiTransport(app), "https://survey.harbor.example", clips=tmp_path)

    caller = phone.takes("q").presses("1").says("two_transfers.wav").hangs_up()

    assert "[speaks: two_transfers.wav, 3.0 s]" in caller.transcript


# Calls out


def test_a_call_out_waits_until_it_is_answered(phone, app, carrier, now):
    app.says("/voice/out", "<Gather numDigits='1' action='/voice/a'><Say>Press 1 to take it.</Say></Gather>")
    app.says("/voice/a", "<Say>It is yours.</Say>")
    base = "https://survey.harbor.example/voice"
    events = ("initiated", "ringing", "answered", "completed")
    route = Route(f"{base}/out", status_callback=f"{base}/status", status_events=events)
    record = carrier.open_call("+12025550100", "+12025550111", "outbound-api", route, now)

    phone.answers(record.sid, AnsweredBy="human").hears("press 1").presses("1").hears("yours").is_hung_up_on()

    [first] = app.to("/voice/out")
    told = {name: first[name] for name in ("Direction", "CallStatus", "From", "To", "AnsweredBy")}
    assert told == {
        "Direction": "outbound-api",
        "CallStatus": "in-progress",
        "From": "+12025550100",
        "To": "+12025550111",
        "AnsweredBy": "human",
    }
    statuses = [(asked["SequenceNumber"], asked["CallStatus"]) for asked in app.to("/voice/status")]
    assert statuses == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]


@pytest.mark.parametrize(("status", "sip"), [("busy", "486"), ("no-answer", "487"), ("failed", "500")])
def test_a_call_out_may_ring_in_vain(phone, app, carrier, now, status, sip):
    base = "https://survey.harbor.example/voice"
    route = Route(f"{base}/out", status_callback=f"{base}/status")
    record = carrier.open_call("+12025550100", "+12025550111", "outbound-api", route, now)

    phone.rings_in_vain(record.sid, status)

    [end] = app.asked
    assert (end["CallStatus"], end["SequenceNumber"], end["SipResponseCode"]) == (status, "2", sip)
    assert (end["Duration"], end["CallDuration"]) == ("0", "0")


def test_a_call_out_may_bring_its_document(phone, app, carrier, now):
    route = Route(twiml="<Response><Gather numDigits='1' action='https://survey.harbor.example/voice/a'/></Response>")
    app.says("/voice/a", "<Say>Thank you.</Say>")
    record = carrier.open_call("+12025550100", "+12025550111", "outbound-api", route, now)

    phone.answers(record.sid).presses("1").hears("thank you")


def test_the_addresses_in_such_a_document_must_be_absolute(phone, carrier, now):
    for verb in ("<Gather numDigits='1' action='/voice/a'/>", "<Record/>", "<Redirect>/voice/a</Redirect>"):
        route = Route(twiml=f"<Response>{verb}</Response>")
        record = carrier.open_call("+12025550100", "+12025550111", "outbound-api", route, now)

        caller = phone.answers(record.sid, forgiving=True)
        while not caller.call.over:
            caller.call.key_in("1")

        assert [error.code for error in caller.call.errors] == [11100]


def test_a_document_from_outside_takes_over_a_call(phone, app, survey):
    app.says("/voice/other", "<Say>We have a survey for you.</Say>")
    caller = phone.takes("q").presses("1").says(3)

    caller.call.redirect("https://survey.harbor.example/voice/other")

    caller.hears("we have a survey").is_hung_up_on()
    assert app.to("/voice/a") == []


# Text messages


def test_a_text_message_reaches_the_app(phone, app, carrier):
    app.says("/sms", "")

    phone.texts("Stop ")

    [text] = app.asked
    assert {name: text[name] for name in ("From", "To", "Body", "SmsStatus", "NumMedia")} == {
        "From": "+12025550199",
        "To": "+12025550100",
        "Body": "Stop ",
        "SmsStatus": "received",
        "NumMedia": "0",
    }
    assert text.signed
    assert carrier.is_barred("+12025550100", "+12025550199")
    assert not carrier.is_barred("+12025550101", "+12025550199")


def test_a_start_word_lifts_the_bar(phone, app, carrier):
    app.says("/sms", "")

    phone.texts("STOP")
    phone.texts("start")

    assert not carrier.is_barred("+12025550100", "+12025550199")


def test_the_app_learns_what_became_of_a_message(phone, app, carrier, now):
    app.says("/sms/status", "", status=204)
    url = "https://survey.harbor.example/sms/status"
    message = carrier.take_message("+12025550100", "+12025550111", "P1", url, now)

    phone.reports(message.sid, "undelivered", 30003)

    [report] = app.asked
    assert (report["MessageSid"], report["MessageStatus"], report["ErrorCode"]) == (message.sid, "undelivered", "30003")
    assert report.signed
