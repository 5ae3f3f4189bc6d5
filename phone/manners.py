"""The ways in which carriers, and one carrier on different days, differ; an app must get along with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Manners:
    """How the carrier behaves where its documentation leaves a choice, or where things go wrong.

    Attributes:
        method: how the survey's first address is requested; actions follow what the TwiML says.
        empty_digits: whether an empty Gather's action carries `Digits=` or no `Digits` at all; or the next verb runs,
            though the document asks for the action.
        silent_record: what a Record without a word does: `action` is asked for with a length of 0 and the recording
            is reported absent; `kept` keeps the silence as a recording; `falls_through` runs the next verb.
        recording_news: when a Record's status callback comes, if it does. `late` waits for `deliver_late_news()`.
        media_404s: how often the recording's address answers 404 before the file is there.
        hangup_order: what a caller who hangs up while recording (or dialling) causes first, or what of it is lost.
        repeats_requests: every request is sent twice, as after a lost reply, and the second reply counts.
        follows_redirects: 3xx is followed as the carrier does it, without the parameters; else it is an error.
        dial_status, dial_s: how the far end of a Dial or of a queue takes the call, and how long they speak.
        dial_action_on_hangup: whether a caller who hangs up in a Dial still causes its action.
        extra: parameters that come with every voice request, as new ones do without notice.
    """

    method: Literal["POST", "GET"] = "POST"
    empty_digits: Literal["absent", "empty", "falls_through"] = "absent"
    silent_record: Literal["action", "kept", "falls_through"] = "action"
    recording_news: Literal["normal", "late", "twice", "before_action", "absent", "failed", "never"] = "normal"
    media_404s: int = 0
    hangup_order: Literal["action_first", "status_first", "action_lost", "both_lost"] = "action_first"
    repeats_requests: bool = False
    follows_redirects: bool = False
    dial_status: Literal["completed", "answered", "busy", "no-answer", "failed", "canceled"] = "completed"
    dial_s: float = 60.0
    dial_action_on_hangup: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)
