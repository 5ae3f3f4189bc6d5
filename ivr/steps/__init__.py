"""One file for each kind of step: its shape in YAML, how it asks, and how it hears an answer."""

from ivr.steps.block import Block, Inside
from ivr.steps.callback import Callback
from ivr.steps.choice import Choice
from ivr.steps.consent import Consent
from ivr.steps.digits import Digits
from ivr.steps.effort import Effort
from ivr.steps.end import End
from ivr.steps.language import Language
from ivr.steps.multi import Multi
from ivr.steps.nps import Nps
from ivr.steps.number import Number
from ivr.steps.rating import Rating
from ivr.steps.say import Say
from ivr.steps.set import Set
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.steps.yes_no import YesNo

Step = Inside | Consent | Language | Callback | Transfer | Block | End

STEPS: dict[str, type[Step]] = {
    "say": Say,
    "consent": Consent,
    "rating": Rating,
    "nps": Nps,
    "effort": Effort,
    "yes_no": YesNo,
    "choice": Choice,
    "multi": Multi,
    "number": Number,
    "digits": Digits,
    "voice": Voice,
    "language": Language,
    "callback": Callback,
    "transfer": Transfer,
    "set": Set,
    "block": Block,
    "end": End,
}
