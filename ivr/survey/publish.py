"""Surveys on the line: a file in the flows folder is published at the next call that asks for it.

A published version is immutable, named by the hash of the file, and kept in the database, so that every web process
serves the same one and a call goes on with the version it began with.
"""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from ivr.survey.diagnostics import Diagnostic
from ivr.survey.prompt_audio import PromptAudio
from ivr.survey.reader import load_survey, read_file
from ivr.survey.shapes import Survey
from storage import surveys
from storage.database import Database

log = structlog.get_logger()

ID = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)
RESERVED = frozenset({"status", "fallback"})
# A file's time has a grain: one changed just now may change again without showing it, so it is read again.
GRAIN = timedelta(seconds=2)
# Some editors replace a file by removing it first.
GONE_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Published:
    """A survey as it is served now, and the name of that version: `sha256:` and the hash of the file's bytes."""

    survey: Survey
    version: str


@dataclass(slots=True)
class _File:
    """What this process knows of one file."""

    stamp: tuple[int, int, int] | None = None
    read_at: datetime | None = None
    version: str | None = None
    missing_since: datetime | None = None
    refused: set[str] = field(default_factory=set)


class Surveys:
    """The surveys of a flows folder; shared by all threads of a process."""

    def __init__(self, flows_dir: Path, database: Database, clock: Callable[[], datetime]) -> None:
        self.flows_dir, self.database, self.clock = flows_dir, database, clock
        self.audio = PromptAudio(flows_dir / "audio")
        self._files: dict[str, _File] = {}
        self._versions: dict[str, Survey] = {}
        self._lock = threading.Lock()

    def current(self, survey_id: str) -> Published | None:
        """The survey as it is served now; None where there is no such file, or none that ever was without error."""
        if not ID.fullmatch(survey_id) or survey_id in RESERVED or not self._look(survey_id):
            return None
        version = surveys.latest(self.database, survey_id)
        return Published(self.version(version), version) if version else None

    def version(self, version: str) -> Survey:
        """A published version, however long ago it was replaced.

        Raises:
            LookupError: it was never published.
        """
        if version not in self._versions:
            with self.database.reading() as db:
                source = surveys.source(db, version)
            if source is None:
                raise LookupError(f"there is no survey of version {version}")
            self._versions[version] = load_survey(source)
        return self._versions[version]

    def ids(self) -> tuple[str, ...]:
        """The surveys that have a file, in the order of their names."""
        names = (path.stem for path in self.flows_dir.glob("*.yaml"))
        return tuple(sorted(name for name in names if ID.fullmatch(name) and name not in RESERVED))

    def look_at_all(self) -> None:
        """Publish every file, and log those that cannot be, before the first call asks for one."""
        for survey_id in self.ids():
            self.current(survey_id)

    def _look(self, survey_id: str) -> bool:
        """Publish the file if it has changed; False where it is gone."""
        with self._lock:
            file = self._files.setdefault(survey_id, _File())
            path = self.flows_dir / f"{survey_id}.yaml"
            try:
                found = path.stat()
                stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
                if stamp != file.stamp or self._is_fresh(file, found.st_mtime):
                    self._read(survey_id, file, path.read_bytes())
                    file.stamp, file.read_at = stamp, self.clock()
            except OSError:
                return self._is_only_away(file)
            file.missing_since = None
            return True

    def _is_fresh(self, file: _File, changed_at: float) -> bool:
        return file.read_at is None or file.read_at.timestamp() - changed_at < GRAIN.total_seconds()

    def _is_only_away(self, file: _File) -> bool:
        file.missing_since = file.missing_since or self.clock()
        return file.stamp is not None and self.clock() - file.missing_since < GONE_AFTER

    def _read(self, survey_id: str, file: _File, content: bytes) -> None:
        version = version_of(content)
        if version == file.version or version in file.refused:
            return
        survey = self._known(survey_id, version)
        if survey is None:
            survey, problems = read_file(content, survey_id, self.audio)
            if survey is None:
                file.refused.add(version)
                _tell(survey_id, problems)
                return
        with self.database.transaction() as db:
            surveys.publish(db, survey_id, version, content.decode(), self.clock())
        file.version, self._versions[version] = version, survey
        log.info("survey_published", survey=survey_id, version=version)

    def _known(self, survey_id: str, version: str) -> Survey | None:
        """A version that was published before: it had no error then, and is not checked again."""
        try:
            survey = self.version(version)
        except LookupError:
            return None
        return survey if survey.id == survey_id else None


def version_of(content: bytes) -> str:
    """The name of the version that a file holds."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _tell(survey_id: str, problems: tuple[Diagnostic, ...]) -> None:
    errors = [problem.told(f"{survey_id}.yaml") for problem in problems if problem.is_error]
    log.error("survey_refused", survey=survey_id, errors=errors[:20], more=max(0, len(errors) - 20))
