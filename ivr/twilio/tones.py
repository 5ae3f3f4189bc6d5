"""The tones of telephone keys in a recording: found, so that a card number keyed into it does not survive.

Two tones at once make a key, one of a low and one of a high group (ITU-T Q.23), which may be 1.8 % beside their
frequency (Q.24). A key that stands out of all else is found by itself. Keys under speech are not that plain: where
there are two plain ones in a row, what only looks like a key belongs to the row too, and so does what lies between.
A caller who speaks there loses these words, which is cheaper than a digit that stays.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
OFF = (-0.02, -0.01, 0.0, 0.01, 0.02)  # where a tone may be, as shares of its frequency
BESIDE = (-0.11, -0.08, 0.08, 0.11)  # where nothing sounds while it is a key, and much does while it is a voice
FRAME_S, STEP_S = 0.032, 0.01
LEAST_FRAMES = 3  # in a row; the shortest key sounds for 40 ms
QUIETEST = 10 ** (-50 / 20)  # of full scale: what is below is not heard
SHARE = 0.4  # of all that sounds, so much are the two tones of a plain key
TWIST_DB = 10.0  # between the two tones at most: lines weaken the high ones
PLAIN_DB, LIKELY_DB = 12.0, 8.0  # how far each tone stands out of what sounds beside it
MARGIN_S = 0.02  # the edges of a tone belong to it
ROW_GAP_S = 1.0  # between two keys of a row
LEAST_PLAIN = 2  # keys of a row

Span = tuple[float, float]


def find_key_tones(samples: NDArray[np.int16], rate: int) -> Sequence[Span]:
    """Where keys sound, as spans in seconds, in order and apart from each other."""
    frames = _frames(samples / 32768.0, round(FRAME_S * rate), round(STEP_S * rate))
    if not len(frames):
        return ()
    plain, likely = (_steady(keys) for keys in _keyed(frames, rate))
    rows = [
        row for row in _joined([*plain, *likely], ROW_GAP_S) if sum(_within(row, key) for key in plain) >= LEAST_PLAIN
    ]
    return _joined([*plain, *rows])


def _frames(samples: NDArray[np.float64], size: int, step: int) -> NDArray[np.float64]:
    if len(samples) < size:
        return np.empty((0, size))
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::step]


def _keyed(frames: NDArray[np.float64], rate: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each frame the key that sounds in it plainly, and the one that may sound in it: by number, or -1."""
    power = (frames**2).mean(axis=1)
    (low, low_clear, low_key), (high, high_clear, high_key) = (_loudest(frames, group, rate) for group in (LOW, HIGH))
    clear_db = _decibels(np.minimum(low_clear, high_clear))
    key = len(HIGH) * low_key + high_key
    likely = (power > QUIETEST**2) & (np.abs(_decibels(high) - _decibels(low)) < TWIST_DB) & (clear_db > LIKELY_DB)
    plain = likely & (clear_db > PLAIN_DB) & (low + high > SHARE * power)
    return np.where(plain, key, -1), np.where(likely, key, -1)


def _loudest(
    frames: NDArray[np.float64], group: Sequence[int], rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """For each frame the power of the group's loudest tone, how many times that of its neighbours, and which it is."""
    places = np.multiply.outer(np.array(group), 1 + np.array(OFF + BESIDE))
    powers = _powers(frames, places.ravel(), rate).reshape(len(frames), *places.shape)
    tones, beside = powers[..., : len(OFF)].max(axis=2), powers[..., len(OFF) :].max(axis=2)
    which = tones.argmax(axis=1)
    loudest, around = (np.take_along_axis(each, which[:, None], axis=1)[:, 0] for each in (tones, beside))
    return loudest, loudest / (around + np.finfo(float).tiny), which


def _powers(frames: NDArray[np.float64], tones: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """The power of each tone in each frame; a pure tone has all of the frame's power."""
    window = np.hanning(frames.shape[1])[:, None]
    turns = 2 * np.pi * np.outer(np.arange(frames.shape[1]) / rate, tones)
    waves = np.hstack([np.cos(turns), np.sin(turns)]) * window / window.sum()
    in_step, across = np.hsplit(frames @ waves, 2)
    return np.asarray(2 * (in_step**2 + across**2))


def _decibels(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(powers + np.finfo(float).tiny))


def _steady(keys: NDArray[np.int64]) -> Sequence[Span]:
    """Where one key sounds for several frames; fewer may be speech."""
    edges = [0, *(np.flatnonzero(np.diff(keys)) + 1), len(keys)]
    runs = [(start, end) for start, end in pairwise(edges) if keys[start] >= 0]
    return [
        (max(0.0, start * STEP_S - MARGIN_S), (end - 1) * STEP_S + FRAME_S + MARGIN_S)
        for start, end in runs
        if end - start >= LEAST_FRAMES
    ]


def _joined(spans: Sequence[Span], gap_s: float = 0.0) -> Sequence[Span]:
    """In order, and as one those with no more than so many seconds between them."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + gap_s:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _within(row: Span, span: Span) -> bool:
    return row[0] <= span[0] and span[1] <= row[1]
