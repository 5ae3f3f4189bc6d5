"""Words to watch for, as a survey lists them."""

import pytest

from ivr.survey.reader import read_survey
from ivr.survey.watch import WatchRule

SURVEY = """\
ivr_survey: 1
id: words
languages: [en, es]
steps:
  - {id: thanks, type: end, say: {en: "Goodbye.", es: "Adiós."}}
alerts:
  - {name: Low, when: "context.group == 'x'"}
watch:
"""


def rule(*words: str, language: str = "mul") -> WatchRule:
    return WatchRule(name="Heard", words={language: words})


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("lawyer", "I called my LAWYER."),
        ("lawyer", "my lawyer’s letter"),
        ("stop calling me", "Stop, calling me is useless: stop calling me!"),
        ("acción", "una accion legal"),
        ("Año", "un año entero"),
    ],
)
def test_whole_words_are_heard_without_case_accents_and_punctuation(word, text):
    assert rule("nothing", word).heard_in(text, "en") == word


@pytest.mark.parametrize(
    ("word", "text"),
    [("lawyer", "two lawyers"), ("año", "el ano"), ("card", "it is [card]"), ("a b", "b a")],
)
def test_parts_of_words_and_a_machines_own_remarks_are_not(word, text):
    assert rule(word).heard_in(text, "en") is None


def test_each_language_has_its_own_words():
    spanish = rule("once", language="es")
    assert spanish.heard_in("once a week", "en") is None
    assert spanish.heard_in("a las once", "es-MX") == "once"


def problems(line: str) -> list[str]:
    return [problem.told("words.yaml") for problem in read_survey(SURVEY + line)[1]]


@pytest.mark.parametrize(
    "words", ["[lawyer, injury]", "{en: [lawyer], es: [abogado]}", '{en: ["see you in court"], mul: [injury]}']
)
def test_words_are_one_list_or_lists_by_language(words):
    assert problems(f"  - {{name: Law, words: {words}, severity: P1, then: raise}}\n") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  - {name: Law, words: {en: [lawyer]}}", '9:24: E050 nothing is watched for in "es"; write es: […], or one'),
        ("  - {name: Law, words: {en: [a], es: [b], fr: [c]}}", '9:43: E051 the survey does not speak "fr"'),
        ('  - {name: Law, words: ["…"]}', '9:25: E013 "…" is no word that can be heard; write a word or a phrase'),
        ("  - {name: Law, words: []}", "E004"),
        ("  - {name: Low, words: [a]}", '9:12: E020 "Low" stands above already'),
        ("  - {name: Law, words: [a], then: opt_out}", '9:35: E012 "opt_out" is no word for "then"; did you mean'),
        ("  - {name: Law, words: [a], severity: P4}", 'E012 "P4" is no word for "severity"'),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_repair(line, told):
    found = problems(line + "\n")
    assert any(told in problem for problem in found), found
