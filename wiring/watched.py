"""Servers that cannot be used: each process logs it once, and once more when they can be used again."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import structlog

from storage.audio import AudioStore, AudioStoreDown, Checked

log = structlog.get_logger()


class Watch:
    """Knows how the last use of a server went; `failures` mean that it is not to be had."""

    def __init__(self, name: str, *failures: type[Exception]) -> None:
        self._name = name
        self._failures = failures
        self._down = False
        self._lock = Lock()

    @contextmanager
    def using(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            if self._turns(down=True):
                log.error(f"{self._name}_unusable", reason=str(error), effect="tried again until it works")
            raise
        except Exception:  # it has answered, whatever it was
            self._is_back()
            raise
        self._is_back()

    def _is_back(self) -> None:
        if self._turns(down=False):
            log.warning(f"{self._name}_usable_again")

    def _turns(self, *, down: bool) -> bool:
        """Whether that is news."""
        with self._lock:
            news, self._down = self._down != down, down
        return news


class WatchedStore:
    """An audio store that is watched."""

    def __init__(self, store: AudioStore) -> None:
        self._store = store
        self._watch = Watch("recordings_store", AudioStoreDown)

    def put(self, key: str, data: bytes) -> None:
        with self._watch.using():
            self._store.put(key, data)

    def get(self, key: str, sha256: str | None = None) -> bytes:
        with self._watch.using():
            return self._store.get(key, sha256)

    def check(self, key: str, sha256: str) -> Checked:
        with self._watch.using():
            return self._store.check(key, sha256)

    def delete(self, key: str) -> None:
        with self._watch.using():
            self._store.delete(key)
