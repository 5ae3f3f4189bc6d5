"""A survey is edited again and again while its callers are on the line: no call fails, none changes its version."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.house import WholeHouse, whole_house

SURVEY = """
ivr_survey: 1
id: live
languages: [en]
steps:
  - {id: first, type: yes_no, ask: "Edition #. Was it quick? Yes, press 1. No, press 2."}
  - {id: second, type: yes_no, ask: "Still edition #. Was it clear? Yes, press 1. No, press 2."}
  - {id: thanks, type: end, say: "Edition # ends."}
"""
CALLERS, CALLS = 3, 6


class Editor:
    """Saves one edition after the other, each also cut in half, broken, and removed before it is saved anew."""

    def __init__(self, file: Path) -> None:
        self.file, self.edition, self.is_done = file, 0, threading.Event()
        self.save()

    def save(self) -> None:
        self.edition += 1
        self.file.write_text(SURVEY.replace("#", str(self.edition)))

    def works(self) -> None:
        while not self.is_done.is_set():
            self.file.write_text(SURVEY[: len(SURVEY) // 2])
            self.save()
            self.file.write_text(SURVEY.replace("yes_no", "no_yes"))
            self.file.unlink()
            self.save()


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    (tmp_path / "flows").mkdir()
    with whole_house(tmp_path, database_url, FLOWS_DIR=str(tmp_path / "flows")) as made:
        made.clock.moment = datetime.now(UTC)  # files have the machine's time, and it is compared with the house's
        yield made


def test_editing_a_live_survey_fails_no_call(
    house: WholeHouse, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    editor = Editor(house.settings.flows_dir / "live.yaml")
    house.phone.takes("live").hears("Edition 1.")

    def call_again_and_again(_caller: int) -> list[str]:
        return [call() for _ in range(CALLS)]

    def call() -> str:
        nora = house.phone.takes("live").hears("Was it quick?")
        edition = next(iter(re.findall(r"Edition (\d+)", nora.transcript)))
        seen = editor.edition
        wait_until(lambda: editor.edition > seen + 1)
        nora.presses("1").hears(f"Still edition {edition}.").presses("2").hears(f"Edition {edition} ends.")
        return nora.is_hung_up_on().call_sid

    editing = threading.Thread(target=editor.works)
    editing.start()
    try:
        with ThreadPoolExecutor(CALLERS) as callers:
            calls = [sid for sids in callers.map(call_again_and_again, range(CALLERS)) for sid in sids]
    finally:
        editor.is_done.set()
        editing.join()

    assert {house.response(sid)["disposition"] for sid in calls} == {"complete"}
    house.phone.takes("live").hears(f"Edition {editor.edition}.")
