"""A server that cannot be used is told once in the log and at once at /readyz, and so is its return."""

from pathlib import Path

import pytest

from ivr.twilio.recordings import Unreachable
from tests.conftest import Logged
from tests.house import whole_house
from tests.ivr.twilio.carrier import ACCOUNT, RECORDING, TOKEN, Answer, Carrier, listening
from wiring.recordings import WatchedRecordings


def test_a_recordings_store_that_is_down_is_told_once_and_so_is_its_return(
    tmp_path: Path, sqlite_url: str, logged: Logged
) -> None:
    folder = tmp_path / "recordings"
    folder.write_text("in the way")
    with whole_house(tmp_path, sqlite_url, RECORDINGS_URL=f"file:{folder}") as house:
        for _ in range(2):
            nora = house.phone.takes("after-call", agent="a7", group="billing")
            nora.presses("1").presses("1").presses("1").presses("2").presses("2").says("dashwood.wav").hangs_up()
            house.works()
        degraded = house.app.test_client().get("/readyz").get_json()["degraded"]
        assert degraded["recordings"].startswith("the recordings store cannot be used (")
        assert degraded["recordings"].endswith("2 wait for it")
        assert logged().count("recordings_store_unusable") == 1
        folder.unlink()
        house.passes(seconds=20)
        assert house.response(nora.call_sid)["verbatims"]["why"]["status"] == "stored"
        assert logged().count("recordings_store_usable_again") == 1


def test_a_carrier_that_is_down_is_told_once_and_so_is_its_return(logged: Logged) -> None:
    with listening(Carrier()) as carrier:
        recordings = WatchedRecordings(carrier.url, ACCOUNT, [TOKEN])
        carrier.answers = [Answer(503), Answer(503), Answer(body=b"RIFF")]
        for _ in range(2):
            with pytest.raises(Unreachable):
                recordings.fetch_wav(ACCOUNT, RECORDING)
        assert logged().count("carrier_unusable") == 1
        recordings.fetch_wav(ACCOUNT, RECORDING)
        assert logged().count("carrier_usable_again") == 1
