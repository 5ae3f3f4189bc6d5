"""Who is told by what when a case opens or its severity rises, and when a waiting message may leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.teams import PERSONAL, SENT_NOW, Step, Team, Teams

LATEST_AFTER_END = timedelta(seconds=18)  # what is due then has left by second 20: looking and sending take their time
COMING = {"recording", "awaited"}
SAFETY_NET = (Step(after=0.0, to=("lead", "also"), by=("email",)),)


@dataclass(frozen=True, slots=True)
class Destination:
    """One way to one receiver; `person` is a key of teams.yaml, None for what belongs to the whole team."""

    channel: str
    person: str | None
    address: str
    team: str | None

    @property
    def receiver(self) -> tuple[str, str | None, str | None]:
        """Who is meant, whatever the address is."""
        return self.channel, self.person, None if self.person else self.team


def ladder(team: Team, severity: str) -> tuple[Step, ...]:
    """The steps that a severity climbs.

    P1 without steps of its own takes those of P2; P2 without steps is a mail to the lead and `also`; P3 without steps
    has none, and goes only into the digest.
    """
    if severity == "P3":
        return team.escalation.get("P3", ())
    return team.escalation.get(severity) or team.escalation.get("P2") or SAFETY_NET


def first_told(teams: Teams, team: Team, severity: str) -> tuple[Destination, ...]:
    """Everybody whom the ladder tells at its start, each destination once, in the order written."""
    steps = ladder(team, severity)
    start = min((step.after for step in steps), default=0)
    receivers = dict.fromkeys(pair for step in steps if step.after == start for pair in _receivers(team, step))
    told = [(way, person, teams.address(team, way, person)) for way, person in receivers]
    return tuple(Destination(way, person, address, team.id) for way, person, address in told if address)


def when_due(audio: Sequence[str | None], ended_at: datetime | None, now: datetime) -> datetime | None:
    """When a message about a call may leave; None while it must wait for news.

    `audio` has, for each verbatim that the matched rules attach, its status, or None where it was not asked (yet).
    A message leaves once all its audio is there, also while the caller is still on the line; at the end of the call
    where none can come; and at the latest 18 s after the end.
    """
    coming = any(status in COMING for status in audio)
    if "stored" in audio and not coming and None not in audio:
        return now
    if ended_at is None:
        return None
    return max(now, ended_at + LATEST_AFTER_END) if coming else now


def _receivers(team: Team, step: Step) -> list[tuple[str, str | None]]:
    """Pairs of a way and a person's key: people each by each way, the team's own ways once, without a person."""
    people = dict.fromkeys(person for word in step.to for person in team.named(word))
    personal = [(way, person) for person in people for way in step.by if way in PERSONAL]
    common = [(way, None) for way in step.by if way not in PERSONAL]
    return [pair for pair in [*personal, *common] if pair[0] in SENT_NOW]
