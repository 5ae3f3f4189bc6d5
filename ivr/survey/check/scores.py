"""Scores: made from steps that give them what they need, over equal scales."""

from collections.abc import Iterator

from ivr.steps import Step, nps
from ivr.steps.effort import Effort
from ivr.steps.rating import Rating
from ivr.survey.check.subject import Subject
from ivr.survey.diagnostics import Diagnostic, did_you_mean, either
from ivr.survey.domains import Codes, Domain, Numbers
from ivr.survey.scores import Ces, Composite, Csat, Fcr, Nps, Score, steps_of
from ivr.survey.strict_yaml import Path


def check_scores(subject: Subject) -> Iterator[Diagnostic]:
    for name, score in subject.survey.scores.items():
        path = ("scores", name)
        misfits = list(_steps(subject, score, path))
        yield from misfits
        if not misfits and not subject.lost & set(steps_of(score)):
            yield from _values(subject, score, path)


def _steps(subject: Subject, score: Score, path: Path) -> Iterator[Diagnostic]:
    """Each score is made from steps that give it what it needs."""
    for step_id in steps_of(score):
        located = subject.by_id.get(step_id)
        if step_id in subject.lost or (located and _fits(score, located.step)):
            continue
        fitting = [each.step.id for each in subject.steps if _fits(score, each.step)]
        repair = did_you_mean(step_id, fitting, f"name {_wanted(score)}")
        message = f'"{step_id}" is of type {located.step.type}' if located else f'"{step_id}" is no step'
        if located and located.step.sensitive:
            message = f'"{step_id}" is sensitive, so nothing is kept to make a score from'
        place = _place(subject, score, step_id, path)
        yield (subject.wrong_key if isinstance(score, Composite) else subject.wrong)("E023", place, message, repair)


def _fits(score: Score, step: Step) -> bool:
    if step.sensitive:
        return False
    answers = step.answers()
    match score:
        case Nps():
            return isinstance(step, nps.Nps)
        case Csat():
            return isinstance(step, Rating)
        case Ces():
            return isinstance(step, Effort | Rating)
        case Fcr():
            return isinstance(answers, Codes)
        case _:
            return isinstance(answers, Numbers)


def _wanted(score: Score) -> str:
    match score:
        case Nps():
            return "an nps step"
        case Csat():
            return "a rating"
        case Ces():
            return "an effort step"
        case Fcr():
            return "a yes_no or choice step"
        case _:
            return "questions that are answered with a number"


def _place(subject: Subject, score: Score, step_id: str, path: Path) -> Path:
    here = (*path, "from")
    written = subject.document.values
    if isinstance(score, Composite):
        return (*here, step_id)
    number = steps_of(score).index(step_id)
    return (*here, number) if (*here, number) in written else here


def _values(subject: Subject, score: Score, path: Path) -> Iterator[Diagnostic]:
    answers = {step_id: subject.survey.step(step_id).answers() for step_id in steps_of(score)}
    match score:
        case Csat(step=step, top=top):
            for number, value in enumerate(top):
                scale = answers[step]
                if isinstance(scale, Numbers) and value not in scale:
                    message = f"{step} is never {value}"
                    repair = f"name numbers from {scale.low} to {scale.high}"
                    yield subject.wrong("E028", (*path, "top", number), message, repair)
        case Fcr(step=step, yes=yes):
            yield from _codes(subject, step, answers[step], yes, path)
        case Composite() as composite:
            yield from _composite(subject, composite, path)
    if len(set(answers.values())) > 1:
        scales = either(f"{answer.low}-{answer.high}" for answer in answers.values() if isinstance(answer, Numbers))
        message = f"its questions have unequal scales, {scales}"
        yield subject.wrong("E060", (*path, "from"), message, "score them apart, or ask them on one scale")


def _codes(subject: Subject, step: str, answers: Domain, yes: tuple[str, ...], path: Path) -> Iterator[Diagnostic]:
    known = answers.codes if isinstance(answers, Codes) else ()
    for number, code in enumerate(yes):
        if code not in known:
            here = (*path, "yes", number) if (*path, "yes", number) in subject.document.values else (*path, "from")
            yield subject.wrong("E028", here, f"{step} is never {code}", did_you_mean(code, known))


def _composite(subject: Subject, score: Composite, path: Path) -> Iterator[Diagnostic]:
    if score.at_least > len(score.weights):
        message = f"{score.at_least} of {len(score.weights)} questions are never answered"
        yield subject.wrong("E042", (*path, "at_least"), message, f"write {len(score.weights)} or less")
    for step_id in score.reverse:
        if step_id not in score.weights:
            repair = did_you_mean(step_id, score.weights)
            yield subject.wrong("E023", (*path, "reverse"), f'"{step_id}" is not among its questions', repair)
