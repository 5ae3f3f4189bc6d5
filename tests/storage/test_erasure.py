"""A caller's data goes when it must, all of it, and stays where the law holds it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from storage import calls, cases, erasure, transcripts, verbatims
from storage.erasure import Erased
from storage.models import (
    Answer,
    Base,
    Call,
    Caller,
    CallEvent,
    Case,
    CaseTrigger,
    Outbox,
    SurveyVersion,
    Verbatim,
)
from tests.rows import call_on_line

NORA, OTHER, AGAIN = ("CA" + digit * 32 for digit in "123")
MOBILE, OTHERS = "12025550177", "+12025550188"
ACCOUNT = "48213377"


def anonymous(_version: str) -> set[str]:
    return {"csat"}


@pytest.fixture
def db(database, now, nora):
    """Nora's call with a message that was stored and read, and another caller's."""
    with database.transaction() as db:
        db.add(SurveyVersion(version="sha256:1", survey="after-call", source="", published_at=now))
        db.flush()
        for sid, number in ((NORA, nora.number), (OTHER, OTHERS)):
            db.add(over(sid, number, now))
        db.flush()
        for sid in (NORA, OTHER):
            db.add(Answer(call_sid=sid, step="csat", value=1, keys="1", input="dtmf", at=now))
            db.add(Answer(call_sid=sid, step="call_me.number", value=MOBILE, keys=MOBILE, input="dtmf", at=now))
            account = {"value": ACCOUNT, "label": " ".join(ACCOUNT), "keys": ACCOUNT}
            db.add(Answer(call_sid=sid, step="account", input="dtmf", at=now, **account))
            given = {"step": "account", "input": "dtmf", "settled": True, **account}
            db.add(CallEvent(call_sid=sid, turn=1, at=now, type="AnswerGiven", data=given))
            rated = {"step": "csat", "value": 1, "keys": "1"}
            db.add(CallEvent(call_sid=sid, turn=1, at=now, type="AnswerGiven", data=rated))
            db.add(CallEvent(call_sid=sid, turn=1, at=now, type="ValueSet", data={"value": "Nora Lind"}))
            key = f"after-call/caller/{nora.number if sid == NORA else OTHERS}"
            case = Case(
                key=key, survey="after-call", call_sid=sid, team="recovery", severity="P2", state="new", opened_at=now
            )
            db.add(case)
            db.flush()
            trigger = {"case_number": case.number, "call_sid": sid, "rule": "low", "severity": "P2", "attach": []}
            db.add(CaseTrigger(**trigger, raised_at=now))
            verbatim = speaks(db, sid, now)
            heard = {"rule": "law", "word": "lawyer", "verbatim": verbatim, "call_sid": sid, "step": "why"}
            cases.add_event(db, case.number, "word_heard", "transcript", now, **heard)
        db.add(Caller(number=nora.number, language="es"))
        db.flush()
        yield db


def over(sid: str, number: str, now: datetime) -> Call:
    """A call that is over, with all that may tell who called."""
    return call_on_line(
        sid,
        now,
        from_number=number,
        to_number="+12025550100",
        context={"agent": "a7", "group": "billing", "ticket": "88213", "customer_name": "Nora Lind"},
        call_key="desk-77",
        ticket="88213",
        ended_at=now,
        state='{"context": {"customer_name": "Nora Lind"}}',
        reply="<Response><Say>Thank you, Nora Lind.</Say></Response>",
    )


def goes_on(db, nora, now: datetime) -> None:
    call = over(AGAIN, nora.number, now + timedelta(hours=1))
    call.continues = NORA
    db.add(call)
    db.flush()
    calls.take_over_answers(db, AGAIN, NORA, ["csat", "account"])


def speaks(db, sid: str, now: datetime) -> int:
    verbatim = Verbatim(
        call_sid=sid,
        step="why",
        status="stored",
        language="en",
        recording_sid="RE" + sid[2:],
        asked_at=now,
        carrier_duration_s=3.0,
        audio_key="a.mp3",
        sha256="1",
    )
    db.add(verbatim)
    db.flush()
    transcripts.queue(db, verbatim.id, None, now)
    transcripts.finish(db, verbatim.id, "ready", now, text="Sam was rude to Nora Lind.")
    return verbatim.id


def everything(db) -> str:
    """All that is stored, as one text."""
    rows = [row for table in Base.metadata.sorted_tables for row in db.execute(select(table)).all()]
    return " ".join(map(str, rows))


def test_nothing_tells_any_more_who_called_or_what_they_said(db, now, nora):
    wanted = erasure.calls_of(db, nora.number)
    telling = (nora.number, MOBILE, ACCOUNT, " ".join(ACCOUNT), "Nora Lind", "88213", "desk-77", "lawyer")
    assert all(fact in everything(db) for fact in telling)
    removed = erasure.erase(db, wanted, anonymous, now)
    assert erasure.forget_caller(db, nora.number)
    assert removed == Erased(calls=1, recordings=1, transcripts=1)
    db.flush()
    erasure.erase(db, erasure.calls_of(db, OTHERS), anonymous, now)  # so that what is left could only be Nora's
    db.expire_all()

    assert db.get(Call, NORA).context == {"agent": "a7", "group": "billing"}
    assert [fact for fact in telling if fact in everything(db)] == []
    assert [take.status for take in verbatims.of_call(db, NORA)] == ["deleted"]
    assert [event.type for event in cases.events(db, 1)] == ["word_heard", "erased"]


def test_ratings_stay_for_the_reports_and_that_the_rest_was_answered(db, now, nora):
    erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now)
    db.expire_all()
    assert db.get(Answer, (NORA, "csat")).value == 1
    account = db.get(Answer, (NORA, "account"))
    assert (account.value, account.keys, account.label, account.at) == (None, None, None, now)
    events = db.execute(select(CallEvent).where(CallEvent.call_sid == NORA, CallEvent.type == "AnswerGiven")).scalars()
    assert [event.data for event in events] == [{"step": "account"}, {"step": "csat", "value": 1, "keys": "1"}]


def test_the_files_go_here_and_at_the_carrier(db, now, nora):
    erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now)
    due = {row.kind for row in db.execute(select(Outbox)).scalars() if row.due_at <= now and row.queue == "recordings"}
    assert due == {"audio.delete", "recording.delete"}


def test_other_callers_lose_nothing(db, now, nora):
    erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now)
    assert db.get(Call, OTHER).context["customer_name"] == "Nora Lind"
    assert [take.status for take in verbatims.of_call(db, OTHER)] == ["stored"]


def test_a_legal_hold_stops_it_until_it_is_lifted(db, now, nora):
    assert erasure.hold(db, NORA, "case 14/2026", now)
    db.expire_all()
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now) == Erased(held=(NORA,))
    assert [take.status for take in verbatims.of_call(db, NORA)] == ["stored"]

    assert erasure.lift_hold(db, NORA)
    assert not erasure.lift_hold(db, NORA)
    db.expire_all()
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now).calls == 1


@pytest.fixture
def again(db, now, nora):
    """Nora calls again and goes on where she hung up; what she answered stands in both calls' books."""
    goes_on(db, nora, now)


@pytest.mark.parametrize("named", [NORA, AGAIN])
def test_calls_that_went_on_with_each_other_are_erased_together(db, now, again, named):
    assert erasure.erase(db, [db.get(Call, named)], anonymous, now) == Erased(calls=2, recordings=1, transcripts=1)
    db.expire_all()
    assert [take.status for take in verbatims.of_call(db, NORA)] == ["deleted"]
    for sid in (NORA, AGAIN):
        call = db.get(Call, sid)
        assert (call.from_number, call.call_key, call.ticket) == (None, None, None)
        assert db.get(Answer, (sid, "account")).value is None
    [heard, erased] = cases.events(db, 1)
    assert heard.data["word"] is None
    assert erased.data == {"call_sid": AGAIN}


@pytest.mark.parametrize("named", [NORA, AGAIN])
def test_a_hold_on_one_of_them_holds_all(db, now, nora, again, named):
    assert erasure.hold(db, named, "case 14/2026", now)
    kept = Erased(held=(NORA, AGAIN))
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now) == kept
    assert [take.status for take in verbatims.of_call(db, NORA)] == ["stored"]
    assert erasure.lift_hold(db, NORA)
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now).calls == 2


def test_a_call_that_goes_on_with_a_held_one_is_held(db, now, nora):
    erasure.hold(db, NORA, "case 14/2026", now)
    goes_on(db, nora, now)
    assert erasure.erase(db, [db.get(Call, AGAIN)], anonymous, now) == Erased(held=(NORA, AGAIN))
    assert erasure.lift_hold(db, AGAIN)
    assert erasure.erase(db, [db.get(Call, AGAIN)], anonymous, now).calls == 2


def test_while_the_second_is_on_the_line_the_first_waits(db, now, nora, again):
    db.get(Call, AGAIN).ended_at = None
    waits = Erased(running=(NORA, AGAIN))
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now) == waits


def test_a_call_that_is_not_known_cannot_be_held(db, now):
    assert not erasure.hold(db, "CA" + "9" * 32, "case 14/2026", now)


def test_a_call_that_is_still_on_the_line_is_named(db, now, nora):
    db.get(Call, NORA).ended_at = None
    assert erasure.erase(db, erasure.calls_of(db, nora.number), anonymous, now) == Erased(running=(NORA,))


def test_the_wish_never_to_be_surveyed_outlives_the_rest(db, now, nora):
    db.get(Caller, nora.number).opted_out_at = now
    assert not erasure.forget_caller(db, nora.number)
    assert db.get(Caller, nora.number).opted_out_at == now


def test_erasing_twice_erases_once(db, now, nora):
    found = erasure.calls_of(db, nora.number)
    erasure.erase(db, found, anonymous, now)
    db.expire_all()
    assert erasure.erase(db, found, anonymous, now).recordings == 0


@pytest.mark.parametrize("written", ["sip:12025550177@pbx.example", "SIP:+12025550177@10.0.0.1:5060", "12025550177"])
def test_a_caller_by_sip_is_found_by_the_number(db, now, written):
    db.get(Call, OTHER).from_number = written
    db.add(Caller(number=written, language="es"))
    db.flush()
    assert [call.call_sid for call in erasure.calls_of(db, "+12025550177")] == [OTHER]
    assert [call.call_sid for call in erasure.calls_of(db, written)] == [OTHER]
    assert erasure.calls_of(db, "+1202555017") == erasure.calls_of(db, "2025550177") == []
    assert erasure.forget_caller(db, "+12025550177")
    assert db.get(Caller, written) is None


def test_a_number_that_never_called_has_nothing_to_erase(db, now):
    assert erasure.erase(db, erasure.calls_of(db, "+12025550177"), anonymous, now) == Erased()
