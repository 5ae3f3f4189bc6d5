"""The sound of a recording: read, cut, levelled, written as an MP3 that any phone plays."""

import io
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub asks for ffmpeg and for audioop's successor; PCM alone needs neither
    from pydub.audio_segment import AudioSegment
    from pydub.silence import detect_leading_silence

RATE = 16_000
BITS_PER_S = 32_000
MARGIN_MS = 200  # kept before the first and after the last word
LOUDNESS_DBFS = -20.0
PEAK_DBFS = -1.0
GAIN_DB = 24.0  # at most: more would only raise the noise of the line


class NotAudio(Exception):
    """The bytes are no sound: empty, a web page, broken; the message says which."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of 16-bit samples, `rate` of them a second."""

    samples: NDArray[np.int16]
    rate: int

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.rate


def read_sound(data: bytes) -> Sound:
    """Decode a file of any usual kind: WAV (PCM, µ-law), MP3, FLAC, Opus.

    Raises:
        NotAudio: nothing in it can be heard.
    """
    if not data:
        raise NotAudio("the recording is empty")
    if data.lstrip()[:1] == b"<":
        raise NotAudio("the recording is a web page")
    try:
        return _decode(data)
    except (av.FFmpegError, IndexError) as error:  # IndexError: a file without an audio stream
        raise NotAudio("the recording is broken") from error


def write_wav(sound: Sound) -> bytes:
    out = io.BytesIO()
    _segment(sound).export(out, format="wav")
    return out.getvalue()


def write_mp3(sound: Sound) -> bytes:
    """Mono, 16 kHz, constant 32 kbit/s; the same sound gives the same bytes."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3", options={"id3v2_version": "0", "write_xing": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono", bit_rate=BITS_PER_S)
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE, frame_size=stream.frame_size)
        for frame in [*resampler.resample(_frame(sound)), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def cut_and_level(sound: Sound) -> Sound:
    """Without the silence at both ends, at speaking volume: one gain for the whole, so the voice keeps its shape."""
    whole = _segment(sound)
    if whole.max == 0:
        return sound
    voice = _without_silent_ends(whole)
    gain_db = min(LOUDNESS_DBFS - voice.dBFS, PEAK_DBFS - voice.max_dBFS, GAIN_DB)
    return _sound(voice.apply_gain(gain_db))


def mute(sound: Sound, spans: Iterable[tuple[float, float]]) -> Sound:
    """The same sound, silent in those spans of seconds."""
    samples = sound.samples.copy()
    for start_s, end_s in spans:
        samples[max(0, int(start_s * sound.rate)) : math.ceil(end_s * sound.rate)] = 0
    return Sound(samples, sound.rate)


def _decode(data: bytes) -> Sound:
    with av.open(io.BytesIO(data), "r", metadata_errors="ignore") as container:
        rate = container.streams.audio[0].rate
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        heard = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        heard += resampler.resample(None)
    if not heard:
        raise NotAudio("the recording has no sound in it")
    return Sound(np.concatenate([piece.to_ndarray()[0] for piece in heard]), rate)


def _frame(sound: Sound) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(sound.samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = sound.rate
    return frame


def _without_silent_ends(whole: Any) -> Any:
    """Silence is told from the clip itself, since some lines are loud and some hardly audible."""
    silence_dbfs = min(whole.dBFS - 16, -40)
    start_ms = detect_leading_silence(whole, silence_dbfs)
    end_ms = len(whole) - detect_leading_silence(whole.reverse(), silence_dbfs)
    if start_ms >= end_ms:
        return whole
    return whole[max(0, start_ms - MARGIN_MS) : end_ms + MARGIN_MS]


def _segment(sound: Sound) -> Any:
    return AudioSegment(sound.samples.tobytes(), sample_width=2, frame_rate=sound.rate, channels=1)


def _sound(segment: Any) -> Sound:
    return Sound(np.frombuffer(segment.raw_data, dtype=np.int16), segment.frame_rate)
