"""Where something fails on our side the caller hears an apology in their language, and what was kept is not lost."""

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ivr import engine
from phone.line import NORA, Caller
from storage import database
from tests.conftest import Logged
from tests.house import WholeHouse, whole_house

FLOWS = Path(__file__).parents[2] / "flows"
KNOWN = {"agent": "a7", "agent_name": "Sam", "group": "billing"}
UNHAPPY = ("1", "1", "1", "2")  # consent, csat, its read-back, solved: a case is open
SORRY = "Lo sentimos, algo falló de nuestra parte. Gracias por su tiempo. Adiós."


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    """A house that waits for its database less long than in earnest."""
    shutil.copytree(FLOWS, tmp_path / "flows")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "BUSY_TIMEOUT_MS", 200)
        patched.setattr(database, "LOCK_S", 1)
        with whole_house(tmp_path, database_url, FLOWS_DIR=str(tmp_path / "flows")) as made:
            yield made


def unhappy(house: WholeHouse) -> Caller:
    """A caller in Spanish whose case is open, when asked for the reason."""
    nora = house.phone.takes("after-call", language="es", **KNOWN)
    for key in UNHAPPY:
        nora.presses(key)
    return nora.hears("con qué tuvo que ver")


def presses(caller: Caller, key: str) -> str:
    """What the line would say to that key; the caller has not heard it."""
    shown = caller.call.requests.log[-1].reply
    assert shown is not None
    gather = ElementTree.fromstring(shown.body).find("Gather")
    assert gather is not None
    reply = caller.call.requests.ask(gather.attrib["action"], "POST", {"CallSid": caller.call_sid, "Digits": key})
    return " ".join(ElementTree.fromstring(reply.body).itertext())


def failures(house: WholeHouse) -> float:
    """How many requests failed on our side, as `/metrics` tells."""
    told = house.app.test_client().get("/metrics").get_data(as_text=True)
    [line] = [line for line in told.splitlines() if line.startswith("aftercall_webhook_failures_total ")]
    return float(line.split()[1])


# The database ---------------------------------------------------------------------------------------


@contextmanager
def locked(house: WholeHouse) -> Iterator[None]:
    """Somebody else is at the tables, and does not end."""
    url = make_url(house.settings.database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with _postgres(house) as other, other.transaction():
            other.execute("LOCK TABLE calls")
            yield


@contextmanager
def full(house: WholeHouse) -> Iterator[None]:
    """The disk takes nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def gone(house: WholeHouse) -> Iterator[None]:
    """The database server sends everybody away."""
    name = make_url(house.settings.database_url).database
    with _postgres(house, database="postgres") as server:
        server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@contextmanager
def _postgres(house: WholeHouse, database: str | None = None) -> Iterator["psycopg.Connection[Any]"]:
    url = make_url(house.settings.database_url).set(drivername="postgresql", database=database)
    with closing(psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)) as connection:
        yield connection


Trouble = Callable[[WholeHouse], AbstractContextManager[None]]
TROUBLES = [("sqlite", locked), ("sqlite", full), ("postgresql", locked), ("postgresql", gone)]


@pytest.mark.parametrize(("database_url", "trouble"), TROUBLES, indirect=["database_url"])
def test_while_the_database_fails_callers_hear_an_apology_and_afterwards_the_call_goes_on(
    house: WholeHouse, trouble: Trouble, logged: Logged
) -> None:
    nora = unhappy(house)
    with trouble(house):
        assert presses(nora, "1") == SORRY
        new = house.phone.carrier.new_sid("CA")
        reply = nora.call.requests.ask(
            f"{house.settings.public_url}/voice/after-call?language=es", "POST", {"CallSid": new}
        )
        assert SORRY in reply.body.decode()
    assert f'"call_sid": "{nora.call_sid}"' in logged()
    assert NORA.lstrip("+") not in logged()
    assert failures(house) == 2
    nora.presses("1").hears("díganos qué pasó").hangs_up()
    response = house.response(nora.call_sid)
    assert (response["disposition"], response["answers"]["reason"]["value"]) == ("partial", "knowledge")
    house.passes(seconds=30)
    assert len(house.mails()) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_was_away_between_two_keys_is_not_noticed(house: WholeHouse) -> None:
    nora = unhappy(house)
    with gone(house):
        pass
    nora.presses("1").hears("díganos qué pasó").hangs_up()
    assert failures(house) == 0


# The engine and the survey --------------------------------------------------------------------------


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("out of order")


@pytest.mark.parametrize("also_broken", [[], ["fail"]], ids=["", "the apology as well"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_in_the_engine_ends_the_call_with_an_apology_and_its_case_stays(
    house: WholeHouse, logged: Logged, monkeypatch: pytest.MonkeyPatch, also_broken: list[str]
) -> None:
    nora = unhappy(house)
    with monkeypatch.context() as patched:
        for function in ["resume", *also_broken]:
            patched.setattr(engine, function, broken)
        nora.presses("1")
        assert nora.heard[-1] == SORRY
    [error] = [line for line in logged().splitlines() if '"call_failed"' in line]
    assert nora.call_sid in error
    assert "out of order" in error
    assert NORA.lstrip("+") not in logged()
    assert "Sam" not in logged()
    assert failures(house) >= 1
    house.passes(minutes=20)
    response = house.response(nora.call_sid)
    assert response["disposition"] == ("partial" if also_broken else "failed")
    assert [alert["name"] for alert in response["alerts"]] == ["Recover this caller"]
    assert response["answers"]["csat"]["value"] == 1
    assert len(house.mails()) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_survey_that_is_broken_on_disk_disturbs_nobody(house: WholeHouse, logged: Logged) -> None:
    nora = unhappy(house)
    (house.settings.flows_dir / "after-call.yaml").write_text("steps: [oh")
    (house.settings.flows_dir / "never-good.yaml").write_text("steps: [oh")
    nora.presses("1").hears("díganos qué pasó").hangs_up()
    house.phone.takes("after-call", language="en", **KNOWN).hears("two minutes of questions").hangs_up()
    assert house.phone.takes("never-good").is_hung_up_on().heard == ["Thank you. Goodbye."]
    assert logged().count('"survey_refused"') == 2
    assert '"broken_survey"' in logged()
    assert '"unknown_survey"' not in logged()
    assert failures(house) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_survey_is_told_before_its_first_caller(house: WholeHouse, logged: Logged) -> None:
    (house.settings.flows_dir / "never-good.yaml").write_text("steps: [oh")
    house.house.surveys.look_at_all()
    assert logged().count('"survey_refused"') == 1
