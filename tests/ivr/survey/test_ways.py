"""What `survey check` says of ways through is what all combinations of answers say, and what the engine does."""

from dataclasses import dataclass, field
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ivr.call import CallEnded, QuestionAsked
from ivr.steps.end import End
from ivr.survey.domains import Numbers
from ivr.survey.made_up import NO_ANSWER, converse
from ivr.survey.reader import load_survey, read_survey
from ivr.survey.tree import Answered, nodes
from tests.fuzz import fuzzed

WAYS = {"E030", "E031", "E032", "E034"}


# Small surveys --------------------------------------------------------------------------------------


@st.composite
def conditions(draw, known, depth=2):
    """A condition on earlier questions that compares like with like."""
    if depth == 0 or draw(st.booleans()):
        name, kind = draw(st.sampled_from(known))
        if draw(st.integers(0, 5)) == 0:
            return f"answered({name})"
        if kind == "rating":
            return f"{name} {draw(st.sampled_from(['<=', '>=', '==', '!=', '<', '>']))} {draw(st.integers(1, 3))}"
        return f"{name} {draw(st.sampled_from(['==', '!=']))} {draw(st.sampled_from(['yes', 'no']))}"
    left, right = draw(conditions(known, depth - 1)), draw(conditions(known, depth - 1))
    whole = f"({left}) {draw(st.sampled_from(['and', 'or']))} ({right})"
    return f"not ({whole})" if draw(st.integers(0, 4)) == 0 else whole


@st.composite
def surveys(draw):
    count = draw(st.integers(2, 4))
    known, steps = [], []
    for number in range(count):
        kind = draw(st.sampled_from(["rating", "yes_no"]))
        keys = [f"id: q{number}", f"type: {kind}", "ask: What?"] + (["scale: 1-3"] if kind == "rating" else [])
        if known and draw(st.booleans()):
            keys.append(f'only_if: "{draw(conditions(known))}"')
        known = [*known, (f"q{number}", kind)]
        if number < count - 1 and draw(st.integers(0, 2)) == 0:
            to = f"q{draw(st.integers(number + 1, count - 1))}"
            keys.append(f'jump: [{{when: "{draw(conditions(known))}", to: {to}}}]')
        if draw(st.integers(0, 3)) == 0:
            keys.append("then: end")
        steps.append(f"  - {{{', '.join(keys)}}}")
        if draw(st.integers(0, 5)) == 0:
            steps.append(f'  - {{id: end{number}, type: end, only_if: "{draw(conditions(known))}"}}')
    menu = draw(st.sampled_from(["[]", "[repeat, skip, stop]"]))
    rule = draw(conditions(known))
    head = f"ivr_survey: 1\nid: small\nlanguages: [en]\ndefaults: {{star_menu: {menu}}}\nsteps:\n"
    return head + "\n".join(steps) + f'\nalerts:\n  - {{name: Alarm, when: "{rule}"}}\n'


# Every combination of answers -----------------------------------------------------------------------


@dataclass
class Seen:
    """What one condition came to: pairs of whether it held, and whether all it names was answered that was asked."""

    survey: object
    text: str
    outcomes: set = field(default_factory=set)

    def ask(self, env, asked):
        condition = self.survey.condition(self.text)
        holds = condition.value(env) is True
        self.outcomes.add((holds, condition.names & set(asked) <= env.keys()))
        return holds

    @property
    def is_needless(self):
        """True without asking, wherever it stands."""
        condition = self.survey.condition(self.text)
        names = sorted(condition.names)
        every = product(*(answers(self.survey.step(name)) for name in names))
        return all(condition.holds({"context": {}, **dict(zip(names, each, strict=True))}) for each in every)

    @property
    def jump_verdict(self):
        strictly = all(holds for holds, _ in self.outcomes)
        return "sometimes" if self.verdict == "always" and not (strictly or self.is_needless) else self.verdict

    @property
    def verdict(self):
        asks_whether = any(isinstance(node, Answered) for node in nodes(self.survey.condition(self.text).tree))
        if not any(holds for holds, _ in self.outcomes):
            return "never" if self.outcomes else "not asked"
        return "always" if all(holds for holds, whole in self.outcomes if whole or asks_whether) else "sometimes"


class BruteForce:
    """Takes every combination of answers through a survey, step by step, with nothing clever about it."""

    def __init__(self, survey):
        self.survey = survey
        self.seen, self.reached = {}, set()
        self.alarm_ever = Seen(survey, survey.alerts[0].when)
        self.alarm_at_the_end = Seen(survey, survey.alerts[0].when)
        self.runs = []
        questions = survey.questions()
        for combination in product(*([None, *answers(question)] for question in questions)):
            given = dict(zip((question.id for question in questions), combination, strict=True))
            self.runs.append((given, self.take(given)))

    def take(self, given):
        """The ids of the questions asked, in order."""
        steps, env, at, asked = self.survey.steps, {"context": {}}, 0, []
        while at < len(steps):
            step = steps[at]
            self.alarm_ever.ask(env, asked)
            if step.only_if and not self.ask(step.id, "only_if", step.only_if, env, asked):
                at += 1
                continue
            self.reached.add(step.id)
            if isinstance(step, End):
                break
            asked.append(step.id)
            if given[step.id] is not None:
                env[step.id] = given[step.id]
            elif self.survey.then(step) == "end" and "skip" not in self.survey.defaults.star_menu:
                return asked
            jumps = enumerate(step.jump)
            to = next((jump.to for n, jump in jumps if self.ask(step.id, f"jump {n}", jump.when, env, asked)), None)
            at = next(n for n, other in enumerate(steps) if other.id == to) if to else at + 1
        self.alarm_ever.ask(env, asked)
        self.alarm_at_the_end.ask(env, asked)
        return asked

    def ask(self, step_id, role, text, env, asked):
        return self.seen.setdefault((step_id, role), Seen(self.survey, text)).ask(env, asked)

    def expected(self):
        """The codes that the check must give, by what they are about."""
        found = {
            key: {"never": "E031", "always": "E032"}.get(seen.verdict if key[1] == "only_if" else seen.jump_verdict)
            for key, seen in self.seen.items()
        }
        for step in self.survey.steps:
            if step.id not in self.reached and (step.id, "only_if") not in found:
                found[step.id, "id"] = "E030"
        ever = self.alarm_ever.verdict
        always = self.alarm_at_the_end.verdict == "always"
        found["Alarm", "when"] = "E034" if ever == "never" else "E032" if always else None
        return sorted(code for code in found.values() if code)


def answers(question):
    domain = question.answers()
    return tuple(domain.values) if isinstance(domain, Numbers) else domain.codes


@fuzzed(2_000)
@given(surveys())
def test_never_always_and_unreached_are_those_of_all_combinations(text):
    found = sorted(problem.code for problem in read_survey(text)[1] if problem.code in WAYS)
    assert found == BruteForce(load_survey(text)).expected(), text


@fuzzed(200)
@given(surveys())
def test_the_engine_goes_the_same_ways(text):
    survey = load_survey(text)
    for given_answers, asked in BruteForce(survey).runs:
        said = {step: NO_ANSWER if value is None else value for step, value in given_answers.items()}
        if NO_ANSWER in said.values() and any(survey.then(step) == "end" for step in survey.questions()):
            continue  # a made-up caller is silent, where another would skip by the star menu
        events = [
            event
            for exchanged in converse(survey, {}, lambda step, said=said: said.get(step.id))
            for event in exchanged.turn.events
        ]
        heard = [event.step for event in events if isinstance(event, QuestionAsked)]
        assert list(dict.fromkeys(heard)) == asked
        assert any(isinstance(event, CallEnded) for event in events)
