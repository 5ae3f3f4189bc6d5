"""Recorded prompts are measured, and served under the hash of their content."""

import hashlib
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from ivr.prompts import prompts
from ivr.survey.prompt_audio import PromptAudio
from ivr.survey.publish import Surveys

RATE = 8000
SURVEY = """ivr_survey: 1
id: short
languages: [en]
steps:
  - {id: thanks, type: end, say: {en: {text: Thanks., audio: thanks.wav}}}
"""


def keep_wav(path: Path, seconds: float = 1.0, loudness: float = 0.5, clip: bool = False) -> bytes:
    tone = np.sin(np.arange(int(RATE * seconds)) * 0.3) * loudness * 32767 * (3 if clip else 1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(tone, -32767, 32767).astype("<i2").tobytes())
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "audio").mkdir()
    return tmp_path / "audio"


@pytest.fixture
def audio(folder: Path) -> PromptAudio:
    return PromptAudio(folder)


def client(audio: PromptAudio):
    app = Flask(__name__)
    app.register_blueprint(prompts(audio))
    return app.test_client()


def test_a_prompt_is_measured(folder, audio):
    keep_wav(folder / "thanks.wav", seconds=2.5)
    sound = audio["thanks.wav"]
    assert sound.seconds == pytest.approx(2.5, abs=0.01)
    assert sound.peak == pytest.approx(0.5, abs=0.01)
    assert sound.clipped == 0
    assert sound.problem is None


def test_clipping_and_silence_are_heard(folder, audio):
    keep_wav(folder / "loud.wav", loudness=1.0, clip=True)
    keep_wav(folder / "quiet.wav", loudness=0.0)
    assert audio["loud.wav"].clipped > 0.3
    assert audio["quiet.wav"].peak == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.wav", b""), ("a.wav", b"RIFF nonsense"), ("a.mp3", b"<html>"), ("a.txt", b"hello"), ("a", b"x")],
)
def test_what_no_carrier_plays_says_why(folder, audio, name, content):
    (folder / name).write_bytes(content)
    assert audio[name].problem


def test_a_prompt_is_served_by_its_content(folder, audio):
    content = keep_wav(folder / "thanks.wav")
    address = audio.address("thanks.wav")
    assert address == f"/prompts/{hashlib.sha256(content).hexdigest()}.wav"
    reply = client(audio).get(address)
    assert (reply.status_code, reply.mimetype, reply.data) == (200, "audio/wav", content)
    assert "immutable" in reply.headers["Cache-Control"]


def test_a_replaced_prompt_has_another_address_and_the_old_one_still_plays(folder, audio):
    old = keep_wav(folder / "thanks.wav")
    address = audio.address("thanks.wav")
    keep_wav(folder / "thanks.wav", seconds=2.0)
    assert audio.address("thanks.wav") != address
    assert client(audio).get(address).data == old


@pytest.mark.parametrize("content", [None, b"RIFF nonsense"])
def test_a_prompt_that_is_gone_or_broken_since_has_no_address(folder, audio, content):
    keep_wav(folder / "thanks.wav")
    assert audio.address("thanks.wav")
    (folder / "thanks.wav").write_bytes(content) if content else (folder / "thanks.wav").unlink()
    assert audio.address("thanks.wav") is None


def test_another_process_serves_it_as_well(folder, audio):
    keep_wav(folder / "thanks.wav")
    assert client(PromptAudio(folder)).get(audio.address("thanks.wav")).status_code == 200


@pytest.mark.parametrize("name", ["../secret.wav", "nothing.wav", ".hidden.wav", "thanks.wav"])
def test_nothing_else_is_served(folder, audio, name):
    keep_wav(folder / "thanks.wav")
    keep_wav(folder.parent / "secret.wav")
    keep_wav(folder / ".hidden.wav")
    assert client(audio).get(f"/prompts/{name}").status_code == 404
    assert "../secret.wav" not in list(audio)


def test_a_survey_whose_audio_is_missing_is_not_published(folder, tmp_path, database):
    (tmp_path / "short.yaml").write_text(SURVEY)
    surveys = Surveys(tmp_path, database, lambda: datetime.now(UTC))
    assert surveys.current("short") is None


def test_a_survey_whose_audio_is_there_is_published(folder, tmp_path, database):
    keep_wav(folder / "thanks.wav")
    (tmp_path / "short.yaml").write_text(SURVEY)
    surveys = Surveys(tmp_path, database, lambda: datetime.now(UTC))
    assert surveys.current("short") is not None
