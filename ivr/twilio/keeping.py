"""A recording that has been fetched becomes what is kept: whole, without the tones of keys, and as an MP3 beside it."""

import hashlib

from ivr.twilio.sound import NotAudio, Sound, cut_and_level, mute, peaks, read_sound, write_mp3, write_wav
from ivr.twilio.tones import find_key_tones
from storage import verbatims
from storage.audio import AudioStore
from storage.models import Verbatim
from storage.verbatims import KeptAudio

CUT_SHORT_S = 1.0  # the carrier tells whole seconds


class CutShort(NotAudio):
    """It ends before the carrier's own length of it."""


class NothingSaid(NotAudio):
    """The carrier knows of it, and that there is nothing in it."""


def keep(audio: AudioStore, verbatim: Verbatim, original: bytes, expected_s: float | None) -> KeptAudio:
    """Put original and MP3 into the store; doing it again writes the same bytes to the same place.

    `expected_s` is how long the carrier says it is, None where it does not.

    Raises:
        NotAudio: it is none, or not all of it.
        AudioStoreDown: see storage/audio.py.
    """
    original, sound = _without_keys(original, _checked(original, expected_s))
    levelled = cut_and_level(sound)
    mp3 = write_mp3(levelled)
    original_key, audio_key = (verbatims.audio_key(verbatim, kind) for kind in ("wav", "mp3"))
    audio.put(original_key, original)
    audio.put(audio_key, mp3)
    return KeptAudio(
        original_key=original_key,
        original_sha256=hashlib.sha256(original).hexdigest(),
        audio_key=audio_key,
        sha256=hashlib.sha256(mp3).hexdigest(),
        size_bytes=len(mp3),
        duration_s=round(levelled.duration_s, 2),
        cut_s=levelled.start_s,
        peaks=peaks(levelled),
    )


def _checked(original: bytes, expected_s: float | None) -> Sound:
    """The sound of it, as long as the carrier says."""
    try:
        sound = read_sound(original)
    except NotAudio as error:
        if expected_s == 0:
            raise NothingSaid("nothing was said") from error
        raise
    if expected_s is not None and sound.duration_s + CUT_SHORT_S < expected_s:
        raise CutShort(f"the recording is cut: {sound.duration_s:.1f} s of {expected_s:g} s")
    return sound


def _without_keys(original: bytes, sound: Sound) -> tuple[bytes, Sound]:
    """Recording and sound without the tones of keys: a card number keyed into them stays nowhere."""
    spans = find_key_tones(sound.samples, sound.rate)
    if not spans:
        return original, sound
    muted = mute(sound, spans)
    return write_wav(muted), muted
