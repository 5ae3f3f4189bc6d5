"""What the page of a case shows, in the words of the team's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from alerts.answers import headline, in_words, resolved, tidy
from alerts.message import Row, agent_of, ago, length, value_of
from alerts.phrases import PHRASES, speaking
from alerts.reasons import deletion_in, reason_in
from alerts.teams import Team, Teams
from ivr.call import is_number
from ivr.masking import mask_number
from ivr.survey.shapes import Survey
from recovery.links import Links
from recovery.opt_out import Proposal, calling_of
from storage.models import Case, CaseEvent, Delivery, Transcript
from storage.responses import Response, Words


@dataclass(frozen=True, slots=True)
class Voice:
    """One verbatim: a line about it, its player's address, and what a machine has written down."""

    line: str
    audio: str | None
    text: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class ResponsePart:
    title: str
    headline: str
    ended: str
    voices: tuple[Voice, ...]
    answers: tuple[Row, ...]
    call: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """The parts of the page in the order they are read; the latest response first."""

    language: str
    severity: str
    mark: str
    title: str
    state: str
    calling: str
    proposed: tuple[str, ...]
    responses: tuple[ResponsePart, ...]
    told: tuple[Row, ...]
    history: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The rows of a case, and what they are shown with. `surveys` has for each response its survey, if readable;
    `key` is what opened the page.
    """

    case: Case
    responses: Sequence[Response]
    surveys: Sequence[Survey | None]
    told: Sequence[Delivery]
    events: Sequence[CaseEvent]
    proposals: Sequence[Proposal]
    teams: Teams
    links: Links
    key: str
    now: datetime

    @property
    def team(self) -> Team:
        return self.teams.find(self.case.team) or self.teams.default

    def is_erased(self, call_sid: str) -> bool:
        return any(event.type == "erased" and event.data["call_sid"] == call_sid for event in self.events)


def show_case(file: CaseFile) -> CasePage:
    say, case = speaking(file.team.language), file.case
    state = f"state_{case.state}"
    parts = [_response(file, response, survey) for response, survey in zip(file.responses, file.surveys, strict=True)]
    return CasePage(
        language=file.team.language,
        severity=case.severity,
        mark=say(case.severity),
        title=say("case", number=case.number),
        state=say(state) if state in PHRASES else case.state,
        calling=say(calling_of(case, file.proposals)),
        proposed=tuple(say("proposed", rule=each.rule) for each in file.proposals if each.confirmed_by is None),
        responses=tuple(reversed(parts)),
        told=tuple(_told(file)),
        history=tuple(_history(file)),
    )


# The responses --------------------------------------------------------------------------------------


def _response(file: CaseFile, response: Response, survey: Survey | None) -> ResponsePart:
    language = file.team.language
    say, call = speaking(language), response.call
    values = {
        step: answer.value
        for step, answer in response.answers.items()
        if answer.value is not None and not is_number(step)
    }
    rules = [trigger.rule for trigger in response.triggers]
    score = headline(survey, values, rules, language)
    matter = [value_of(score, language)] if score else []
    matter += [say("not_resolved")] if resolved(survey, values) is False else []
    answered = in_words(survey, values, language)
    return ResponsePart(
        title=say("response", time=_local(file, call.started_at)),
        headline=", ".join(matter) or ", ".join(dict.fromkeys(rules)),
        ended=say("ended_ago", ago=ago(call.ended_at, file.now, language)) if call.ended_at else say("on_the_line"),
        voices=tuple(_voice(file, words) for words in response.words.values()),
        answers=tuple(
            Row(each.label, value_of(each, language) + (f" ({each.meaning})" if each.meaning else ""))
            for each in answered
        ),
        call=tuple(_call(file, response, survey)),
    )


def _voice(file: CaseFile, words: Words) -> Voice:
    say, verbatim = speaking(file.team.language), words.verbatim
    match verbatim.status:
        case "stored":
            line = say("recording", length=length(verbatim.duration_s))
            text = words.transcript.text if words.transcript else None
            return Voice(line, _player(file, verbatim.id), text, _written(file, words.transcript))
        case "absent" | "failed" as status:
            return Voice(say(status, reason=reason_in(file.team.language, verbatim.reason)), None, None, None)
        case "deleted":
            return Voice(deletion_in(file.team.language, verbatim.reason), None, None, None)
    return Voice(say("coming"), None, None, None)


def _player(file: CaseFile, verbatim_id: int) -> str:
    """Seen from the page, so that it plays under whatever name the house is reached by, and as long as the page."""
    return f"../recordings/{verbatim_id}.mp3?key={file.links.recording_key_beside(file.key, verbatim_id)}"


def _written(file: CaseFile, transcript: Transcript | None) -> str:
    say = speaking(file.team.language)
    match transcript.status if transcript else "queued":
        case "ready":
            return say("machine", model=transcript.model if transcript else None)
        case "empty":
            return say("empty")
        case "failed" | "unavailable":
            return say("unwritten", reason=reason_in(file.team.language, transcript.reason if transcript else None))
    return say("queued")


def _call(file: CaseFile, response: Response, survey: Survey | None) -> Iterator[Row]:
    say, call = speaking(file.team.language), response.call
    known = {name: tidy(value) for name, value in call.context.items()}
    nobody = say("erased" if file.is_erased(call.call_sid) else "withheld")
    who = [known.get("customer_name"), mask_number(call.from_number) or nobody]
    yield Row(say("caller"), ", ".join(filter(None, who)))
    yield Row(say("agent"), agent_of(known) or say("unknown"))
    for name in ("group", "queue"):
        if known.get(name):
            yield Row(say(name), known[name])
    if ticket := known.get("ticket"):
        address = file.team.ticket_url
        yield Row(say("ticket"), ticket, address.replace("{ticket}", quote(ticket, safe="")) if address else None)
    yield Row(say("started"), _local(file, call.started_at))
    if call.ended_at:
        yield Row(say("ended"), _local(file, call.ended_at))
    yield Row(say("language"), call.language)
    yield Row(say("survey"), (survey and survey.title) or call.survey)
    yield Row(say("alerts"), ", ".join(dict.fromkeys(trigger.rule for trigger in response.triggers)))


# What happened --------------------------------------------------------------------------------------


def _told(file: CaseFile) -> Iterator[Row]:
    say = speaking(file.team.language)
    for delivery in file.told:
        person = file.teams.people.get(delivery.person) if delivery.person else None
        if delivery.state != "superseded":
            yield Row(
                say(f"by_{delivery.channel}", name=person.name if person else delivery.person), _fate(file, delivery)
            )


def _fate(file: CaseFile, delivery: Delivery) -> str:
    say = speaking(file.team.language)
    match delivery.state:
        case "accepted":
            return say("accepted", time=_local(file, delivery.accepted_at))
        case "failed":
            return say("not_sent", reason=delivery.error)
        case "pending" if delivery.error:
            return say("tried", reason=delivery.error)
    return say(delivery.state)


def _history(file: CaseFile) -> Iterator[Row]:
    say = speaking(file.team.language)
    for event in file.events:
        name = f"event_{_kind(event)}"
        yield Row(_local(file, event.at), say(name, **event.data) if name in PHRASES else event.type)


def _kind(event: CaseEvent) -> str:
    """A word that was heard may have been erased since."""
    return "word_forgotten" if event.type == "word_heard" and event.data["word"] is None else event.type


def _local(file: CaseFile, moment: datetime | None) -> str:
    return f"{moment.astimezone(file.team.time_zone):%Y-%m-%d %H:%M %Z}" if moment else ""
