"""The dossier of one delivery: everything stored that its message may tell, read at the moment it is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from alerts.answers import headline, in_words, resolved, tidy
from alerts.facts import Facts, Sent, Told, Transcript, Watched, Words
from alerts.reasons import reason_in
from alerts.teams import Team, Teams
from ivr.masking import mask_number
from ivr.survey.shapes import Survey
from recovery.case import undecided_step
from recovery.links import Links
from recovery.opt_out import calling_of, proposals
from storage import calls, cases, deliveries, responses
from storage.models import Case, Delivery, Verbatim
from storage.responses import Response


@dataclass(frozen=True, slots=True)
class Dossier:
    """The rows of a delivery.

    `line` are the calls that went on with each other, and `response` tells of them all. `voices` has for each attached
    voice step, in order, what the caller left there; `undecided` is the one whose message the caller may still delete,
    which has not left anything yet. `erased`: who called is not known any more.
    """

    delivery: Delivery
    case: Case
    line: Sequence[str]
    response: Response
    others: tuple[Delivery, ...]
    watched: Sequence[Watched]
    calling: str
    voices: Mapping[str, Verbatim | None]
    undecided: str | None
    teams: Teams
    erased: bool

    @property
    def team(self) -> Team:
        """The receiver's, whose language it is written in; the case may be with another by now."""
        return self.teams.find(self.delivery.team or self.case.team) or self.teams.default

    @property
    def in_house(self) -> bool:
        """Whether nothing of what the caller said may leave the house."""
        return self.team.audio == "link"

    @property
    def earlier(self) -> tuple[Delivery, ...]:
        """What the same receiver has by the same way about the same call."""
        return tuple(
            other
            for other in self.others
            if other.receiver == self.delivery.receiver and other.call_sid in self.line and other.state == "accepted"
        )

    @property
    def heard(self) -> set[int]:
        """The verbatims whose audio the receiver has already."""
        return {verbatim for other in self.earlier for verbatim in other.with_audio}

    @property
    def whole(self) -> list[Verbatim]:
        """The stored verbatims, whether or not the receiver has heard them."""
        return [each for each in self.voices.values() if each and each.status == "stored"]

    @property
    def fresh(self) -> list[Verbatim]:
        """The stored verbatims whose audio the receiver does not have yet."""
        return [each for each in self.whole if each.id not in self.heard]

    @property
    def unread(self) -> list[Verbatim]:
        """The verbatims whose words a machine has written down, and the receiver does not have yet."""
        read = {verbatim for other in self.earlier for verbatim in other.with_transcripts}
        unread = [each for each in self.whole if each.id not in read]
        return [each for each in unread if (written := self.transcript(each)) and written.status == "ready"]

    def transcript(self, verbatim: Verbatim) -> Transcript | None:
        kept = self.response.words[verbatim.step].transcript
        return Transcript(kept.status, kept.text, kept.model, kept.reason) if kept else None

    def name(self, step: str) -> str:
        """What the recording of a step is called: `case-4821.mp3`, the second `case-4821-2.mp3`."""
        place = list(self.voices).index(step) + 1
        return f"case-{self.case.number}{f'-{place}' if place > 1 else ''}.mp3"


def open_dossier(db: Session, delivery: Delivery, teams: Teams) -> Dossier:
    line = calls.line(db, calls.get(db, delivery.call_sid))
    response = responses.find(db, line[-1])
    case = cases.find(db, delivery.case_number)
    assert response is not None
    assert case is not None
    others = [other for other in deliveries.of_case(db, case.number) if other.id != delivery.id]
    words, undecided = response.words, undecided_step(response.call)
    voices = {
        step: words[step].verbatim if step in words and step != undecided else None
        for step in cases.attached_steps(db, line)
    }
    calling = calling_of(case, proposals(db, case.number))
    watched = _watched(db, case, line)
    erased = any(event.data["call_sid"] in line for event in cases.events_of(db, case.number, "erased"))
    return Dossier(delivery, case, line, response, tuple(others), watched, calling, voices, undecided, teams, erased)


def _watched(db: Session, case: Case, line: Sequence[str]) -> list[Watched]:
    """The words that were watched for and heard in these calls, each rule once."""
    heard = [event.data for event in cases.events_of(db, case.number, "word_heard") if event.data["call_sid"] in line]
    first = {each["rule"]: each["word"] for each in reversed(heard)}
    return [Watched(rule, first[rule]) for rule in dict.fromkeys(each["rule"] for each in heard)]


def gather(dossier: Dossier, survey: Survey | None, sent: Mapping[int, Sent], links: Links, now: datetime) -> Facts:
    """The facts of a dossier; `sent` says how the audio of each stored verbatim reaches the receiver.

    `survey` None: its version cannot be read any more, and answers keep the names of their steps.
    """
    call, team = dossier.response.call, dossier.team
    language, rules = team.language, tuple(dict.fromkeys(trigger.rule for trigger in dossier.response.triggers))
    context = {name: tidy(value) for name, value in call.context.items()}
    values = {step: answer.value for step, answer in dossier.response.answers.items() if answer.value is not None}
    ticket = context.get("ticket", "")
    return Facts(
        number=dossier.case.number,
        severity=dossier.case.severity,
        wave=dossier.delivery.wave,
        said_more=bool(dossier.earlier),
        survey=(survey and survey.title) or call.survey,
        headline=headline(survey, values, rules, language),
        resolved=resolved(survey, values),
        calling=dossier.calling,
        promise_at=dossier.case.promise_at,
        answers=tuple(in_words(survey, values, language)),
        words=tuple(_words(dossier, sent)),
        rules=tuple(map(tidy, rules)),
        watched=tuple(_told_word(each, dossier.in_house) for each in dossier.watched),
        context=context,
        caller_number=mask_number(call.from_number),
        ticket_url=team.ticket_url.replace("{ticket}", quote(ticket, safe="")) if team.ticket_url and ticket else None,
        ended_at=call.ended_at,
        data_problems=tuple(tidy(reason_in(language, problem)) for problem in dossier.case.data_problems),
        told=tuple(_told(dossier)),
        team=team.title,
        language=language,
        zone=team.time_zone,
        link=links.case(dossier.case.number),
        link_days=links.days,
        in_house=dossier.in_house,
        now=now,
        erased=dossier.erased,
    )


def _told_word(heard: Watched, in_house: bool) -> Watched:
    """As the message may have it."""
    return Watched(tidy(heard.rule), None if in_house or heard.word is None else tidy(heard.word))


def _told(dossier: Dossier) -> Iterable[Told]:
    """Who else has the news of this call, or is about to have it; each person once by each way."""
    about_call = [
        other
        for other in dossier.others
        if other.call_sid in dossier.line and other.state not in ("superseded", "failed")
    ]
    people = dossier.teams.people
    told = [
        Told(people[other.person].name if other.person and other.person in people else other.person, other.channel)
        for other in about_call
        if other.person is None or other.person != dossier.delivery.person
    ]
    return dict.fromkeys(told)


def _words(dossier: Dossier, sent: Mapping[int, Sent]) -> Iterator[Words]:
    for step, verbatim in dossier.voices.items():
        name = dossier.name(step)
        if verbatim is None:
            yield Words("awaited" if step == dossier.undecided else None, name)
        elif dossier.in_house:
            yield Words(verbatim.status, name, verbatim.duration_s, verbatim.reason, "in_house")
        else:
            how, transcript = sent.get(verbatim.id, "behind_link"), dossier.transcript(verbatim)
            yield Words(verbatim.status, name, verbatim.duration_s, verbatim.reason, how, transcript)
