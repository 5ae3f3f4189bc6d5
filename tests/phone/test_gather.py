import pytest

QUESTION = "<Say>How satisfied are you?</Say>"


@pytest.fixture
def asks(app):
    """An app that asks with a Gather of these attributes, and goes on to /silent where nothing is answered."""

    def asks(attributes="", prompt=QUESTION):
        app.says(
            "/voice/q", f"<Gather action='/voice/a' {attributes}>{prompt}</Gather><Redirect>/voice/silent</Redirect>"
        )
        app.says("/voice/a", "<Say>Thank you.</Say><Pause length='60'/>")
        app.says("/voice/silent", "<Say>We heard nothing.</Say><Pause length='60'/>")

    return asks


def digits(app):
    [answer] = app.to("/voice/a")
    return answer.form.get("Digits")


def test_the_last_of_the_digits_ends_the_answer_at_once(phone, app, asks):
    asks("numDigits='2'")

    phone.takes("q").hears("how satisfied").presses_at_once("1").presses_at_once("0").hears("thank you")

    [answer] = app.to("/voice/a")
    assert (answer["Digits"], answer["FinishedOnKey"], answer["msg"]) == ("10", "", "Gather End")
    assert answer["CallStatus"] == "in-progress"


def test_the_key_that_ends_the_answer_is_no_part_of_it(phone, app, asks):
    asks()

    phone.takes("q").presses("12#").hears("thank you")

    [answer] = app.to("/voice/a")
    assert (answer["Digits"], answer["FinishedOnKey"]) == ("12", "#")


def test_another_key_can_end_the_answer(phone, app, asks):
    asks("finishOnKey='*'")

    phone.takes("q").presses("1#*")

    assert digits(app) == "1#"


@pytest.mark.parametrize("key", "0123456789*#")
def test_every_key_is_data_where_no_key_ends_the_answer(phone, app, asks, key):
    asks("finishOnKey='' numDigits='1'")

    phone.takes("q").presses(key)

    assert digits(app) == key


def test_the_digits_so_far_are_the_answer_when_no_more_come(phone, app, asks):
    asks("numDigits='4' timeout='3'")

    caller = phone.takes("q").presses_at_once("1").waits(2.9).presses_at_once("2").waits(2.9)
    assert app.to("/voice/a") == []
    caller.waits(0.2)

    assert digits(app) == "12"


def test_the_waiting_begins_when_the_prompt_has_ended(phone, app, asks):
    asks("timeout='3'", prompt=f"{QUESTION}<Pause length='10'/>")

    caller = phone.takes("q").waits(12)
    assert app.to("/voice/silent") == []
    caller.waits(3)

    assert len(app.to("/voice/silent")) == 1


def test_the_first_key_stops_the_prompt_and_what_was_to_follow(phone, asks):
    asks("numDigits='2' timeout='2'", prompt=f"{QUESTION}<Say>Press a key from 1 to 5.</Say>")

    caller = phone.takes("q").presses_at_once("1").hears("thank you")

    assert caller.heard == ["How satisfied are you?", "Thank you."]
    assert caller.call.lines[-1].at_s == 2


def test_without_an_answer_the_next_verb_runs(phone, app, asks):
    asks()

    phone.takes("q").stays_silent().hears("we heard nothing")

    assert app.to("/voice/a") == []
    [request] = app.to("/voice/silent")
    assert "Digits" not in request


def test_without_an_answer_and_a_next_verb_the_line_hangs_up(phone, app):
    app.says("/voice/q", "<Gather>" + QUESTION + "</Gather>")

    phone.takes("q").stays_silent().is_hung_up_on()


def test_the_ending_key_alone_is_no_answer(phone, app, asks):
    asks("numDigits='1'")

    phone.takes("q").presses("#").hears("we heard nothing")

    assert app.to("/voice/a") == []


def test_a_carrier_may_let_an_empty_answer_fall_through_all_the_same(phone_with, app, asks):
    asks("actionOnEmptyResult='true'")

    phone_with(empty_digits="falls_through").takes("q").stays_silent().hears("we heard nothing")

    assert app.to("/voice/a") == []


@pytest.mark.parametrize("manner", ["absent", "empty"])
def test_an_empty_answer_is_told_where_it_is_wanted(phone_with, app, asks, manner):
    asks("actionOnEmptyResult='true'")

    phone_with(empty_digits=manner).takes("q").stays_silent().hears("thank you")
    phone_with(empty_digits=manner).takes("q").presses("#").hears("thank you")

    silent, pound = app.to("/voice/a")
    assert ("Digits" in silent) == (manner == "empty")
    assert silent.form.get("Digits", "") == ""
    assert (silent["FinishedOnKey"], pound["FinishedOnKey"]) == ("", "#")


def test_without_an_action_the_same_document_is_asked_for_again(phone, app):
    app.says("/voice/q", f"<Gather numDigits='1'>{QUESTION}</Gather>")
    app.says("/voice/q", "<Say>Thank you.</Say>")

    phone.takes("q", agent="a7").presses("1").hears("thank you")

    first, second = app.to("/voice/q")
    assert first.query == second.query == {"agent": "a7"}
    assert second["Digits"] == "1"


def test_keys_before_a_gather_are_lost(phone, app):
    app.says(
        "/voice/q", f"<Say>This is Harbor Telecom.</Say><Gather numDigits='1' action='/voice/a'>{QUESTION}</Gather>"
    )
    app.says("/voice/a", "<Say>Thank you.</Say>")

    caller = phone.takes("q").hears("harbor").presses_at_once("9")
    caller.hears("how satisfied").presses("1")

    assert digits(app) == "1"
    assert "presses 9, and nobody listens" in caller.transcript


def test_keys_of_one_answer_too_many_reach_what_comes_next(phone, app, asks):
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/r'/>")
    app.says("/voice/r", f"<Gather numDigits='1' action='/voice/a'>{QUESTION}</Gather>")
    app.says("/voice/a", "<Say>Thank you.</Say>")

    phone.takes("q").presses("12")

    assert [app.to("/voice/r")[0]["Digits"], digits(app)] == ["1", "2"]


def test_an_action_may_be_a_get(phone, app, asks):
    asks("method='GET' numDigits='1'")

    phone.takes("q").presses("1")

    [answer] = app.to("/voice/a")
    assert answer.method == "GET"
    assert answer.query["Digits"] == "1"
    assert answer.signed


def test_words_are_recognised_where_they_are_listened_for(phone, app, asks):
    asks("input='dtmf speech'")

    phone.takes("q").answers("very satisfied", confidence=0.75).hears("thank you")
    phone.takes("q").answers("not at all", confidence=None).hears("thank you")

    sure, silent_about_it = app.to("/voice/a")
    assert (sure["SpeechResult"], float(sure["Confidence"])) == ("very satisfied", 0.75)
    assert "Confidence" not in silent_about_it


def test_keys_are_not_listened_for_where_only_words_are(phone, app, asks):
    asks("input='speech'")

    phone.takes("q").presses_at_once("1").stays_silent().hears("we heard nothing")


def test_a_caller_who_hangs_up_in_a_question_causes_no_action(phone, app, asks):
    asks("numDigits='2'")

    phone.takes("q").hears("how satisfied").presses_at_once("1").hangs_up()

    assert app.paths == ["/voice/q", "/voice/status"]
    assert app.asked[-1]["CallStatus"] == "completed"
