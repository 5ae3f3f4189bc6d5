"""The ways by which an alert reaches people. To add one: a file here, and its line in CHANNELS."""

from collections.abc import Callable, Mapping

from alerts.channels import email, sms, webhook
from alerts.channels.outgoing import Channel, Post

CHANNELS: Mapping[str, Callable[[Post], Channel]] = {
    "email": email.Email.open,
    "sms": sms.Sms.open,
    "webhook": webhook.Webhook.open,
}


def open_channels(post: Post) -> dict[str, Channel]:
    """Every channel, ready to send."""
    return {name: opened(post) for name, opened in CHANNELS.items()}
