"""Whatever becomes of a recording at the carrier, the verbatim ends in the right state and the alert leaves once.

Source of the ways in which a carrier behaves: its documentation of <Record>, as far as phone/manners.py knows it.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from phone.manners import Manners
from storage.models import Verbatim
from tests.house import WholeHouse, whole_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    with whole_house(tmp_path, database_url) as made:
        yield made


def unhappy(house: WholeHouse, **manners):
    """Nora at the voice step, after a low score."""
    nora = house.phone.takes("after-call", agent="a7", agent_name="Sam", group="billing", manners=Manners(**manners))
    return nora.presses("1").presses("1").presses("1").presses("2").presses("2").hears("tell us what went wrong")


def outcome(house: WholeHouse, call_sid: str) -> tuple[str, str | None]:
    """How the verbatim ended, once all has had its time."""
    for _ in range(30):
        house.passes(seconds=30)
    verbatim = house.response(call_sid)["verbatims"]["why"]
    return verbatim["status"], verbatim["reason"]


def audio_sent(house: WholeHouse) -> list[list[str]]:
    """The names of what each mail to Ines carried."""
    to_ines = [mail for mail in house.mails() if "ines" in mail["To"]]
    return [[part.get_filename() for part in mail.iter_attachments()] for mail in to_ines]


@pytest.mark.parametrize(
    "manners",
    [
        {},
        {"recording_news": "twice"},
        {"recording_news": "before_action"},
        {"recording_news": "never"},
        {"media_404s": 3},
        {"repeats_requests": True},
        {"hangup_order": "status_first"},
        {"hangup_order": "status_first", "recording_news": "never"},
        {"hangup_order": "status_first", "repeats_requests": True},
        {"method": "GET"},
    ],
    ids=str,
)
@pytest.mark.parametrize("ends", ["key", "hang-up"])
def test_what_was_said_is_stored_once_and_sent(house: WholeHouse, manners, ends):
    nora = unhappy(house, **manners).says("dashwood.wav")
    nora = nora.presses("#").hangs_up() if ends == "key" else nora.hangs_up()
    assert outcome(house, nora.call_sid) == ("stored", None)
    assert len(list((house.settings.data_dir / "recordings").rglob("*.mp3"))) == 1
    assert audio_sent(house)[-1] == ["case-1.mp3"]
    assert sum(map(len, audio_sent(house))) == 1  # it was sent once, late or not


@pytest.mark.parametrize("hangup_order", ["action_lost", "both_lost"])
def test_where_every_callback_is_lost_the_recording_is_found_at_the_carrier(house: WholeHouse, hangup_order):
    nora = unhappy(house, recording_news="never", hangup_order=hangup_order).says("dashwood.wav").hangs_up()
    house.passes(minutes=16)  # at the latest now the clock closes the books
    assert outcome(house, nora.call_sid) == ("stored", None)
    assert audio_sent(house)[-1] == ["case-1.mp3"]
    assert sum(map(len, audio_sent(house))) == 1


@pytest.mark.parametrize("ends", ["key", "hang-up"])
def test_news_that_comes_late_finds_the_recording_fetched_already(house: WholeHouse, ends):
    nora = unhappy(house, recording_news="late").says("dashwood.wav")
    nora = nora.presses("#").hangs_up() if ends == "key" else nora.hangs_up()
    assert outcome(house, nora.call_sid) == ("stored", None)
    nora.call.deliver_late_news()
    assert outcome(house, nora.call_sid) == ("stored", None)
    assert sum(map(len, audio_sent(house))) == 1


@pytest.mark.parametrize(
    ("manners", "state"),
    [
        ({"recording_news": "absent"}, ("absent", "too short")),
        ({"recording_news": "failed"}, ("failed", "the carrier failed, error 16105")),
    ],
    ids=str,
)
def test_what_the_carrier_could_not_record_is_said_in_the_mail(house: WholeHouse, manners, state):
    nora = unhappy(house, **manners).says("dashwood.wav").hangs_up()
    assert outcome(house, nora.call_sid) == state
    assert audio_sent(house) == [[]]
    assert state[1] in house.mails()[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize("silent_record", ["action", "kept", "falls_through"])
def test_silence_is_absent_or_kept_as_the_carrier_has_it(house: WholeHouse, silent_record):
    nora = unhappy(house, silent_record=silent_record)
    for _ in range(4):  # until the survey takes it for an answer
        if not nora.call.over and "went wrong" in nora.heard[-1] + nora.heard[-2]:
            nora.stays_silent()
    if not nora.call.over:
        nora.hangs_up()
    status, reason = outcome(house, nora.call_sid)
    assert status == ("stored" if silent_record == "kept" else "absent")
    assert (reason is None) == (status == "stored")


def test_a_caller_who_hangs_up_before_the_tone_has_recorded_nothing(house: WholeHouse):
    nora = unhappy(house).hangs_up()
    house.passes(seconds=6)
    assert house.response(nora.call_sid)["verbatims"]["why"]["status"] == "absent"
    assert audio_sent(house) == [[]]  # and the mail did not wait for more


def test_the_surveys_rules_for_a_message_come_along_with_it(house: WholeHouse):
    """flows/after-call.yaml: `privacy: {redact: [card, national_id, phone], keep: 90 days}`."""
    unhappy(house)
    with house.house.database.reading() as db:
        asked = db.execute(select(Verbatim)).scalar_one()
    assert asked.redact == ["card", "national_id", "phone"]
    assert asked.keep_s == timedelta(days=90).total_seconds()
    assert "Sam" in asked.hotwords


def test_beside_a_carrier_account_the_phones_recordings_come_from_the_phone(tmp_path: Path, sqlite_url: str):
    account = {"TWILIO_ACCOUNT_SID": "AC" + "9" * 32, "TWILIO_AUTH_TOKEN": "t", "TWILIO_API_URL": "http://127.0.0.1:9"}
    with whole_house(tmp_path, sqlite_url, **account, PHONE="on") as house:
        nora = unhappy(house).says("dashwood.wav").hangs_up()
        assert outcome(house, nora.call_sid) == ("stored", None)
        phone = house.house.phone_account
        address = f"/2010-04-01/Accounts/{phone.sid}/Recordings.json"
        answer = house.app.test_client().get(address, auth=(phone.sid, phone.tokens[0]))
        assert answer.json["recordings"] == []  # deleted there as well
