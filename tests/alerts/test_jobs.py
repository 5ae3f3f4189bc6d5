"""Sending, when things happen at the same moment, or break in the middle."""

from dataclasses import replace

import pytest

from storage import deliveries, outbox
from storage.outbox import Done
from tests.alerts.post import MP3, mails, read_mail, text_of
from tests.recovery.callers import LOW, WANTS_A_CALL


class Interrupted:
    """A channel during whose sending something else happens."""

    def __init__(self, channel, meanwhile):
        self.channel, self.meanwhile = channel, meanwhile

    def __getattr__(self, name):
        return getattr(self.channel, name)

    def send(self, outgoing):
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return self.channel.send(outgoing)


def interrupt(office, meanwhile):
    office.room.channels["email"] = Interrupted(office.room.channels["email"], meanwhile)


def low(office):
    call = office.desk.call()
    office.answers(call, csat=1, solved="no")
    office.desk.matches(call, LOW)
    return call


def mails_to_ines(tmp_path):
    found = [read_mail(path) for path in (tmp_path / "mail").glob("*.eml")]
    return [mail for mail in found if mail["To"] == "ines@harbor.example"]


def test_audio_that_arrives_while_the_mail_is_on_its_way_follows(office, tmp_path):
    call = low(office)
    office.desk.verbatim(call, "awaited")
    office.desk.ends(call)
    office.later(seconds=20)

    def meanwhile():
        office.speaks(call)
        office.desk.news(call, at=office.now)

    interrupt(office, meanwhile)
    office.sends_everything()
    audio = [[part.get_content() for part in mail.iter_attachments()] for mail in mails_to_ines(tmp_path)]
    assert sorted(audio) == [[], [MP3]]


def test_severity_that_rises_while_the_mail_is_on_its_way_loses_neither(office, tmp_path):
    call = low(office)
    office.desk.ends(call)
    interrupt(office, lambda: office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed", at=office.now))
    office.sends_everything()
    subjects = sorted(mail["Subject"] for mail in mails_to_ines(tmp_path))
    assert subjects == [
        "[P1] 1 of 5, not resolved, wants a call - case 1",
        "[P2] 1 of 5, not resolved - case 1",
    ]


def test_a_mail_whose_worker_died_is_sent_again_under_the_same_name(office, tmp_path):
    call = low(office)
    office.desk.ends(call)

    def die():
        raise SystemExit

    interrupt(office, die)
    with pytest.raises(SystemExit):
        office.sends_everything()
    office.later(seconds=31)  # its lease is over
    office.sends_everything()
    names = [mail["Message-ID"] for mail in mails_to_ines(tmp_path)]
    assert names == [office.delivery(channel="email", person="ines").message_id]


def test_an_error_of_ours_is_kept_with_the_try_and_raised(office):
    office.desk.ends(low(office))

    def stumble():
        raise RuntimeError("a bug")

    interrupt(office, stumble)
    with pytest.raises(RuntimeError):
        office.sends_everything()
    [delivery] = [
        office.delivery(channel="email", person=person) for person in ("ines", "omar") if tried(office, person)
    ]
    assert [each.error for each in office.tries(delivery)] == ["an error of ours"]


def tried(office, person):
    return bool(office.tries(office.delivery(channel="email", person=person)))


def test_a_delivery_sent_twice_by_the_outbox_leaves_once(office, tmp_path):
    office.desk.ends(low(office))
    office.sends_everything()
    with office.desk.database.transaction() as db:
        for wanted in ("ines", "omar"):
            outbox.run_again(db, deliveries.outbox_key(office.delivery(channel="email", person=wanted).id), office.now)
    outcomes = office.sends_everything()
    assert outcomes == [Done(), Done()]
    assert len(office.tries(office.delivery(channel="email", person="ines"))) == 1


def test_every_try_is_a_row_with_its_moment_and_length(office):
    office.desk.ends(low(office))
    office.sends_everything()
    [one] = office.tries(office.delivery(channel="email", person="ines"))
    assert (one.at, one.error) == (office.now, None)
    assert one.took_ms >= 0


def test_a_person_who_left_the_file_is_still_told_what_was_due(office, tmp_path):
    office.desk.ends(low(office))
    people = {key: person for key, person in office.desk.teams.people.items() if key != "omar"}
    office.desk.teams = replace(office.desk.teams, people=people)
    office.sends_everything()
    assert set(mails(tmp_path)) == {"ines@harbor.example", "omar@harbor.example"}


def test_a_survey_version_that_cannot_be_read_costs_no_alert(office, tmp_path):
    def lost(version):
        raise LookupError(version)

    office.room = replace(office.room, survey=lost)
    office.desk.ends(low(office))
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert mail["Subject"] == "[P2] Recover this caller - case 1"
    assert "Csat    1" in text_of(mail)
