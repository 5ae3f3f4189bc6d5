"""The alert SMS: one segment, nobody's name or number, and never twice."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.facts import Answered, Facts, Words
from alerts.short import gsm, render_sms, septets
from ivr.twilio.messages import Messages
from phone.carrier import Carrier
from phone.rest.app import create_carrier_app
from phone.rest.faults import Faults
from phone.rest.server import serve
from storage import deliveries
from storage.outbox import Again, GaveUp
from tests.alerts.post import open_office
from tests.recovery.callers import WANTS_A_CALL, rule

ACCOUNT, TOKEN, FROM = "AC" + "1" * 32, "token", "+18005551212"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FACTS = Facts(
    number=4821,
    severity="P1",
    wave="opened",
    said_more=False,
    survey="after-call",
    headline=Answered("Satisfaction", "1", 5),
    resolved=False,
    calling="allowed",
    promise_at=None,
    answers=(),
    words=(Words("stored", "case-4821.mp3", 41.2),),
    rules=("Wants a call",),
    watched=(),
    context={"group": "billing", "customer_name": "Nora Lind"},
    caller_number="+1202…0199",
    ticket_url=None,
    ended_at=None,
    data_problems=(),
    told=(),
    team="Service recovery",
    language="en",
    zone=UTC,
    link="https://survey.example/cases/4821?key=NDgyMQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb",
    link_days=7,
    in_house=False,
    now=NOW,
)


@pytest.fixture
def carrier():
    return Carrier(ACCOUNT, TOKEN, seed=1)


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def api_url(carrier, faults):
    with serve(create_carrier_app(carrier, faults)) as url:
        yield url


def office_with(desk, tmp_path, api_url, tokens=(TOKEN,), sender=FROM):
    return open_office(desk, tmp_path, messages=Messages(api_url, ACCOUNT, tokens, sender))


@pytest.fixture
def office(desk, tmp_path, api_url):
    return office_with(desk, tmp_path, api_url)


def wants_a_call(office):
    call = office.desk.call(group="billing", customer_name="Nora Lind")
    office.answers(call, csat=1, solved="no", call_me="yes")
    office.desk.matches(call, rule(WANTS_A_CALL, attach=("why",)), calling="allowed")
    office.speaks(call)
    office.desk.ends(call)
    return call


def test_the_lead_is_called_for_by_sms(office, carrier, ines):
    wants_a_call(office)
    office.sends_everything()
    [message] = carrier.messages()
    assert (message.sender, message.to) == (FROM, ines.mobile)
    start = "SR P1: 1/5, unresolved, wants callback. billing. 41s audio https://survey.example/cases/1?key="
    assert message.body.startswith(start)
    assert septets(message.body) <= 160
    assert "Nora" not in message.body
    assert "0199" not in message.body
    assert office.delivery(channel="sms").provider_id == message.sid


def test_a_messaging_service_may_send_it(desk, tmp_path, api_url, carrier):
    office = office_with(desk, tmp_path, api_url, sender="MG" + "2" * 32)
    wants_a_call(office)
    office.sends_everything()
    assert carrier.messages()[0].sender == "MG" + "2" * 32


def test_during_a_rotation_each_token_is_tried(desk, tmp_path, api_url, carrier):
    office = office_with(desk, tmp_path, api_url, tokens=("old", TOKEN))
    wants_a_call(office)
    office.sends_everything()
    assert len(carrier.messages()) == 1


@pytest.mark.parametrize("fault", ["busy", "broken"])
def test_a_carrier_that_says_not_now_is_asked_again(office, carrier, faults, fault):
    faults.plan(fault)
    wants_a_call(office)
    assert any(isinstance(outcome, Again) for outcome in office.sends_everything())
    office.later(seconds=5)
    office.sends_everything()
    assert len(carrier.messages()) == 1


def test_a_receiver_who_opted_out_is_not_asked_again(office, carrier, ines):
    carrier.bar(FROM, ines.mobile)
    wants_a_call(office)
    assert any(isinstance(outcome, GaveUp) for outcome in office.sends_everything())
    assert office.delivery(channel="sms").error == "the carrier answered 400 (code 21610)"


def test_an_sms_whose_fate_is_unknown_is_not_sent_again(office, carrier, faults):
    faults.plan("cut")
    wants_a_call(office)
    office.sends_everything()
    office.later(hours=1)
    office.sends_everything()
    assert len(carrier.messages()) == 1
    assert office.delivery(channel="sms").error == "the carrier did not answer; the message may have been sent"


def test_an_sms_whose_worker_died_while_sending_is_not_sent_again(office, carrier):
    wants_a_call(office)
    delivery = office.delivery(channel="sms")
    with office.desk.database.transaction() as db:
        deliveries.begin_try(db, delivery.id, office.now)
    office.sends_everything()
    assert carrier.messages() == []
    assert office.delivery(channel="sms").error == "the last try broke off; it may have arrived"


NOT_SET_UP = [((TOKEN,), None, "TWILIO_FROM is not set"), ((), FROM, "no carrier account is set")]


@pytest.mark.parametrize(("tokens", "sender", "told"), NOT_SET_UP)
def test_what_is_not_set_up_is_named(desk, tmp_path, api_url, tokens, sender, told):
    office = office_with(desk, tmp_path, api_url, tokens, sender)
    wants_a_call(office)
    office.sends_everything()
    assert office.delivery(channel="sms").error == told


def test_a_carrier_that_is_not_there_is_tried_again(desk, tmp_path):
    office = office_with(desk, tmp_path, "http://127.0.0.1:9")
    wants_a_call(office)
    office.sends_everything()
    assert office.delivery(channel="sms").error == "the carrier cannot be reached"
    assert office.delivery(channel="sms").state == "pending"


# The text -------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_left_out_and_the_link_is_never_cut():
    longer = replace(FACTS, link=FACTS.link + "c" * 30)
    longest = replace(FACTS, link=FACTS.link + "c" * 90)
    assert "audio" in render_sms(FACTS)
    assert "audio" not in render_sms(longer)
    assert render_sms(longer).endswith(longer.link)
    assert render_sms(longest) == "SR P1: 1/5, unresolved, wants callback. case 4821"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("group", ["", "facturación", "财务部", "€" * 30, "billing" * 10])
def test_it_is_always_one_segment_of_the_gsm_alphabet(language, group):
    sms = render_sms(replace(FACTS, language=language, context={"group": group}))
    assert septets(sms) <= 160
    assert gsm(sms) == sms


def test_letters_that_the_gsm_alphabet_lacks_lose_their_accents():
    assert gsm("facturación Åse 财\n") == "facturacion Åse ?\n"
