"""Alerts by SMS: one segment that calls for attention; the page behind its link has the rest."""

from dataclasses import dataclass
from datetime import timedelta

from alerts.channels.outgoing import DeliveryFailed, Outgoing, Patience, Post
from alerts.short import render_sms
from ivr.twilio.messages import Messages, NotSent


@dataclass(frozen=True, slots=True)
class Sms:
    """Text messages through the carrier. One whose fate is unknown is not sent again: a page never comes twice."""

    messages: Messages

    most_recordings = 0
    attaches = False
    patience = Patience(longest_wait=timedelta(minutes=2), gives_up_after=timedelta(hours=1), repeatable=False)

    @classmethod
    def open(cls, post: Post) -> "Sms":
        return cls(post.messages)

    def message_id(self, delivery: str, case: int) -> str:  # noqa: ARG002  the carrier gives it a name of its own
        return delivery

    def send(self, outgoing: Outgoing) -> str | None:
        try:
            return self.messages.send(outgoing.to, render_sms(outgoing.facts))
        except NotSent as error:
            raise DeliveryFailed(error.reason, permanent=error.permanent) from error
