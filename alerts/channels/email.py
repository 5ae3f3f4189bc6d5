"""Alerts by mail, with the caller's words attached."""

from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from alerts.channels.mail_transport import Transport, open_transport
from alerts.channels.outgoing import Outgoing, Patience, Post
from alerts.message import compose, render_text

TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class Email:
    """Mail from one address, by one transport."""

    transport: Transport
    sender: str

    most_recordings = None
    attaches = True
    patience = Patience(longest_wait=timedelta(minutes=5), gives_up_after=timedelta(days=5), repeatable=True)

    @classmethod
    def open(cls, post: Post) -> "Email":
        return cls(open_transport(post.mail_url), post.mail_from)

    def message_id(self, delivery: str, case: int) -> str:
        return f"<{delivery}.case-{case}@{self.domain}>"

    def send(self, outgoing: Outgoing) -> str | None:
        return self.transport.send(self.mail(outgoing), f"case-{outgoing.facts.number}.{outgoing.delivery}")

    def mail(self, outgoing: Outgoing) -> EmailMessage:
        """The whole mail: text, HTML and audio."""
        message = compose(outgoing.facts)
        mail = EmailMessage(policy=SMTP)
        for name, value in self._headers(outgoing, message.subject).items():
            mail[name] = value
        mail.set_content(render_text(message), cte="quoted-printable")
        html = _template().render(message=message)
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail.make_mixed()
        for recording in outgoing.recordings:
            if recording.data is not None:
                mail.add_attachment(recording.data, maintype="audio", subtype="mpeg", filename=recording.name)
        return mail

    def _headers(self, outgoing: Outgoing, subject: str) -> dict[str, str]:
        headers = {
            "From": self.sender,
            "To": outgoing.to,
            "Subject": subject,
            "Date": format_datetime(outgoing.sent_at),
            "Message-ID": outgoing.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Recovery-Case": str(outgoing.facts.number),
            "List-Id": f"<{outgoing.case['team']}.aftercall.{self.domain}>",
        }
        if outgoing.thread_id:
            headers |= {"In-Reply-To": outgoing.thread_id, "References": outgoing.thread_id}
        return headers

    @property
    def domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2]


@cache
def _template() -> Template:
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return jinja.get_template("alert.html")
