"""The tables. What happened is an event beside the state it changed, in the same transaction."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone reached storage")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, str: Text, float: Float}  # noqa: RUF012  SQLAlchemy reads it from the class


Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only in an INTEGER PRIMARY KEY


class SurveyVersion(Base):
    """A published survey: never changed, kept while any call points to it."""

    __tablename__ = "survey_versions"

    version: Mapped[str] = mapped_column(primary_key=True, comment="sha256:… of the file's bytes")
    survey: Mapped[str] = mapped_column(index=True)
    source: Mapped[str]
    published_at: Mapped[datetime]


class Call(Base):
    """One telephone call through a survey. `state` is the engine's CallState; `reply` what the carrier got last."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(
            "ix_calls_open",
            "started_at",  # not heard_at, which every turn would have to move in the index
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("uq_calls_continues", "continues", unique=True),
        Index("ix_calls_survey_started", "survey", "started_at"),
        Index("ix_calls_started", "started_at", "call_sid"),
        Index("ix_calls_survey_disposition", "survey", "disposition"),  # /metrics counts them at each scrape
    )

    call_sid: Mapped[str] = mapped_column(primary_key=True)
    account_sid: Mapped[str]
    survey: Mapped[str]
    version: Mapped[str] = mapped_column(ForeignKey("survey_versions.version"))
    language: Mapped[str]
    direction: Mapped[str]
    from_number: Mapped[str | None] = mapped_column(comment="None where withheld")
    to_number: Mapped[str | None]
    context: Mapped[dict[str, Any]]
    data_problems: Mapped[list[Any]]
    call_key: Mapped[str | None] = mapped_column(index=True)
    ticket: Mapped[str | None] = mapped_column(index=True)
    started_at: Mapped[datetime]
    continues: Mapped[str | None] = mapped_column(comment="the unfinished call that this one goes on with")
    heard_at: Mapped[datetime] = mapped_column(comment="the last request about this call")
    prompt_s: Mapped[float | None] = mapped_column(comment="how long it takes to say what is said now")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(comment="survey, caller, silence (the clock) or error")
    left_step: Mapped[str | None] = mapped_column(comment="where a caller left who reached no ending")
    left_after_s: Mapped[float | None] = mapped_column(comment="since the prompt began; None where the clock noticed")
    line_s: Mapped[int | None] = mapped_column(comment="how long the carrier says the call lasted")
    disposition: Mapped[str] = mapped_column(default="in_progress")
    opted_out: Mapped[bool] = mapped_column(default=False)
    held_at: Mapped[datetime | None] = mapped_column(comment="a legal hold: nothing of the call may be deleted")
    held_for: Mapped[str | None] = mapped_column(comment="the reason of the hold")
    turn: Mapped[int] = mapped_column(comment="the turn that is awaited")
    state: Mapped[str]
    reply: Mapped[str]
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Answer(Base):
    """The reply to one question; `missing` says why there is none."""

    __tablename__ = "answers"

    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    label: Mapped[str | None]
    keys: Mapped[str | None]
    input: Mapped[str | None]
    missing: Mapped[str | None]
    at: Mapped[datetime | None]


class CallEvent(Base):
    """What happened in a call, in order."""

    __tablename__ = "call_events"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid", ondelete="CASCADE"), index=True)
    turn: Mapped[int]
    at: Mapped[datetime]
    type: Mapped[str]
    data: Mapped[dict[str, Any]]


class Caller(Base):
    """What is kept of a caller between calls, by telephone number."""

    __tablename__ = "callers"

    number: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str | None]
    opted_out_at: Mapped[datetime | None]


class BalancedBlock(Base):
    """A block of a survey whose questions take all places in turn, and how far that turn has come."""

    __tablename__ = "balanced_blocks"

    survey: Mapped[str] = mapped_column(primary_key=True)
    block: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(comment="begun so far, with any version of the survey")


class Verbatim(Base):
    """The caller's own words at one voice step.

    `status`: recording, awaited, stored, absent, failed, deleted; `reason` explains the last three in words.
    A caller who records again leaves the earlier take as deleted with `kept` false.
    """

    __tablename__ = "verbatims"
    __table_args__ = (Index("ix_verbatims_call_step", "call_sid", "step"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid", ondelete="CASCADE"))
    step: Mapped[str]
    kept: Mapped[bool] = mapped_column(default=True, comment="false: the caller deleted it or spoke again")
    recording_sid: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    language: Mapped[str]
    hotwords: Mapped[str | None] = mapped_column(comment="names the recogniser should expect")
    carrier_duration_s: Mapped[float | None]
    duration_s: Mapped[float | None] = mapped_column(comment="of the stored audio")
    original_key: Mapped[str | None]
    original_sha256: Mapped[str | None]
    audio_key: Mapped[str | None] = mapped_column(comment="the MP3")
    sha256: Mapped[str | None] = mapped_column(comment="of the MP3")
    size_bytes: Mapped[int | None] = mapped_column(comment="of the MP3")
    cut_s: Mapped[float | None] = mapped_column(comment="silence cut from the start; times are those of the MP3")
    peaks: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), comment="the MP3's loudness, 0 to 100")
    redact: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), comment="kinds of words to blank out")
    redacted_key: Mapped[str | None] = mapped_column(comment="the MP3 without them, once they are known")
    redacted_sha256: Mapped[str | None]
    redacted_size_bytes: Mapped[int | None]
    keep_s: Mapped[float | None] = mapped_column(comment="from stored to deleted; None is for ever")
    asked_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    carrier_copy: Mapped[str | None] = mapped_column(comment="kept or deleted")


class Listen(Base):
    """Somebody was given a verbatim to hear."""

    __tablename__ = "listens"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    verbatim_id: Mapped[int] = mapped_column(ForeignKey("verbatims.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(comment="a person, a program's token or a signed link, never the token itself")


class Transcript(Base):
    """A machine's reading of one verbatim.

    `status`: queued, ready, empty (no speech), failed, unavailable (no model).
    """

    __tablename__ = "transcripts"

    verbatim_id: Mapped[int] = mapped_column(ForeignKey("verbatims.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    text: Mapped[str | None]
    language: Mapped[str | None]
    model: Mapped[str | None]
    segments: Mapped[list[Any]] = mapped_column(default=list)
    tries: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class Case(Base):
    """The accountable work that follows an alert."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open_key",
            "key",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(Serial, primary_key=True)
    key: Mapped[str] = mapped_column(comment="what a second alert joins by: survey and ticket, call_key or call")
    survey: Mapped[str]
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid"), index=True, comment="the call that opened it")
    team: Mapped[str] = mapped_column(index=True)
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(default="new", index=True)
    owner: Mapped[str | None]
    calling: Mapped[str] = mapped_column(default="not_asked", comment="allowed, refused or not_asked")
    opened_at: Mapped[datetime]
    promise_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    data_problems: Mapped[list[Any]] = mapped_column(default=list)


class CaseTrigger(Base):
    """One rule that matched in one call; a call's triggers all lead to one case."""

    __tablename__ = "case_triggers"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_number: Mapped[int] = mapped_column(ForeignKey("cases.number", ondelete="CASCADE"), index=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid"), index=True)
    rule: Mapped[str]
    severity: Mapped[str]
    attach: Mapped[list[Any]]
    raised_at: Mapped[datetime]


class CaseEvent(Base):
    """What happened to a case: who and when, never changed, but for a caller's word that must go."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_number: Mapped[int] = mapped_column(ForeignKey("cases.number", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    type: Mapped[str]
    data: Mapped[dict[str, Any]]


class Delivery(Base):
    """One message to one destination. It is sent by the outbox row `delivery:<id>`.

    `state`: waiting (for audio or the call's end), pending, accepted, failed, superseded.
    `wave`: opened, raised, joined, audio, transcript.
    """

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_number: Mapped[int] = mapped_column(ForeignKey("cases.number", ondelete="CASCADE"), index=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("calls.call_sid"), index=True)
    once_key: Mapped[str] = mapped_column(unique=True, comment="the same news never leaves twice to one destination")
    wave: Mapped[str]
    severity: Mapped[str]
    channel: Mapped[str]
    team: Mapped[str | None] = mapped_column(
        comment="whose ladder it is on; the case may have gone to another team since"
    )
    person: Mapped[str | None] = mapped_column(comment="a key of teams.yaml; None for a team's webhook")
    address: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    message_id: Mapped[str | None]
    thread_id: Mapped[str | None] = mapped_column(comment="Message-ID of the case's first mail to this person")
    with_audio: Mapped[list[Any]] = mapped_column(default=list, comment="ids of the verbatims that went along")
    with_transcripts: Mapped[list[Any]] = mapped_column(default=list, comment="ids of the verbatims read out in it")
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    provider_id: Mapped[str | None]
    error: Mapped[str | None]

    @property
    def receiver(self) -> tuple[str, str | None, str | None]:
        """Who gets it, whatever the address is: a way to a person, or to a team."""
        return self.channel, self.person, None if self.person else self.team


class DeliveryTry(Base):
    """One try of a delivery and how it went; `error` is None where it was accepted."""

    __tablename__ = "delivery_tries"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    took_ms: Mapped[int]
    error: Mapped[str | None]


class Outbox(Base):
    """Something still to do. Claimed by a conditional update with a lease; `due_at` None waits for an event."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_due",
            "queue",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    queue: Mapped[str] = mapped_column(comment="alerts, recordings or transcription")
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True, comment="the same work is never queued twice")
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="pending", comment="pending, done or failed")
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Heartbeat(Base):
    """When a background process was last heard of; /readyz reads it."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]
