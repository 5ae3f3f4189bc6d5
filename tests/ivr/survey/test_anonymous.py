"""Which answers tell nobody who gave them."""

from ivr.survey.anonymous import anonymous_answers
from ivr.survey.reader import load_survey

SURVEY = """
ivr_survey: 1
id: who
title: Who
languages: [en]
voices: {en: Polly.Joanna-Neural}
steps:
  - {id: csat, type: rating, scale: 1-5, ask: "How was it?"}
  - {id: visits, type: number, max: 30, ask: "How often were you here?"}
  - {id: order, type: number, max: 99999999, ask: "Your order number?"}
  - {id: account, type: digits, length: 8, ask: "Your account number?"}
  - {id: born, type: digits, holds: date, ask: "Your date of birth?"}
  - {id: solved, type: yes_no, ask: "Solved?"}
  - id: call_me
    type: callback
    ask: "May we call you?"
    number: "At which number?"
    time: "When?"
    times: [{key: 1, code: morning, say: "the morning"}]
  - {id: done, type: end, say: "Bye."}
"""


def test_what_is_keyed_in_freely_is_not_among_them():
    assert anonymous_answers(load_survey(SURVEY)) == {"csat", "visits", "solved", "call_me", "call_me.time"}
