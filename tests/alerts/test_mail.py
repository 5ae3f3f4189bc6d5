"""The alert mail: what is in it, whom it reaches, and what follows it."""

import json
from dataclasses import replace
from html import unescape

import pytest

from alerts.reasons import reason_in
from storage import transcripts
from storage.outbox import Again, Done
from tests.alerts.post import MP3, NORA, mails, read_mail, text_of, unhappy_call, unhappy_call_whose_words_are_late
from tests.recovery.callers import LOW, PER_CALL, WANTS_A_CALL, rule

# What is in it --------------------------------------------------------------------------------------


@pytest.fixture
def mail(office, tmp_path):
    """The mail that Ines gets."""
    call = unhappy_call(office)
    office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    office.is_written_down(office.speaks(call))
    office.desk.ends(call)
    office.later(seconds=20)
    office.sends_everything()
    return mails(tmp_path)["ines@harbor.example"]


def test_the_subject_says_what_is_the_matter(mail, office):
    assert mail["Subject"] == "[P1] 1 of 5, not resolved, wants a call - case 1"


def test_the_callers_own_words_are_attached_as_an_mp3_any_phone_plays(mail):
    [audio] = mail.iter_attachments()
    assert audio.get_content_type() == "audio/mpeg"
    assert audio.get_filename() == "case-1.mp3"
    assert audio.get_content() == MP3


def test_the_mail_is_text_and_html_beside_the_audio(mail):
    assert mail.get_content_type() == "multipart/mixed"
    alternative, _ = mail.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in alternative.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_text_and_html_each_tell_everything(mail, kind):
    body = mail.get_body((kind,)).get_content()
    for fact in [
        "1 of 5 (very dissatisfied)",
        "what the agent knew (knowledge)",
        "I was cut off twice.",
        "machine",
        "0:41",
        "case-1.mp3",
        "Sam Reyes (a7)",
        "billing",
        "Billing English",
        "88213",
        "https://desk.example/tickets/88213",
        "Nora Lind, +1202…0199",
        "2026-11-21 05:00 EST",
        "20 s ago",
        "Nobody else was told",
        "Next: ",
        "https://survey.example/cases/1?key=",
        "nothing is acknowledged until someone presses a button",
        "Recover this caller, Wants a call",
    ]:
        assert fact in body, fact
    assert "12025550199" not in body


def test_its_headers_keep_machines_from_answering_and_name_the_case(mail):
    assert mail["From"] == "Aftercall <aftercall@survey.example>"
    assert mail["X-Recovery-Case"] == "1"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == "<service-recovery.aftercall.survey.example>"
    assert mail["Message-ID"].endswith(".case-1@survey.example>")
    assert mail["References"] is None


def test_it_loads_nothing_from_elsewhere(mail):
    html = mail.get_body(("html",)).get_content()
    assert "<img" not in html
    assert "src=" not in html
    assert "url(" not in html


def test_what_the_centre_hands_over_is_text_and_never_markup_nor_a_header(office, tmp_path):
    call = office.desk.call(agent="<script>alert(1)</script>", ticket="1\r\nBcc: all@harbor.example", group="a\x00b")
    named = rule(LOW, name="Low\r\nBcc: all@harbor.example")
    office.desk.matches(call, named)
    office.desk.ends(call)
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[P2] Low Bcc: all@harbor.example - case 1"
    assert "<script>" not in mail.get_body(("html",)).get_content()
    assert "https://desk.example/tickets/1%20Bcc%3A%20all%40harbor.example" in text_of(mail)


def test_a_team_reads_its_own_language(office, tmp_path):
    office.desk.teams = retold(office.desk.teams, language="es")
    call = unhappy_call(office)
    office.desk.matches(call, LOW, calling="refused")
    office.desk.ends(call)
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert mail["Subject"] == "[P2] 1 de 5, sin resolver - caso 1"
    assert "No quiere que le llamen: no llamar." in text_of(mail)
    assert "lo que sabía el agente (knowledge)" in text_of(mail)


def test_a_mail_is_in_its_readers_language_though_the_case_has_gone_to_another_team(office, tmp_path):
    first, spanish = office.desk.teams.teams
    office.desk.teams = replace(office.desk.teams, teams=(first, replace(spanish, language="es")))
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.desk.matches(call, LOW, rule(WANTS_A_CALL, to="retention"), calling="allowed")
    office.desk.verbatim(call, "absent", reason="silent")
    office.desk.ends(call)
    office.sends_everything()
    omar, mara = (mails(tmp_path)[f"{name}@harbor.example"] for name in ("omar", "mara"))
    assert "The caller left no message: silent." in text_of(omar)
    assert "the team service-recovery" in text_of(omar)
    assert "No dejó ningún mensaje: silencio." in text_of(mara)
    assert "del equipo" in text_of(mara)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("silent", "silencio"),
        ("agent is missing", "falta agent"),
        ("the carrier cannot be reached (ConnectTimeout)", "un motivo técnico"),
        (None, "desconocido"),
    ],
)
def test_no_english_reason_stands_in_a_spanish_mail(reason, told):
    assert reason_in("es", reason) == told


def test_of_an_erased_caller_the_mail_says_so_and_blames_nobody(office, tmp_path):
    office.desk.teams = retold(office.desk.teams, language="es")
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.speaks(call)
    office.desk.ends(call)
    office.erases(call)
    office.later(seconds=20)
    office.sends_everything()
    text = text_of(mails(tmp_path)["ines@harbor.example"])
    assert "El mensaje ya no se guarda: se borró a petición de quien llamó." in text
    assert "número borrado" in text
    assert "Borró su mensaje" not in text
    assert "número oculto" not in text


def retold(teams, **changes):
    first, *rest = teams.teams
    return replace(teams, teams=(replace(first, **changes), *rest))


# What became of the recording -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        ("absent", "silent (16102)", "The caller left no message: silent (16102)."),
        ("failed", "the carrier has no audio", "The recording is lost: the carrier has no audio."),
        ("awaited", None, "The recording is not here yet. It follows in this thread."),
        ("deleted", None, "The caller deleted the message."),
        (None, None, "No message: the call did not come to that question."),
    ],
)
def test_without_a_recording_the_mail_says_why_in_words(office, tmp_path, status, reason, told):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    if status:
        office.desk.verbatim(call, status, reason=reason)
    office.desk.ends(call)
    office.later(seconds=20)
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert told in text_of(mail)
    assert list(mail.iter_attachments()) == []


def test_a_rule_that_attaches_nothing_says_that_nothing_was_asked(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, rule(LOW, attach=()))
    office.desk.ends(call)
    office.sends_everything()
    assert "No message was asked for." in text_of(mails(tmp_path)["ines@harbor.example"])


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("queued", "Not written down yet."),
        ("empty", "The machine heard no words in it."),
        ("unavailable", "Not written down: no model."),
        ("failed", "Not written down: no model."),
    ],
)
def test_the_mail_never_waits_for_a_transcript_and_says_how_it_stands(office, tmp_path, status, told):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    verbatim = office.speaks(call)
    office.is_written_down(verbatim, text=None, status=status)
    with office.desk.database.transaction() as db:
        transcripts.find(db, verbatim).reason = "no model"
    office.desk.news(call)
    office.sends_everything()
    assert told in text_of(mails(tmp_path)["ines@harbor.example"])


def test_while_the_caller_is_still_on_the_line_the_mail_says_so(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.speaks(call)
    office.desk.news(call)
    office.sends_everything()
    assert "The caller is still on the line." in text_of(mails(tmp_path)["ines@harbor.example"])


def test_every_verbatim_that_a_rule_attaches_goes_along_under_a_name_of_its_own(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, LOW, rule(WANTS_A_CALL, attach=("praise",)))
    office.speaks(call, "why")
    office.speaks(call, "praise", audio=MP3 + b"praise")
    office.desk.news(call)
    office.sends_everything()
    audio = {
        part.get_filename(): part.get_content() for part in mails(tmp_path)["ines@harbor.example"].iter_attachments()
    }
    assert audio == {"case-1.mp3": MP3, "case-1-2.mp3": MP3 + b"praise"}


def test_what_is_too_large_for_a_mail_is_behind_the_link(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.speaks(call, audio=b"\x00" * 7_000_001)
    office.desk.news(call)
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert list(mail.iter_attachments()) == []
    assert "too large to attach" in text_of(mail)


def test_an_alert_does_not_wait_for_audio_that_cannot_be_read_and_says_that_it_follows(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.lose_audio(office.speaks(call))
    office.desk.news(call)
    assert {type(outcome) for outcome in office.sends_everything()} == {Again, Done}  # the webhook needs no audio
    office.later(seconds=5)
    office.sends_everything()
    first = mails(tmp_path)["ines@harbor.example"]
    assert "could not be attached just now" in text_of(first)
    office.speaks(call)  # the store is back
    for path in (tmp_path / "mail").glob("*.eml"):
        path.unlink()
    office.later(minutes=5)
    office.sends_everything()
    second = mails(tmp_path)["ines@harbor.example"]
    assert [part.get_content() for part in second.iter_attachments()] == [MP3]
    assert second["References"] == first["Message-ID"]


# Threads --------------------------------------------------------------------------------------------


def test_late_audio_follows_in_the_thread_with_the_whole_body_again(office, tmp_path):
    call = unhappy_call_whose_words_are_late(office)
    first = mails(tmp_path)["ines@harbor.example"]
    (tmp_path / "mail").rename(tmp_path / "first")
    office.speaks(call)
    office.desk.news(call, at=office.later(seconds=30))
    office.sends_everything()
    second = mails(tmp_path)["ines@harbor.example"]
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"] != second["Message-ID"]
    assert second["Subject"] == first["Subject"]
    assert [part.get_filename() for part in second.iter_attachments()] == ["case-1.mp3"]
    assert "The recording has come." in text_of(second)
    assert "1 of 5 (very dissatisfied)" in text_of(second)
    office.later(hours=1)
    assert office.sends_everything() == []


def test_a_response_that_joins_is_mailed_in_the_thread_with_its_own_audio(office, tmp_path):
    first_call, second_call = unhappy_call(office), unhappy_call(office)
    for call, audio in ((first_call, MP3), (second_call, MP3 + b"again")):
        office.desk.matches(call, LOW)
        office.speaks(call, audio=audio)
        office.desk.news(call)
        office.sends_everything()
        office.later(minutes=3)
    sent = [office.delivery(wave=wave, channel="email", person="ines") for wave in ("opened", "joined")]
    assert sent[1].thread_id == sent[0].message_id
    folder = tmp_path / "mail"
    joined = read_mail(next(folder.glob(f"*{sent[1].id}*.eml")))
    assert "Another response about the same contact has joined this case." in text_of(joined)
    assert [part.get_content() for part in joined.iter_attachments()] == [MP3 + b"again"]


def test_a_case_that_becomes_more_urgent_is_mailed_under_the_first(office, tmp_path):
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.speaks(call)
    office.desk.news(call)
    office.sends_everything()
    first = mails(tmp_path)["ines@harbor.example"]
    (tmp_path / "mail").rename(tmp_path / "first")
    office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    office.sends_everything()
    second = mails(tmp_path)["ines@harbor.example"]
    assert second["Subject"] == "[P1] 1 of 5, not resolved, wants a call - case 1"
    assert second["References"] == first["Message-ID"]
    assert "This case has become more urgent." in text_of(second)
    assert [each.get_filename() for each in second.iter_attachments()] == ["case-1.mp3"]


def test_each_case_is_a_thread_of_its_own(office):
    for _ in range(2):
        call = unhappy_call(office)
        office.desk.matches(call, rule(LOW, once=PER_CALL))
        office.desk.ends(call)
    office.sends_everything()
    assert office.delivery(case_number=2, channel="email", person="ines").thread_id is None


# A call that goes on with an unfinished one ---------------------------------------------------------


@pytest.fixture
def goes_on(office):
    """Nora hung up after her message, and in the call that goes on with that one she wants a call back."""

    def goes_on():
        left = unhappy_call(office)
        office.desk.matches(left, LOW)
        office.desk.verbatim(left, "awaited")
        office.desk.ends(left)
        again = office.desk.call(**NORA, continues=left)
        office.answers(again, csat=1, solved="no", call_me="yes")
        return left, again

    return goes_on


def wants_a_call(office, call):
    office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed", at=office.now)


def test_the_mail_about_a_call_that_goes_on_carries_the_words_of_the_first(office, goes_on):
    left, again = goes_on()
    verbatim = office.speaks(left)
    office.desk.news(left)
    office.sends_everything()
    office.later(minutes=2)
    wants_a_call(office, again)
    office.sends_everything()
    raised = office.delivery(wave="raised", person="ines")
    first = office.delivery(wave="opened", channel="email", person="ines")
    assert (raised.call_sid, raised.with_audio, raised.thread_id) == (again, [verbatim], first.message_id)


def test_a_mail_that_has_not_left_when_the_call_goes_on_gives_way_to_the_more_urgent_one(office, goes_on, tmp_path):
    left, again = goes_on()
    wants_a_call(office, again)
    office.speaks(left)
    office.desk.news(left, at=office.now)
    office.sends_everything()
    mail = mails(tmp_path)["ines@harbor.example"]
    assert mail["Subject"] == "[P1] 1 of 5, not resolved, wants a call - case 1"
    assert [part.get_content() for part in mail.iter_attachments()] == [MP3]


def test_audio_of_the_first_call_that_is_late_follows_the_mail_about_the_second(office, goes_on):
    left, again = goes_on()
    wants_a_call(office, again)
    office.desk.ends(again)
    office.later(seconds=18)
    office.sends_everything()
    verbatim = office.speaks(left)
    office.desk.news(left, at=office.now)
    office.sends_everything()
    assert office.delivery(wave="opened", channel="email", person="ines", state="accepted").with_audio == []
    assert office.delivery(wave="audio", channel="email", person="ines").with_audio == [verbatim]


# What stays in the house ----------------------------------------------------------------------------


def test_where_recordings_stay_in_the_house_neither_voice_nor_words_leave_it(office, tmp_path, receiver):
    office.desk.teams = retold(office.desk.teams, audio="link")
    call = unhappy_call(office)
    office.desk.matches(call, LOW)
    office.is_written_down(office.speaks(call))
    office.desk.ends(call)
    office.sends_everything()
    office.later(hours=1)
    assert office.sends_everything() == []
    mail = mails(tmp_path)["ines@harbor.example"]
    assert list(mail.iter_attachments()) == []
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert "Recording, 0:41: your team's recordings are not sent, nor what is said in them." in unescape(body)
        assert "https://survey.example/cases/1?key=" in body
        assert "cut off" not in body
        assert "attached" not in body
    [(_, body)] = receiver.requests
    data = json.loads(body)["data"]
    assert (data["audio"], data["transcript"]) == (None, None)


def test_where_recordings_stay_in_the_house_a_late_one_is_mailed_to_nobody(office, tmp_path):
    office.desk.teams = retold(office.desk.teams, audio="link")
    call = unhappy_call_whose_words_are_late(office)
    office.is_written_down(office.speaks(call))
    office.desk.news(call, at=office.now)
    office.sends_everything()
    assert "It is not sent: it will be behind the link below." in text_of(mails(tmp_path)["ines@harbor.example"])
