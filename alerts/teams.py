"""Who must know: people, their teams, and the steps by which each team is told.

The shapes of `alerts/teams.yaml`. The annotations are the only definition; the text under a field is its description.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from ivr.survey.parts import Name, Seconds, Shape, seconds, wrong
from ivr.survey.watch import WatchRule

SEVERITIES = ("P1", "P2", "P3")  # the most urgent first
Channel = Literal["email", "sms", "call", "webhook", "slack", "teams", "pagerduty", "others"]
PERSONAL = ("email", "sms", "call")  # once for each person; the others once for the team
SENT_NOW = ("email", "sms", "webhook")  # what alerts/channels/ can send
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EMAIL = re.compile(r"[^@\s,;:<>\"()\[\]\\]{1,64}@[^@\s,;:<>\"()\[\]\\]{1,255}")
MOBILE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
TIME = r"([01]\d|2[0-3]):([0-5]\d)"


def severity(written: Any) -> str:
    if written not in SEVERITIES:
        raise wrong("E012", f"{written!r} is no severity", "write P1, P2 or P3")
    return str(written)


def email(written: Any) -> str:
    """`ines@harbor.example`, without a name around it."""
    if not isinstance(written, str) or not EMAIL.fullmatch(written):
        raise wrong("E702", f"{written!r} is no e-mail address", "write one such as ines@harbor.example")
    return written


def mobile(written: Any) -> str:
    """A number as carriers write it, `+12025550111`."""
    if not isinstance(written, str) or not MOBILE.fullmatch(written):
        raise wrong(
            "E702", f"{written!r} is no telephone number", 'write + and the country code, such as "+12025550111"'
        )
    return written


def web_address(written: Any) -> str:
    """An http or https address; it may be private, since it is the operator's own."""
    parts = urlsplit(written) if isinstance(written, str) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", written):
        raise wrong("E702", f"{written!r} is no web address", "write one such as https://crm.harbor.example/hooks")
    return str(written)


def ticket_address(written: Any) -> str:
    """A web address with `{ticket}` where the ticket's number goes."""
    if "{ticket}" not in (address := web_address(written)):
        raise wrong("E702", "the address does not say where the ticket's number goes", "write {ticket} in its place")
    return address


def zone(written: Any) -> ZoneInfo:
    """A time zone by the name of its place."""
    try:
        return ZoneInfo(written)
    except Exception as error:  # it raises what it likes: KeyError, ValueError, OSError, TypeError
        repair = "write a place of the time zone database, such as America/New_York"
        raise wrong("E703", f"{written!r} is no time zone", repair) from error


def holidays(written: Any) -> str:
    """A country, or a part of one, by its ISO code."""
    if not isinstance(written, str) or not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", written):
        raise wrong("E704", f"{written!r} names no holidays", "write a country, or a part of one, such as US or US-NY")
    return written


def days(written: Any) -> str:
    """`sat`, or a range from one day to a later one: `mon-fri`."""
    first, _, last = written.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise wrong("E704", f"{written!r} is no day", f"write one of {', '.join(DAYS)}, or a range such as mon-fri")
    return str(written)


def time_of_day(written: Any) -> int:
    """`09:00` in minutes after midnight."""
    found = re.fullmatch(TIME, written) if isinstance(written, str) else None
    if found is None:
        raise wrong("E705", f"{written!r} is no time of day", 'write hours and minutes in quotes, such as "09:00"')
    return int(found[1]) * 60 + int(found[2])


@dataclass(frozen=True, slots=True)
class Window:
    """`08:00-12:00` in minutes after midnight; the end is not part of it and may be 24:00."""

    start: int
    end: int


def window(written: Any) -> Window:
    """`08:00-12:00` as a Window."""
    found = re.fullmatch(rf"{TIME}-({TIME}|24:00)", written) if isinstance(written, str) else None
    if found is None:
        raise wrong(
            "E705", f"{written!r} is no span of hours", 'write it in quotes, such as "08:00-12:00" or "18:00-24:00"'
        )
    start, end = time_of_day(written[:5]), 1440 if written.endswith("24:00") else time_of_day(written[6:])
    if start >= end:
        raise wrong("E705", f"{written!r} ends before it begins", "write two spans, up to 24:00 and on from 00:00")
    return Window(start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """How long a clock runs: seconds, business hours, or business days."""

    amount: float
    unit: Literal["seconds", "business hours", "business days"]


def span(written: Any) -> Span:
    """`5min`, `2 business hours` or `2 business days` as a Span."""
    found = re.fullmatch(r"(\d{1,4}) business (hour|day)s?", written) if isinstance(written, str) else None
    if found is None:
        return Span(seconds(written), "seconds")
    return Span(float(found[1]), "business hours" if found[2] == "hour" else "business days")


Severity = Annotated[str, BeforeValidator(severity, json_schema_input_type=Literal["P1", "P2", "P3"])]
Email = Annotated[str, BeforeValidator(email, json_schema_input_type=str)]
Mobile = Annotated[str, BeforeValidator(mobile, json_schema_input_type=str)]
WebAddress = Annotated[str, BeforeValidator(web_address, json_schema_input_type=str)]
TicketAddress = Annotated[str, BeforeValidator(ticket_address, json_schema_input_type=str)]
Holidays = Annotated[str, BeforeValidator(holidays, json_schema_input_type=str)]
Days = Annotated[str, BeforeValidator(days, json_schema_input_type=str)]
TimeOfDay = Annotated[int, BeforeValidator(time_of_day, json_schema_input_type=str)]
WrittenWindow = Annotated[Window, BeforeValidator(window, json_schema_input_type=str)]
WrittenSpan = Annotated[Span, BeforeValidator(span, json_schema_input_type=str)]
WrittenZone = Annotated[ZoneInfo, BeforeValidator(zone, json_schema_input_type=str)]
Secret = Annotated[str, Field(min_length=1)]
"""The secret itself, or `env:NAME`: the environment's NAME, looked up when it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Shape):
    """`ines: {name: Ines Duarte, email: ines@harbor.example, mobile: "+12025550111"}`"""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    """As the others know this person."""
    email: Email | None = None
    """For mail; also who this is in the console."""
    mobile: Mobile | None = None
    """For SMS and calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Shape):
    """`{after: 0min, to: [lead, also], by: [email, sms]}`"""

    after: Seconds
    """How long after the alert; the first step of a ladder is told at once."""
    to: tuple[str, ...]
    """`lead`, `also`, or people by their key."""
    by: tuple[Channel, ...]
    """The ways; each needs its destination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks(Shape):
    """`clocks: {acknowledge: 5min, attempt: 15min, contact: 2 business hours, resolve: 2 business days}`"""

    acknowledge: WrittenSpan = Span(300, "seconds")
    attempt: WrittenSpan = Span(900, "seconds")
    contact: WrittenSpan = Span(2, "business hours")
    resolve: WrittenSpan = Span(2, "business days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Shape):
    """`digest: {at: "09:00", weekend_sms: false, to: [lead, also]}`"""

    at: TimeOfDay
    """When, in the team's time zone."""
    weekend_sms: bool = False
    """Whether its SMS goes out on Saturdays and Sundays too."""
    to: tuple[str, ...] = ("lead", "also")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Shape):
    """`webhook: {url: "https://crm.harbor.example/hooks/recovery", secret: env:RECOVERY_WEBHOOK_SECRET}`"""

    url: WebAddress
    secret: Secret
    """`whsec_` and 24 to 64 bytes in base64, or `env:NAME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack(Shape):
    """`slack: {channel: C024BE91L, token: env:SLACK_BOT_TOKEN}`"""

    channel: str
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftTeams(Shape):
    """`teams: {url: "https://…"}`"""

    url: WebAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty(Shape):
    """`pagerduty: {routing_key: env:PAGERDUTY_KEY}`"""

    routing_key: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Shape):
    """Who recovers the callers of some groups."""

    id: Name
    """The team's own name; alert rules send to it by `to:`."""
    lead: str
    """Who answers for the team: a person's key."""
    time_zone: WrittenZone
    """In which hours and messages are given: `America/New_York`."""
    name: str | None = None
    """As people say it; default: the id."""
    default: bool = False
    """Takes the callers of groups that no team names; exactly one team does."""
    groups: tuple[str, ...] = ()
    """The contact centre's groups whose callers are this team's."""
    also: tuple[str, ...] = ()
    """People told as well, from the first minute."""
    hours: Mapping[Days, tuple[WrittenWindow, ...]] = field(default_factory=dict)
    """Business hours, for clocks only: `{mon-fri: ["08:00-12:00", "13:00-18:00"]}`. They never hold an alert."""
    holidays: Holidays | None = None
    """A country, or a part of one, whose holidays the clocks know: `US-NY`."""
    language: Literal["en", "es"] = "en"
    """Of messages."""
    escalation: Mapping[Severity, tuple[Step, ...]] = field(default_factory=dict)
    """The ladder of each severity. P1 falls back to P2, and P2 to a mail to `lead` and `also`; P3 needs none."""
    clocks: Clocks = field(default_factory=Clocks)
    digest: Digest | None = None
    ticket_url: TicketAddress | None = None
    """Where a ticket is found: `https://desk.harbor.example/tickets/{ticket}`."""
    audio: Literal["attach", "link"] = "attach"
    """Whether recordings go along with messages; `link`: nothing of what a caller said leaves the house."""
    watch: tuple[WatchRule, ...] = ()
    """Words in the messages of its callers that the team must know of."""
    webhook: Webhook | None = None
    slack: Slack | None = None
    teams: MicrosoftTeams | None = None
    pagerduty: PagerDuty | None = None
    others: tuple[str, ...] = ()
    """Any Apprise addresses."""

    def named(self, word: str) -> tuple[str, ...]:
        """The people that `lead`, `also` or a person's key means."""
        return {"lead": (self.lead,), "also": self.also}.get(word, (word,))

    @property
    def title(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams(Shape):
    """The whole of teams.yaml."""

    recovery_teams: Literal[1]
    """The syntax this file is written in."""
    people: Mapping[Name, Person]
    teams: tuple[Team, ...]

    @property
    def default(self) -> Team:
        """The team that takes what is nobody's."""
        return next(team for team in self.teams if team.default)

    def find(self, team_id: str) -> Team | None:
        return next((team for team in self.teams if team.id == team_id), None)

    def for_group(self, group: str | None) -> Team:
        """The team of a group's callers; the default team where none names the group."""
        return next((team for team in self.teams if group in team.groups), self.default)

    def address(self, team: Team, channel: str, person: str | None) -> str | None:
        """Where a channel reaches a person, or the team; None where it does not."""
        known = self.people.get(person) if person else None
        match channel:
            case "email":
                return known.email if known else None
            case "sms" | "call":
                return known.mobile if known else None
            case "webhook":
                return team.webhook.url if team.webhook else None
        return None
