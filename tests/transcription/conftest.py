"""A recogniser that hears what a test wants it to hear: the scripted model, and real speech with a tone under it."""

from pathlib import Path

import numpy as np
import pytest

from ivr.twilio.sound import Sound, read_sound, write_wav
from tests.transcription.scripted_whisper import build

AUDIO = Path(__file__).parents[1] / "audio"
TONES = {
    440: "I waited too long on hold.",
    1000: "My card is 4111 1111 1111 1111 thanks.",
    3000: "El número es 12345678Z señor.",
}


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """The folder of the scripted model."""
    return build(tmp_path_factory.mktemp("model"), TONES)


def speech(tone: int | None = None, name: str = "dashwood") -> bytes:
    """Three seconds of a real voice as WAV; `tone` picks the sentence that the scripted model hears in it."""
    clip = read_sound((AUDIO / f"{name}.wav").read_bytes())
    if tone is None:
        return write_wav(clip)
    wave = 3000 * np.sin(2 * np.pi * tone * np.arange(len(clip.samples)) / clip.rate)
    return write_wav(Sound((clip.samples + wave).clip(-32768, 32767).astype(np.int16), clip.rate))


def silence(seconds: float = 3) -> bytes:
    return write_wav(Sound(np.zeros(int(seconds * 8000), dtype=np.int16), 8000))
