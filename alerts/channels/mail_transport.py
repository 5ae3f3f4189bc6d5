"""How mail leaves the house: as a file, by SMTP, or through SES."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.channels.outgoing import DeliveryFailed

TIMEOUT_S = 10
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
SES_REFUSES = {"MessageRejected", "BadRequestException"}  # the message itself, whenever it is sent


class Transport(Protocol):
    def send(self, mail: EmailMessage, name: str) -> str | None:
        """Hand the mail over under that name; gives the server's own id, where there is one.

        Raises:
            DeliveryFailed: it was not taken.
        """


def open_transport(url: str) -> Transport:
    """The transport that MAIL_URL names."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(url.removeprefix("file:").removeprefix("//")))
    if parts.scheme == "ses":
        return Ses(parts.netloc)
    return Smtp(parts)


@dataclass(frozen=True, slots=True)
class Folder:
    """Each mail one `.eml` file; sent again it is written over the first."""

    path: Path

    def send(self, mail: EmailMessage, name: str) -> str | None:
        unfinished = self.path / f".{name}.unfinished"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(mail.as_bytes())
            unfinished.replace(self.path / f"{name}.eml")
        except OSError as error:
            raise DeliveryFailed(f"{self.path} cannot be written: {error.strerror}") from error
        return None


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server; `smtps` speaks TLS from the start, `smtp+starttls` insists on it before the password."""

    server: SplitResult

    def send(self, mail: EmailMessage, name: str) -> str | None:  # noqa: ARG002  a server names mail itself
        with _smtp_errors(), self._connected() as smtp:
            smtp.send_message(mail)
        return None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        host, port = self.server.hostname or "", self.server.port or PORTS[self.server.scheme]
        tls = ssl.create_default_context()
        smtp = (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=tls)
            if self.server.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        )
        with smtp:
            if self.server.scheme == "smtp+starttls":
                smtp.starttls(context=tls)
            if self.server.username:
                smtp.login(unquote(self.server.username), unquote(self.server.password or ""))
            yield smtp


class Ses:
    """Amazon's mail service, API v2, in one region. boto3's own variables give keys and endpoint."""

    def __init__(self, region: str) -> None:
        import boto3  # a third of a second that a start without SES need not wait
        from botocore.config import Config

        bounds = Config(connect_timeout=5, read_timeout=TIMEOUT_S, retries={"mode": "standard", "max_attempts": 2})
        self._ses: Any = boto3.client("sesv2", region_name=region, config=bounds)

    def send(self, mail: EmailMessage, name: str) -> str | None:  # noqa: ARG002  SES names mail itself
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._ses.send_email(
                FromEmailAddress=mail["From"],
                Destination={"ToAddresses": [mail["To"]]},
                Content={"Raw": {"Data": mail.as_bytes()}},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise DeliveryFailed(f"SES answered {code}", permanent=code in SES_REFUSES) from error
        except BotoCoreError as error:
            raise DeliveryFailed(f"SES cannot be reached: {type(error).__name__}") from error
        return str(answer["MessageId"])


@contextmanager
def _smtp_errors() -> Iterator[None]:
    """Only what the server has against this receiver or this mail is final; everything else may pass."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        [(code, answer)] = error.recipients.values()
        raise _refused("the receiver was refused", code, answer) from error
    except smtplib.SMTPDataError as error:
        raise _refused("the mail was refused", error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        said = _text(error.smtp_error)
        raise DeliveryFailed(f"the mail server answered {error.smtp_code} {said}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"the mail server cannot be reached: {error or type(error).__name__}") from error


def _refused(what: str, code: int, answer: bytes | str) -> DeliveryFailed:
    return DeliveryFailed(f"{what}: {code} {_text(answer)}", permanent=code >= 500)


def _text(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
