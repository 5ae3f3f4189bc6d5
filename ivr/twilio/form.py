"""What the carrier's form says: the caller's keys, a recording, and what the contact centre knows of the call."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.call import Digits, HungUp, Input, Recorded, Returned, Silence, Speech

OVER = {"completed", "busy", "failed", "no-answer", "canceled"}
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
MAX_KEYS = 64
MAX_FIELDS = 60
MAX_VALUE = 1000

# A withheld number arrives as a word, or as that word spelled on the keypad.
WITHHELD_WORDS = {"anonymous", "unknown", "restricted", "blocked", "unavailable", "private", "withheld"}
WITHHELD_NUMBERS = {"266696687", "7378742883", "2562533", "8656696", "86282452253"}

SIP_HEADER = "sipheader_x-"
CARRIERS_OWN = {"bodySHA256", "msg"}  # the only names of the carrier's that begin with a small letter
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

# What was heard -------------------------------------------------------------------------------------


def read_input(params: Mapping[str, str]) -> Input:
    """What the caller did, from the request to a turn's address.

    >>> read_input({"Digits": "5#"})
    Digits(keys='5')
    >>> read_input({"Digits": ""})
    Silence()
    """
    if "RecordingUrl" in params or "RecordingSid" in params or params.get("Digits") == "hangup":
        return _recorded(params)
    if params.get("CallStatus") in OVER:
        return HungUp()
    if "DialCallStatus" in params:
        return Returned(params["DialCallStatus"], _seconds(params.get("DialCallDuration")) or 0.0)
    if params.get("SpeechResult"):
        return Speech(_clean(params["SpeechResult"]), _number(params.get("Confidence")))
    keys = params.get("Digits", "").rstrip("#")[:MAX_KEYS]
    return Digits(keys) if keys else Silence()


def _recorded(params: Mapping[str, str]) -> Recorded:
    """A length that is not told must not lose what was spoken: it counts as one second."""
    found = RECORDING_SID.search(params.get("RecordingSid") or params.get("RecordingUrl", ""))
    seconds = _seconds(params.get("RecordingDuration"))
    length = (1.0 if seconds is None else seconds) if found else 0.0
    ended_by = "hangup" if params.get("CallStatus") in OVER else params.get("Digits", "")
    return Recorded(found[0] if found else None, length, ended_by[:MAX_KEYS])


# News of a recording and of the call ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordingNews:
    """A recording's status callback. `duration_s` is None where it is not told; `reason` explains absent and failed."""

    recording_sid: str | None
    status: Literal["completed", "absent", "failed"]
    duration_s: float | None
    reason: str | None = None


REASONS = {"16101": "too short", "16102": "silent"}


def read_recording(params: Mapping[str, str]) -> RecordingNews | None:
    """The news of a recording; None for a status that needs no act, such as `in-progress`."""
    found = RECORDING_SID.fullmatch(params.get("RecordingSid", ""))
    sid = found[0] if found else None
    code = params.get("ErrorCode", "")
    match params.get("RecordingStatus", "completed"):
        case "completed" if sid:
            return RecordingNews(sid, "completed", _seconds(params.get("RecordingDuration")))
        case "absent":
            return RecordingNews(sid, "absent", 0.0, REASONS.get(code, "nothing was recorded"))
        case "failed":
            return RecordingNews(sid, "failed", None, f"the carrier failed, error {_clean(code) or 'unknown'}")
    return None


def read_seconds(params: Mapping[str, str]) -> int | None:
    """How long the line was open, from the call's status callback."""
    seconds = _seconds(params.get("CallDuration"))
    return None if seconds is None else round(seconds)


def read_number(written: str | None) -> str | None:
    """A telephone number or SIP address; None where the caller withholds it.

    >>> read_number("+12025550199")
    '+12025550199'
    >>> read_number("Anonymous") is None
    True
    """
    text = _clean(written or "")
    name = text.lower().removeprefix("sip:").removeprefix("client:").partition("@")[0]
    withheld = name in WITHHELD_WORDS or name.removeprefix("+") in WITHHELD_NUMBERS
    return None if withheld or not name else text


# What the contact centre knows -------------------------------------------------------------------------


class Fields(Protocol):
    """A query or a form: names and values, as a mapping or a MultiDict gives them."""

    def items(self) -> Iterable[tuple[str, str]]: ...


def read_context(query: Fields, form: Fields) -> tuple[dict[str, str], tuple[str, ...]]:
    """What came along with the call, and what was wrong with it.

    Given twice, the query's value counts before the form's, and the form's before a SIP header's. Names that begin
    with a capital are the carrier's own; `SipHeader_X-Agent-Name` is `agent_name`.
    """
    sent = [*query.items(), *form.items()]
    named = [(name, value) for name, value in sent if _is_ours(name)]
    headers = [(name[len(SIP_HEADER) :].lower().replace("-", "_"), value) for name, value in sent if _is_header(name)]
    context: dict[str, str] = {}
    problems: list[str] = []
    for name, value in [*named, *headers]:
        _add(context, problems, _clean(name), _clean(value))
    return context, tuple(problems[:MAX_FIELDS])


def _is_header(name: str) -> bool:
    return name[: len(SIP_HEADER)].lower() == SIP_HEADER


def _is_ours(name: str) -> bool:
    return bool(name) and not name[0].isupper() and name not in CARRIERS_OWN and not _is_header(name)


def _add(context: dict[str, str], problems: list[str], name: str, value: str) -> None:
    """Keep a field, within bounds; an empty value is none at all."""
    if not name or not value or name in context:
        return
    if len(context) >= MAX_FIELDS or len(name) > MAX_KEYS:
        problems.append(f"{name[:MAX_KEYS]} is left out: more than {MAX_FIELDS} fields, or too long a name")
        return
    if len(value) > MAX_VALUE:
        problems.append(f"{name} is cut at {MAX_VALUE} characters")
    context[name] = value[:MAX_VALUE]


def _clean(text: str) -> str:
    """Text without control characters, which neither XML nor PostgreSQL would take."""
    return CONTROL.sub(" ", text).strip()


def _seconds(text: str | None) -> float | None:
    """A length in seconds, or None where it is not told in a way that makes sense."""
    seconds = _number(text)
    return seconds if seconds is not None and 0 <= seconds <= 1_000_000 else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
