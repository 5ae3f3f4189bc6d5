"""`app.py connect NUMBER SURVEY`, against the carrier's REST API."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import cli
from phone.carrier import Carrier, Route
from phone.rest import Faults, create_carrier_app, serve
from tests.house import SECRET_KEY

NUMBER = "+12025550100"
FLOWS = Path(__file__).parents[1] / "flows"
Command = Callable[..., Result]


@pytest.fixture
def carrier() -> Carrier:
    account = Carrier.for_secret(SECRET_KEY)
    account.add_number(NUMBER)
    account.add_number("+120255501005")  # the carrier finds numbers by their parts
    return account


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def connect(carrier: Carrier, faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command, with an account that is set; `environment` holds other settings."""
    monkeypatch.chdir(tmp_path)
    with serve(create_carrier_app(carrier, faults)) as api_url:

        def run(number: str = NUMBER, survey: str = "after-call", **environment: str | None) -> Result:
            known = {
                "DATA_DIR": str(tmp_path),
                "FLOWS_DIR": str(FLOWS),
                "PUBLIC_URL": "https://survey.harbor.example",
                "TWILIO_ACCOUNT_SID": carrier.account_sid,
                "TWILIO_AUTH_TOKEN": carrier.auth_token,
                "TWILIO_API_URL": api_url,
            }
            return CliRunner().invoke(cli, ["connect", number, survey], env={**known, **environment})

        yield run


def test_the_calls_of_a_number_lead_to_the_survey(connect: Command, carrier: Carrier) -> None:
    told = connect()
    assert told.exit_code == 0, told.output
    assert route(carrier) == Route(
        voice_url="https://survey.harbor.example/voice/after-call",
        fallback_url="https://survey.harbor.example/voice/fallback",
        status_callback="https://survey.harbor.example/voice/status",
    )
    assert "https://survey.harbor.example/voice/after-call  (before: none)" in told.output
    assert "Warning" not in told.output


def test_another_number_of_the_account_stays_as_it_was(connect: Command, carrier: Carrier) -> None:
    connect()
    assert route(carrier, "+120255501005") == Route()


def test_done_twice_it_is_as_done_once(connect: Command, carrier: Carrier) -> None:
    connect()
    once = carrier.numbers()
    told = connect("+1 (202) 555-0100")
    assert (told.exit_code, carrier.numbers()) == (0, once)
    assert "before" not in told.output


def test_it_says_where_the_number_led_before(connect: Command, carrier: Carrier) -> None:
    number = carrier.find_number(NUMBER)
    assert number is not None
    carrier.keep_number(replace(number, route=Route("https://old.example/", voice_method="GET")))
    assert "(before: https://old.example/)" in connect().output
    assert route(carrier).voice_method == "POST"


def test_while_one_token_replaces_the_other_the_one_that_holds_is_used(connect: Command, carrier: Carrier) -> None:
    told = connect(TWILIO_AUTH_TOKEN=f"one that is no more,{carrier.auth_token}")
    assert (told.exit_code, route(carrier).voice_url) == (0, "https://survey.harbor.example/voice/after-call")


@pytest.mark.parametrize(
    ("number", "survey", "environment", "reason"),
    [
        ("12025550100", "after-call", {}, "write it with its country code, such as +12025550100"),
        ("+12025550177", "after-call", {}, "+12025550177 is none of the account's numbers"),
        (NUMBER, "after-lunch", {}, "there is no survey after-lunch; there are: after-call, "),
        (NUMBER, "../flows/nps", {}, "there is no survey"),
        (NUMBER, "status", {}, "there is no survey status"),
        (NUMBER, "after-call", {"TWILIO_ACCOUNT_SID": None, "TWILIO_AUTH_TOKEN": None}, "no carrier account is set"),
        (NUMBER, "after-call", {"TWILIO_AUTH_TOKEN": "wrong"}, "the carrier does not know this account"),
        (NUMBER, "after-call", {"TWILIO_API_URL": "http://127.0.0.1:9"}, "the carrier cannot be reached"),
    ],
)
def test_what_cannot_be_is_said_in_plain_words_and_changes_nothing(
    connect: Command, carrier: Carrier, number: str, survey: str, environment: dict[str, str | None], reason: str
) -> None:
    told = connect(number, survey, **environment)
    assert told.exit_code == 1
    assert reason in told.output
    assert route(carrier) == Route()


def test_no_caller_is_sent_to_a_survey_with_errors(connect: Command, carrier: Carrier, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(
        "ivr_survey: 1\nid: broken\nlanguages: [en]\nsteps: [{id: a, type: riddle}]\n"
    )
    told = connect(survey="broken", FLOWS_DIR=str(tmp_path))
    assert told.exit_code == 1
    assert "broken.yaml:4:" in told.output
    assert route(carrier) == Route()


def test_a_carrier_that_refuses_is_quoted(connect: Command, carrier: Carrier, faults: Faults) -> None:
    faults.plan("busy")
    told = connect()
    assert (told.exit_code, route(carrier)) == (1, Route())
    assert "the carrier answered 429" in told.output


@pytest.mark.parametrize(
    ("public_url", "doubt"),
    [
        ("http://127.0.0.1:8000", "the carrier cannot reach this machine there"),
        ("https://10.0.0.7", "the carrier cannot reach this machine there"),
        ("http://survey.harbor.example", "without https"),
        ("https://survey_line.harbor.example", "underscore"),
    ],
)
def test_an_address_that_the_carrier_cannot_use_well_is_warned_of(
    connect: Command, public_url: str, doubt: str
) -> None:
    told = connect(PUBLIC_URL=public_url)
    assert (told.exit_code, doubt in told.output) == (0, True)


def route(carrier: Carrier, number: str = NUMBER) -> Route:
    found = carrier.find_number(number)
    assert found is not None
    return found.route
