"""Audio is kept the same way in a folder and in a bucket: whole, private, and nowhere else."""

import hashlib
import os
import time
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from storage.audio import PIECE, AudioDamaged, AudioMissing, AudioStore, AudioStoreDown, open_audio_store

VOICE = bytes(range(256)) * 40
LONG = os.urandom(9 * 1024 * 1024)  # over the size from which S3 takes it in parts


@pytest.fixture(scope="module")
def s3_address():
    """A real HTTP server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3_address, monkeypatch):
    """An empty bucket, found through boto3's own variables as an operator would set them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="voices")
    yield s3
    for item in s3.list_objects_v2(Bucket="voices").get("Contents", []):
        s3.delete_object(Bucket="voices", Key=item["Key"])


@pytest.fixture(params=["file", "s3"])
def url(request, tmp_path):
    if request.param == "file":
        return f"file:{tmp_path}/recordings"
    request.getfixturevalue("bucket")
    return "s3://voices/harbor"


@pytest.fixture
def store(url) -> AudioStore:
    return open_audio_store(url)


def test_what_is_kept_comes_back(store):
    store.put("2026/11/21/RE1.mp3", VOICE)
    assert store.get("2026/11/21/RE1.mp3") == VOICE
    assert store.get("2026/11/21/RE1.mp3", hashlib.sha256(VOICE).hexdigest()) == VOICE


def test_a_long_recording_comes_back_whole(store):
    store.put("RE1.wav", LONG)
    assert store.get("RE1.wav", hashlib.sha256(LONG).hexdigest()) == LONG


def test_keeping_again_replaces(store):
    store.put("RE1.mp3", b"cut")
    store.put("RE1.mp3", VOICE)
    assert store.get("RE1.mp3") == VOICE


def test_another_process_finds_it(store, url):
    store.put("RE1.mp3", VOICE)
    assert open_audio_store(url).get("RE1.mp3") == VOICE


def test_bytes_that_changed_are_not_taken_for_the_callers_words(store):
    store.put("RE1.mp3", VOICE)
    with pytest.raises(AudioDamaged):
        store.get("RE1.mp3", hashlib.sha256(b"other").hexdigest())


def test_any_part_of_it_can_be_read(store):
    store.put("RE1.mp3", LONG)
    for _ in range(2):  # the second time it is known
        found = store.check("RE1.mp3", hashlib.sha256(LONG).hexdigest())
        assert found.size == len(LONG)
        assert b"".join(found.pieces(8_000_000, 8_200_000)) == LONG[8_000_000:8_200_000]
        assert max(map(len, found.pieces(0, 1_000_000))) <= PIECE


def test_no_part_is_read_of_bytes_that_changed(store):
    store.put("RE1.mp3", VOICE)
    found = store.check("RE1.mp3", hashlib.sha256(VOICE).hexdigest())
    store.put("RE1.mp3", VOICE[::-1])
    with pytest.raises((AudioDamaged, AudioStoreDown)):
        list(found.pieces(0, 10))
    with pytest.raises(AudioDamaged):
        store.check("RE1.mp3", hashlib.sha256(VOICE).hexdigest())


def test_what_was_never_kept_is_missing(store):
    with pytest.raises(AudioMissing):
        store.check("RE1.mp3", "")
    with pytest.raises(AudioMissing):
        store.get("RE1.mp3")


def test_deleted_audio_is_gone_and_deleting_again_is_no_error(store):
    store.put("RE1.mp3", VOICE)
    store.delete("RE1.mp3")
    store.delete("RE1.mp3")
    with pytest.raises(AudioMissing):
        store.get("RE1.mp3")


@pytest.mark.parametrize(
    "key", ["../RE1.mp3", "/etc/passwd", "a/../../b", ".hidden", "a//b", "", "a\\..\\b", "a\n", "a/."]
)
def test_no_key_leads_out_of_the_store(store, key):
    for use in (store.get, store.delete, lambda key: store.put(key, VOICE)):
        with pytest.raises(ValueError, match="no key of audio"):
            use(key)


def test_only_our_user_can_read_the_folder(tmp_path):
    open_audio_store(f"file:{tmp_path}/recordings").put("2026/RE1.mp3", VOICE)
    for path in (tmp_path / "recordings").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_a_folder_is_named_in_either_form(tmp_path, form):
    open_audio_store(form.format(tmp_path / "a folder #1")).put("RE1.mp3", VOICE)
    assert (tmp_path / "a folder #1" / "RE1.mp3").read_bytes() == VOICE


def test_what_a_killed_process_left_half_written_goes_in_time(tmp_path):
    url = f"file:{tmp_path}"
    open_audio_store(url)
    old, fresh = tmp_path / ".unfinished" / "old", tmp_path / ".unfinished" / "fresh"
    old.write_bytes(b"half")
    fresh.write_bytes(b"being written now")
    os.utime(old, (time.time() - 7200,) * 2)

    open_audio_store(url)
    assert not old.exists()
    assert fresh.exists()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    store = open_audio_store(f"file:{tmp_path}/file/recordings")  # a start does not fail for it
    with pytest.raises(AudioStoreDown, match="file"):
        store.put("RE1.mp3", b"sound")


def test_a_bucket_that_is_not_there_is_down_and_not_empty(bucket):
    with pytest.raises(AudioStoreDown, match="NoSuchBucket"):
        open_audio_store("s3://nobody/harbor").get("RE1.mp3")


def test_a_bucket_that_does_not_answer_is_down(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(AudioStoreDown, match="cannot be reached"):
        open_audio_store("s3://voices/harbor").put("RE1.mp3", VOICE)


def test_a_bucket_keeps_audio_encrypted_where_asked(bucket):
    open_audio_store("s3://voices/harbor?sse=AES256").put("RE1.mp3", VOICE)
    assert bucket.head_object(Bucket="voices", Key="harbor/RE1.mp3")["ServerSideEncryption"] == "AES256"


def test_an_unknown_option_of_a_bucket_is_named():
    with pytest.raises(ValueError, match="'see' is not an option"):
        open_audio_store("s3://voices/harbor?see=AES256")


def test_the_prefix_of_a_bucket_may_be_left_out(bucket):
    open_audio_store("s3://voices").put("RE1.mp3", VOICE)
    assert bucket.head_object(Bucket="voices", Key="RE1.mp3")["ContentLength"] == len(VOICE)
