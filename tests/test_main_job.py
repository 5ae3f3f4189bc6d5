"""The main job: an unhappy caller's voice is in the recovery team's mailbox."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from tests.house import CLIPS, WholeHouse, whole_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[WholeHouse]:
    with whole_house(tmp_path, database_url) as made:
        yield made


def test_a_low_score_reaches_recovery_with_the_callers_words(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", agent_name="Sam", group="billing", ticket="88213")
    nora.hears("two minutes of questions").presses("1")
    nora.hears("help from Sam").presses("1")
    nora.hears("very dissatisfied").presses("1")
    nora.hears("problem solved").presses("2")
    nora.hears("waiting time").presses("2")
    nora.hears("tell us what went wrong").says("dashwood.wav").hangs_up()
    house.works()

    first, second = house.mails()
    assert {first["To"], second["To"]} == {"ines@harbor.example", "omar@harbor.example"}
    assert first["Subject"] == "[P2] 1 of 5, not resolved - case 1"
    assert first["X-Recovery-Case"] == "1"
    [attached] = first.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("case-1.mp3", "audio/mpeg")
    assert likeness(attached.get_content(), (CLIPS / "dashwood.wav").read_bytes()) > 0.9


def test_the_response_tells_what_was_answered_and_what_was_not(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2").presses("2").says(4.0).hangs_up()
    house.works()

    response = house.response(nora.call_sid)
    assert response["disposition"] == "partial"
    assert response["answers"]["csat"]["value"] == 1
    assert response["answers"]["csat"]["label"] == "very dissatisfied"
    assert response["answers"]["solved"]["value"] == "no"
    assert response["answers"]["reason"]["value"] == "wait"
    assert response["answers"]["recommend"]["missing"] == "not_asked"
    assert response["answers"]["call_me"]["missing"] == "not_asked"
    assert response["scores"] == {"csat": 0.0, "resolved": 0.0}
    assert response["verbatims"]["why"]["status"] == "stored"
    assert response["case"] == 1


def test_a_happy_caller_opens_no_case(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("5").presses("1").presses("10").is_hung_up_on()
    house.works()

    response = house.response(nora.call_sid)
    assert (response["disposition"], response["case"], house.mails()) == ("complete", None, [])


def test_a_caller_who_leaves_no_words_is_reported_at_the_end_of_the_call(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("2").presses("1").presses("2").hangs_up()
    house.passes(seconds=1)
    house.passes(seconds=20)

    assert [mail["Subject"] for mail in house.mails()] == ["[P2] 2 of 5, not resolved - case 1"] * 2


def test_a_call_that_falls_silent_is_closed_by_the_clock_and_still_raises_its_alert(house: WholeHouse) -> None:
    nora = house.phone.takes("after-call", agent="a7", group="billing")
    nora.presses("1").presses("1").presses("1").presses("2")
    house.passes(minutes=14)
    assert house.response(nora.call_sid)["disposition"] == "in_progress"
    house.passes(minutes=2)
    house.passes(seconds=20)

    assert house.response(nora.call_sid)["disposition"] == "partial"
    assert len(house.mails()) == 2


def likeness(mp3: bytes, wav: bytes) -> float:
    """How alike the loudness of two recordings runs, from -1 to 1, at the shift where they are most alike."""
    heard, said = _loudness(mp3), _loudness(wav)
    short, long = sorted((heard, said), key=len)
    shifts = range(len(long) - len(short) + 1)
    return max(float(np.corrcoef(short, long[shift : shift + len(short)])[0, 1]) for shift in shifts)


def _loudness(sound: bytes, frame_s: float = 0.02) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    resampler = av.AudioResampler(format="s16", layout="mono", rate=8000)
    with av.open(BytesIO(sound)) as opened:
        parts = [part.to_ndarray()[0] for frame in opened.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(parts).astype(np.float64)
    size = int(8000 * frame_s)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    return np.sqrt((frames**2).mean(axis=1))
