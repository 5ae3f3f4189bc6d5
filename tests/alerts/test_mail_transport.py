"""How mail leaves: over SMTP in a real conversation, into a folder, through Amazon; and when none of them takes it."""

from email.message import EmailMessage

import boto3
import pytest
from moto import mock_aws

from alerts.channels.mail_transport import Folder, Smtp, open_transport
from alerts.channels.outgoing import DeliveryFailed
from storage.outbox import Again, GaveUp
from tests.alerts.mail_server import MailServer, serving
from tests.alerts.post import MP3, open_office, text_of, unhappy_call, unhappy_call_whose_words_are_late
from tests.ports import free_port
from tests.recovery.callers import LOW, WANTS_A_CALL

# A real mail conversation ---------------------------------------------------------------------------


@pytest.fixture
def mail_server():
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def smtp_office(desk, tmp_path, mail_server):
    return open_office(desk, tmp_path, mail_url=f"smtp://127.0.0.1:{mail_server.port}")


def an_alert(office):
    call = unhappy_call(office)
    office.desk.matches(call, WANTS_A_CALL, calling="allowed")
    office.desk.ends(call)
    return call


def test_a_mail_arrives_over_smtp_as_it_was_written(smtp_office, mail_server):
    call = unhappy_call(smtp_office)
    smtp_office.desk.matches(call, LOW)
    smtp_office.speaks(call)
    smtp_office.desk.news(call)
    smtp_office.sends_everything()
    mail = next(mail for mail in mail_server.mails if mail["To"] == "ines@harbor.example")
    assert mail["Subject"] == "[P2] 1 of 5, not resolved - case 1"
    assert [part.get_content() for part in mail.iter_attachments()] == [MP3]
    assert smtp_office.delivery(channel="email", person="ines").state == "accepted"


def test_a_mail_whose_server_is_down_is_tried_again_and_visible_and_keeps_its_name(desk, tmp_path):
    port = free_port()
    office = open_office(desk, tmp_path, mail_url=f"smtp://127.0.0.1:{port}")
    an_alert(office)
    waits = []
    for _ in range(8):
        [outcome] = [each for each in office.sends_everything() if "mail server" in getattr(each, "reason", "")]
        assert isinstance(outcome, Again)
        waits.append((outcome.at - office.now).total_seconds())
        office.clock["now"] = outcome.at
    assert waits == [5, 15, 45, 120, 300, 300, 300, 300]
    delivery = office.delivery(channel="email")
    assert delivery.state == "pending"
    assert delivery.error.startswith("the mail server cannot be reached")
    assert [each.error for each in office.tries(delivery)] == [delivery.error] * 8
    name = delivery.message_id
    with serving(MailServer(port=port)) as server:
        office.sends_everything()
    [mail] = server.mails
    assert mail["Message-ID"] == name
    assert office.delivery(channel="email").error is None


def test_a_mail_is_given_up_after_five_days_and_stands_as_failed(desk, tmp_path):
    office = open_office(desk, tmp_path, mail_url=f"smtp://127.0.0.1:{free_port()}")
    an_alert(office)
    office.later(days=5)
    assert any(isinstance(outcome, GaveUp) for outcome in office.sends_everything())
    assert office.delivery(channel="email").state == "failed"


@pytest.mark.parametrize("step", ["refuses_receivers", "refuses_mail"])
def test_a_receiver_who_is_refused_for_good_is_not_tried_again(smtp_office, mail_server, step):
    setattr(mail_server, step, "550 no such mailbox")
    an_alert(smtp_office)
    smtp_office.sends_everything()
    delivery = smtp_office.delivery(channel="email")
    assert delivery.state == "failed"
    assert "550 no such mailbox" in delivery.error
    assert len(smtp_office.tries(delivery)) == 1


@pytest.mark.parametrize("step", ["refuses_receivers", "refuses_mail"])
def test_a_receiver_who_is_refused_for_now_is_tried_again(smtp_office, mail_server, step):
    setattr(mail_server, step, "451 greylisted")
    an_alert(smtp_office)
    smtp_office.sends_everything()
    assert smtp_office.delivery(channel="email").state == "pending"
    setattr(mail_server, step, None)
    smtp_office.later(seconds=5)
    smtp_office.sends_everything()
    assert smtp_office.delivery(channel="email").state == "accepted"
    assert len(mail_server.mails) == 1


def test_a_mail_that_waits_for_its_server_takes_along_what_comes_meanwhile(desk, tmp_path, mail_server):
    office = open_office(desk, tmp_path, mail_url=f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.refuses_mail = "451 later"
    call = unhappy_call_whose_words_are_late(office)
    office.is_written_down(office.speaks(call))
    office.desk.news(call, at=office.now)
    mail_server.refuses_mail = None
    office.later(seconds=5)
    office.sends_everything()
    office.later(hours=1)
    office.sends_everything()
    [mail] = [mail for mail in mail_server.mails if mail["To"] == "ines@harbor.example"]
    assert [part.get_content() for part in mail.iter_attachments()] == [MP3]
    assert "I was cut off twice." in text_of(mail)


def test_a_mail_replaced_by_a_more_urgent_one_never_leaves(smtp_office, mail_server):
    call = unhappy_call(smtp_office)
    smtp_office.desk.matches(call, LOW)
    smtp_office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    smtp_office.desk.ends(call)
    smtp_office.sends_everything()
    subjects = {mail["To"]: mail["Subject"] for mail in mail_server.mails}
    assert len(mail_server.mails) == 2  # Omar, who is only on the lower ladder, is still told
    assert set(subjects.values()) == {"[P1] 1 of 5, not resolved, wants a call - case 1"}


# Ways out -------------------------------------------------------------------------------------------


def test_mail_urls_name_their_transport(tmp_path):
    assert isinstance(open_transport(f"file:{tmp_path}"), Folder)
    assert isinstance(open_transport("smtp://user:p%40ss@mail.example:2525"), Smtp)
    assert isinstance(open_transport("smtps://mail.example"), Smtp)


def test_a_server_that_cannot_speak_tls_gets_no_password(mail_server):
    transport = open_transport(f"smtp+starttls://user:secret@127.0.0.1:{mail_server.port}")
    with pytest.raises(DeliveryFailed) as failed:
        transport.send(EmailMessage(), "case-1")
    assert not failed.value.permanent


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(DeliveryFailed) as failed:
        Folder(tmp_path / "mail").send(EmailMessage(), "case-1")
    assert not failed.value.permanent


@pytest.fixture
def amazon_account(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def ses(amazon_account):
    """Amazon's mail service, as moto plays it; one sender is verified."""
    with mock_aws():
        boto3.client("ses", region_name="eu-west-1").verify_email_identity(EmailAddress="aftercall@survey.example")
        yield


def a_mail(sender):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "ines@harbor.example", "[P1] 1 of 5 - case 1"
    mail.set_content("In the caller's own words")
    return mail


def test_ses_takes_a_mail_and_names_it(ses):
    assert open_transport("ses://eu-west-1").send(a_mail("Aftercall <aftercall@survey.example>"), "case-1")


def test_a_mail_that_ses_refuses_for_itself_is_not_tried_again(ses):
    with pytest.raises(DeliveryFailed, match="SES answered MessageRejected") as failed:
        open_transport("ses://eu-west-1").send(a_mail("nobody@survey.example"), "case-1")
    assert failed.value.permanent


def test_ses_that_cannot_be_reached_is_tried_again(amazon_account, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
    with pytest.raises(DeliveryFailed, match="SES cannot be reached") as failed:
        open_transport("ses://eu-west-1").send(a_mail("aftercall@survey.example"), "case-1")
    assert not failed.value.permanent
