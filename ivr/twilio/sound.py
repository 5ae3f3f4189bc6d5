"""The sound of a recording: read, cut, levelled, written as an MP3 that any phone plays."""

import io
import math
import warnings
from collections.abc import Iterable, Iterator
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
ENCODER = {"compression_level": "9"}  # quicker by a third than the usual 5, and speech is no further from the original
MARGIN_MS = 200  # kept before the first and after the last word
FULL_SCALE = 32_768
LOUDNESS_DBFS = -20.0
PEAK_DBFS = -1.0
GAIN_DB = 24.0  # at most: more would only raise the noise of the line


class NotAudio(Exception):
    """The bytes are no sound: empty, a web page, broken; the message says which."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of 16-bit samples, `rate` of them a second, from `start_s` of the recording on."""

    samples: NDArray[np.int16]
    rate: int
    start_s: float = 0.0

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
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono", bit_rate=BITS_PER_S, options=ENCODER)
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
    start_ms, end_ms = _voice_ms(whole)
    voice = whole[start_ms:end_ms]
    gain_db = min(LOUDNESS_DBFS - voice.dBFS, PEAK_DBFS - voice.max_dBFS, GAIN_DB)
    levelled = voice.apply_gain(gain_db)
    return Sound(np.frombuffer(levelled.raw_data, dtype=np.int16), sound.rate, start_s=start_ms / 1000)


def mute(sound: Sound, spans: Iterable[tuple[float, float]]) -> Sound:
    """The same sound, silent in those spans of its seconds."""
    samples = sound.samples.copy()
    for start_s, end_s in spans:
        samples[max(0, int(start_s * sound.rate)) : max(0, math.ceil(end_s * sound.rate))] = 0
    return Sound(samples, sound.rate, sound.start_s)


def peaks(sound: Sound, bars: int = 120) -> list[int]:
    """How loud the sound is in each of so many parts of equal length, from 0 to 100: what a player draws."""
    parts = np.array_split(np.abs(sound.samples.astype(np.int32)), bars)
    return [round(100 * int(part.max(initial=0)) / FULL_SCALE) for part in parts]


def _decode(data: bytes) -> Sound:
    with av.open(io.BytesIO(data), "r", metadata_errors="ignore") as container:
        stream = container.streams.audio[0]
        frames = container.decode(stream)
        if (stream.format.name, stream.layout.name) != ("s16", "mono"):  # what the line carries is that already
            frames = _as_pcm(frames, stream.rate)
        heard = [frame.to_ndarray()[0] for frame in frames]
        if not heard:
            raise NotAudio("the recording has no sound in it")
        return Sound(np.concatenate(heard), stream.rate)


def _as_pcm(frames: Iterable[av.AudioFrame], rate: int) -> Iterator[av.AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    for frame in [*frames, None]:
        yield from resampler.resample(frame)


def _frame(sound: Sound) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(sound.samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = sound.rate
    return frame


def _voice_ms(whole: Any) -> tuple[int, int]:
    """From the first word to the last. Silence is told from the clip itself: lines differ in loudness."""
    silence_dbfs = min(whole.dBFS - 16, -40)
    start_ms = detect_leading_silence(whole, silence_dbfs)
    end_ms = len(whole) - detect_leading_silence(whole.reverse(), silence_dbfs)
    if start_ms >= end_ms:
        return 0, len(whole)
    return max(0, start_ms - MARGIN_MS), min(end_ms + MARGIN_MS, len(whole))


def _segment(sound: Sound) -> Any:
    return AudioSegment(sound.samples.tobytes(), sample_width=2, frame_rate=sound.rate, channels=1)
