"""What prompts say, and what is known to fill them with."""

from ivr.call import Play, QuestionAsked, Say
from tests.ivr.line import CSAT, SOLVED, ring


def test_a_placeholder_is_filled_from_the_context_or_by_its_default():
    step = "- {id: q, type: yes_no, ask: \"Did {agent_name | 'our agent'} help?\"}"
    ring(step, context={"agent_name": "Sam"}).hears("Did Sam help?")
    ring(step).hears("Did our agent help?")


def test_a_required_field_that_is_missing_after_all_is_spoken_as_nothing():
    head = "languages: [en]\ncontext: {agent_name: required}"
    ring('- {id: q, type: yes_no, ask: "Did {agent_name} help?"}', head=head).hears("Did  help?")


def test_an_earlier_answer_is_spoken_in_words():
    choice = "- {id: q, type: choice, ask: 'What?', options: [{key: 1, code: wait, say: the waiting time}]}"
    line = ring(choice, CSAT, "- {id: end, type: end, say: \"About {q | 'it'}: {csat | 'nothing'}.\"}")
    line.presses("1", "1").hears("About the waiting time: awful.")


def test_values_are_cut_and_spoken_as_the_prompt_says():
    asked = "{ticket | as: digits} {day | 'soon' | as: date} {who | as: name} {n | as: number} {long}"
    context = {"ticket": "042", "day": "2026-01-31", "who": "SAM O'NEIL", "n": "007", "long": "x" * 50}
    line = ring(f'- {{id: q, type: yes_no, ask: "{asked}"}}', context=context)
    line.hears(f"0 4 2 January 31, 2026 Sam O'Neil 7 {'x' * 40}")
    assert "x" * 41 not in line.heard


def test_what_the_context_holds_is_spoken_and_no_markup():
    line = ring("- {id: q, type: yes_no, ask: \"Hi {agent_name | 'x'}.\"}", context={"agent_name": "<Dial>1</Dial>"})
    line.hears("Hi <Dial>1</Dial>.")  # plain text here; escaping is the business of TwiML


def test_a_recorded_prompt_is_played():
    line = ring("- {id: q, type: yes_no, ask: {en: {text: 'Is it solved now?', audio: solved.wav}}}")
    assert line.gather.prompts == (Play("solved.wav", Say("Is it solved now?", "en")),)
    assert line.events == (QuestionAsked("q", 1.5),)


def test_the_voice_of_the_language_speaks():
    head = "languages: [en]\nvoices: {en: Polly.Joanna-Neural}"
    assert ring(SOLVED, head=head).gather.prompts[0].voice == "Polly.Joanna-Neural"
