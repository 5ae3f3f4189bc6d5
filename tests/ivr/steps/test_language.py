"""The language, asked and chosen."""

from tests.ivr.line import ring


def test_the_language_is_asked_in_every_language_and_chosen_by_its_key():
    step = '- {id: tongue, type: language, ask: {en: "For English, press 1.", es: "Para español, marque 2."}}'
    question = '- {id: q, type: yes_no, ask: {en: "Solved?", es: "¿Resuelto?"}}'
    line = ring(step, question, head="languages: [en, es]").hears("For English, press 1. Para español, marque 2.")
    assert [prompt.language for prompt in line.gather.prompts] == ["en", "es"]
    assert line.presses("2").hears("¿Resuelto?").state.language == "es"
