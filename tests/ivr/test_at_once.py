"""What the carrier may do at the same instant: copies of one request, in threads and in processes; one counts."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select

from phone.line import Caller, Phone
from phone.requests import FORM
from phone.transport import Reply, Transport, WsgiTransport
from settings import Settings
from storage.models import CallEvent, Case, Delivery
from tests.house import CLIPS, HandClock, WholeHouse, whole_house
from wiring.house import House
from wiring.web import create_web

COPIES = 4
PATIENCE_S = 60  # for who else is to be on the mark
KNOWN = {"agent": "a7", "agent_name": "Sam", "group": "billing"}
Sent = tuple[str, str, dict[str, str], bytes]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[WholeHouse]:
    with whole_house(tmp_path, database_url) as made:
        yield made


class Together:
    """Sends each request to several at the same instant, and sees to it that all answer the same."""

    def __init__(self, several: Callable[[Sent], Sequence[Reply]]) -> None:
        self._several = several

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        replies = self._several((method, url, dict(headers), body))
        assert len({(reply.status, reply.body) for reply in replies}) == 1, replies
        return replies[0]


@contextmanager
def in_threads(house: WholeHouse) -> Iterator[Transport]:
    """As many threads of one web process."""
    with ThreadPoolExecutor(COPIES) as threads:

        def several(sent: Sent) -> list[Reply]:
            return _at_once(threads, house, [sent] * COPIES)

        yield Together(several)


@contextmanager
def in_processes(house: WholeHouse) -> Iterator[Transport]:
    """Two web processes."""
    spawn = multiprocessing.get_context("spawn")
    pipes, mark = [spawn.Pipe() for _ in range(2)], spawn.Barrier(2)
    processes = [spawn.Process(target=_answer, args=(theirs, mark, house.settings), daemon=True) for _, theirs in pipes]
    for process, (_, theirs) in zip(processes, pipes, strict=True):
        process.start()
        theirs.close()  # the process has its own: if it dies, we hear of it instead of waiting for ever

    def several(sent: Sent) -> list[Reply]:
        for ours, _ in pipes:
            ours.send(sent)
        return [ours.recv() for ours, _ in pipes]

    try:
        yield Together(several)
    finally:
        for ours, _ in pipes:
            ours.send(None)
        for process in processes:
            process.join()


def _answer(asked: Connection, mark: Barrier, settings: Settings) -> None:
    house = House(settings, HandClock())
    line = WsgiTransport(create_web(house))
    while (sent := asked.recv()) is not None:
        asked.send(_together(mark, line, sent))
    house.database.dispose()


def _at_once(threads: ThreadPoolExecutor, house: WholeHouse, several: Sequence[Sent]) -> list[Reply]:
    """Each by a thread of its own, which must be there."""
    mark = Barrier(len(several))
    return list(threads.map(lambda sent: _together(mark, WsgiTransport(house.app), sent), several))


def _together(mark: Barrier, line: Transport, sent: Sent) -> Reply:
    """Send it when all others are on the mark as well."""
    mark.wait(PATIENCE_S)
    return line.send(*sent)


def complains(phone: Phone) -> Caller:
    """An unhappy caller's call to its end."""
    nora = phone.takes("after-call", **KNOWN)
    for key in ("1", "1", "1", "2", "2"):
        nora.presses(key)
    return nora.says(3.0).hangs_up()


def history(house: WholeHouse, caller: Caller) -> list[tuple[str, Any]]:
    """What happened in a call, whichever recording it was."""
    with house.house.database.reading() as db:
        of_call = select(CallEvent.type, CallEvent.data).where(CallEvent.call_sid == caller.call_sid)
        rows = db.execute(of_call.order_by(CallEvent.id)).all()
    return [(kind, {name: value for name, value in data.items() if name != "recording_sid"}) for kind, data in rows]


def count(house: WholeHouse, table: type[Any]) -> int:
    with house.house.database.reading() as db:
        return db.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.parametrize("at_once", [in_threads, in_processes])
def test_of_copies_at_the_same_instant_one_counts(house: WholeHouse, at_once: Any) -> None:
    with at_once(house) as together:
        nora = complains(Phone(house.house.phone_carrier, together, house.settings.public_url, clips=CLIPS))
    house.works()
    assert (count(house, Case), count(house, Delivery), len(house.mails())) == (1, 2, 2)
    assert house.response(nora.call_sid)["verbatims"]["why"]["status"] == "stored"
    once = complains(house.phone)
    assert history(house, nora) == history(house, once)


def test_of_two_answers_at_the_same_instant_one_counts(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", **KNOWN).presses("1")
    answers = [_pressed(house, nora, key) for key in "1542"]
    with ThreadPoolExecutor(len(answers)) as threads:
        replies = _at_once(threads, house, answers)
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert [kind for kind, _ in history(house, nora)].count("AnswerGiven") == 1


def test_an_answer_and_the_end_at_the_same_instant_close_the_books_once(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", **KNOWN).presses("1").presses("1").presses("1")
    over = {"CallSid": nora.call_sid, "CallStatus": "completed", "CallDuration": "31"}
    sent = [_pressed(house, nora, "2"), _signed(house, f"{house.settings.public_url}/voice/status", over)]
    with ThreadPoolExecutor(4) as threads:
        replies = _at_once(threads, house, sent * 2)
    assert {reply.status for reply in replies} == {200, 204}
    assert [kind for kind, _ in history(house, nora)].count("CallEnded") == 1
    assert house.response(nora.call_sid)["disposition"] == "partial"
    assert [alert["name"] for alert in house.response(nora.call_sid)["alerts"]] == ["Recover this caller"]


def _pressed(house: WholeHouse, caller: Caller, key: str) -> Sent:
    """The key as it would come for the turn that is awaited."""
    shown = caller.call.requests.log[-1].reply
    assert shown is not None
    gather = ElementTree.fromstring(shown.body).find("Gather")
    assert gather is not None
    fields = {"CallSid": caller.call_sid, "CallStatus": "in-progress", "Digits": key}
    return _signed(house, gather.attrib["action"], fields)


def _signed(house: WholeHouse, url: str, fields: Mapping[str, str]) -> Sent:
    signature = house.house.phone_carrier.sign(url, fields.items())
    return "POST", url, {"X-Twilio-Signature": signature, "Content-Type": FORM}, urlencode(fields).encode()
