"""The work of the queue "transcription": what was said, written down."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from ivr.twilio.recordings import LONGEST
from processes import cores
from storage import transcripts
from storage.outbox import Job, Outcome
from transcription.jobs import transcribe
from transcription.model import why_no_model
from transcription.transcriber import Transcriber, limit_s
from wiring.house import House
from worker import Handler, Workshop

LIMIT_S = 2 * limit_s(LONGEST.total_seconds())  # the recogniser leaves earlier, by the length of what it hears
LOOK_AGAIN_S = 0.5


def handlers(house: House) -> Mapping[str, Handler]:
    transcriber = Transcriber(
        house.settings.whisper_model,
        house.settings.data_dir,
        house.settings.whisper_device,
        house.settings.whisper_compute_type,
        threads=threads_here(),
    )
    return {
        "transcribe": partial(
            transcribe, database=house.database, audio=house.audio, transcriber=transcriber, now=house.now
        )
    }


def is_able(house: House) -> bool:
    """Without a model there is no reading: what is due waits for a model, or for a worker that has one."""
    return why_no_model(house.settings.whisper_model, house.settings.data_dir) is None


def threads_here() -> int:
    """How many threads one decoding takes: OMP_NUM_THREADS, else the cores up to 4, beyond which little is gained.

    Where several workers share a machine, OMP_NUM_THREADS should be the cores divided by the workers.
    """
    named = os.environ.get("OMP_NUM_THREADS", "")
    return int(named) if named.isdecimal() and int(named) else min(4, cores())


def catch_up(house: House, workshop: Workshop, told: Callable[[int, int], None]) -> Counter[str]:
    """Transcribe all that has no transcript; `told` hears how many of how many are done. Gives how they ended.

    Everything is a row of the outbox first: stopped half-way, the next run goes on, and workers help meanwhile. What
    has to be put off, as while the store is down, is left `queued`.
    """
    start = house.now()
    while _queue_missing(house):
        pass
    total = _statuses(house, start)["queued"]

    def told_after(job: Job, handle: Handler) -> Outcome:
        outcome = handle(job)
        told(total - _statuses(house, start)["queued"], total)
        return outcome

    telling = {kind: partial(told_after, handle=handle) for kind, handle in workshop.handlers.items()}
    while _is_in_hand(house) and not workshop.stopping.is_set():
        if not replace(workshop, handlers=telling).run_due():
            workshop.stopping.wait(LOOK_AGAIN_S)  # another worker has the rest
    return _statuses(house, start)


def _queue_missing(house: House) -> int:
    with house.database.transaction() as db:
        return transcripts.queue_missing(db, house.now())


def _is_in_hand(house: House) -> bool:
    with house.database.reading() as db:
        return transcripts.due(db, house.now()) > 0


def _statuses(house: House, since: datetime) -> Counter[str]:
    with house.database.reading() as db:
        return transcripts.statuses(db, since)
