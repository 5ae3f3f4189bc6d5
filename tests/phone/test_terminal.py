import io

import pytest
from rich.console import Console

from phone.call import PhoneCall
from phone.carrier import Route
from phone.dialogue import acts
from phone.terminal import HELP, rehearse, shown_on
from phone.transport import WsgiTransport


@pytest.fixture
def rehearsal(app, carrier, now):
    """Rehearse a survey with these lines typed; gives the call, what was printed and which prompts there were."""
    app.says("/voice/q", "<Gather numDigits='1' action='/voice/r'><Say>How [b]satisfied[/b] are you?</Say></Gather>")
    app.says("/voice/r", "<Record action='/voice/w' finishOnKey='#'/><Redirect>/voice/w</Redirect>")
    app.says("/voice/w", "<Gather input='speech' action='/voice/a'><Say>Why?</Say></Gather>")
    app.says("/voice/a", "<Say>Thank you.</Say>")

    def rehearsal(*typed):
        printed = io.StringIO()
        console = Console(file=printed, width=200)
        route = Route("https://survey.harbor.example/voice/q")
        record = carrier.open_call("+12025550199", "+12025550100", "inbound", route, now)
        call = PhoneCall(carrier, WsgiTransport(app), record, on_line=shown_on(console))
        prompts, lines = [], iter(typed)

        def read_line(prompt):
            prompts.append(prompt)
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        call.begin()
        rehearse(call, read_line, console.print)
        return call, printed.getvalue(), prompts

    return rehearsal


def test_a_call_can_be_held_in_the_terminal(rehearsal):
    call, printed, prompts = rehearsal("5", "/say 12", "#", "/say too slow")

    assert printed.splitlines() == [
        " 0:00  line    How [b]satisfied[/b] are you?",
        " 0:01  caller  presses 5",
        " 0:01  line    [beep]",
        " 0:01  caller  [speaks: 12.0 s]",
        " 0:13  caller  presses #",
        " 0:13  line    Why?",
        ' 0:14  caller  "too slow"',
        " 0:14  line    Thank you.",
        " 0:14  line    [hangs up]",
    ]
    assert prompts == ["keys> ", "speak> ", "speak> ", "keys> "]
    assert call.over


def test_silence_and_hanging_up_have_words(rehearsal):
    call, printed, _ = rehearsal("1", "/silence", "/hangup")

    assert "[says and presses nothing]" in printed
    assert printed.rstrip().endswith("caller  [hangs up]")
    assert call.record.status == "completed"


def test_whoever_leaves_the_keyboard_hangs_up(rehearsal):
    call, _, _ = rehearsal()

    assert call.over
    assert acts(call.lines) == ["hangup"]


@pytest.mark.parametrize("typed", ["/help", "", "seven", "/dance", "1 2", "/say"])
def test_what_is_not_understood_gets_help_and_costs_nothing(rehearsal, typed):
    call, printed, _ = rehearsal(typed, "/hangup")

    assert HELP in printed
    assert acts(call.lines) == ["hangup"]


def test_a_length_that_is_none_is_asked_for_again(rehearsal):
    _, printed, _ = rehearsal("1", "/say long", "/hangup")

    assert "How long do you speak? Such as: /say 12" in printed


def test_what_was_done_can_be_written_down_as_a_test(rehearsal):
    call, _, _ = rehearsal("1", "/say 12", "#", "/silence")

    assert acts(call.lines) == ["press 1", "record 12s", "silence"]
