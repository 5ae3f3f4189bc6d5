"""Where the carrier keeps its things: facts by SID, some with sound. In memory, or in a folder that processes share."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol

Facts = dict[str, Any]


class Shelf(Protocol):
    """Plain values by SID."""

    def put(self, sid: str, facts: Facts) -> None: ...

    def find(self, sid: str) -> Facts | None: ...

    def sids(self, prefix: str) -> list[str]:
        """Those that begin so, in the order in which they came."""

    def put_sound(self, sid: str, wav: bytes) -> None: ...

    def find_sound(self, sid: str) -> bytes | None: ...

    def drop_sound(self, sid: str) -> None: ...


class MemoryShelf:
    """Gone with the process."""

    def __init__(self) -> None:
        self._facts: dict[str, Facts] = {}
        self._sounds: dict[str, bytes] = {}

    def put(self, sid: str, facts: Facts) -> None:
        self._facts[sid] = facts

    def find(self, sid: str) -> Facts | None:
        return self._facts.get(sid)

    def sids(self, prefix: str) -> list[str]:
        return [sid for sid in list(self._facts) if sid.startswith(prefix)]

    def put_sound(self, sid: str, wav: bytes) -> None:
        self._sounds[sid] = wav

    def find_sound(self, sid: str) -> bytes | None:
        return self._sounds.get(sid)

    def drop_sound(self, sid: str) -> None:
        self._sounds.pop(sid, None)


class FolderShelf:
    """A `.json` and, with sound, a `.wav` per SID; a reader sees a whole file or none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, sid: str, facts: Facts) -> None:
        self._write(f"{sid}.json", json.dumps(facts).encode())

    def find(self, sid: str) -> Facts | None:
        found = self._read(f"{sid}.json")
        return None if found is None else json.loads(found)

    def sids(self, prefix: str) -> list[str]:
        files = self._folder.glob(f"{prefix}*.json")
        return [file.stem for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.stem))]

    def put_sound(self, sid: str, wav: bytes) -> None:
        self._write(f"{sid}.wav", wav)

    def find_sound(self, sid: str) -> bytes | None:
        return self._read(f"{sid}.wav")

    def drop_sound(self, sid: str) -> None:
        (self._folder / f"{sid}.wav").unlink(missing_ok=True)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, name: str, data: bytes) -> None:
        handle, made = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(made).replace(self._folder / name)
