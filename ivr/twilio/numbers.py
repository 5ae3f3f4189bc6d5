"""The account's telephone numbers, and where the carrier asks about the calls that come in there.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response

from ivr.twilio.client import open_client

PUNCTUATION = re.compile(r"[\s().-]+")
MESSAGE = re.compile(r'"message":\s*"([^"]*)"')
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class NotConnected(Exception):
    """The number leads where it led before; the message says why, in plain words."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the carrier asks: for the survey, with the news that a call is over, and when the survey fails it."""

    voice: str
    status: str
    fallback: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one account; each of its tokens is tried."""

    api_url: str
    account_sid: str
    tokens: tuple[str, ...]

    def connect(self, number: str, addresses: Addresses) -> Addresses:
        """Have the calls of a number lead to these addresses; gives those that it had before.

        Raises:
            NotConnected: nothing was changed.
        """
        number = read_number(number)
        refused = NotConnected("no carrier account is set")
        for token in self.tokens:
            try:
                return self._connect(token, number, addresses)
            except TwilioException as error:
                refused = _refusal(error)
            except RequestException as error:
                reason = f"the carrier cannot be reached ({type(error).__name__}); nothing is known to have changed"
                raise NotConnected(reason) from error
        raise refused

    def _connect(self, token: str, number: str, addresses: Addresses) -> Addresses:
        numbers = open_client(self.api_url, self.account_sid, token).incoming_phone_numbers
        found = next((each for each in numbers.list(phone_number=number) if each.phone_number == number), None)
        if found is None or found.sid is None:
            raise NotConnected(f"{number} is none of the account's numbers")
        if goes_first := _goes_first(found):
            raise NotConnected(f"{number} belongs to {goes_first}, which goes before any address; take it out first")
        numbers(found.sid).update(
            voice_url=addresses.voice,
            voice_method="POST",
            status_callback=addresses.status,
            status_callback_method="POST",
            voice_fallback_url=addresses.fallback,
            voice_fallback_method="POST",
        )
        return Addresses(found.voice_url or "", found.status_callback or "", found.voice_fallback_url or "")


def read_number(written: str) -> str:
    """A telephone number as the carrier writes it.

    Raises:
        NotConnected: it has no country code, or is no number.

    >>> read_number("+1 (202) 555-0100")
    '+12025550100'
    """
    number = PUNCTUATION.sub("", written)
    if not E164.fullmatch(number):
        raise NotConnected(f"{written!r} is no telephone number; write it with its country code, such as +12025550100")
    return number


def _goes_first(number: Any) -> str | None:
    """What the carrier would ask in the place of the number's own addresses."""
    if number.trunk_sid:
        return f"the SIP trunk {number.trunk_sid}"
    return f"the TwiML app {number.voice_application_sid}" if number.voice_application_sid else None


def _refusal(error: TwilioException) -> NotConnected:
    match error:
        case TwilioRestException(status=status):
            reason = error.msg
        case TwilioException(args=[_, Response(status_code=status, text=body)]):  # a list that cannot be had
            told = MESSAGE.search(body)
            reason = told[1] if told else "no reason given"
        case _:
            return NotConnected(f"the carrier's answer is not understood: {error}")
    if status == HTTPStatus.UNAUTHORIZED:
        return NotConnected("the carrier does not know this account: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    return NotConnected(f"the carrier answered {status}: {reason}")
