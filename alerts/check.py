"""teams.yaml read strictly: who must know, or every reason why the file cannot be used, with its place and repair."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from alerts.teams import DAYS, SEVERITIES, Step, Team, Teams
from ivr.survey.diagnostics import Diagnostic, did_you_mean, in_order
from ivr.survey.strict_yaml import Document, Path, read_document
from ivr.survey.validation import validate

RESERVED = ("lead", "also")
DESTINATIONS = {"email": "email", "sms": "mobile", "call": "mobile"}  # what each way needs of a person


def read_teams(text: str) -> tuple[Teams | None, tuple[Diagnostic, ...]]:
    """The teams that the file describes, or None and all that is wrong in it."""
    document = read_document(text)
    if document.data is None:
        return None, in_order(document.problems)
    teams, misfits = validate(Teams, document)
    problems = in_order([*document.problems, *misfits, *(_check(teams, document) if teams else ())])
    return (None if problems else teams), problems


def _check(teams: Teams, document: Document) -> Iterator[Diagnostic]:
    """What the shapes alone cannot see: names that lead nowhere, and ways without a destination."""
    yield from _check_people(teams, document)
    yield from _check_default(teams, document)
    yield from _check_twice(teams, document)
    for number, team in enumerate(teams.teams):
        yield from _check_team(teams, team, ("teams", number), document)


def _check_people(teams: Teams, document: Document) -> Iterator[Diagnostic]:
    for key, person in teams.people.items():
        place = document.key_at(("people", key))
        if key in RESERVED:
            yield Diagnostic(
                "E711", place, f'a person is called "{key}", which has a meaning in steps', "use another key"
            )
        if person.email is None and person.mobile is None:
            yield Diagnostic("E712", place, f'nothing reaches "{key}"', "write email: … or mobile: …")


def _check_default(teams: Teams, document: Document) -> Iterator[Diagnostic]:
    defaults = [number for number, team in enumerate(teams.teams) if team.default]
    if not defaults:
        missing = "no team takes the callers of groups that no team names"
        yield Diagnostic("E713", document.key_at(("teams",)), missing, "write default: true in one team")
    for number in defaults[1:]:
        place = document.at(("teams", number, "default"))
        yield Diagnostic("E713", place, "a second team is the default", "keep default: true in one team")


def _check_twice(teams: Teams, document: Document) -> Iterator[Diagnostic]:
    """Each id once, each group with one team, each name among the words of a team once."""
    names: list[tuple[str, str, Path]] = []
    for number, team in enumerate(teams.teams):
        names.append(("id", team.id, ("teams", number, "id")))
        names += [("group", group, ("teams", number, "groups", at)) for at, group in enumerate(team.groups)]
        watch = [(rule.name, ("teams", number, "watch", at, "name")) for at, rule in enumerate(team.watch)]
        names += [(f"name of {team.id}'s words", name, path) for name, path in watch]
    seen: dict[tuple[str, str], int] = {}
    for kind, name, path in names:
        place = document.at(path)
        if (kind, name) in seen:
            message = f'the {kind} "{name}" stands in line {seen[kind, name]} already'
            yield Diagnostic("E714", place, message, "keep one of them")
        seen.setdefault((kind, name), place.line)


def _check_team(teams: Teams, team: Team, at: Path, document: Document) -> Iterator[Diagnostic]:
    people = [(team.lead, (*at, "lead")), *((key, (*at, "also", n)) for n, key in enumerate(team.also))]
    for key, path in people:
        if key not in teams.people:
            yield _unknown(key, teams.people, path, document)
    for number, word in enumerate(team.digest.to if team.digest else ()):
        yield from _check_word(teams, word, (*at, "digest", "to", number), document)
    for severity in SEVERITIES:
        for number, step in enumerate(team.escalation.get(severity, ())):
            yield from _check_step(teams, team, step, (*at, "escalation", severity, number), document)
    yield from _check_safety_net(teams, team, at, document)
    yield from _check_hours(team, at, document)


def _check_step(teams: Teams, team: Team, step: Step, at: Path, document: Document) -> Iterator[Diagnostic]:
    for name in ("to", "by"):
        if not getattr(step, name):
            yield Diagnostic(
                "E719", document.at((*at, name)), f'"{name}" is empty', "name at least one, or remove the step"
            )
    for number, word in enumerate(step.to):
        yield from _check_word(teams, word, (*at, "to", number), document)
    people = dict.fromkeys(key for word in step.to for key in team.named(word) if key in teams.people)
    for number, way in enumerate(step.by):
        place = document.at((*at, "by", number))
        if way in DESTINATIONS:
            lacking = [key for key in people if getattr(teams.people[key], DESTINATIONS[way]) is None]
            for key in lacking:
                repair = f"write {DESTINATIONS[way]}: … for {key}, or leave {way} out"
                yield Diagnostic("E716", place, f'"{way}" has no destination for "{key}"', repair)
        elif not getattr(team, way):
            repair = f"write {way}: … in the team, or leave {way} out"
            yield Diagnostic("E716", place, f'"{way}" has no destination in the team', repair)


def _check_word(teams: Teams, word: str, path: Path, document: Document) -> Iterator[Diagnostic]:
    if word not in RESERVED and word not in teams.people:
        yield _unknown(word, [*RESERVED, *teams.people], path, document)


def _unknown(key: str, known: Iterable[str], path: Path, document: Document) -> Diagnostic:
    return Diagnostic("E715", document.at(path), f'"{key}" is nobody under people', did_you_mean(key, known))


def _check_safety_net(teams: Teams, team: Team, at: Path, document: Document) -> Iterator[Diagnostic]:
    """A team without a P2 ladder is told by mail to its lead, who then needs an address."""
    lead = teams.people.get(team.lead)
    if lead and lead.email is None and not team.escalation.get("P2"):
        repair = f"write email: … for {team.lead}, or steps for P2 under escalation"
        yield Diagnostic("E717", document.at((*at, "lead")), f'nothing tells "{team.lead}" of a P2', repair)


def _check_hours(team: Team, at: Path, document: Document) -> Iterator[Diagnostic]:
    """Within a day no two spans overlap, and no day is written twice."""
    covered: dict[str, str] = {}
    for key, windows in team.hours.items():
        first, _, last = key.partition("-")
        place = document.key_at((*at, "hours", key))
        for day in DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]:
            if day in covered:
                yield Diagnostic("E718", place, f'{day} is in "{covered[day]}" already', "write each day once")
                break
            covered[day] = key
        if any(one.start < other.end and other.start < one.end for one, other in combinations(windows, 2)):
            yield Diagnostic(
                "E718", document.at((*at, "hours", key)), "two spans overlap", "write them one after the other"
            )
