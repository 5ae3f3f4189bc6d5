"""docs/connect.md gives documents to paste: the carrier takes each of them, and they lead to the survey."""

import re
from html import unescape
from pathlib import Path

import pytest

from phone.carrier import Route
from phone.twiml import read_twiml
from tests.house import whole_house

HOST = "https://survey.example.com"
PAGE = (Path(__file__).parents[1] / "docs" / "connect.md").read_text(encoding="utf-8")
DOCUMENTS = re.findall(r"```xml\n(.*?)```", PAGE, re.DOTALL)
LEADING_HERE = [document for document in DOCUMENTS if HOST in document]
ADDRESSES = re.findall(rf"{re.escape(HOST)}(/[^\s\"'`<?]*)", unescape(PAGE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_carrier_takes_what_the_page_has_people_paste(document: str) -> None:
    assert read_twiml(document.encode())


@pytest.mark.parametrize("document", LEADING_HERE)
def test_what_is_pasted_leads_to_the_survey(document: str, tmp_path: Path, database_url: str) -> None:
    with whole_house(tmp_path, database_url, PUBLIC_URL=HOST) as house:
        nora = house.phone.calls(Route(twiml=document)).hears("two minutes of questions")
        assert house.response(nora.call_sid)["context"]["group"] == "billing"


def test_every_address_on_the_page_is_one_of_the_houses() -> None:
    assert (len(DOCUMENTS), len(LEADING_HERE)) == (5, 4)
    assert set(ADDRESSES) == {"/voice/", "/voice/after-call", "/voice/status", "/voice/fallback"}
