"""The work of the queue "recordings": brought home, given up, deleted."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from ivr.twilio.jobs import (
    CarrierOf,
    close_recording,
    delete_at_carrier,
    delete_audio,
    expire_audio,
    fetch_recording,
)
from ivr.twilio.recordings import CarrierRecordings, CarrierRefused, Unreachable
from transcription.model import why_no_model
from wiring.house import Account, House
from wiring.watched import Watch
from worker import Handler

LIMIT_S = 180  # twice a minute at the carrier, and another for the store


def handlers(house: House) -> Mapping[str, Handler]:
    database, audio, now, chosen = house.database, house.audio, house.now, house.settings
    carrier_of = _carrier_of(house)
    return {
        "recording.fetch": partial(
            fetch_recording,
            database=database,
            audio=audio,
            carrier_of=carrier_of,
            no_model=partial(why_no_model, chosen.whisper_model, chosen.data_dir),
            keep_carrier_copy=chosen.keep_carrier_copy,
            now=now,
        ),
        "recording.close": partial(close_recording, database=database, carrier_of=carrier_of, now=now),
        "recording.delete": partial(delete_at_carrier, database=database, carrier_of=carrier_of, now=now),
        "audio.delete": partial(delete_audio, database=database, audio=audio, now=now),
        "audio.expire": partial(expire_audio, database=database, now=now),
    }


def _carrier_of(house: House) -> CarrierOf:
    """The carrier account, or beside it that of the built-in phone; a line that is not used is never opened."""

    @cache
    def opened(account: Account) -> CarrierRecordings:
        return WatchedRecordings(account.api_url, account.sid, account.tokens)

    def of(account_sid: str) -> CarrierRecordings:
        on_phone = house.settings.phone and account_sid == house.phone_account.sid
        return opened(house.phone_account if on_phone else house.account)

    return of


class WatchedRecordings(CarrierRecordings):
    """The log says once that the carrier cannot be used, and once that it can again."""

    def __init__(self, *account: Any) -> None:
        super().__init__(*account)
        self._watch = Watch("carrier", Unreachable, CarrierRefused)

    def _ask(self, method: str, url: str, text: bool = False) -> bytes:
        with self._watch.using():
            return super()._ask(method, url, text)
