"""A call in the terminal: prompts are printed, keys are typed."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from phone.call import KEYS, PhoneCall
from phone.dialogue import Line, clock_time

HELP = """\
Type keys (0-9 * #) and Enter. Or:
  /silence       press and say nothing
  /say SECONDS   speak for so long, into a recording; then # or /silence ends it
  /say WORDS     answer a question that listens for words
  /hangup        put the telephone down
  /help          this help"""
COLOURS = {"line": "cyan", "caller": "green", "carrier": "red"}


def rehearse(call: PhoneCall, read_line: Callable[[str], str], show: Callable[[str], None]) -> None:
    """Conduct a call that has begun with somebody at the keyboard.

    `read_line` gives what they type at a prompt, and raises EOFError when they leave, which hangs up; `show` prints
    help and complaints. The dialogue itself goes to the call's `on_line`.
    """
    while True:
        call.hear_out()
        if call.over:
            return
        try:
            typed = read_line("speak> " if call.is_recording else "keys> ").strip()
        except EOFError:
            typed = "/hangup"
        complaint = _do(call, typed)
        if complaint:
            show(complaint)


def shown_on(console: Console) -> Callable[[Line], None]:
    """Prints each line of a dialogue as it comes: in colour on a terminal, plain in a pipe."""

    def show(line: Line) -> None:
        text = Text.assemble(
            (f"{clock_time(line.at_s):>5}  ", "dim"), (f"{line.who:8}", COLOURS[line.who]), line.told()
        )
        console.print(text, soft_wrap=True)

    return show


def _do(call: PhoneCall, typed: str) -> str | None:
    """Do as typed; a complaint where it is nothing that can be done."""
    word, _, rest = typed.partition(" ")
    match word:
        case "/silence":
            call.stay_silent()
        case "/hangup":
            call.hang_up()
        case "/say" if rest and call.is_recording:
            return _speak(call, rest)
        case "/say" if rest:
            call.utter(rest)
        case keys if keys and set(keys) <= KEYS and not rest:
            call.key_in(keys)
        case _:
            return HELP
    return None


def _speak(call: PhoneCall, length: str) -> str | None:
    try:
        seconds = float(length.removesuffix("s"))
    except ValueError:
        return "How long do you speak? Such as: /say 12"
    call.speak(seconds)
    return None
