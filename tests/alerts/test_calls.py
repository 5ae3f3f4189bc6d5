"""Whole calls, from the key press to the mailbox, with the post room at work in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import WholeHouse, whole_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    with whole_house(tmp_path, database_url) as made:
        yield made


def speaks_of_a_bad_call(house: WholeHouse):
    """Nora has left a message, and is asked whether to keep it."""
    nora = house.phone.takes("after-call", agent="a7", group="billing", ticket="88213")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says("dashwood.wav").presses("#")
    house.works()
    return nora


def test_a_message_that_the_caller_may_still_delete_is_not_sent(house):
    nora = speaks_of_a_bad_call(house)
    assert house.mails() == []
    nora.presses("3")
    house.works()
    nora.hangs_up()
    house.works()
    mails = house.mails()
    assert len(mails) == 2
    assert [list(mail.iter_attachments()) for mail in mails] == [[], []]
    assert "The caller deleted the message." in mails[0].get_body(("plain",)).get_content()


def test_a_message_that_the_caller_keeps_is_sent_while_they_are_still_on_the_line(house):
    nora = speaks_of_a_bad_call(house)
    nora.presses("1")
    house.works()
    mails = house.mails()
    assert [mail["Subject"] for mail in mails] == ["[P2] 1 of 5, not resolved - case 1"] * 2
    assert "The caller is still on the line." in mails[0].get_body(("plain",)).get_content()
    assert [part.get_filename() for part in mails[0].iter_attachments()] == ["case-1.mp3"]


def test_a_wish_to_be_called_after_that_mail_is_mailed_under_it(house):
    nora = speaks_of_a_bad_call(house)
    nora.presses("1")
    house.works()
    [first] = [mail for mail in house.mails() if mail["To"] == "ines@harbor.example"]
    nora.presses("1").is_hung_up_on()
    house.works()
    [second] = [mail for mail in house.mails() if mail["To"] == "ines@harbor.example" and mail["References"]]
    assert second["Subject"] == "[P1] 1 of 5, not resolved, wants a call - case 1"
    assert second["References"] == first["Message-ID"]


def test_a_whole_call_at_one_go_gives_each_person_one_mail(house):
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says("dashwood.wav").presses("#")
    nora.presses("1").presses("1").is_hung_up_on()
    house.works()
    mails = {mail["To"]: mail["Subject"] for mail in house.mails()}
    assert len(house.mails()) == 2
    assert set(mails.values()) == {"[P1] 1 of 5, not resolved, wants a call - case 1"}


def test_a_refused_call_back_is_told_and_the_case_stays(house):
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says("dashwood.wav").presses("#")
    nora.presses("1").presses("2").is_hung_up_on()
    house.works()
    assert "do not call" in house.mails()[0].get_body(("plain",)).get_content()
