"""The work of the queue "transcription"."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from storage import transcripts
from storage.outbox import Job, Outcome
from transcription.jobs import transcribe
from transcription.transcriber import Transcriber, threads_here
from wiring.house import House
from worker import Handler, Workshop

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


def catch_up(house: House, workshop: Workshop, told: Callable[[int, int], None]) -> Counter[str]:
    """Transcribe all that has no transcript; `told` hears how many of how many are done. Gives how they ended.

    Everything is a row of the outbox first: stopped half-way, the next run goes on, and workers help meanwhile.
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
    while _statuses(house, start)["queued"] and not workshop.stopping.is_set():
        if not replace(workshop, handlers=telling).run_due():
            workshop.stopping.wait(LOOK_AGAIN_S)  # another worker has the rest in hand, or it waits for another try
    return _statuses(house, start)


def _queue_missing(house: House) -> int:
    with house.database.transaction() as db:
        return transcripts.queue_missing(db, house.now())


def _statuses(house: House, since: datetime) -> Counter[str]:
    with house.database.reading() as db:
        return transcripts.statuses(db, since)
