"""Turns a recording into a transcript with faster-whisper. Nothing is downloaded here."""

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import ctranslate2
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from faster_whisper.transcribe import Segment as Heard
from faster_whisper.transcribe import TranscriptionInfo
from faster_whisper.transcribe import Word as HeardWord
from faster_whisper.vad import VadOptions, get_speech_timestamps

from transcription.model import NoModel, find_model
from transcription.transcript import Segment, Transcript, Word, whole_words

RATE = 16_000
VAD = VadOptions(min_silence_duration_ms=1000)
DECODING: dict[str, Any] = {
    "beam_size": 5,
    "temperature": [0.0, 0.2, 0.4],
    "condition_on_previous_text": False,
    "no_speech_threshold": 0.6,
    "vad_filter": True,
    "vad_parameters": VAD,
}
ENOUGH_FOR_HOTWORDS_S = 1.0  # in less speech the names themselves are what is "heard"
LIMIT_S, LIMIT_PER_SECOND = 60, 4
HUNG_STATUS = 75

_loaded_in: int | None = None  # the process that loaded a model first: one for all transcribers, as native threads are


class BrokenAudio(Exception):
    """The recording cannot be decoded; trying again cannot help."""


class RecogniserFailed(Exception):
    """Native code gave up in the middle, short of memory for one; trying again may help."""


class LoadedBeforeFork(Exception):
    """A parent of this process loaded a model. CTranslate2 does not survive a fork: it would hang for ever."""


class Transcriber:
    """One warm model in one process, loaded when it is first needed.

    `model` is a folder or a name fetched into `data_dir`; `device` auto, cpu or cuda; `compute_type` default means
    int8 on a CPU. `threads` are those of one decoding: workers times threads should not exceed the cores.
    """

    def __init__(
        self, model: str, data_dir: Path, device: str = "auto", compute_type: str = "default", threads: int = 1
    ) -> None:
        self.name = Path(model).name
        self._wanted = model
        self._data_dir = data_dir
        self._device = device
        self._compute_type = compute_type
        self._threads = threads
        self._model: WhisperModel | None = None

    def transcribe(self, recording: bytes, language: str, hotwords: str | None = None) -> Transcript:
        """What is said in a recording of any usual kind, best as the line carried it.

        `language` is the survey's, such as `en` or `es-MX`; `hotwords` are names to expect.

        Raises:
            NoModel: there is none, or it cannot be loaded.
            BrokenAudio: the recording cannot be decoded.
            RecogniserFailed: it gave up.
            LoadedBeforeFork: see there.
        """
        model = self._warm()
        with _leaving_when_hung(LIMIT_S):
            sound = _decode(recording)
        with _leaving_when_hung(limit_s(len(sound) / RATE)):
            options = _options(model, sound, language, hotwords)
            segments, info = _listen(model, sound, word_timestamps=True, **options)
            if not segments and info.duration_after_vad > 0:
                # Passages whose words get no times are dropped with them; then the words count more than the times.
                segments, info = _listen(model, sound, word_timestamps=False, **options)
        return Transcript(info.language, tuple(_segment(heard) for heard in segments))

    def _warm(self) -> WhisperModel:
        global _loaded_in
        if _loaded_in not in (None, os.getpid()):
            raise LoadedBeforeFork("a model was loaded before this process was forked; load it in the worker only")
        if self._model is None:
            self._model = self._load(find_model(self._wanted, self._data_dir))
            _loaded_in = os.getpid()
        return self._model

    def _load(self, folder: Path) -> WhisperModel:
        gpus = ctranslate2.get_cuda_device_count()  # type: ignore[attr-defined]  # from its C++ part, untyped
        on_gpu = self._device == "cuda" or (self._device == "auto" and gpus > 0)
        kind = "int8" if self._compute_type == "default" and not on_gpu else self._compute_type
        try:
            return WhisperModel(
                str(folder),
                "cuda" if on_gpu else "cpu",
                compute_type=kind,
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except Exception as error:  # whatever the loaders of weights and tokenizer raise on broken files
            raise NoModel(f"the Whisper model in {folder} cannot be loaded: {error}") from error


def limit_s(duration_s: float) -> float:
    """How long so many seconds of sound may take: the worst case of `small` on one thread."""
    return LIMIT_S + LIMIT_PER_SECOND * duration_s


def _decode(recording: bytes) -> Any:
    try:
        return decode_audio(io.BytesIO(recording), RATE)
    except (av.FFmpegError, IndexError, AttributeError) as error:
        raise BrokenAudio("the recording cannot be decoded") from error


@contextmanager
def _leaving_when_hung(limit_s: float) -> Iterator[None]:
    """Leave the process after so long: nothing else stops native code, and the supervisor starts us anew."""
    timer = threading.Timer(limit_s, os._exit, [HUNG_STATUS])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _options(model: WhisperModel, sound: Any, language: str, hotwords: str | None) -> dict[str, Any]:
    named = language.partition("-")[0].lower()
    return {
        **DECODING,
        "language": named if named in model.supported_languages else None,
        "hotwords": hotwords if hotwords and _speech_s(sound) >= ENOUGH_FOR_HOTWORDS_S else None,
    }


def _speech_s(sound: Any) -> float:
    return float(sum(speech["end"] - speech["start"] for speech in get_speech_timestamps(sound, VAD))) / RATE


def _listen(model: WhisperModel, sound: Any, **options: Any) -> tuple[list[Heard], TranscriptionInfo]:
    try:
        segments, info = model.transcribe(sound, **options)
        return list(segments), info  # the work is done while the list is made
    except RuntimeError as error:
        raise RecogniserFailed(f"the recogniser failed: {error}") from error


def _segment(heard: Heard) -> Segment:
    return Segment(
        start=round(heard.start, 2),
        end=round(heard.end, 2),
        text=heard.text.strip(),
        avg_logprob=round(heard.avg_logprob, 3),
        no_speech_prob=round(heard.no_speech_prob, 3),
        compression_ratio=round(heard.compression_ratio, 3),
        words=whole_words(map(_word, heard.words or ())),
    )


def _word(heard: HeardWord) -> Word:
    """Plain floats: the recogniser's are numpy's."""
    return Word(float(heard.start), float(heard.end), heard.word, round(float(heard.probability), 3))
