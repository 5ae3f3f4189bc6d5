"""The carrier's manners, one by one: what twilio.md lists for an honest emulator, told as telephone calls.

The phone complains of every document that is not as strict as the carrier's schema, so each call here is also a test of
what the caller is sent. What becomes of recordings is in twilio/test_recording_outcomes.py, how callers come to the
survey in test_ways_in.py, and what the carrier may do at the same time in test_at_once.py.
"""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ivr.steps import STEPS
from ivr.survey.reader import load_survey
from phone.carrier import Route
from phone.errors import CarrierError
from phone.line import ANONYMOUS, NORA, Caller, Phone
from phone.manners import Manners
from phone.transport import Reply, WsgiTransport
from storage.models import Answer, Call, CallEvent
from tests.house import WholeHouse, whole_house

SURVEYS = Path(__file__).parent / "surveys"
FLOWS = Path(__file__).parents[2] / "flows"
EMPTY = ["absent", "empty", "falls_through"]
MOST_ACTS = 300  # no patient caller does as much
KNOWN = {"agent": "a7", "agent_name": "Sam", "group": "billing"}
UNHAPPY = ("1", "1", "1", "2", "2")  # consent, csat, its read-back, solved, reason


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[WholeHouse]:
    """One house for all calls of this page, on each database: every call has its own SID, and nobody else is on it."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        (folder / "aftercall.db").write_bytes(migrated_file.read_bytes())
        with whole_house(folder, f"sqlite:///{folder}/aftercall.db") as made:
            yield made
        return
    postgres = request.getfixturevalue("postgres")
    with postgres.database(copy_of=postgres.migrated) as url, whole_house(folder, url) as made:
        yield made


@pytest.fixture(scope="module")
def quiet_house(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[WholeHouse]:
    """The same on SQLite only, for what has nothing to do with the database."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "aftercall.db").write_bytes(migrated_file.read_bytes())
    with whole_house(folder, f"sqlite:///{folder}/aftercall.db") as made:
        yield made


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[WholeHouse]:
    """A house whose survey has every kind of step."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "aftercall.db").write_bytes(migrated_file.read_bytes())
    with whole_house(folder, f"sqlite:///{folder}/aftercall.db", FLOWS_DIR=str(SURVEYS)) as made:
        yield made


def takes(house: WholeHouse, *keys: str, **manners: Any) -> Caller:
    """Nora on the line, after these keys."""
    caller = house.phone.takes("after-call", manners=Manners(**manners), **KNOWN)
    for each in keys:
        caller.presses(each)
    return caller


def until_it_ends(caller: Caller, act: Callable[[], object]) -> None:
    """Do the same again and again."""
    for _ in range(MOST_ACTS):
        caller.call.hear_out()
        if caller.call.over:
            return
        act()
        if caller.call.is_recording:
            caller.stays_silent()
    raise AssertionError(f"the call does not end\n{caller.transcript}")


def answers(house: WholeHouse, caller: Caller) -> dict[str, object]:
    """What was answered, and why the rest was not."""
    told = house.response(caller.call_sid)["answers"]
    return {step: answer["missing"] or answer["value"] for step, answer in told.items()}


def events(house: WholeHouse, caller: Caller, *types: str) -> list[CallEvent]:
    with house.house.database.reading() as db:
        of_call = select(CallEvent).where(CallEvent.call_sid == caller.call_sid, CallEvent.type.in_(types))
        return list(db.execute(of_call.order_by(CallEvent.id)).scalars())


def row(house: WholeHouse, caller: Caller) -> Call:
    with house.house.database.reading() as db:
        return db.get_one(Call, caller.call_sid)


# Keys -----------------------------------------------------------------------------------------------


def test_the_survey_of_everything_has_every_kind_of_step() -> None:
    survey = load_survey((SURVEYS / "everything.yaml").read_text())
    assert {step.type for step in survey.all_steps} == set(STEPS)


@pytest.mark.parametrize("key", [*"0123456789*#", "12", "99999999", "1#", "*1"])
def test_any_key_at_every_kind_of_step_leads_to_an_end(everything: WholeHouse, key: str) -> None:
    for nora in (everything.phone.takes("everything"), everything.phone.takes("everything").presses("1")):
        until_it_ends(nora, partial(nora.presses, key))
        assert everything.response(nora.call_sid)["disposition"] in ("complete", "partial", "break_off", "refusal")


@pytest.mark.parametrize("survey", sorted(path.stem for path in FLOWS.glob("*.yaml")))
@pytest.mark.parametrize("language", ["en", "es"])
def test_whatever_callers_do_every_survey_that_ships_comes_to_an_end(
    quiet_house: WholeHouse, survey: str, language: str
) -> None:
    chance = random.Random(survey)
    for _ in range(4):
        nora = quiet_house.phone.takes(survey, caller="anonymous", language=language, **KNOWN)
        until_it_ends(nora, partial(presses_anything, nora, chance))
        assert quiet_house.response(nora.call_sid)["disposition"] != "failed"


def presses_anything(caller: Caller, chance: random.Random) -> None:
    caller.presses(chance.choice(["1", "1", "2", "5", "7#", "*", "*2", "#"]))


@pytest.mark.parametrize("empty_digits", EMPTY)
def test_silence_at_every_kind_of_step_leads_to_an_end(everything: WholeHouse, empty_digits: Any) -> None:
    nora = everything.phone.takes("everything", manners=Manners(empty_digits=empty_digits)).presses("1")
    until_it_ends(nora, nora.stays_silent)
    assert everything.response(nora.call_sid)["answers"]["csat"]["missing"] == "silence"


@pytest.mark.parametrize("empty_digits", EMPTY)
def test_nothing_pressed_is_silence_and_asked_again(house: WholeHouse, empty_digits: str) -> None:
    nora = takes(house, "1", empty_digits=empty_digits)
    nora.stays_silent().hears("how satisfied").presses("5").hears("problem solved").hangs_up()
    assert answers(house, nora)["csat"] == 5
    assert [event.data["step"] for event in events(house, nora, "NoInput")] == ["csat"]


def test_pound_alone_is_silence(house: WholeHouse) -> None:
    nora = takes(house, "1").presses("#").hears("how satisfied").presses("4").hangs_up()
    assert len(events(house, nora, "NoInput")) == 1
    assert events(house, nora, "NoMatch") == []


def test_a_key_off_the_scale_is_told_and_asked_again(house: WholeHouse) -> None:
    nora = takes(house, "1").presses("7").hears("how satisfied").presses("4").hangs_up()
    assert [event.data["kind"] for event in events(house, nora, "NoMatch")] == ["wrong_key"]


def test_star_opens_the_menu_and_is_no_answer(house: WholeHouse) -> None:
    nora = takes(house, "1").presses("*").hears("to hear it again").presses("1").hears("how satisfied")
    nora.presses("5").hangs_up()
    assert answers(house, nora)["csat"] == 5


def test_a_key_pressed_into_the_prompt_is_an_answer(house: WholeHouse) -> None:
    nora = takes(house, "1").presses_at_once("5").hears("problem solved").hangs_up()
    assert answers(house, nora)["csat"] == 5


def test_a_prompt_that_must_be_heard_is_not_cut_short(house: WholeHouse) -> None:
    nora = takes(house).hears("two minutes of questions").presses_at_once("1")
    nora.hears("to go on, press 1").presses("1").hears("how satisfied").hangs_up()


@pytest.mark.parametrize(("keys", "score"), [("10", 10), ("1", 1), ("0", 0), ("9", 9), ("7#", 7)])
def test_one_key_or_two_are_one_score_as_they_are_pressed(house: WholeHouse, keys: str, score: int) -> None:
    nora = takes(house, "1", "5", "1").presses(keys).is_hung_up_on()
    assert answers(house, nora)["recommend"] == score


def test_keys_that_come_slowly_are_taken_when_the_wait_is_over(house: WholeHouse) -> None:
    nora = takes(house, "1", "5", "1").hears("how likely").presses_at_once("1").waits(1.5).presses_at_once("0")
    assert answers(house, nora.is_hung_up_on())["recommend"] == 10


# Hanging up -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("heard_s", [0.0, 2.0, None], ids=["at once", "in the prompt", "when asked"])
@pytest.mark.parametrize("answered", range(len(UNHAPPY) + 1))
def test_a_hang_up_at_any_prompt_closes_the_books(house: WholeHouse, answered: int, heard_s: float | None) -> None:
    nora = takes(house, *UNHAPPY[:answered])
    nora.waits(heard_s) if heard_s is not None else nora.call.hear_out()
    nora.hangs_up()
    response = house.response(nora.call_sid)
    assert response["disposition"] == ("partial" if answered > 1 else "break_off")
    assert [alert["name"] for alert in response["alerts"]] == (["Recover this caller"] if answered > 1 else [])
    assert all(answer["value"] is not None or answer["missing"] for answer in response["answers"].values())


@pytest.mark.parametrize("hangup_order", ["action_first", "status_first"])
@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_a_hang_up_while_speaking_keeps_what_was_said(house: WholeHouse, hangup_order: str, seconds: float) -> None:
    nora = takes(house, *UNHAPPY, hangup_order=hangup_order).says(seconds).hangs_up()
    house.works()
    assert house.response(nora.call_sid)["verbatims"]["why"]["status"] == "stored"
    assert house.response(nora.call_sid)["disposition"] == "partial"


def test_where_the_caller_left_and_how_far_into_the_prompt_is_kept(house: WholeHouse) -> None:
    nora = takes(house, "1", "5")
    house.clock.moment += timedelta(seconds=3)
    nora.hangs_up()
    call = row(house, nora)
    assert (call.ended_by, call.left_step, call.left_after_s) == ("caller", "solved", 3.0)
    [*_, asked] = events(house, nora, "QuestionAsked")
    assert (asked.data["step"], asked.data["speech_s"]) == ("solved", call.prompt_s)
    assert asked.data["speech_s"] > 3


def test_how_long_the_line_was_open_is_what_the_carrier_says(house: WholeHouse) -> None:
    nora = takes(house, "1").waits(5).hangs_up()
    assert row(house, nora).line_s == nora.call.record.duration_s


def test_retries_and_skips_are_kept_with_their_step(house: WholeHouse) -> None:
    nora = takes(house, "1").presses("8").presses("8").hears("problem solved")
    nora.presses("*").presses("3").hangs_up()  # skips
    assert [event.data["step"] for event in events(house, nora, "NoMatch")] == ["csat", "csat"]
    missing = {event.data["step"]: event.data["reason"] for event in events(house, nora, "AnswerMissing")}
    assert (missing["csat"], missing["solved"]) == ("wrong_key", "refused")


# Requests that come again, late, in another order ----------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_every_request_may_come_twice(house: WholeHouse, method: str) -> None:
    once, twice = takes(house, *UNHAPPY), takes(house, *UNHAPPY, repeats_requests=True, method=method)
    for nora in (once, twice):
        nora.says(3.0).hangs_up()
    assert answers(house, twice) == answers(house, once)
    kinds = ("QuestionAsked", "AnswerGiven", "AnswerSettled", "AnswerMissing", "VerbatimRecorded", "CallEnded")
    assert [event.type for event in events(house, twice, *kinds)] == [e.type for e in events(house, once, *kinds)]
    assert len(house.response(twice.call_sid)["alerts"]) == 1


def test_a_request_that_comes_again_gets_the_same_document(house: WholeHouse) -> None:
    nora = takes(house, "1", "5")
    last = nora.call.requests.log[-1]
    assert last.reply is not None
    assert nora.call.requests.send_again(last).body == last.reply.body


def test_a_stale_request_gets_the_present_question(house: WholeHouse) -> None:
    nora = takes(house, "1", "5")
    consent, _csat = [exchange for exchange in nora.call.requests.log if "Digits" in exchange.request.parameters]
    assert b"problem solved" in nora.call.requests.send_again(consent).body
    assert answers(house, nora.hangs_up())["csat"] == 5


def test_a_request_after_the_end_gets_a_goodbye_and_changes_nothing(house: WholeHouse) -> None:
    nora = takes(house, "1", "5").hangs_up()
    before = answers(house, nora)
    replies = [nora.call.requests.send_again(exchange) for exchange in list(nora.call.requests.log)]
    said = [reply.body for reply in replies if reply.status == 200]
    assert said
    assert all(b"<Hangup/>" in body and b"<Gather" not in body for body in said)
    assert answers(house, nora) == before


def test_a_caller_who_was_silent_for_too_long_and_comes_back_hears_a_goodbye(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", caller="+12025550177", language="es", **KNOWN).presses("1").presses("5")
    house.passes(minutes=20)
    assert house.response(nora.call_sid)["disposition"] == "partial"
    odd = f"{house.settings.public_url}/voice/{nora.call_sid}/77"
    assert b"Gracias. Adi" in nora.call.requests.ask(odd, "POST", {"CallSid": nora.call_sid, "Digits": "1"}).body
    nora.presses("1").is_hung_up_on()
    assert nora.heard[-1] == "Gracias. Adiós."
    assert answers(house, nora)["solved"] == "hung_up"


def test_the_end_may_be_told_before_the_last_answer(house: WholeHouse) -> None:
    nora = takes(house, "1", "5", "1")
    status = {"CallSid": nora.call_sid, "CallStatus": "completed", "CallDuration": "31"}
    nora.call.requests.ask(f"{house.settings.public_url}/voice/status", "POST", status)
    nora.presses("10").is_hung_up_on()
    assert house.response(nora.call_sid)["disposition"] == "partial"
    assert answers(house, nora)["recommend"] == "hung_up"


@pytest.mark.parametrize("public_url", ["https://survey.harbor.example:8443", "http://me:pw@survey.harbor.example"])
def test_ports_and_passwords_of_our_address_are_no_trouble(tmp_path: Path, sqlite_url: str, public_url: str) -> None:
    with whole_house(tmp_path, sqlite_url, PUBLIC_URL=public_url) as house:
        takes(house, "1", "5", "1", "10").is_hung_up_on()
        assert house.phone.texts("STOP").status == 200


@pytest.mark.parametrize("status", ["ringing", "in-progress", "queued"])
def test_news_of_a_call_that_goes_on_ends_nothing(house: WholeHouse, status: str) -> None:
    nora = takes(house, "1")
    news = {"CallSid": nora.call_sid, "CallStatus": status}
    nora.call.requests.ask(f"{house.settings.public_url}/voice/status", "POST", news)
    nora.hears("how satisfied").presses("5").hears("problem solved").hangs_up()


def test_news_of_a_call_that_nobody_knows_is_harmless(house: WholeHouse) -> None:
    nora = takes(house, "1")
    unknown = "CA" + "e" * 32
    news = {"CallSid": unknown, "CallStatus": "completed"}
    nora.call.requests.ask(f"{house.settings.public_url}/voice/status", "POST", news)
    recording = {"CallSid": unknown, "RecordingSid": "RE" + "e" * 32, "RecordingStatus": "completed"}
    nora.call.requests.ask(f"{house.settings.public_url}/voice/recording/{unknown}/why", "POST", recording)
    nora.hangs_up()


# Who calls, and how ---------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [ANONYMOUS, "anonymous", "+7378742883", "unknown"])
def test_a_caller_who_withholds_the_number_is_heard_all_the_same(house: WholeHouse, caller: str) -> None:
    nora = house.phone.takes("after-call", caller=caller, **KNOWN).presses("1").presses("5").hangs_up()
    assert house.response(nora.call_sid)["from"] is None


def test_parameters_that_nobody_has_announced_are_no_trouble(house: WholeHouse) -> None:
    news = {"AddOns": '{"status": "ok"}', "StirVerstat": "TN-Validation-Passed-A", "NewThing": "", "CallToken": "%7B"}
    nora = takes(house, "1", "5", extra=news).hangs_up()
    assert house.response(nora.call_sid)["context"] == KNOWN


def test_the_first_request_may_be_a_get(house: WholeHouse) -> None:
    nora = takes(house, "1", "5", method="GET").hangs_up()
    assert house.response(nora.call_sid)["context"] == KNOWN


def test_an_address_that_is_no_number_is_kept_as_it_comes(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", by="sip", caller=NORA, **KNOWN).presses("1").hangs_up()
    assert house.response(nora.call_sid)["from"] == "sip:12025550199@pbx.example.com"


def test_what_is_known_of_the_caller_is_spoken_and_never_markup(house: WholeHouse) -> None:
    name = '</Say><Hangup/><Say>&amp; <b>"Sam"</b>'
    nora = house.phone.takes("after-call", agent="a7", group="billing", agent_name=name).presses("1")
    assert f"the help from {name[:40]}" in " ".join(nora.heard)
    nora.presses("5").hears("problem solved").hangs_up()


# Where things go wrong ------------------------------------------------------------------------------


def test_after_a_request_that_failed_the_caller_hears_the_safe_goodbye(house: WholeHouse) -> None:
    nora = takes(house, "1", "1", "1")
    lost = {"CallSid": nora.call_sid, "ErrorCode": "11200", "ErrorUrl": f"{house.settings.public_url}/voice/x"}
    reply = nora.call.requests.ask(f"{house.settings.public_url}/voice/fallback", "POST", lost)
    assert b"something went wrong" in reply.body
    response = house.response(nora.call_sid)
    assert response["disposition"] == "failed"
    assert [alert["name"] for alert in response["alerts"]] == ["Recover this caller"]


def test_a_number_whose_survey_is_down_falls_back_to_the_goodbye(house: WholeHouse) -> None:
    class Down:
        """Nobody answers but at the fallback address."""

        def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
            if "/voice/fallback" not in url:
                raise CarrierError(11205, "HTTP no reply within 15 s")
            return WsgiTransport(house.app).send(method, url, headers, body)

    phone = Phone(house.house.phone_carrier, Down(), house.settings.public_url)
    nora = phone.takes("after-call", forgiving=True, **KNOWN).is_hung_up_on()
    assert "something went wrong on our side" in " ".join(nora.heard)
    assert {error.code for error in nora.call.errors} == {11205}


def test_an_unknown_survey_says_goodbye(house: WholeHouse) -> None:
    nora = house.phone.takes("no-such-survey", language="es").is_hung_up_on()
    assert nora.heard == ["Gracias. Adiós."]


def test_missing_context_is_noted_and_the_survey_goes_on(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", group="billing", loyalty="gold").presses("1").hears("our agent").hangs_up()
    response = house.response(nora.call_sid)
    assert response["data_problems"] == ["agent is missing"]
    assert response["context"] == {"group": "billing", "loyalty": "gold"}


def test_an_answer_is_kept_once_however_often_it_is_told(house: WholeHouse) -> None:
    nora = takes(house, "1", "5", repeats_requests=True)
    with house.house.database.reading() as db:
        kept = db.execute(select(Answer).where(Answer.call_sid == nora.call_sid, Answer.step == "csat")).scalars().all()
    assert len(kept) == 1
    nora.hangs_up()


def test_a_call_out_that_nobody_picks_up_begins_no_survey(house: WholeHouse) -> None:
    nora = house.phone.calls(Route(twiml="<Response><Hangup/></Response>"))
    news = {"CallSid": nora.call_sid, "CallStatus": "no-answer", "Direction": "outbound-api"}
    nora.call.requests.ask(f"{house.settings.public_url}/voice/after-call", "POST", news)
    with house.house.database.reading() as db:
        assert db.get(Call, nora.call_sid) is None
