"""What the outbox asks of alerts: send a delivery, and heed a transcript that is ready."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alerts.channels.outgoing import Channel, DeliveryFailed, Outgoing, Recording
from alerts.channels.webhook import SWITCHED_OFF
from alerts.dossier import Dossier, gather, open_dossier
from alerts.facts import Sent
from alerts.teams import Teams
from ivr.survey.shapes import Survey
from recovery.case import case_json, release, undecided_step
from recovery.links import Links
from recovery.watch import heed_words
from storage import calls, deliveries, outbox, transcripts, verbatims
from storage.audio import AudioDamaged, AudioMissing, AudioStore, AudioStoreDown
from storage.database import Database
from storage.models import Delivery, Verbatim
from storage.outbox import Again, Done, GaveUp, Job, Outcome

log = structlog.get_logger()

UNDECIDED_FOR = timedelta(seconds=5)  # a review takes a few of them
MOST_ATTACHED = 7_000_000  # bytes of audio; as base64 a mail stays under the 10 MB that servers take


@dataclass(frozen=True, slots=True)
class PostRoom:
    """What sending needs: where it is kept, who must know, the surveys' versions, the audio, the ways."""

    database: Database
    teams: Callable[[], Teams]
    survey: Callable[[str], Survey]
    audio: AudioStore
    links: Links
    channels: Mapping[str, Channel]
    now: Callable[[], datetime]


def send_delivery(job: Job, room: PostRoom) -> Outcome:
    """Build the message of a delivery from what is known by now, and send it.

    Done when it was accepted, replaced, or has nothing new to tell; tried again while that can help.
    """
    with room.database.reading() as db:
        delivery = deliveries.get(db, job.payload["delivery"])
        if delivery.state not in deliveries.UNSENT:
            return Done()
        dossier = open_dossier(db, delivery, room.teams())
        broken_off = deliveries.last_broken_off(db, delivery.id)
        switched_off = deliveries.switched_off(db, delivery.channel, delivery.address, SWITCHED_OFF)
    channel = room.channels[delivery.channel]
    if broken_off and not channel.patience.repeatable:
        return _give_up(room, delivery, "the last try broke off; it may have arrived")
    if switched_off:
        return _give_up(room, delivery, f"{SWITCHED_OFF}: this address answered 410 before")
    if (told := _news(dossier)) is None:
        return _drop(room, delivery)
    try:
        recordings = _recordings(room, dossier, told, channel)
    except AudioStoreDown as error:
        if delivery.wave == "audio" or job.tries == 1:
            return _failed(room, job, delivery, channel, DeliveryFailed(f"the recording cannot be read: {error}"))
        recordings = ()  # an alert does not wait for the store longer than that; the audio follows
    return _try(room, job, dossier, channel, recordings)


def heed_transcript(job: Job, room: PostRoom) -> Outcome:
    """A transcript is ready: words that somebody watches for are heeded, and webhooks that left without it are told."""
    with room.database.reading() as db:
        verbatim = verbatims.find(db, job.payload["verbatim"])
        call = calls.find(db, verbatim.call_sid) if verbatim else None
    if verbatim is None or call is None:
        return Done()
    survey, now = _survey(room, call.version), room.now()
    with room.database.transaction() as db:
        if (call := calls.lock(db, call.call_sid)) and undecided_step(call) == verbatim.step:
            return Again(now + UNDECIDED_FOR, "the caller may still delete the message")
        if (written := transcripts.find(db, verbatim.id)) and written.text:
            heed_words(db, verbatim, written.text, survey, room.teams(), now)
        release(db, verbatim.call_sid, now)
    return Done()


# What goes along ------------------------------------------------------------------------------------


def _news(dossier: Dossier) -> list[Verbatim] | None:
    """The recordings that the message is to carry; None where a follow-up has nothing new left to tell."""
    match dossier.delivery.wave:
        case "audio" | "transcript" if dossier.in_house:
            return None
        case _ if dossier.in_house:
            return []
        case "audio":
            return dossier.fresh or None
        case "transcript":
            return dossier.unread or None
        case "raised":  # the higher ladder's first message is whole again
            return dossier.whole
    return dossier.fresh


def _recordings(room: PostRoom, dossier: Dossier, told: list[Verbatim], channel: Channel) -> tuple[Recording, ...]:
    """The recordings with what the channel needs of them; the bytes as far as they fit into one mail."""
    recordings, room_left = [], MOST_ATTACHED
    for verbatim in told[: channel.most_recordings]:
        assert verbatim.audio_key
        attach = channel.attaches and (verbatim.size_bytes or 0) <= room_left
        data = _read(room.audio, verbatim) if attach else None
        room_left -= len(data or b"")
        recordings.append(_recording(room, dossier, verbatim, data))
    return tuple(recordings)


def _read(audio: AudioStore, verbatim: Verbatim) -> bytes:
    try:
        return audio.get(verbatim.audio_key or "", verbatim.sha256)
    except (AudioMissing, AudioDamaged) as error:
        raise AudioStoreDown(f"{type(error).__name__} {verbatim.recording_sid}") from error


def _recording(room: PostRoom, dossier: Dossier, verbatim: Verbatim, data: bytes | None) -> Recording:
    """Told of is what goes along; else what the link plays, which is the redacted copy where there is one."""
    told = verbatims.whole(verbatim) if data else verbatims.for_listeners(verbatim)
    assert told
    return Recording(
        verbatim=verbatim.id,
        name=dossier.name(verbatim.step),
        url=room.links.recording(verbatim.id),
        expires_at=room.now() + room.links.lifetime,
        sha256=told.sha256,
        seconds=verbatim.duration_s or 0.0,
        size_bytes=told.size_bytes,
        transcript=dossier.transcript(verbatim),
        data=data,
    )


# One try --------------------------------------------------------------------------------------------


def _try(room: PostRoom, job: Job, dossier: Dossier, channel: Channel, recordings: tuple[Recording, ...]) -> Outcome:
    """Send, and keep how it went; what was superseded meanwhile is not sent."""
    delivery, now = dossier.delivery, room.now()
    message_id = delivery.message_id or channel.message_id(delivery.id, dossier.case.number)
    with room.database.transaction() as db:
        thread_id = deliveries.thread_of(dossier.others, delivery)
        if not deliveries.set_out(db, delivery.id, message_id, thread_id):
            return Done()
        case = case_json(db, dossier.case, False, room.links.public_url)
        try_id = deliveries.begin_try(db, delivery.id, now)
    outgoing = _outgoing(room, dossier, recordings, case, message_id, thread_id, now)
    started, error = time.monotonic(), "an error of ours"
    try:
        provider_id = channel.send(outgoing)
        error = ""
    except DeliveryFailed as failed:
        error = failed.reason
        return _failed(room, job, delivery, channel, failed)
    finally:
        with room.database.transaction() as db:
            deliveries.end_try(db, try_id, int((time.monotonic() - started) * 1000), error or None)
    return _accepted(room, dossier, outgoing, provider_id)


def _outgoing(
    room: PostRoom,
    dossier: Dossier,
    recordings: tuple[Recording, ...],
    case: Mapping[str, object],
    message_id: str,
    thread_id: str | None,
    now: datetime,
) -> Outgoing:
    delivery, team = dossier.delivery, dossier.team
    return Outgoing(
        delivery=delivery.id,
        message_id=message_id,
        thread_id=thread_id,
        wave=delivery.wave,
        to=delivery.address,
        facts=gather(
            dossier, _survey(room, dossier.response.call.version), _sent(dossier, recordings), room.links, now
        ),
        case=case,
        recordings=recordings,
        secret=team.webhook.secret if team.webhook else None,
        happened_at=delivery.created_at,
        sent_at=now,
    )


def _sent(dossier: Dossier, recordings: tuple[Recording, ...]) -> dict[int, Sent]:
    """How each recording reaches the receiver."""
    earlier: dict[int, Sent] = dict.fromkeys(dossier.heard, "sent_before")
    late: dict[int, Sent] = {verbatim.id: "follows" for verbatim in dossier.fresh}
    now: dict[int, Sent] = {each.verbatim: "behind_link" if each.data is None else "attached" for each in recordings}
    return earlier | late | now


def _survey(room: PostRoom, version: str) -> Survey | None:
    try:
        return room.survey(version)
    except (LookupError, ValueError):  # an alert is told without the survey's words rather than not at all
        log.exception("survey_version_unreadable", version=version)
        return None


def _accepted(room: PostRoom, dossier: Dossier, outgoing: Outgoing, provider_id: str | None) -> Outcome:
    """It is out of our hands; what came too late for it follows."""
    now, call_sid = room.now(), dossier.delivery.call_sid
    with room.database.transaction() as db:
        calls.lock(db, call_sid)
        deliveries.accept(
            db,
            outgoing.delivery,
            now,
            provider_id,
            with_audio=[each.verbatim for each in outgoing.recordings],
            with_transcripts=[
                each.verbatim for each in outgoing.recordings if each.transcript and each.transcript.status == "ready"
            ],
        )
        release(db, call_sid, now)
    delivery = dossier.delivery
    log.info("alert_sent", call_sid=call_sid, case=dossier.case.number, channel=delivery.channel, wave=delivery.wave)
    return Done()


def _failed(room: PostRoom, job: Job, delivery: Delivery, channel: Channel, failed: DeliveryFailed) -> Outcome:
    """Wait and try again, longer each time, until the channel's patience ends."""
    patience, now = channel.patience, room.now()
    log.warning("alert_not_sent", call_sid=delivery.call_sid, channel=delivery.channel, reason=failed.reason)
    if failed.permanent or now - job.created_at >= patience.gives_up_after:
        return _give_up(room, delivery, failed.reason)
    wait = min(outbox.backoff(job.tries), patience.longest_wait)
    if failed.retry_after_s is not None:
        wait = min(max(wait, timedelta(seconds=failed.retry_after_s)), patience.gives_up_after)
    with room.database.transaction() as db:
        deliveries.note_failure(db, delivery.id, failed.reason)
    return Again(now + wait, failed.reason)


def _give_up(room: PostRoom, delivery: Delivery, reason: str) -> Outcome:
    with room.database.transaction() as db:
        deliveries.fail(db, delivery.id, reason)
    log.error("alert_given_up", call_sid=delivery.call_sid, channel=delivery.channel, reason=reason)
    return GaveUp(reason)


def _drop(room: PostRoom, delivery: Delivery) -> Outcome:
    """Another message has told it already."""
    with room.database.transaction() as db:
        deliveries.supersede(db, [delivery.id], room.now())
    return Done()
