"""One turn on the wire: signature, engine, transaction, TwiML, against a bare answer and against Twilio's sample."""

import itertools
import tempfile
from pathlib import Path
from statistics import median

from bench import load
from bench.baselines import QUESTIONS
from bench.callers import calls, fields_of
from bench.figures import Figure, at_least
from bench.servers import SERVER_CORE, Server, baseline, load_from_its_own_core, postgres, project

TITLE = "One turn on the wire, server on one core"
CALLERS = 24  # at once
CALLS = 1000
ROUND_S = 3.0  # at most, for each server
ROUNDS = 3


def measure() -> list[Figure]:
    """Rates for each round, one server after the other, so that a ratio compares what ran side by side."""
    with tempfile.TemporaryDirectory(prefix="aftercall-bench-") as made, load_from_its_own_core():
        folder = Path(made)
        places = [folder / name for name in ("sqlite", "postgres", "bare", "sample")]
        for place in places:
            place.mkdir()
        with (
            postgres() as postgres_url,
            project(places[0], f"sqlite:///{places[0]}/calls.db", cores={SERVER_CORE}) as sqlite,
            project(places[1], postgres_url, cores={SERVER_CORE}) as postgresql,
            baseline("bare", places[2]) as bare,
            baseline("sample", places[3]) as sample,
        ):
            rounds = [
                (turns_per_s(sqlite, n), turns_per_s(postgresql, n), _bare_per_s(bare), _answers_per_s(sample))
                for n in range(ROUNDS)
            ]
    return _figures(rounds)


def turns_per_s(server: Server, seed: int, count: int = CALLS) -> float:
    """Turns of calls that have begun; each call goes on to its end."""
    made = list(calls(count, seed=seed))
    begun = len(checked(load.run(server.port, _shared([[call.begin] for call in made]), limit_s=ROUND_S)).seconds)
    # The callers begin the calls in order, so that it is the first ones that have begun.
    scripts = _shared([call.turns for call in made[: begun - begun % CALLERS]])
    return checked(load.run(server.port, scripts, limit_s=ROUND_S)).per_s


def checked(outcome: load.Outcome) -> load.Outcome:
    if outcome.failures:
        raise RuntimeError(f"{len(outcome.failures)} replies are no success, the first: {outcome.failures[0]!r}")
    return outcome


def _bare_per_s(server: Server) -> float:
    turns = [call.turns for call in calls(CALLS * 3)]
    return checked(load.run(server.port, _shared(turns), limit_s=ROUND_S)).per_s


def _answers_per_s(server: Server) -> float:
    """In the sample an answer is two requests: the key, and the question that it redirects to."""
    scripts = [_sample_call(call.sid) for call in calls(CALLS // 6)]
    return checked(load.run(server.port, _shared(scripts), limit_s=ROUND_S)).per_s / 2


def _sample_call(sid: str) -> list[bytes]:
    sent = [*fields_of(sid).items(), ("Digits", "5")]
    steps = []
    for number in range(1, QUESTIONS + 1):
        steps.append(load.request("GET", f"/question/{number}", "localhost"))
        steps.append(load.request("POST", f"/answer/{number}", "localhost", sent))
    return steps


def _shared(scripts: list) -> list:
    """The calls shared out among the callers, who make one after the other."""
    return [list(itertools.chain.from_iterable(scripts[first::CALLERS])) for first in range(CALLERS)]


def _figures(rounds: list[tuple[float, float, float, float]]) -> list[Figure]:
    sqlite, postgresql, bare, sample = (median(rates) for rates in zip(*rounds, strict=True))
    return [
        at_least("turn on SQLite ÷ bare Flask", median(one[0] / one[2] for one in rounds), 0.12),
        at_least("turn on PostgreSQL ÷ bare Flask", median(one[1] / one[2] for one in rounds), 0.12),
        at_least("turn on SQLite ÷ an answer in Twilio's sample", median(one[0] / one[3] for one in rounds), 5),
        Figure("turns on SQLite", sqlite, "/s"),
        Figure("turns on PostgreSQL", postgresql, "/s"),
        Figure("bare Flask", bare, "/s"),
        Figure("answers in Twilio's sample", sample, "/s"),
    ]
