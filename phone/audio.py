"""Sound as a telephone carries it: 8 kHz, 16 bits, one channel."""

import io
import math
import wave
from array import array
from functools import cache
from pathlib import Path

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

RATE = 8000
BYTES_PER_SECOND = 2 * RATE
WORDS_PER_SECOND = 2.6
KEY_TONES = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip((1209, 1336, 1477, 1633), row, strict=True)
}


def speech_s(text: str) -> float:
    """How long it takes to say this, in seconds."""
    return max(0.5, len(text.split()) / WORDS_PER_SECOND)


def seconds(samples: bytes | bytearray) -> float:
    """The length of raw samples."""
    return len(samples) / BYTES_PER_SECOND


def silence(seconds_: float) -> bytes:
    """Raw samples of nothing."""
    return bytes(2 * round(seconds_ * RATE))


def murmur(seconds_: float) -> bytes:
    """Raw samples that are loud like speech, for a caller who says something and no clip says what."""
    second = _tone((220.0, 440.0), 0.8) + silence(0.2)
    whole, rest = divmod(2 * round(seconds_ * RATE), len(second))
    return second * whole + second[:rest]


@cache
def key_tone(key: str) -> bytes:
    """Raw samples of the tone of a key, as it lands in a recording that the key does not end."""
    low, high = KEY_TONES[key]
    return _tone((float(low), float(high)), 0.2)


def read_samples(source: bytes | str | Path) -> bytes:
    """The raw samples of an audio file, given as its bytes or its path, brought to the telephone's form.

    Raises:
        ValueError: it is no audio.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    samples = _read_wav(data)
    return _decode(data) if samples is None else samples


def _read_wav(data: bytes) -> bytes | None:
    """The samples of a WAV that is in the telephone's form already."""
    try:
        with wave.open(io.BytesIO(data), "rb") as clip:
            if (clip.getframerate(), clip.getsampwidth(), clip.getnchannels()) == (RATE, 2, 1):
                return clip.readframes(clip.getnframes())
    except (wave.Error, EOFError):
        pass
    return None


def _decode(data: bytes) -> bytes:
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    try:
        with av.open(io.BytesIO(data), "r") as file:
            frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (FFmpegError, IndexError) as error:
        raise ValueError(f"what the caller says must be audio: {error}") from error
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


def wav(samples: bytes) -> bytes:
    """A WAV file of raw samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples)
    return file.getvalue()


def mp3(data: bytes) -> bytes:
    """A WAV file as MP3 of 32 kbit/s."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as out, av.open(io.BytesIO(data), "r") as clip:
        stream = out.add_stream("libmp3lame", rate=RATE, layout="mono", bit_rate=32000)
        for frame in clip.decode(audio=0):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def wav_s(data: bytes) -> float:
    """The length of a WAV file, in seconds; 0 where it is none."""
    try:
        with wave.open(io.BytesIO(data), "rb") as clip:
            return clip.getnframes() / clip.getframerate()
    except (wave.Error, EOFError):
        return 0.0


@cache
def _tone(frequencies: tuple[float, ...], seconds_: float) -> bytes:
    turns = [2 * math.pi * frequency / RATE for frequency in frequencies]
    loudness = 8000 / len(turns)
    return array(
        "h", (round(loudness * sum(math.sin(turn * n) for turn in turns)) for n in range(round(seconds_ * RATE)))
    ).tobytes()
