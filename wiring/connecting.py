"""What `app.py connect` does: a number at the carrier leads to a survey of this house."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ivr.survey.prompt_audio import PromptAudio
from ivr.survey.publish import ID, RESERVED
from ivr.survey.reader import read_file
from ivr.twilio.numbers import Addresses, NotConnected, Numbers
from settings import Settings


def connect(settings: Settings, number: str, survey: str) -> tuple[Addresses, Addresses]:
    """Set the number's addresses at the carrier; gives those of now and those of before.

    Raises:
        NotConnected: nothing was changed; the message says why, in plain words.
    """
    if settings.twilio_account_sid is None:
        raise NotConnected(
            "no carrier account is set: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. "
            "Until then the built-in phone is the only line, and it knows every survey"
        )
    _check(settings.flows_dir, survey)
    numbers = Numbers(settings.twilio_api_url, settings.twilio_account_sid, settings.twilio_auth_tokens)
    addresses = addresses_of(settings.public_url, survey)
    return addresses, numbers.connect(number, addresses)


def addresses_of(public_url: str, survey: str) -> Addresses:
    return Addresses(f"{public_url}/voice/{survey}", f"{public_url}/voice/status", f"{public_url}/voice/fallback")


def doubts(public_url: str) -> Iterator[str]:
    """Why the carrier may not reach that address, or should not."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if _is_private(host):
        yield f"PUBLIC_URL is {public_url}: the carrier cannot reach this machine there"
    elif parts.scheme != "https":
        yield f"PUBLIC_URL is {public_url}: without https, what callers say travels in the open"
    if "_" in host:
        yield f"PUBLIC_URL is {public_url}: the carrier takes no host name with an underscore"


def _check(flows_dir: Path, survey: str) -> None:
    """A caller must not be sent to a survey that cannot be asked."""
    path = flows_dir / f"{survey}.yaml"
    if not ID.fullmatch(survey) or survey in RESERVED or not path.is_file():
        known = ", ".join(sorted(path.stem for path in flows_dir.glob("*.yaml"))) or "none"
        raise NotConnected(f"there is no survey {survey}; there are: {known}")
    found, problems = read_file(path.read_bytes(), survey, PromptAudio(flows_dir / "audio"))
    if found is None:
        told = "\n".join(problem.told(str(path)) for problem in problems if problem.is_error)
        raise NotConnected(f"the survey {survey} has errors, and its callers would hear a goodbye:\n{told}")


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
