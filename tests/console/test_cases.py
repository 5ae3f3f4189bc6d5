"""The page of a case: opened by a signed link, shows, plays, and changes nothing."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import func, select

from alerts.check import read_teams
from console.cases import CasePages, cases
from recovery import opt_out
from recovery.links import Links
from storage import calls
from storage import cases as cases_kept
from storage.models import Base
from tests.alerts.post import MP3, open_office
from tests.recovery.callers import LOW, TEAMS, WANTS_A_CALL, Desk, rule

NORA = {"agent": "a7", "agent_name": "Sam Reyes", "group": "billing", "ticket": "88213", "customer_name": "Nora Lind"}


@pytest.fixture
def office(database, now, tmp_path):
    teams, _ = read_teams(TEAMS)
    return open_office(Desk(database, teams, now), tmp_path)


@pytest.fixture
def web(office):
    room = office.room
    flask = Flask("test", static_folder=None)
    pages = CasePages(room.database, room.audio, room.teams, room.survey, room.links, room.now)
    flask.register_blueprint(cases(pages))
    return flask.test_client()


@pytest.fixture
def call(office):
    """Nora's call: a 1, not solved, words, and a wish to be called."""
    call = office.desk.call(**NORA)
    office.answers(call, csat=1, solved="no", reason="knowledge", call_me="yes", **{"call_me.number": "2025550177"})
    office.desk.matches(call, LOW, WANTS_A_CALL, calling="allowed")
    office.is_written_down(office.speaks(call))
    office.desk.ends(call)
    office.sends_everything()
    office.later(minutes=4)
    return call


def path(link):
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


def player(page):
    """Where the page plays its first recording from."""
    return urljoin("/cases/1", page.split('<audio controls preload="metadata" src="')[1].split('"')[0])


def test_the_link_in_an_alert_shows_the_whole_case(office, web, call):
    page = web.get(path(office.room.links.case(1)))
    assert page.status_code == 200
    for fact in [
        "Case 1",
        "P1: now",
        "1 of 5, not resolved",
        "Wants to be called back.",
        "The call ended 4 min ago.",
        "I was cut off twice.",
        "machine",
        "what the agent knew (knowledge)",
        "Nora Lind, +1202…0199",
        "Sam Reyes",
        'href="https://desk.example/tickets/88213"',
        "Recover this caller, Wants a call",
        "Ines Duarte by mail",
        "sent 2026-11-21 05:00 EST",
        "New: nobody has taken it yet",
    ]:
        assert fact in page.text, fact
    assert "2025550199" not in page.text
    assert "2025550177" not in page.text


def test_the_page_plays_the_callers_words(office, web, call):
    page = web.get(path(office.room.links.case(1))).text
    address = player(page)
    audio = web.get(address)
    assert audio.data == MP3
    assert audio.headers["Content-Type"] == "audio/mpeg"
    assert audio.headers["Content-Disposition"] == "inline; filename=case-1.mp3"
    part = web.get(address, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.data) == (206, MP3[4:8])
    assert part.headers["Content-Range"] == f"bytes 4-7/{len(MP3)}"


def test_looking_and_listening_changes_nothing(office, web, call):
    def rows():
        with office.desk.database.reading() as db:
            return {
                name: db.scalar(select(func.count()).select_from(table))
                for name, table in Base.metadata.tables.items()
                if name != "listens"  # who listened is written down
            }

    before, case = rows(), office.desk.case(1)
    for link in (office.room.links.case(1), office.room.links.recording(1)):
        for method in ("GET", "HEAD"):
            assert web.open(path(link), method=method).status_code == 200
        assert web.post(path(link)).status_code == 405
    assert rows() == before
    assert office.desk.case(1).state == case.state == "new"


def test_nobody_else_may_keep_or_pass_on_what_the_link_shows(office, web, call):
    for link in (office.room.links.case(1), office.room.links.recording(1)):
        headers = web.get(path(link)).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    "address", ["/cases/1", "/cases/1?key=", "/cases/1?key=forged", "/recordings/1.mp3?key=forged"]
)
def test_a_link_without_its_key_is_refused_in_plain_words(web, call, address):
    page = web.get(address)
    assert page.status_code == 403
    assert "Links from alerts work for 7 days" in page.text


def test_a_key_opens_only_what_it_was_made_for(office, web, call):
    links = office.room.links
    other_case, recording_as_case = links.case_key(2), links.recording_key(1)
    assert web.get(f"/cases/1?key={other_case}").status_code == 403
    assert web.get(f"/cases/1?key={recording_as_case}").status_code == 403
    assert web.get(f"/cases/1?key={Links('', 'another secret').case_key(1)}").status_code == 403


def test_a_link_that_is_too_old_is_refused(office, call):
    old = replace(office.room.links, lifetime=timedelta(seconds=-1))
    assert not old.opens_case(1, old.case_key(1))
    assert office.room.links.opens_case(1, old.case_key(1))


def test_the_audio_of_a_page_is_open_as_long_as_the_page(office, web, call, monkeypatch):
    today = {"day": 0}
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: 1_800_000_000 + today["day"] * 86_400)
    link = path(office.room.links.case(1))
    today["day"] = 6
    audio = player(web.get(link).text)
    assert web.get(audio).status_code == 200
    today["day"] = 8
    assert web.get(audio).status_code == web.get(link).status_code == 403


def test_a_case_that_is_not_there_and_a_recording_that_is_gone_are_404(office, web, call):
    links = office.room.links
    assert web.get(path(links.case(77))).status_code == 404
    assert web.get(path(links.recording(77))).status_code == 404
    office.desk.verbatim(call, "deleted")
    assert web.get(path(links.recording(1))).status_code == 404
    assert "The caller deleted the message." in web.get(path(links.case(1))).text


def test_audio_that_cannot_be_read_is_not_for_ever(office, web, call):
    office.lose_audio(1)
    assert web.get(path(office.room.links.recording(1))).status_code == 503


def test_both_responses_of_a_case_are_shown(office, web, call):
    second = office.desk.call(**{**NORA, "agent_name": "Ada Bloom"})
    office.answers(second, csat=2)
    office.desk.matches(second, LOW)
    page = web.get(path(office.room.links.case(1))).text
    assert page.index("Ada Bloom") < page.index("Sam Reyes")
    assert "The caller is still on the line." in page
    assert "Another response joined." in page


def test_calls_that_went_on_with_each_other_are_one_response(office, web, call):
    again = office.desk.call(**NORA, continues=call)
    office.answers(again, csat=1)
    office.desk.matches(again, rule(LOW, name="Called again"), at=office.now)
    page = web.get(path(office.room.links.case(1))).text
    assert page.count("<audio") == 1
    assert page.count("I was cut off twice.") == 1
    assert "Called again" in page


def test_what_a_machine_proposes_is_shown_until_a_person_confirms_it(office, web, call):
    with office.desk.database.transaction() as db:
        cases_kept.add_event(
            db, 1, "word_heard", "transcript", office.now, word="no more", rule="No <calls>", step="why"
        )
        opt_out.propose(db, 1, calls.get(db, call), "No <calls>", office.now)
    page = web.get(path(office.room.links.case(1))).text
    assert "Proposed: never survey this caller again (No &lt;calls&gt;). Nothing has been done" in page
    assert "The caller said &#34;no more&#34; at why: No &lt;calls&gt;." in page
    with office.desk.database.transaction() as db:
        opt_out.confirm(db, cases_kept.lock(db, 1), "ines@harbor.example", office.now)
    page = web.get(path(office.room.links.case(1))).text
    assert "Proposed:" not in page
    assert "It was confirmed" in page


def test_of_an_erased_caller_the_page_says_so_and_blames_nobody(office, web, call):
    office.erases(call)
    page = web.get(path(office.room.links.case(1))).text
    assert "The message is not kept any more: erased at the caller&#39;s wish." in page
    assert "number erased" in page
    assert "The caller deleted the message" not in page
    assert "withheld" not in page


def test_a_word_that_was_erased_is_shown_no_more(office, web, call):
    heard = {"word": "lawyer", "rule": "Law", "step": "why", "verbatim": 1, "call_sid": call}
    with office.desk.database.transaction() as db:
        cases_kept.add_event(db, 1, "word_heard", "transcript", office.now, **heard)
    assert "lawyer" in web.get(path(office.room.links.case(1))).text
    office.erases(call)
    page = web.get(path(office.room.links.case(1))).text
    assert "lawyer" not in page
    assert "The caller said a word at why that is watched for: Law. The word itself is not kept any more." in page


def test_what_came_from_outside_is_text_and_never_markup(office, web):
    call = office.desk.call(agent="<script>alert(1)</script>", ticket='"><img src=x>')
    office.desk.matches(call, LOW)
    office.is_written_down(office.speaks(call), text="<b>bold</b>")
    page = web.get(path(office.room.links.case(1))).text
    assert "<script>" not in page
    assert "<img" not in page
    assert "<b>" not in page
