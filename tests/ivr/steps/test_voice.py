"""The caller's own words."""

from ivr import engine
from ivr.call import CallEnded, Record, Recorded, Silence, ValueSet, VerbatimAsked, VerbatimDiscarded, VerbatimRecorded
from tests.ivr.line import HELLO, RECORDING, SOLVED, VOICE, ring


def test_a_message_is_recorded_after_the_tone_and_reviewed():
    line = ring(HELLO, VOICE, SOLVED).presses("1")
    assert line.heard == "Tell us why."
    assert line.turn.directives[-1] == Record(max_s=90, silence_s=4, stop_keys="#*")
    assert line.events[-1] == VerbatimAsked("why")
    line.speaks(12).hears("To keep your message, press 1. To record it again, press 2. To delete it, press 3.")
    assert line.events == (VerbatimRecorded("why", RECORDING, 12),)
    assert line.presses("1").hears("Solved?").state.verbatims == {"why": RECORDING}


def test_a_message_may_be_recorded_again_or_deleted():
    again = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("2")
    assert again.events[0] == VerbatimDiscarded("why", RECORDING)
    assert again.records
    deleted = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("3").hears("Solved?")
    assert deleted.events[0] == VerbatimDiscarded("why", RECORDING)
    assert deleted.state.verbatims == {}


def test_silence_and_wrong_keys_at_the_review_keep_the_message():
    silent = ring(HELLO, VOICE, SOLVED).presses("1").speaks().is_silent().hears("Solved?")
    wrong = ring(HELLO, VOICE, SOLVED).presses("1").speaks().presses("7").hears("keep your message").presses("7")
    assert silent.state.verbatims == wrong.hears("Solved?").state.verbatims == {"why": RECORDING}


def test_the_review_is_numbered_as_the_survey_lists_it():
    line = ring(HELLO, VOICE.replace("keep, again, delete", "delete, keep"), SOLVED).presses("1").speaks()
    line.hears("To delete it, press 1. To keep your message, press 2.").presses("1")
    assert line.state.verbatims == {}


def test_silence_after_the_tone_is_asked_again_and_then_given_up():
    line = ring(HELLO, VOICE, SOLVED).presses("1").is_silent()
    assert line.records
    line.is_silent().hears("Solved?")
    assert VerbatimRecorded("why", None, 0.0) in line.events


def test_the_stop_key_alone_skips_at_once():
    line = ring(HELLO, VOICE, SOLVED).presses("1")._hear(Recorded(RECORDING, 0.0, "#")).hears("Solved?")
    assert line.events[0] == VerbatimRecorded("why", None, 0.0)
    assert line.state.verbatims == {}
    own_key = ring(HELLO, VOICE.replace("silence: 4s", "stop_key: 5"), SOLVED).presses("1")
    own_key._hear(Recorded(None, 0.0, "5")).hears("Solved?")


def test_a_record_that_falls_through_is_silence():
    line = ring(HELLO, VOICE, SOLVED).presses("1")
    line._hear(Silence())
    assert line.records


def test_a_hang_up_while_speaking_keeps_what_was_said():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks(7, ended_by="hangup")
    assert line.events[0] == VerbatimRecorded("why", RECORDING, 7)
    assert line.events[-1] == CallEnded("partial", "caller")


def test_a_hang_up_at_the_review_keeps_the_message():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks().hangs_up()
    assert line.state.verbatims == {"why": RECORDING}
    assert VerbatimDiscarded("why", RECORDING) not in line.happened


def test_star_at_the_start_of_a_recording_opens_the_menu_and_keeps_nothing():
    line = ring(HELLO, VOICE, SOLVED).presses("1").speaks(1, ended_by="*").hears("To skip it, 2.")
    assert line.events == (VerbatimRecorded("why", RECORDING, 1), VerbatimDiscarded("why", RECORDING))
    assert line.presses("2").hears("Solved?").state.verbatims == {}


def test_star_late_in_a_recording_ends_it_like_the_stop_key():
    ring(HELLO, VOICE, SOLVED).presses("1").speaks(40, ended_by="*").hears("To keep your message")


def test_a_verbatim_counts_as_an_answer_in_conditions():
    line = (
        ring(HELLO, VOICE, "- {id: note, type: set, value: answered(why)}", SOLVED).presses("1").speaks().presses("1")
    )
    assert ValueSet("note", True) in line.events
    assert engine.env_of(line.state)["why"] == "recorded"
