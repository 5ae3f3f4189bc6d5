"""Words that somebody watches for: heard in what a machine wrote down, they open a case, raise one, or propose."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from ivr.survey.watch import WatchRule
from recovery import opt_out
from recovery.case import case_json
from storage import calls, cases, outbox
from storage.models import Base
from tests.alerts.post import AFTER_CALL, MP3, mails, read_mail, text_of
from tests.recovery.callers import LOW

LAWYER = WatchRule(name="Speaks of a lawyer", words={"en": ("lawyer",), "es": ("abogado",)}, severity="P1")
CANCEL = WatchRule(name="May leave us", words={"mul": ("cancel",)}, severity="P1", then="raise")
NO_CALLS = WatchRule(name="Wants no calls", words={"en": ("stop calling me",)}, severity="P3", then="propose_opt_out")


@pytest.fixture
def office(office):
    """Its survey watches for three things."""
    survey = replace(AFTER_CALL, watch=(LAWYER, CANCEL, NO_CALLS))
    office.room = replace(office.room, survey=lambda version: survey)
    return office


def says(office, text, csat=5, low=False, **context):
    """Nora's call is over, her message is stored, alerts have left, and now her words are written down."""
    call = office.desk.call(group="billing", **context)
    office.answers(call, csat=csat)
    if low:
        office.desk.matches(call, LOW)
    verbatim = office.speaks(call)
    office.desk.ends(call)
    office.sends_everything()
    office.is_written_down(verbatim, text=text)
    office.sends_everything()
    return call


def case_of(office, number=1):
    with office.desk.database.reading() as db:
        return case_json(db, cases.find(db, number), False, "https://survey.example")


def has_no_case(office):
    with office.desk.database.reading() as db:
        return cases.find(db, 1) is None


def test_a_listed_word_opens_a_case_without_a_low_score_and_mails_it_with_the_callers_voice(office, tmp_path):
    says(office, "Great, but my Lawyer's been told.")
    mail = mails(tmp_path)["ines@harbor.example"]
    assert mail["Subject"] == "[P1] 5 of 5, Speaks of a lawyer - case 1"
    assert 'Said "lawyer": Speaks of a lawyer.' in text_of(mail)
    assert "Great, but my Lawyer's been told." in text_of(mail)
    assert [part.get_content() for part in mail.iter_attachments()] == [MP3]


def test_a_listed_word_raises_the_case_of_a_low_score_under_its_first_mail(office):
    says(office, "I want to cancel. I have a lawyer.", csat=1, low=True)
    assert office.desk.case(1).severity == "P1"
    first, raised = (office.delivery(wave=wave, channel="email", person="ines") for wave in ("opened", "raised"))
    assert (raised.state, raised.thread_id) == ("accepted", first.message_id)
    assert case_of(office)["triggers"] == ["Recover this caller", "Speaks of a lawyer", "May leave us"]


@pytest.mark.parametrize("text", ["I will cancel.", "All was fine.", "The lawyers were there.", "Mi abogado lo sabe."])
def test_other_words_other_languages_and_words_that_only_raise_open_no_case(office, text):
    says(office, text)
    assert has_no_case(office)


def test_a_listed_word_in_a_response_that_joined_an_urgent_case_is_told_as_that(office, tmp_path):
    first = office.desk.call(group="billing", ticket="77")
    office.desk.matches(first, replace(LOW, severity="P1"))
    office.desk.ends(first)
    office.sends_everything()
    office.later(seconds=60)
    says(office, "My lawyer knows.", csat=1, low=True, ticket="77")
    joined = [text for text in map(text_of, map(read_mail, tmp_path.glob("mail/*.eml"))) if "1 of 5" in text]
    one, other = sorted(joined, key=lambda text: "lawyer" in text)
    assert one.splitlines()[2] == "Another response about the same contact has joined this case."
    assert other.splitlines()[2] == 'Said "lawyer": Speaks of a lawyer.'


def test_the_history_tells_which_word_in_which_message(office):
    call = says(office, "My lawyer knows.")
    with office.desk.database.reading() as db:
        [heard] = cases.events_of(db, 1, "word_heard")
    assert heard.data == {"rule": LAWYER.name, "word": "lawyer", "verbatim": 1, "call_sid": call, "step": "why"}


def test_a_transcript_heeded_twice_changes_nothing(office):
    def rows():
        with office.desk.database.reading() as db:
            tables = Base.metadata.tables.items()
            return {name: db.scalar(select(func.count()).select_from(table)) for name, table in tables}

    says(office, "My lawyer knows. Stop calling me!", csat=1, low=True)
    before = rows()
    with office.desk.database.transaction() as db:
        outbox.run_again(db, "ready:1", office.now)
    office.sends_everything()
    assert rows() == before


def test_a_team_watches_for_words_of_its_own(office):
    first, *rest = office.desk.teams.teams
    injury = WatchRule(name="An injury", words={"mul": ("injury", "herida")}, severity="P1")
    office.desk.teams = replace(office.desk.teams, teams=(replace(first, watch=(injury,)), *rest))
    says(office, "There was an injury.")
    assert case_of(office)["triggers"] == ["An injury"]


def test_the_callers_words_reach_no_log(office):
    with capture_logs() as logs:
        says(office, "My lawyer knows.")
    assert any(entry["event"] == "watched_words_heard" for entry in logs)
    assert "lawyer" not in str(logs)


def test_a_message_that_the_caller_may_still_delete_is_not_heeded(office):
    call = office.desk.call(group="billing")
    verbatim = office.speaks(call)
    office.desk.is_at(call, "why", "review")
    office.is_written_down(verbatim, text="My lawyer knows.")
    office.sends_everything()
    assert has_no_case(office)
    office.desk.is_at(call, "call_me", "ask")
    office.later(seconds=5)
    office.sends_everything()
    assert case_of(office)["severity"] == "P1"


# A wish never to be called again ---------------------------------------------------------------------


def opted_out(office):
    return calls.known_caller(office.desk.database, "+12025550199").opted_out


def test_an_opt_out_is_proposed_and_nothing_is_done(office):
    call = says(office, "Please, stop calling me.")
    assert case_of(office)["proposals"] == [
        {
            "kind": "opt_out",
            "rule": "Wants no calls",
            "call_sid": call,
            "proposed_at": "2026-11-21T10:00:00Z",
            "confirmed_by": None,
            "confirmed_at": None,
        }
    ]
    assert not opted_out(office)


def test_whoever_is_told_hears_the_doubt_before_they_call_back(office, tmp_path):
    says(office, "Stop calling me, or I call a lawyer.")
    text = text_of(mails(tmp_path)["ines@harbor.example"])
    assert "May wish no more calls: listen before you call." in text
    assert "calling is allowed" not in text


def test_a_person_confirms_it_once(office):
    says(office, "Stop calling me.")
    with office.desk.database.transaction() as db:
        case = cases.lock(db, 1)
        assert opt_out.confirm(db, case, "ines@harbor.example", office.now)
        assert not opt_out.confirm(db, case, "omar@harbor.example", office.now)
    assert opted_out(office)
    assert [proposal["confirmed_by"] for proposal in case_of(office)["proposals"]] == ["ines@harbor.example"]


def test_nothing_is_proposed_for_a_caller_who_withholds_the_number(office):
    says(office, "Stop calling me.", number=None)
    assert case_of(office)["proposals"] == []
