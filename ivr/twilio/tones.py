"""The tones of telephone keys in a recording: found, so that a card number keyed into it does not survive.

Two tones at once make a key, one of a low and one of a high group (ITU-T Q.23). A caller who speaks may hit both for
a moment; a few hundredths of a second of speech are then lost, which is cheaper than a digit that stays.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
FRAME_S, STEP_S = 0.03, 0.01
QUIETEST = 10 ** (-50 / 20)  # of full scale: what is below is not heard
SHARE = 0.4  # of all that sounds, so much must be the two tones: callers may speak while they key
TWIST_DB = 10.0  # between the two tones at most: lines weaken the high ones
CLEAR_DB = 6.0  # above the neighbours in the group
MARGIN_S = 0.02  # the edges of a tone belong to it

Span = tuple[float, float]


def find_key_tones(samples: NDArray[np.int16], rate: int) -> Sequence[Span]:
    """Where keys sound, as spans in seconds, in order and apart from each other."""
    frames = _frames(samples / 32768.0, round(FRAME_S * rate), round(STEP_S * rate))
    if not len(frames):
        return ()
    keyed = _keyed(frames, rate)
    # One frame alone may be speech; a key sounds for 40 ms at least, which makes two.
    steady = [i for i, j in pairwise(range(len(keyed))) if keyed[i] >= 0 and keyed[i] == keyed[j]]
    return _joined([(i * STEP_S - MARGIN_S, (i + 1) * STEP_S + FRAME_S + MARGIN_S) for i in steady])


def _frames(samples: NDArray[np.float64], size: int, step: int) -> NDArray[np.float64]:
    if len(samples) < size:
        return np.empty((0, size))
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::step]


def _keyed(frames: NDArray[np.float64], rate: int) -> NDArray[np.int64]:
    """For each frame the key that sounds in it, by number, or -1."""
    power = (frames**2).mean(axis=1)
    low, high = np.hsplit(_powers(frames, LOW + HIGH, rate), 2)
    loudest_low, loudest_high = low.max(axis=1), high.max(axis=1)
    quiet = np.finfo(float).tiny
    twist_db = 10 * np.log10((loudest_high + quiet) / (loudest_low + quiet))
    sounds = (
        (power > QUIETEST**2)
        & (loudest_low + loudest_high > SHARE * power)
        & (np.abs(twist_db) < TWIST_DB)
        & _clear(low)
        & _clear(high)
    )
    return np.where(sounds, 4 * low.argmax(axis=1) + high.argmax(axis=1), -1)


def _powers(frames: NDArray[np.float64], tones: Sequence[int], rate: int) -> NDArray[np.float64]:
    """The power of each tone in each frame; a pure tone has all of the frame's power."""
    turns = 2 * np.pi * np.outer(np.arange(frames.shape[1]) / rate, tones)
    in_step, across = np.hsplit(frames @ np.hstack([np.cos(turns), np.sin(turns)]) / frames.shape[1], 2)
    return np.asarray(2 * (in_step**2 + across**2))


def _clear(powers: NDArray[np.float64]) -> NDArray[np.bool_]:
    second, first = np.sort(powers, axis=1)[:, -2:].T
    return np.asarray(first > second * 10 ** (CLEAR_DB / 10))


def _joined(spans: Sequence[Span]) -> Sequence[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((max(0.0, start), end))
    return tuple(joined)
