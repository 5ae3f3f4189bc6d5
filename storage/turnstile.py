"""Where the writers of one SQLite file line up: threads and processes, each let in soon after the one before.

SQLite's own busy handler lets the unlucky wait ever longer. A holder that dies lets go, whatever it was doing.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

LOOK_S = 0.0001  # all who wait look equally often, so none waits long


class TooBusy(SQLAlchemyError):
    """Others have been writing all the time that we may wait."""


class Turnstile:
    """`with turnstile:` nobody else who uses the same file writes. Made after any fork.

    Raises:
        TooBusy: it was not our turn within `patience_s`.
    """

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path = path
        self._patience_s = patience_s
        self._threads = threading.Lock()
        self._file: int | None = None

    def __enter__(self) -> None:
        deadline = time.monotonic() + self._patience_s
        if not self._threads.acquire(timeout=self._patience_s):
            raise TooBusy(f"another thread of this process has been writing for {self._patience_s} s")
        try:
            self._take(deadline)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _take(self, deadline: float) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TooBusy(f"others have been writing for {self._patience_s} s") from None
                time.sleep(LOOK_S)

    def dispose(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
