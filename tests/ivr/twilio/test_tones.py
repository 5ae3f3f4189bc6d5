"""Keys pressed into a recording are found on any line, and speech is not taken for them."""

from pathlib import Path

import numpy as np
import pytest

from ivr.twilio.sound import Sound, mute, read_sound
from ivr.twilio.tones import find_key_tones
from tests.ivr.twilio.keypad import KEYS, key_tone

CLIPS = sorted((Path(__file__).parents[2] / "audio").glob("*.wav"))


def keyed(keys: str, **how) -> Sound:
    """Keys after half a second of silence."""
    return Sound(np.concatenate([np.zeros(4000, np.int16), *(key_tone(key, **how) for key in keys)]), 8000)


def left_over(sound: Sound, clean: Sound) -> float:
    """The share of a sound's loudness that is left in another."""
    return float(np.abs(clean.samples.astype(float)).sum() / np.abs(sound.samples.astype(float)).sum())


def without_keys(sound: Sound) -> Sound:
    return mute(sound, find_key_tones(sound.samples, sound.rate))


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_found_where_it_sounds(key):
    [(start, end)] = find_key_tones(keyed(key).samples, 8000)
    assert start == pytest.approx(0.5, abs=0.05)
    assert end == pytest.approx(0.59, abs=0.05)


@pytest.mark.parametrize("ms", [40, 65, 100, 250])
@pytest.mark.parametrize("loudness", [0.02, 0.2, 0.9])
@pytest.mark.parametrize("twist_db", [-8, 0, 4])
def test_keys_of_every_length_and_loudness_go(ms, loudness, twist_db):
    sound = keyed("4111111111111111", ms=ms, loudness=loudness, twist_db=twist_db)
    assert left_over(sound, without_keys(sound)) < 0.02


@pytest.mark.parametrize("snr_db", [20, 10])
def test_keys_on_a_noisy_line_go(snr_db):
    clean = keyed("4929000000006")
    power = (key_tone("5", gap_ms=0).astype(float) ** 2).mean()
    noise = np.random.default_rng(7).normal(0, np.sqrt(power / 10 ** (snr_db / 10)), len(clean.samples))
    muted = without_keys(Sound((clean.samples + noise).clip(-32768, 32767).astype(np.int16), 8000))
    where_keys_were = np.abs(clean.samples) > 1000
    assert (muted.samples[where_keys_were] == 0).mean() > 0.98


@pytest.mark.parametrize("off", [-0.02, -0.018, 0.018, 0.02])
def test_keys_of_a_telephone_that_is_out_of_tune_go(off):
    sound = keyed("4929123456780#*1", off=off)
    assert left_over(sound, without_keys(sound)) < 0.02


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
@pytest.mark.parametrize("below_speech_db", [0, 5, 10])
def test_keys_go_while_the_caller_speaks(path, below_speech_db):
    """At most one of a card's sixteen keys stays, where it is the first or the last of them."""
    keys = [key_tone(key, ms=80, gap_ms=80) for key in "4929123456780#*1"]
    tones = np.concatenate(keys).astype(float)
    voice = np.resize(read_sound(path.read_bytes()).samples, len(tones) + 8000).astype(float)
    voice *= 0.1 * 32768 / rms(voice[np.abs(voice) > 300])
    both = voice.copy()
    both[4000:-4000] += tones * (0.1 * 32768 / 10 ** (below_speech_db / 20) / rms(tones[np.abs(tones) > 0]))
    muted = without_keys(Sound(both.clip(-32768, 32767).astype(np.int16), 8000)).samples
    gone = [(muted[start : start + 640] == 0).mean() > 0.9 for start in range(4000, 4000 + len(tones), 1280)]
    assert sum(gone) >= 15
    assert all(gone[1:-1])


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt((samples**2).mean()))


def test_one_key_that_ends_a_message_takes_no_word_along():
    said = read_sound(CLIPS[1].read_bytes())
    ended = Sound(np.concatenate([said.samples, key_tone("#")]), 8000)
    [(start, _)] = find_key_tones(ended.samples, 8000)
    assert start == pytest.approx(said.duration_s, abs=0.05)


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_speech_is_not_taken_for_keys(path):
    said = read_sound(path.read_bytes())
    assert find_key_tones(said.samples, said.rate) == ()


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(100), np.zeros(8000), np.full(8000, 900)])
def test_where_nothing_is_keyed_nothing_is_found(sound):
    assert find_key_tones(sound.astype(np.int16), 8000) == ()


@pytest.mark.parametrize("tones", [(770,), (1336,), (350, 440), (480, 620), (697, 770)])
def test_other_tones_of_the_line_are_no_keys(tones):
    wave = sum(np.sin(2 * np.pi * tone * np.arange(8000) / 8000) for tone in tones)
    assert find_key_tones((8000 * wave).astype(np.int16), 8000) == ()
