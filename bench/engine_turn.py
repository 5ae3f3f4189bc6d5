"""The engine: how long one turn of a survey of twenty steps takes, from what was heard to the carrier's document."""

import time
from collections.abc import Iterator, Mapping
from statistics import median

from alerts.rules import judge
from ivr import engine
from ivr.call import Digits, Turn
from ivr.survey.reader import load_survey
from ivr.survey.shapes import Survey
from ivr.twilio import twiml

LIMIT_S = 200e-6
CALLS = 200
QUESTIONS = "".join(
    f"""
  - id: q{n}
    type: rating
    scale: 1-5
    low: {{en: bad, es: mala}}
    high: {{en: good, es: buena}}
    confirm_if: q{n} <= 1
    ask:
      en: "How was part {n} with {{agent_name | 'our agent'}}, from {{low}} to {{high}}?"
      es: "¿Qué tal la parte {n} con {{agent_name | 'nuestro agente'}}, de {{low}} a {{high}}?"
  - id: r{n}
    type: choice
    only_if: q{n} <= 3 and not q{n} == 2
    ask: {{en: Why?, es: ¿Por qué?}}
    options:
      - {{key: 1, code: wait, say: {{en: the waiting, es: la espera}}}}
      - {{key: 2, code: price, say: {{en: the price, es: el precio}}}}"""
    for n in range(9)
)
SURVEY = f"""
ivr_survey: 1
id: twenty
languages: [en, es]
voices: {{en: Polly.Joanna-Neural, es: Polly.Lupe-Neural}}
defaults: {{star_menu: [repeat, slower, skip, language, stop]}}
steps:
  - {{id: hello, type: consent, legal: true, ask: {{en: May we ask?, es: ¿Podemos?}}}}{QUESTIONS}
  - {{id: thanks, type: end, say: {{en: Thank you., es: Gracias.}}}}
alerts:
  - {{name: Unhappy, when: q0 <= 2 or q8 <= 2}}
  - {{name: Waited, when: r0 == wait or r4 == wait, severity: P1}}
  - {{name: All bad, when: "mean(q0, q1, q2, q3) <= 2"}}
"""
CONTEXT = {"agent": "a7", "agent_name": "Sam", "group": "billing", "ticket": "88213"}
ADDRESS = "https://voice.harbor.example/voice/CA00000000000000000000000000000001/2"


def measure() -> Mapping[str, tuple[float, float]]:
    """What is measured -> the seconds it took, and the seconds it may take."""
    survey = load_survey(SURVEY)
    turns = [seconds for _ in range(CALLS) for seconds in _call(survey)]
    return {"a turn of 20 steps, median": (median(turns), LIMIT_S)}


def _call(survey: Survey) -> Iterator[float]:
    """A call with the keys 1, 2, 3 … in turn; gives the seconds of each of its turns."""
    turn, pressed = engine.begin(survey, CONTEXT, seed=1, number="+12025550199"), 0
    while turn.state.step is not None:
        began = time.perf_counter()
        turn = _answered(survey, turn, str(pressed % 3 + 1))
        yield time.perf_counter() - began
        pressed += 1


def _answered(survey: Survey, before: Turn, key: str) -> Turn:
    turn = engine.resume(survey, before.state, Digits(key))
    judge(survey, engine.env_of(turn.state))
    twiml.render(turn.directives, ADDRESS, recording_url=ADDRESS)
    return turn


if __name__ == "__main__":
    for name, (seconds, limit) in measure().items():
        print(f"{name:32} {seconds * 1e6:6.0f} µs   {seconds / limit:5.2f} of what it may take")
