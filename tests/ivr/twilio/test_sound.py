"""The caller's voice survives the way from the line to the MP3: trimmed and louder, but the same voice."""

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from ivr.twilio.sound import NotAudio, Sound, cut_and_level, mute, peaks, read_sound, write_mp3, write_wav

CLIPS = sorted((Path(__file__).parents[2] / "audio").glob("*.wav"))


def clip(name: str) -> Sound:
    return read_sound((Path(__file__).parents[2] / "audio" / f"{name}.wav").read_bytes())


def silence(seconds: float) -> Sound:
    return Sound(np.zeros(int(seconds * 8000), dtype=np.int16), 8000)


def joined(*sounds: Sound) -> Sound:
    return Sound(np.concatenate([sound.samples for sound in sounds]), 8000)


def likeness(one: Sound, other: Sound) -> float:
    """The highest correlation of two sounds of the same rate over all shifts; 1.0 is the same wave."""
    a, b = (sound.samples.astype(float) - sound.samples.mean() for sound in (one, other))
    size = len(a) + len(b)
    shifted = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return float(shifted.max() / np.sqrt((a**2).sum() * (b**2).sum()))


def at_16_khz(sound: Sound) -> Sound:
    """Resampled by the Fourier transform: an opinion of its own on what the samples between are."""
    spectrum = np.fft.rfft(sound.samples.astype(float))
    samples = np.fft.irfft(spectrum, 2 * len(sound.samples)) * 2
    return Sound(samples.clip(-32768, 32767).astype(np.int16), 16_000)


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_the_mp3_sounds_like_what_the_caller_said(path):
    said = read_sound(path.read_bytes())
    heard = read_sound(write_mp3(cut_and_level(said)))
    assert likeness(at_16_khz(said), heard) > 0.95


def test_another_clip_would_not_pass_for_it():
    assert likeness(at_16_khz(clip("dashwood")), read_sound(write_mp3(clip("numbers")))) < 0.3


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_the_mp3_is_what_every_phone_plays(path):
    mp3 = write_mp3(read_sound(path.read_bytes()))
    with av.open(io.BytesIO(mp3)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("mp3float", 16_000, 1)
        sizes = {packet.size for packet in container.demux(stream) if packet.size}
    assert sizes == {144}  # 36 ms at a constant 32 kbit/s
    assert mp3[:2] == b"\xff\xf3"  # it opens with a frame of sound


def test_the_same_sound_gives_the_same_bytes():
    assert write_mp3(clip("dashwood")) == write_mp3(clip("dashwood"))


def test_silence_at_the_ends_is_cut_and_the_words_are_not():
    words = clip("dashwood")
    cut = cut_and_level(joined(silence(3), words, silence(4)))
    assert words.duration_s - 0.3 < cut.duration_s < words.duration_s + 0.5
    assert likeness(words, cut) > 0.99


def test_it_is_known_where_in_the_recording_the_rest_begins():
    words = clip("dashwood")
    assert cut_and_level(joined(silence(3), words)).start_s == pytest.approx(3 + cut_and_level(words).start_s, abs=0.05)


def test_a_player_can_draw_how_loud_it_is():
    drawn = peaks(joined(silence(2), cut_and_level(clip("dashwood"))), bars=50)
    assert len(drawn) == 50
    assert max(drawn[:20]) == 0
    assert 50 < max(drawn) <= 100
    assert peaks(silence(0)) == [0] * 120


def test_muted_seconds_are_silent_and_the_rest_is_not_touched():
    words = clip("numbers")
    muted = mute(words, [(-1, 0.5), (2.0, 2.5), (8.0, 99)])
    assert np.abs(muted.samples[16_000:20_000]).max() == np.abs(muted.samples[:4000]).max() == 0
    assert np.array_equal(muted.samples[4000:16_000], words.samples[4000:16_000])
    assert muted.duration_s == words.duration_s


def test_a_pause_between_two_sentences_stays():
    sentence = cut_and_level(clip("dashwood"))
    assert cut_and_level(joined(sentence, silence(4), sentence)).duration_s > 2 * sentence.duration_s + 3.5


@pytest.mark.parametrize("loudness", [0.01, 0.1, 1.0])
def test_a_quiet_voice_is_raised_by_one_gain_for_the_whole(loudness):
    words = clip("dashwood")
    quiet = Sound((words.samples * loudness).astype(np.int16), 8000)
    levelled = cut_and_level(quiet)
    assert np.abs(levelled.samples).max() > np.abs(quiet.samples).max()
    assert np.abs(levelled.samples).max() < 32767  # nothing is clipped
    assert likeness(quiet, levelled) > 0.99


def test_the_noise_of_an_idle_line_does_not_become_a_roar():
    hiss = Sound(np.random.default_rng(1).normal(0, 3, 24_000).astype(np.int16), 8000)
    assert np.abs(cut_and_level(hiss).samples).max() < 1000


def test_a_recording_without_any_sound_is_left_alone():
    assert cut_and_level(silence(2)).duration_s == 2.0
    assert read_sound(write_mp3(silence(2))).duration_s == pytest.approx(2.0, abs=0.15)


def test_a_wav_written_reads_back_the_same():
    words = clip("numbers")
    assert np.array_equal(read_sound(write_wav(words)).samples, words.samples)


def test_other_forms_of_recordings_are_understood():
    words = clip("dashwood")
    for kind, codec in (("wav", "pcm_mulaw"), ("flac", "flac"), ("mp3", "libmp3lame")):
        heard = read_sound(encoded(words, kind, codec))
        assert heard.rate == 8000
        assert likeness(words, heard) > 0.9


def test_two_channels_are_heard_as_one():
    words = clip("dashwood")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.repeat(words.samples, 2).tobytes())
    assert read_sound(out.getvalue()).duration_s == words.duration_s


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  <!doctype html><title>Sign in</title>", "a web page"),
        (b"<?xml version='1.0'?><TwilioResponse/>", "a web page"),
        (b"RIFF" + bytes(60), "broken"),
        (b"any old bytes" * 50, "broken"),
    ],
)
def test_what_is_no_sound_is_named(data, reason):
    with pytest.raises(NotAudio, match=reason):
        read_sound(data)


def test_a_wav_with_a_header_and_nothing_else_is_no_sound():
    with pytest.raises(NotAudio):
        read_sound(write_wav(silence(0)))


def encoded(sound: Sound, kind: str, codec: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=sound.rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound.samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = sound.rate
        shaped = av.AudioResampler(stream.format.name, "mono", sound.rate, frame_size=stream.frame_size or 1024)
        for piece in [*shaped.resample(frame), *shaped.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return out.getvalue()
