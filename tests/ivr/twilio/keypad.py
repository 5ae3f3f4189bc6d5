"""The keypad of a telephone, as it sounds."""

import numpy as np

from ivr.twilio.tones import HIGH, LOW

KEYS = {
    key: (low, high)
    for low, row in zip(LOW, ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip(HIGH, row, strict=True)
}


def key_tone(
    key: str, ms: int = 90, loudness: float = 0.2, twist_db: float = 0, gap_ms: int = 60, off: float = 0
) -> np.ndarray:
    """A key as a telephone sends it, at 8 kHz, with a pause after it; loudness 1.0 is full scale.

    `off` is how far its tones are beside their frequencies, as a share of them.
    """
    times = np.arange(ms * 8) / 8000
    low, high = (np.sin(2 * np.pi * tone * (1 + off) * times) for tone in KEYS[key])
    wave = loudness * 16383 * (low + 10 ** (twist_db / 20) * high)
    return np.concatenate([wave.clip(-32768, 32767), np.zeros(gap_ms * 8)]).astype(np.int16)
