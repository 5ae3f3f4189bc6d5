"""An alert in words, complete on its own, from the facts of a case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.facts import Answered, Facts, Transcript, Words
from alerts.phrases import phrase, speaking
from alerts.reasons import deletion_in, reason_in


@dataclass(frozen=True, slots=True)
class Quote:
    """One verbatim: what there is to hear, what it says, and what to make of that."""

    line: str
    text: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a message in the order they are read; text and HTML both come from these."""

    language: str
    severity: str
    subject: str
    mark: str
    headline: str
    leads: tuple[str, ...]
    words: str
    quotes: tuple[Quote, ...]
    tables: tuple[Table, ...]
    look: str
    link: str
    closing: tuple[str, ...]


def compose(facts: Facts) -> Message:
    """The facts in the reader's language."""
    say = speaking(facts.language)
    return Message(
        language=facts.language,
        severity=facts.severity,
        subject=subject(facts),
        mark=say(facts.severity),
        headline=headline(facts),
        leads=tuple(_leads(facts)),
        words=say("words"),
        quotes=tuple(_quotes(facts)),
        tables=tuple(table for table in _tables(facts) if table.rows),
        look=say("look"),
        link=facts.link,
        closing=tuple(_closing(facts)),
    )


def subject(facts: Facts) -> str:
    """`[P1] 1 of 5, not resolved, wants a call - case 4821`"""
    case = phrase("case", facts.language, number=facts.number)
    return f"[{facts.severity}] {headline(facts)} - {case}"


def headline(facts: Facts) -> str:
    """What is the matter, in a few words; the first rule that matched where no answer says it."""
    say = speaking(facts.language)
    parts = []
    if facts.headline:
        parts.append(value_of(facts.headline, facts.language))
    if facts.resolved is False:
        parts.append(say("not_resolved"))
    if facts.calling == "allowed":
        parts.append(say("by_time", time=_clock(facts)) if facts.promise_at else say("wants_call"))
    parts += [each.rule for each in facts.watched]
    return ", ".join(parts) or facts.rules[0]


def render_text(message: Message) -> str:
    """The message as plain text, complete on its own."""
    blocks = [[f"{message.mark}. {message.headline}"], list(message.leads), [message.words.upper()]]
    for quote in message.quotes:
        spoken = [f'"{quote.text}"'] if quote.text else []
        blocks[-1] += [quote.line, *spoken, *([quote.remark] if quote.remark else [])]
    for table in message.tables:
        width = max(len(row.label) for row in table.rows) + 2
        rows = [f"{row.label:<{width}}{row.value}{f' {row.link}' if row.link else ''}" for row in table.rows]
        blocks.append([table.title.upper(), *rows])
    blocks += [[f"{message.look}:", message.link], list(message.closing)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def value_of(answer: Answered, language: str) -> str:
    """`1 of 5` of a number on a scale; else what was said."""
    return phrase("of", language, value=answer.value, high=answer.high) if answer.high else answer.value


def agent_of(known: Mapping[str, str]) -> str | None:
    """`Sam Reyes (a7)`, or what is known of that."""
    name, agent = known.get("agent_name"), known.get("agent")
    return f"{name} ({agent})" if name and agent else name or agent


def ago(moment: datetime, now: datetime, language: str) -> str:
    """`20 s ago`, `4 min ago`, `3 h ago`, `2 days ago`"""
    seconds = max(0, int((now - moment).total_seconds()))
    for name, unit in (("days_ago", 86400), ("hours_ago", 3600), ("minutes_ago", 60)):
        if seconds >= 2 * unit:
            return phrase(name, language, n=seconds // unit)
    return phrase("seconds_ago", language, n=seconds)


def length(seconds: float | None) -> str:
    """`0:41`; a question mark where it is not known."""
    whole = round(seconds) if seconds is not None else None
    return f"{whole // 60}:{whole % 60:02}" if whole is not None else "?"


# The parts ------------------------------------------------------------------------------------------


def _leads(facts: Facts) -> Iterator[str]:
    say = speaking(facts.language)
    if facts.wave in ("raised", "audio"):
        yield say(facts.wave)
    if facts.wave == "joined" and not facts.said_more:
        yield say("joined")
    elif facts.wave == "joined" and not facts.watched:  # a watched word is the news itself
        yield say("said_more")
    for each in facts.watched:
        yield say("watched", word=each.word, rule=each.rule) if each.word else say("watched_in_house", rule=each.rule)
    yield _ended(facts)
    if facts.calling != "allowed":  # the headline says that
        yield say(facts.calling)


def _quotes(facts: Facts) -> Iterator[Quote]:
    if not facts.words:
        yield Quote(phrase("none_asked", facts.language), None, None)
    for words in facts.words:
        line = _heard(words, facts)
        if words.status == "stored" and not facts.in_house:
            text = words.transcript.text if words.transcript else None
            yield Quote(line, text, _written(words.transcript, facts.language))
        else:
            yield Quote(line, None, None)


def _heard(words: Words, facts: Facts) -> str:
    say = speaking(facts.language)
    match words.status:
        case "stored":
            return say(words.sent, length=length(words.duration_s), name=words.name)
        case "recording" | "awaited":
            return say("coming_in_house" if facts.in_house else "coming")
        case "absent" | "failed" as status:
            return say(status, reason=reason_in(facts.language, words.reason))
        case "deleted":
            return deletion_in(facts.language, words.reason)
    return say("not_recorded")


def _written(transcript: Transcript | None, language: str) -> str:
    say = speaking(language)
    match transcript:
        case Transcript("ready"):
            return say("machine", model=transcript.model)
        case Transcript("empty"):
            return say("empty")
        case Transcript("failed" | "unavailable"):
            return say("unwritten", reason=reason_in(language, transcript.reason))
    return say("queued")


def _tables(facts: Facts) -> Iterator[Table]:
    say = speaking(facts.language)
    answers = (Row(answer.label, _told(answer, facts.language)) for answer in facts.answers)
    yield Table(say("answers"), tuple(answers))
    yield Table(say("call"), tuple(_call(facts)))


def _told(answer: Answered, language: str) -> str:
    meaning = f" ({answer.meaning})" if answer.meaning else ""
    return value_of(answer, language) + meaning


def _call(facts: Facts) -> Iterator[Row]:
    say = speaking(facts.language)
    known = facts.context
    who = [known.get("customer_name"), facts.caller_number or say("erased" if facts.erased else "withheld")]
    if facts.ended_at is not None:
        yield Row(say("ended"), f"{facts.ended_at.astimezone(facts.zone):%Y-%m-%d %H:%M %Z}")
    yield Row(say("caller"), ", ".join(filter(None, who)))
    yield Row(say("agent"), agent_of(known) or say("unknown"))
    for name in ("group", "queue"):
        if known.get(name):
            yield Row(say(name), known[name])
    if known.get("ticket"):
        yield Row(say("ticket"), known["ticket"], facts.ticket_url)
    yield Row(say("survey"), facts.survey)
    yield Row(say("alerts"), ", ".join(facts.rules))
    if facts.data_problems:
        yield Row(say("problems"), "; ".join(facts.data_problems))


def _ended(facts: Facts) -> str:
    say = speaking(facts.language)
    if facts.ended_at is None:
        return say("on_the_line")
    return say("ended_ago", ago=ago(facts.ended_at, facts.now, facts.language))


def _clock(facts: Facts) -> str:
    assert facts.promise_at is not None
    return f"{facts.promise_at.astimezone(facts.zone):%H:%M}"


def _closing(facts: Facts) -> Iterator[str]:
    say = speaking(facts.language)
    others = [say(f"by_{told.channel}", name=told.name) for told in facts.told]
    yield say("also_told", who="; ".join(others)) if others else say("nobody_else")
    yield say("next_in_house" if facts.in_house else "next")
    yield say("only_shows", days=facts.link_days)
    yield say("why_you", team=facts.team)
