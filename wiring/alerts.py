"""The work of the queue "alerts": recordings fetched, messages sent."""

import os
from collections.abc import Mapping
from functools import partial

from alerts.channels import open_channels
from alerts.channels.outgoing import Post
from alerts.jobs import PostRoom, send_delivery, tell_transcript
from ivr.twilio.jobs import close_recording, delete_at_carrier, delete_audio, expire_audio, fetch_recording
from ivr.twilio.messages import Messages
from ivr.twilio.recordings import CarrierRecordings
from transcription.model import why_no_model
from wiring.house import House
from worker import Handler


def handlers(house: House) -> Mapping[str, Handler]:
    database, audio, now, chosen = house.database, house.audio, house.now, house.settings
    carrier = CarrierRecordings(house.account.api_url, house.account.sid, house.account.tokens)
    room = _post_room(house)
    return {
        "recording.fetch": partial(
            fetch_recording,
            database=database,
            audio=audio,
            carrier=carrier,
            no_model=partial(why_no_model, chosen.whisper_model, chosen.data_dir),
            keep_carrier_copy=chosen.keep_carrier_copy,
            now=now,
        ),
        "recording.close": partial(close_recording, database=database, now=now),
        "recording.delete": partial(delete_at_carrier, database=database, carrier=carrier, now=now),
        "audio.delete": partial(delete_audio, database=database, audio=audio, now=now),
        "audio.expire": partial(expire_audio, database=database, now=now),
        "delivery.send": partial(send_delivery, room=room),
        "transcript.ready": partial(tell_transcript, room=room),
    }


def _post_room(house: House) -> PostRoom:
    account, chosen = house.account, house.settings
    messages = Messages(account.api_url, account.sid, account.tokens, chosen.twilio_from)
    channels = open_channels(Post(chosen.mail_url, chosen.mail_from, messages, os.environ))
    return PostRoom(
        house.database, house.desk.teams, house.surveys.version, house.audio, house.links, channels, house.now
    )
