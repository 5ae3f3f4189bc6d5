"""How callers come to the survey: each way as docs/connect.md has it, through the whole house."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from phone.carrier import Route
from phone.line import NORA, Caller
from phone.manners import Manners
from tests.house import WholeHouse, whole_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    with whole_house(tmp_path, database_url) as made:
        yield made


# The agent's telephone ------------------------------------------------------------------------------


def number_of_the_centre(house: WholeHouse, verb: str) -> Route:
    """The contact centre's own number: its document has the caller talk first, and then come to us."""
    return Route(
        twiml=f"<Response>{verb}</Response>",
        status_callback=f"{house.settings.public_url}/voice/status",
        fallback_url=f"{house.settings.public_url}/voice/fallback",
    )


def dial(house: WholeHouse, attributes: str = "") -> Route:
    survey = f"{house.settings.public_url}/voice/after-call?agent=a7&amp;group=billing"
    return number_of_the_centre(house, f'<Dial action="{survey}"{attributes}>+12025550123</Dial>')


def test_when_the_agent_has_hung_up_the_caller_hears_the_survey(house: WholeHouse) -> None:
    nora = house.phone.calls(dial(house)).hears("two minutes of questions").presses("1").hears("how satisfied")
    nora.hangs_up()
    response = house.response(nora.call_sid)
    assert (response["context"], response["data_problems"]) == ({"agent": "a7", "group": "billing"}, [])


def test_a_caller_who_hung_up_with_the_agent_begins_no_survey(house: WholeHouse) -> None:
    nora = house.phone.calls(dial(house)).hangs_up()
    assert nora.call.errors == []
    assert responses(house) == []


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "answered"])
def test_however_the_dial_ended_a_caller_who_is_there_hears_the_survey(house: WholeHouse, status: str) -> None:
    nora = house.phone.calls(dial(house), manners=Manners(dial_status=status))  # type: ignore[arg-type]
    nora.hears("two minutes of questions")
    assert house.response(nora.call_sid)["disposition"] == "in_progress"


def test_a_caller_who_leaves_the_queue_hears_the_survey_and_the_queues_facts_are_no_context(house: WholeHouse) -> None:
    survey = f"{house.settings.public_url}/voice/after-call?group=billing&amp;queue=first-line"
    nora = house.phone.calls(number_of_the_centre(house, f'<Enqueue action="{survey}">first-line</Enqueue>'))
    nora.hears("two minutes of questions")
    assert house.response(nora.call_sid)["context"] == {"group": "billing", "queue": "first-line"}


def test_the_agents_desktop_sends_the_caller_over(house: WholeHouse) -> None:
    nora = house.phone.calls(dial(house))
    nora.call.redirect(f"{house.settings.public_url}/voice/after-call?agent=a7&group=billing")
    nora.hears("two minutes of questions").presses("1").hears("how satisfied")
    assert house.response(nora.call_sid)["context"]["agent"] == "a7"


def test_a_blind_transfer_is_a_plain_call(house: WholeHouse) -> None:
    nora = house.phone.calls(house.phone.route("after-call"), manners=Manners(extra={"ForwardedFrom": "+12025550177"}))
    nora.hears("two minutes of questions")
    response = house.response(nora.call_sid)
    assert (response["context"], response["from"]) == ({}, NORA)
    assert response["data_problems"] == ["agent is missing", "group is missing"]


def test_headers_of_a_sip_call_are_what_the_centre_knows(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", by="sip", agent="a7", agent_name="Sam", group="billing", ticket="88213")
    nora.presses("1").hears("help from Sam")
    context = house.response(nora.call_sid)["context"]
    assert context == {"agent": "a7", "agent_name": "Sam", "group": "billing", "ticket": "88213"}


# Studio ---------------------------------------------------------------------------------------------

FLOW = "FW" + "c" * 32


def back_to_the_flow(caller: Caller) -> str:
    """Where the last document leads; empty where it hangs up."""
    documents = [exchange.reply.body.decode() for exchange in caller.call.requests.log if exchange.reply]
    last = next(document for document in reversed(documents) if "Goodbye" in document)
    return last.partition('<Redirect method="POST">')[2].partition("</Redirect>")[0]


def test_after_its_survey_a_studio_flow_goes_on(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", group="billing", studio_flow=FLOW)
    nora.presses("1").presses("5").presses("1").presses("10").hears("Goodbye")
    account = house.house.account.sid
    assert back_to_the_flow(nora) == (
        f"https://webhooks.twilio.com/v1/Accounts/{account}/Flows/{FLOW}?FlowEvent=return&amp;disposition=complete"
    )
    assert house.response(nora.call_sid)["disposition"] == "complete"


@pytest.mark.parametrize("flow", ["FW1", "https://evil.example/", f"{FLOW}/../x", f"{FLOW}@evil.example", ""])
def test_nobody_is_led_to_an_address_that_came_along(house: WholeHouse, flow: str) -> None:
    nora = house.phone.takes(
        "after-call", agent="a7", group="billing", studio_flow=flow, return_url="https://evil.example/"
    )
    nora.presses("9").hears("Goodbye")
    assert back_to_the_flow(nora) == ""


# What is known of the caller ------------------------------------------------------------------------


def test_a_caller_who_opted_out_hears_a_goodbye_and_no_question(house: WholeHouse) -> None:
    house.phone.takes("after-call", agent="a7", group="billing").presses("9").is_hung_up_on()
    nora = house.phone.takes("after-call", agent="a7", group="billing", ticket="1").is_hung_up_on()
    assert nora.heard == ["Thank you. Goodbye."]
    response = house.response(nora.call_sid)
    assert (response["disposition"], response["opted_out"]) == ("refusal", True)
    assert {answer["missing"] for answer in response["answers"].values()} == {"not_asked"}


def test_who_opted_out_in_one_survey_is_asked_in_no_other(house: WholeHouse) -> None:
    house.phone.takes("after-call", agent="a7", group="billing").presses("1").presses("*").presses("5").is_hung_up_on()
    assert house.phone.takes("nps").is_hung_up_on().heard == ["Thank you. Goodbye."]


def test_the_language_of_a_callers_last_call_is_spoken_in_the_next(house: WholeHouse) -> None:
    house.phone.takes("after-call", agent="a7", group="billing").presses("1").presses("*").presses("4").hears(
        "satisfecho"
    ).hangs_up()
    house.phone.takes("after-call", agent="a7", group="billing").hears("Habla Harbor Telecom").hangs_up()
    house.phone.takes("after-call", agent="a7", group="billing", language="en").hears("This is Harbor").hangs_up()
    house.phone.takes("after-call", agent="a7", group="billing").hears("This is Harbor").hangs_up()


# An unfinished survey -------------------------------------------------------------------------------


def breaks_off(house: WholeHouse, **context: str) -> Caller:
    """An unhappy caller who hangs up when asked for the reason."""
    caller = house.phone.takes("after-call", agent="a7", group="billing", **context)
    caller.presses("1").presses("1").presses("1").presses("2").hears("waiting time").hangs_up()
    house.passes(seconds=30)
    return caller


@pytest.mark.parametrize("contact", [{"ticket": "88213"}, {"call_key": "k-1"}, {"ticket": "88213", "call_key": "k-1"}])
def test_a_call_about_the_same_contact_goes_on_where_it_stopped(house: WholeHouse, contact: dict[str, str]) -> None:
    left = breaks_off(house, **contact)
    again = house.phone.takes("after-call", **contact).hears("Let's go on where we stopped. What was it about?")
    again.presses("2").hears("what went wrong").says(4.0).presses("#").presses("1").presses("2").is_hung_up_on()
    house.works()

    response = house.response(again.call_sid)
    assert (response["continues"], response["disposition"]) == (left.call_sid, "complete")
    assert response["answers"]["csat"] == house.response(left.call_sid)["answers"]["csat"]
    assert response["answers"]["solved"]["value"] == "no"
    assert response["answers"]["reason"]["value"] == "wait"
    assert response["scores"] == {"csat": 0.0, "resolved": 0.0}
    assert (response["context"], response["data_problems"]) == ({"agent": "a7", "group": "billing", **contact}, [])


def test_what_was_left_stays_in_the_books_as_it_was(house: WholeHouse) -> None:
    left = breaks_off(house, ticket="88213")
    before = house.response(left.call_sid)
    house.phone.takes("after-call", ticket="88213").presses("2").says(4.0).hangs_up()
    house.works()
    assert house.response(left.call_sid) == before


def test_an_alert_that_was_raised_is_not_raised_again_and_the_words_left_now_follow_it(house: WholeHouse) -> None:
    left = breaks_off(house, call_key="k-1")
    first = {mail["Message-ID"] for mail in house.mails()}
    assert len(first) == 2
    again = (
        house.phone.takes("after-call", call_key="k-1").presses("2").says(4.0).presses("#").presses("1").presses("2")
    )
    again.is_hung_up_on()
    house.passes(seconds=30)
    follow = [mail for mail in house.mails() if mail["Message-ID"] not in first]
    assert {mail["References"] for mail in follow} == first
    assert [len(list(mail.iter_attachments())) for mail in follow] == [1, 1]
    response = house.response(again.call_sid)
    assert (response["case"], response["alerts"]) == (1, house.response(left.call_sid)["alerts"])


def test_a_rule_that_holds_only_now_joins_the_case(house: WholeHouse) -> None:
    breaks_off(house, ticket="88213")
    again = (
        house.phone.takes("after-call", ticket="88213").presses("2").says(4.0).presses("#").presses("1").presses("1")
    )
    again.is_hung_up_on()
    house.passes(seconds=30)
    response = house.response(again.call_sid)
    assert [alert["name"] for alert in response["alerts"]] == ["Recover this caller", "Wants a call"]
    assert {mail["X-Recovery-Case"] for mail in house.mails()} == {"1"}


def test_words_that_were_left_before_belong_to_the_response(house: WholeHouse) -> None:
    left = house.phone.takes("after-call", agent="a7", group="billing", ticket="88213")
    left.presses("1").presses("1").presses("1").presses("2").presses("2").says(4.0).hangs_up()
    house.works()
    again = house.phone.takes("after-call", ticket="88213").hears("May a supervisor call you back")
    assert house.response(again.call_sid)["verbatims"]["why"]["status"] == "stored"


def test_a_call_may_be_gone_on_with_more_than_once(house: WholeHouse) -> None:
    breaks_off(house, ticket="88213")
    house.phone.takes("after-call", ticket="88213").hears("What was it about").presses("2").says(4.0).hangs_up()
    house.works()
    third = house.phone.takes("after-call", ticket="88213").hears("May a supervisor call you back")
    response = house.response(third.call_sid)
    assert (response["verbatims"]["why"]["status"], response["case"]) == ("stored", 1)


def test_the_version_it_began_with_is_gone_on_with(house: WholeHouse, tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    text = (house.settings.flows_dir / "after-call.yaml").read_text()
    (flows / "after-call.yaml").write_text(text)
    with whole_house(tmp_path, str(house.settings.database_url), FLOWS_DIR=str(flows)) as other:
        breaks_off(other, ticket="88213")
        (flows / "after-call.yaml").write_text(text.replace("What was it about?", "Tell us the reason."))
        other.phone.takes("after-call", ticket="88213").hears("What was it about?").hangs_up()
        other.phone.takes("after-call", ticket="other").presses("1").presses("1").presses("1").presses("2").hears(
            "Tell us"
        )


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"ticket": "another"},
        {"ticket": "88213", "call_key": "k-2"},  # the same ticket, and another contact
    ],
)
def test_another_contact_begins_at_the_beginning(house: WholeHouse, known: dict[str, str]) -> None:
    """The telephone number is the same: it is never enough."""
    breaks_off(house, ticket="88213", call_key="k-1")
    house.phone.takes("after-call", agent="a7", group="billing", **known).hears("two minutes of questions")


def test_another_survey_begins_at_the_beginning(house: WholeHouse) -> None:
    breaks_off(house, ticket="88213")
    assert "Let's go on" not in house.phone.takes("nps", ticket="88213").heard[0]


def test_what_was_finished_refused_or_not_begun_is_not_gone_on_with(house: WholeHouse) -> None:
    def call(number: str) -> Caller:
        return house.phone.takes("after-call", caller=number, agent="a7", group="billing", ticket=number)

    call("+12025550150").presses("1").presses("5").presses("1").presses("10").is_hung_up_on()
    call("+12025550151").hangs_up()
    call("+12025550152").presses("1").presses("*").presses("5").is_hung_up_on()
    for number in ("+12025550150", "+12025550151"):
        call(number).hears("two minutes of questions")
    assert call("+12025550152").is_hung_up_on().heard == ["Thank you. Goodbye."]


def test_after_a_day_the_survey_begins_anew(house: WholeHouse) -> None:
    breaks_off(house, ticket="88213")
    house.clock.moment += timedelta(hours=24)
    house.phone.takes("after-call", agent="a7", group="billing", ticket="88213").hears("two minutes of questions")


def test_a_call_that_nobody_has_told_us_the_end_of_is_closed_and_gone_on_with(house: WholeHouse) -> None:
    left = house.phone.takes("after-call", agent="a7", group="billing", ticket="88213").presses("1").hears("satisfied")
    house.clock.moment += timedelta(minutes=4)
    again = house.phone.takes("after-call", ticket="88213").hears("Let's go on where we stopped. How satisfied")
    assert house.response(left.call_sid)["disposition"] == "break_off"
    assert house.response(again.call_sid)["continues"] == left.call_sid


def test_two_callers_at_the_same_time_do_not_take_each_others_place(house: WholeHouse) -> None:
    one = house.phone.takes("after-call", agent="a7", group="billing", ticket="88213").presses("1").hears("satisfied")
    house.phone.takes("after-call", agent="a7", group="billing", ticket="88213").hears("two minutes of questions")
    one.presses("5").hears("problem solved")


def test_a_request_that_is_repeated_goes_on_only_once(house: WholeHouse) -> None:
    breaks_off(house, ticket="88213")
    again = house.phone.takes("after-call", ticket="88213", manners=Manners(repeats_requests=True))
    again.hears("What was it about?").presses("2").hears("what went wrong")


def responses(house: WholeHouse) -> list[object]:
    return house.get("/api/v1/responses?survey=after-call")["items"]
