from pathlib import Path

import pytest

from phone import audio

CLIPS = Path(__file__).parents[1] / "audio"


@pytest.fixture
def records(app):
    """An app that records with these attributes, and goes on to /silent where nothing was recorded."""

    def records(attributes="finishOnKey='#' timeout='4' maxLength='90'", events="completed absent"):
        callback = f"recordingStatusCallback='/voice/news' recordingStatusCallbackEvent='{events}'"
        app.says("/voice/r", f"<Record action='/voice/a' {attributes} {callback}/><Redirect>/voice/silent</Redirect>")
        app.says("/voice/a", "<Say>Thank you.</Say><Pause length='60'/>")
        app.says("/voice/silent", "<Say>We heard nothing.</Say><Pause length='60'/>")
        app.says("/voice/news", "", status=204)

    return records


def test_a_key_ends_the_recording(phone, app, carrier, records):
    records()

    caller = phone.takes("r").says(12).presses("#").hears("thank you")

    [action] = app.to("/voice/a")
    [recording] = carrier.recordings()
    assert (action["Digits"], action["RecordingDuration"]) == ("#", "12")
    assert action["RecordingSid"] == recording.sid
    assert action["RecordingUrl"] == (
        f"https://api.twilio.com/2010-04-01/Accounts/{carrier.account_sid}/Recordings/{recording.sid}"
    )
    assert (action["CallSid"], action["CallStatus"]) == (caller.call_sid, "in-progress")


def test_the_news_of_a_recording_names_the_call_and_not_the_caller(phone, app, carrier, records):
    records()

    caller = phone.takes("r").says(12).presses("#")

    [news] = app.to("/voice/news")
    assert news.signed
    assert set(news.form) == {
        "AccountSid",
        "CallSid",
        "ErrorCode",
        "RecordingChannels",
        "RecordingDuration",
        "RecordingSid",
        "RecordingSource",
        "RecordingStartTime",
        "RecordingStatus",
        "RecordingUrl",
    }
    assert (news["CallSid"], news["RecordingStatus"], news["ErrorCode"]) == (caller.call_sid, "completed", "0")


def test_the_recording_is_what_the_caller_said(phone, carrier, records):
    records()
    clip = (CLIPS / "dashwood.wav").read_bytes()

    phone.takes("r").says(CLIPS / "dashwood.wav").presses("#")

    [recording] = carrier.recordings()
    media = carrier.fetch_media(recording.sid)
    assert media is not None
    assert audio.read_samples(media) == audio.read_samples(clip)


def test_silence_ends_the_recording_and_is_cut_off(phone, app, carrier, records):
    records("timeout='4'")

    phone.takes("r").says(6).stays_silent().hears("thank you")

    [action], [news] = app.to("/voice/a"), app.to("/voice/news")
    assert "Digits" not in action
    assert (action["RecordingDuration"], news["RecordingDuration"]) == ("10", "6")
    assert audio.wav_s(carrier.fetch_media(action["RecordingSid"])) == 6


def test_silence_is_kept_where_it_shall_be(phone, app, carrier, records):
    records("timeout='4' trim='do-not-trim'")

    phone.takes("r").waits(1).says(6).stays_silent()

    [action] = app.to("/voice/a")
    assert audio.wav_s(carrier.fetch_media(action["RecordingSid"])) == 11


def test_a_pause_between_words_stays(phone, carrier, records):
    records()

    phone.takes("r").waits(1).says(2).waits(3).says(2).presses("#")

    [recording] = carrier.recordings()
    assert recording.duration_s == 7


def test_no_silence_ends_the_recording_where_none_shall(phone, app, records):
    records("timeout='0' maxLength='20'")

    caller = phone.takes("r").says(3).waits(16)
    assert app.to("/voice/a") == []
    caller.waits(2)

    assert len(app.to("/voice/a")) == 1


def test_the_limit_ends_the_recording(phone, app, carrier, records):
    records("maxLength='10' timeout='0'")

    phone.takes("r").says(25).hears("thank you")

    [action] = app.to("/voice/a")
    assert ("Digits" in action, action["RecordingDuration"]) == (False, "10")
    assert audio.wav_s(carrier.fetch_media(action["RecordingSid"])) == 10


def test_any_key_ends_a_recording_that_names_none(phone, app, records):
    records("")

    phone.takes("r").says(3).presses("7")

    [action] = app.to("/voice/a")
    assert action["Digits"] == "7"


def test_a_key_that_ends_nothing_is_heard_in_the_recording(phone, app, carrier, records):
    records("finishOnKey='#'")

    phone.takes("r").says(3).presses("4").says(1).presses("#")

    [recording] = carrier.recordings()
    assert audio.key_tone("4") in carrier.fetch_media(recording.sid)


@pytest.mark.parametrize(("order", "paths"), [("action_lost", ["status"]), ("both_lost", [])])
def test_the_news_of_a_hang_up_may_get_lost(phone_with, app, records, order, paths):
    records()

    phone_with(hangup_order=order).takes("r").says(12).hangs_up()

    assert app.paths == ["/voice/r", *(f"/voice/{path}" for path in paths), "/voice/news"]


@pytest.mark.parametrize(("order", "paths"), [("action_first", ["a", "status"]), ("status_first", ["status", "a"])])
def test_a_caller_who_hangs_up_while_recording_still_causes_the_action(phone_with, app, records, order, paths):
    records()

    phone_with(hangup_order=order).takes("r").says(12).hangs_up()

    assert app.paths == ["/voice/r", *(f"/voice/{path}" for path in paths), "/voice/news"]
    [action] = app.to("/voice/a")
    assert (action["CallStatus"], action["Digits"], action["RecordingDuration"]) == ("completed", "hangup", "12")


def test_what_the_action_answers_after_a_hang_up_is_not_heard(phone, app, records):
    records()

    caller = phone.takes("r").says(12).hangs_up()

    assert caller.heard == []
    assert caller.call.over


def test_a_recording_without_a_word_is_reported_absent(phone, app, carrier, records):
    records()

    phone.takes("r").stays_silent().hears("thank you")

    [action], [news], [recording] = app.to("/voice/a"), app.to("/voice/news"), carrier.recordings()
    assert action["RecordingDuration"] == "0"
    assert (news["RecordingStatus"], news["ErrorCode"]) == ("absent", "16102")
    assert carrier.fetch_media(recording.sid) is None


def test_a_recording_without_a_word_may_fall_through(phone_with, app, carrier, records):
    records()

    phone_with(silent_record="falls_through").takes("r").stays_silent().hears("we heard nothing")

    assert (app.to("/voice/a"), app.to("/voice/news"), carrier.recordings()) == ([], [], [])


def test_a_caller_who_hangs_up_before_a_word_may_leave_no_trace(phone_with, app, records):
    records()

    phone_with(silent_record="falls_through").takes("r").hangs_up()

    assert app.paths == ["/voice/r", "/voice/status"]


def test_a_recording_without_a_word_may_be_kept(phone_with, app, carrier, records):
    records()

    phone_with(silent_record="kept").takes("r").stays_silent().hears("thank you")

    [action], [news] = app.to("/voice/a"), app.to("/voice/news")
    assert (action["RecordingDuration"], news["RecordingStatus"]) == ("4", "completed")
    assert audio.read_samples(carrier.fetch_media(action["RecordingSid"])) == audio.silence(4)


@pytest.mark.parametrize(
    ("news", "paths"),
    [
        ("normal", ["a", "news"]),
        ("twice", ["a", "news", "news"]),
        ("before_action", ["news", "a"]),
        ("absent", ["a", "news"]),
        ("failed", ["a", "news"]),
        ("late", ["a"]),
        ("never", ["a"]),
    ],
)
def test_the_news_comes_as_the_carrier_pleases(phone_with, app, records, news, paths):
    records()

    phone_with(recording_news=news).takes("r").says(5).presses("#").hears("thank you")

    assert app.paths == ["/voice/r", *(f"/voice/{path}" for path in paths)]


def test_news_that_comes_twice_is_the_same_in_every_letter(phone_with, app, records):
    records()

    phone_with(recording_news="twice").takes("r").says(5).presses("#")

    first, second = app.to("/voice/news")
    assert first == second


def test_late_news_comes_after_the_call(phone_with, app, records):
    records()

    caller = phone_with(recording_news="late").takes("r").says(5).hangs_up()
    assert app.to("/voice/news") == []
    caller.call.deliver_late_news()

    [news] = app.to("/voice/news")
    assert news["RecordingStatus"] == "completed"


@pytest.mark.parametrize(("news", "status", "code"), [("absent", "absent", "16101"), ("failed", "failed", "16105")])
def test_a_recording_that_is_lost_says_why(phone_with, app, carrier, records, news, status, code):
    records()

    phone_with(recording_news=news).takes("r").says(5).presses("#")

    [told], [recording] = app.to("/voice/news"), carrier.recordings()
    assert (told["RecordingStatus"], told["ErrorCode"]) == (status, code)
    assert carrier.fetch_media(recording.sid) is None


def test_only_the_news_that_was_asked_for_comes(phone, app, records):
    records(events="completed")

    phone.takes("r").stays_silent()

    assert app.to("/voice/news") == []


def test_the_beginning_of_a_recording_is_news_where_it_is_asked_for(phone, app, records):
    records(events="in-progress completed")

    phone.takes("r").says(5).presses("#")

    assert [news["RecordingStatus"] for news in app.to("/voice/news")] == ["in-progress", "completed"]


def test_the_file_is_there_only_after_a_while(phone_with, carrier, records):
    records()

    phone_with(media_404s=2).takes("r").says(5).presses("#")

    [recording] = carrier.recordings()
    assert [carrier.fetch_media(recording.sid) is None for _ in range(4)] == [True, True, False, False]


def test_a_clip_may_be_any_audio(phone, carrier, records, tmp_path):
    records()
    (tmp_path / "clip.mp3").write_bytes(audio.mp3((CLIPS / "dashwood.wav").read_bytes()))

    phone.takes("r").says(tmp_path / "clip.mp3").presses("#")

    [recording] = carrier.recordings()
    assert recording.duration_s == round(audio.wav_s((CLIPS / "dashwood.wav").read_bytes()))
