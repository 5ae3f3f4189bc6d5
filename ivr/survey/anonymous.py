"""Answers that many callers give alike, so that they tell nobody who it was."""

from collections.abc import Iterator

from ivr.steps.callback import Callback
from ivr.survey.domains import Codes, CodeSets, Domain, Numbers
from ivr.survey.shapes import Survey

DIGITS = 3  # a longer number may be that of an account or an order


def anonymous_answers(survey: Survey) -> frozenset[str]:
    """Names of the answers that may stay when a caller is erased: ratings, choices, numbers of up to three digits.

    What is keyed in freely, such as an account number or a date of birth, is not among them.
    """
    return frozenset(name for name, domain in _domains(survey) if _is_anonymous(domain))


def _domains(survey: Survey) -> Iterator[tuple[str, Domain]]:
    for question in survey.questions():
        yield question.id, question.answers()
        if isinstance(question, Callback):
            yield from ((f"{question.id}.{part}", domain) for part, domain in question.parts().items())


def _is_anonymous(domain: Domain) -> bool:
    match domain:
        case Numbers(_, high):
            return len(str(high)) <= DIGITS
        case Codes() | CodeSets():
            return True
    return False
