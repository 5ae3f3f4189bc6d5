"""What a caller keys in at a sensitive question reaches no row and no log line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from tests.conftest import Logged
from tests.house import WholeHouse, whole_house

SURVEY = """
ivr_survey: 1
id: secret
languages: [en]
steps:
  - {id: pin, type: digits, length: 8, sensitive: true, ask: "Please key in your code, then pound."}
  - {id: solved, type: yes_no, only_if: answered(pin), ask: "Is it solved? Yes, press 1. No, press 2."}
"""


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[WholeHouse]:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "secret.yaml").write_text(SURVEY)
    with whole_house(tmp_path, sqlite_url, FLOWS_DIR=str(tmp_path / "flows")) as made:
        yield made


def test_a_sensitive_answer_reaches_neither_storage_nor_logs(house: WholeHouse, logged: Logged) -> None:
    nora = house.phone.takes("secret").hears("code").presses("8642864#").hears("code").presses("97531975")
    nora.hears("Is it solved").presses("1").is_hung_up_on()
    house.works()

    assert house.response(nora.call_sid)["answers"]["pin"]["value"] == "withheld"
    assert nora.call_sid in everything_kept(house)
    for keyed_in in ("8642864", "97531975"):
        assert keyed_in not in everything_kept(house) + logged()


def everything_kept(house: WholeHouse) -> str:
    """Every row of every table."""
    tables = MetaData()
    tables.reflect(house.house.database.engine)
    with house.house.database.reading() as db:
        return "\n".join(str(tuple(row)) for table in tables.sorted_tables for row in db.execute(select(table)))
