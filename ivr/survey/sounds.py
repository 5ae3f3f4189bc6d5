"""What is known of a recorded prompt; `audio_folder.py` measures it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    """A file of `flows/audio/`. `problem` says in words why it cannot be played; None where it can.

    `peak` is the loudest sample between 0 and 1, `clipped` the share of samples at the limit.
    """

    seconds: float = 0.0
    peak: float = 0.0
    clipped: float = 0.0
    problem: str | None = None
