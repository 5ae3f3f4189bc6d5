"""Recordings and transcripts: brought home, written down, and what that takes. About five minutes on two cores."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import structlog

from bench import storing, transcribing
from bench.figures import Figure
from bench.servers import ROOT
from ivr.twilio.sound import Sound, read_sound, write_wav

TITLE = "Recordings and transcripts"
AUDIO = ROOT / "tests" / "audio"
CLIP_S = 20


def measure() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory(prefix="aftercall-bench-") as made:
        folder, clip = Path(made), _clip()
        return [
            *transcribing.throughput(folder, clip),
            *transcribing.memory(folder, clip),
            *storing.time_to_store(folder / "house", clip),
        ]


def _clip() -> bytes:
    """Real speech, as the line carries it."""
    said = [read_sound(path.read_bytes()).samples for path in sorted(AUDIO.glob("*.wav"))]
    return write_wav(Sound(np.concatenate(said * 2)[: 8000 * CLIP_S], 8000))
