"""The work of the queue "transcription"."""

from collections.abc import Mapping
from functools import partial

from transcription.jobs import transcribe
from transcription.transcriber import Transcriber
from wiring.house import House
from worker import Handler


def handlers(house: House) -> Mapping[str, Handler]:
    chosen = house.settings
    transcriber = Transcriber(chosen.whisper_model, chosen.data_dir, chosen.whisper_device, chosen.whisper_compute_type)
    return {
        "transcribe": partial(
            transcribe, database=house.database, audio=house.audio, transcriber=transcriber, now=house.now
        )
    }
