"""The work of the queue "alerts": messages sent, and transcripts heeded."""

import os
from collections.abc import Mapping
from functools import partial

from alerts.channels import open_channels
from alerts.channels.outgoing import Post
from alerts.jobs import PostRoom, heed_transcript, send_delivery
from ivr.twilio.messages import Messages
from wiring.house import House
from worker import Handler

LIMIT_S = 180


def handlers(house: House) -> Mapping[str, Handler]:
    room = _post_room(house)
    return {
        "delivery.send": partial(send_delivery, room=room),
        "transcript.ready": partial(heed_transcript, room=room),
    }


def _post_room(house: House) -> PostRoom:
    account, chosen = house.account, house.settings
    messages = Messages(account.api_url, account.sid, account.tokens, chosen.twilio_from)
    channels = open_channels(Post(chosen.mail_url, chosen.mail_from, messages, os.environ))
    return PostRoom(
        house.database, house.desk.teams, house.surveys.version, house.audio, house.links, channels, house.now
    )
