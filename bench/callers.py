"""Calls as the carrier would send them to the survey after-call, written and signed before the clock runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.load import request
from phone import parameters, signature
from phone.carrier import CallRecord, Route

PUBLIC_URL = "https://voice.harbor.example"
HOST = "voice.harbor.example"
ACCOUNT_SID, TOKEN = "AC" + "5" * 32, "a token that only the bench knows"
CARRIER = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": PUBLIC_URL}

HAPPY = ("1", "5", "1", "10")  # agrees, satisfied, solved, would recommend: the survey is over
UNHAPPY = ("1", "1", "1", "2", "1")  # agrees, dissatisfied, yes really, not solved, what it was about; then hangs up


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its first request, one for each key, those that tell of its end, and how many answers it gives."""

    sid: str
    begin: bytes
    turns: tuple[bytes, ...]
    end: tuple[bytes, ...]
    answers: int

    def requests(self) -> tuple[bytes, ...]:
        return (self.begin, *self.turns, *self.end)


def calls(count: int, unhappy_every: int = 0, seed: int = 1) -> Iterator[Call]:
    """Calls with SIDs of chance; with `unhappy_every` 5, one in five is unhappy and hangs up at the tone."""
    chance = Random(seed)
    for number in range(count):
        unhappy = unhappy_every and number % unhappy_every == 0
        yield _call(f"CA{chance.getrandbits(128):032x}", number, UNHAPPY if unhappy else HAPPY)


def post(path: str, fields: dict[str, str]) -> bytes:
    """A request with the carrier's signature."""
    sent = [*fields.items()]
    return request("POST", path, HOST, sent, signature.sign(TOKEN, PUBLIC_URL + path, sent))


def fields_of(sid: str, number: int = 0) -> dict[str, str]:
    """What every request about a call carries."""
    caller = f"+1202555{number % 10_000:04d}"
    record = CallRecord(sid, caller, "+12025550100", "inbound", "in-progress", Route(), "")
    return parameters.of_call(record, ACCOUNT_SID)


def _call(sid: str, number: int, keys: Sequence[str]) -> Call:
    fields = fields_of(sid, number)
    turns = tuple(
        post(f"/voice/{sid}/{turn}?language=en", {**fields, "Digits": key, "FinishedOnKey": "", "msg": "Gather End"})
        for turn, key in enumerate(keys, 1)
    )
    # A ticket of its own: a call that names one of an unfinished survey would go on with it.
    begin = post(f"/voice/after-call?agent=a7&agent_name=Sam&group=billing&ticket={sid[-12:]}", fields)
    over = post("/voice/status", {**fields, "CallStatus": "completed", "CallDuration": "60", "Duration": "1"})
    if keys == HAPPY:
        return Call(sid, begin, turns, (over,), len(keys) - 1)
    silent = {
        "RecordingSid": f"RE{sid[2:]}",
        "RecordingStatus": "absent",
        "RecordingDuration": "0",
        "ErrorCode": "16102",
    }
    news = post(f"/voice/recording/{sid}/why", {"AccountSid": ACCOUNT_SID, "CallSid": sid, **silent})
    return Call(sid, begin, turns, (news, over), len(keys) - 2)
