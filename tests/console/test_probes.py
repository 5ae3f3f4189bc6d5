import os
import socket

import pytest

from console.probes import folder_probe, mail_probe, probes, redis_probe, remembered
from tests.ports import free_port


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_a_mail_server_that_takes_connections_is_fine(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert mail_probe(f"{scheme}://ines:secret@127.0.0.1:{server.getsockname()[1]}")() is None


def test_a_mail_server_that_does_not_answer_is_named_without_its_password():
    port = free_port()
    reason = mail_probe(f"smtp://ines:secret@127.0.0.1:{port}")()
    assert reason == f"no mail server answers at 127.0.0.1:{port} (Connection refused)"


def test_redis_that_does_not_answer_slows_work_down():
    assert "Redis does not answer" in redis_probe(f"redis://127.0.0.1:{free_port()}")()


def test_without_redis_nothing_is_wrong():
    assert redis_probe(None)() is None


def test_a_folder_is_made_where_it_can_be(tmp_path):
    assert folder_probe(f"file:{tmp_path}/mail")() is None
    assert (tmp_path / "mail").is_dir()


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    assert folder_probe(f"file:{tmp_path}")() == f"the folder {tmp_path} cannot be written"


@pytest.mark.parametrize("url", ["ses://eu-west-1", "s3://bucket/prefix"])
def test_services_by_name_count_as_fine(url):
    assert mail_probe(url)() is None
    assert folder_probe(url)() is None


def test_an_answer_is_remembered_for_half_a_minute():
    time, asked = [0.0], []
    probe = remembered(lambda: asked.append(time[0]), clock=lambda: time[0])
    for time[0] in (0.0, 29.0, 31.0, 60.0, 62.0):
        probe()
    assert asked == [0.0, 31.0, 62.0]


def test_every_part_that_can_be_out_of_reach_has_its_probe(tmp_path):
    found = probes(None, f"file:{tmp_path}/mail", f"file:{tmp_path}/recordings")
    assert {part: probe() for part, probe in found.items()} == {"queue": None, "mail": None, "recordings": None}
