"""Prompts made ready to be heard: Play's file is fetched, as the carrier does before it begins."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from phone import audio
from phone.dialogue import Kind
from phone.errors import CarrierError
from phone.transport import Reply
from phone.verbs import FOREVER, Pause, Play, Prompt, Say

WAV_TYPES = ("audio/wav", "audio/wave", "audio/x-wav")
AUDIO_TYPES = (
    *WAV_TYPES,
    "audio/mpeg",
    "audio/aiff",
    "audio/x-aifc",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
    "audio/ulaw",
)
MP3_BYTES_PER_SECOND = 4000
WRONG_TYPE, WRONG_TYPE_IN_GATHER = 13420, 13325


@dataclass(frozen=True, slots=True)
class Sound:
    """A prompt that is ready to be heard."""

    kind: Kind
    text: str
    seconds: float


def prepare(prompt: Prompt, fetch: Callable[[str], tuple[str, Reply]], wrong_type: int = WRONG_TYPE) -> Sound:
    """The sound of a prompt; `fetch` gets a file by the address in Play, and gives its full address with it.

    Raises:
        CarrierError: 11200 there is no such file, or it is not what its type says; `wrong_type`: it is no audio.
    """
    match prompt:
        case Say():
            return Sound("say", prompt.text, prompt.seconds)
        case Pause():
            return Sound("pause", str(prompt.length), prompt.length)
        case Play(digits=digits) if digits:
            return Sound("play", f"the keys {digits}", len(digits) / 2)
    url, file = fetch(prompt.url)
    name = urlsplit(url).path.rpartition("/")[2]
    return Sound("play", name, _length_s(file, url, wrong_type) * (prompt.loop or FOREVER))


def _length_s(file: Reply, url: str, wrong_type: int) -> float:
    kind = file.content_type.partition(";")[0].strip().lower()
    if kind not in AUDIO_TYPES:
        raise CarrierError(wrong_type, f"Play: Invalid Content-Type {kind or 'none'} of {url}")
    if kind in WAV_TYPES:
        if not file.body.startswith(b"RIFF"):
            raise CarrierError(11200, f"{url} says {kind} and is none")
        return audio.wav_s(file.body)
    return len(file.body) / MP3_BYTES_PER_SECOND
