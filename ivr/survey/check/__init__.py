"""What is wrong with a survey, part held against part: each with its place and what to write instead."""

from collections.abc import Iterable, Iterator

from ivr.survey.check.advice import advise
from ivr.survey.check.clear import cleared
from ivr.survey.check.conditions import check_conditions
from ivr.survey.check.keys import check_keys
from ivr.survey.check.languages import check_languages
from ivr.survey.check.limits import check_call_lengths, check_prompt_lengths, check_waits
from ivr.survey.check.names import check_names
from ivr.survey.check.prompts import check_prompts
from ivr.survey.check.scores import check_scores
from ivr.survey.check.subject import Subject
from ivr.survey.check.ways import check_ways
from ivr.survey.diagnostics import Diagnostic

CHECKS = (check_names, check_conditions, check_keys, check_prompts, check_languages, check_scores, check_waits)


def check(subject: Subject, *, whole: bool, advice: bool) -> Iterator[Diagnostic]:
    """All errors of a survey, and with `advice` the warnings. `whole`: nothing was wrong with it so far.

    What needs calls from end to end is only looked at where they can be followed.
    """
    problems = [problem for find in CHECKS for problem in find(subject)]
    clear = cleared(subject)
    if clear is not None:
        problems += check_ways(clear)
    problems += check_prompt_lengths(subject)
    if whole and not _errors(problems):
        problems += check_call_lengths(subject)
    yield from problems
    if advice:
        yield from advise(subject, sound=whole and not _errors(problems))


def _errors(problems: Iterable[Diagnostic]) -> bool:
    return any(problem.is_error for problem in problems)
