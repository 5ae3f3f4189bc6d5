"""The desk that knows who must know: teams.yaml, read again whenever it changes."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from alerts.check import read_teams
from alerts.teams import Teams
from ivr.survey.diagnostics import Diagnostic, Place

log = structlog.get_logger()


class BadTeams(ValueError):
    """The file cannot be used; the message tells every problem as `file:line:column: code what; repair`."""


@dataclass(slots=True)
class TeamsDesk:
    """The teams of one file. One that breaks keeps the last good; `problems` says what is wrong in it.

    `kept` is where the last good is put for processes that start while the file is broken.

    Raises:
        BadTeams: the file is broken, and there never was a good one.
    """

    path: Path
    kept: Path | None = None
    problems: tuple[Diagnostic, ...] = ()
    _teams: Teams = field(init=False)
    _seen: tuple[int, int, int] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._seen = self._mark()
        teams, self.problems = self._read()
        found = teams or self._last_good()
        if found is None:
            raise BadTeams("\n".join(problem.told(str(self.path)) for problem in self.problems))
        self._teams = found
        if teams is None:
            self._tell()

    def teams(self) -> Teams:
        """The teams as the file has them now."""
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            self._read_again()
        return self._teams

    def _read_again(self) -> None:
        teams, self.problems = self._read()
        if teams is not None:
            self._teams = teams
            log.info("teams_read", teams=len(teams.teams))
        self._tell()

    def _tell(self) -> None:
        for problem in self.problems:
            log.error("teams_file_broken", problem=problem.told(str(self.path)), effect="the last good one stays")

    def _read(self) -> tuple[Teams | None, tuple[Diagnostic, ...]]:
        try:
            text = self.path.read_text(encoding="utf-8")
            teams, problems = read_teams(text)
            if teams is not None and self.kept:
                _put(self.kept, text)
            return teams, problems
        except (OSError, UnicodeDecodeError) as error:
            what = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            repair = "write the file, or name another in TEAMS_FILE"
            return None, (Diagnostic("E001", Place(1, 1), f"the file cannot be read: {what}", repair),)

    def _last_good(self) -> Teams | None:
        if self.kept is None or not self.kept.is_file():
            return None
        return read_teams(self.kept.read_text(encoding="utf-8"))[0]

    def _mark(self) -> tuple[int, int, int] | None:
        """What changes when the file does; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _put(kept: Path, text: str) -> None:
    """Keep a copy, whole or not at all; that it cannot be kept is no reason to stop."""
    try:
        if not kept.is_file() or kept.read_text(encoding="utf-8") != text:
            fresh = kept.with_suffix(f".{os.getpid()}")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(kept)
    except OSError as error:
        log.warning("teams_not_kept", error=error.strerror)
