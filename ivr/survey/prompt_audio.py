"""Recorded prompts: the files of `flows/audio/`, measured for the check and served under the hash of their content.

A carrier may keep what it has fetched; a changed file has another address, so nothing it keeps is ever stale.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.survey.sounds import Sound

log = structlog.get_logger()

TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One file as it was read: `name` is its address, the hash of its content with the ending of its kind."""

    stamp: tuple[int, int]
    content: bytes
    name: str
    sound: Sound


class PromptAudio(Mapping[str, Sound]):
    """The recorded prompts of a folder, by the name that surveys give them; each is read once, until it changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, PromptFile] = {}
        self._served: dict[str, PromptFile] = {}  # by address; a call may still ask for a file that was replaced

    def __getitem__(self, name: str) -> Sound:
        return self._file(name).sound

    def __iter__(self) -> Iterator[str]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return iter(sorted(path.name for path in found if path.is_file() and not path.name.startswith(".")))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def address(self, name: str) -> str | None:
        """What the carrier asks for; None where the file is gone since, or another that cannot be played."""
        file = self._file(name) if name in self else None
        if file is None or file.sound.problem:
            log.error("prompt_cannot_be_played", file=name, problem=file.sound.problem if file else "it is gone")
            return None
        return f"/prompts/{file.name}"

    def find(self, address: str) -> PromptFile | None:
        """The file of that content; None where the folder never had it, as far as this process knows."""
        if address not in self._served:
            for name in self:
                self._file(name)
        return self._served.get(address)

    def _file(self, name: str) -> PromptFile:
        path = self.folder / name
        if "/" in name or "\\" in name or name.startswith(".") or not path.is_file():
            raise KeyError(name)
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._files.get(name)
        if known is None or known.stamp != stamp:
            known = self._files[name] = _read(path, stamp)
            self._served[known.name] = known
        return known


def _read(path: Path, stamp: tuple[int, int]) -> PromptFile:
    content = path.read_bytes()
    ending = path.suffix.lower()
    name = f"{hashlib.sha256(content).hexdigest()}{ending}"
    return PromptFile(stamp, content, name, _measured(content, ending))


def _measured(content: bytes, ending: str) -> Sound:
    import numpy as np  # codecs are heavy, and many surveys speak without any recording

    from ivr.twilio.sound import NotAudio, read_sound

    if ending not in TYPES:
        return Sound(problem=f"a carrier plays WAV and MP3, not {ending or 'a file without an ending'}")
    try:
        heard = read_sound(content)
    except NotAudio as error:
        return Sound(problem=str(error))
    loudness = np.abs(heard.samples.astype(np.int32))
    if not loudness.size:
        return Sound(problem="it holds no sound")
    clipped = float(np.mean(loudness >= FULL_SCALE))
    return Sound(heard.duration_s, peak=float(loudness.max()) / FULL_SCALE, clipped=clipped)
