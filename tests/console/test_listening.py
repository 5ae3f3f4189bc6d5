"""Whoever hears a verbatim leaves a row, and hears the copy without private words where there is one."""

import hashlib
from base64 import b64encode

import pytest
from sqlalchemy import select, update

from storage.audio import PIECE
from storage.models import Listen, Verbatim
from tests.console.conftest import MP3, RECORDING

AUDIO = f"/api/v1/recordings/{RECORDING}.mp3"
REDACTED = b"the same, silent where the card is said"


@pytest.fixture
def listens(database):
    def who() -> list[str]:
        with database.reading() as db:
            return list(db.execute(select(Listen.by)).scalars())

    return who


@pytest.mark.usefixtures("nora_called")
def test_a_listen_is_written_down(open_api, listens):
    assert open_api().get(AUDIO).data == MP3
    assert listens() == ["the API"]


@pytest.mark.usefixtures("nora_called")
def test_a_recording_played_in_parts_is_one_listen(open_api, listens):
    client = open_api()
    for part in ("bytes=0-3", "bytes=4-7", "bytes=8-"):
        assert client.get(AUDIO, headers={"Range": part}).status_code == 206
    assert client.head(AUDIO).status_code == 200
    assert listens() == ["the API"]


@pytest.mark.usefixtures("nora_called")
def test_only_who_wants_to_hear_is_given_a_part(open_api):
    looked = open_api().head(AUDIO, headers={"Range": "bytes=0-3"})
    assert (looked.status_code, looked.headers["Content-Length"]) == (200, str(len(MP3)))
    assert looked.headers["Accept-Ranges"] == "bytes"


@pytest.mark.usefixtures("nora_called")
def test_a_long_recording_is_never_held_whole(open_api, database, audio):
    long = bytes(1_000_000)
    audio.put("nora.mp3", long)
    with database.transaction() as db:
        db.execute(update(Verbatim).values(sha256=hashlib.sha256(long).hexdigest()))
    answer = open_api().get(AUDIO, headers={"Range": "bytes=1-"}, buffered=False)
    pieces = list(answer.iter_encoded())
    answer.close()
    assert sum(map(len, pieces)) == len(long) - 1
    assert max(map(len, pieces)) <= PIECE


@pytest.mark.usefixtures("nora_called")
def test_who_may_not_listen_leaves_no_row(open_api, listens):
    assert open_api(token=None).get(AUDIO).status_code == 401
    assert listens() == []


@pytest.mark.usefixtures("nora_called")
def test_the_redacted_copy_is_what_is_heard_and_what_the_response_names(open_api, database, audio):
    sha256 = hashlib.sha256(REDACTED).hexdigest()
    audio.put("nora.redacted.mp3", REDACTED)
    columns = {"redacted_key": "nora.redacted.mp3", "redacted_sha256": sha256, "redacted_size_bytes": len(REDACTED)}
    with database.transaction() as db:
        db.execute(update(Verbatim).values(**columns))
    client = open_api()
    [response] = client.get("/api/v1/responses").json["items"]
    assert response["verbatims"]["why"]["sha256"] == sha256
    assert client.get(response["verbatims"]["why"]["audio_url"]).data == REDACTED


@pytest.mark.usefixtures("nora_called")
def test_an_answer_tells_the_digest_of_the_file_it_carries_a_part_of(open_api):
    """What was announced earlier may have been another file."""
    answer = open_api().get(AUDIO, headers={"Range": "bytes=0-3"})
    assert answer.headers["Repr-Digest"] == f"sha-256=:{b64encode(hashlib.sha256(MP3).digest()).decode()}:"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(MP3).hexdigest()}"'
