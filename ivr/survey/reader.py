"""From the text of a survey file to a survey, or to all that is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ivr.survey.check import check
from ivr.survey.check.subject import Subject
from ivr.survey.diagnostics import Diagnostic, Place, in_order
from ivr.survey.lengths import Sounds
from ivr.survey.salvage import Salvage
from ivr.survey.shapes import Survey
from ivr.survey.strict_yaml import Document, read_document
from ivr.survey.validation import validate

ID = re.compile(r"[a-z0-9-]{1,60}")


def read_survey(
    text: str, sounds: Sounds | None = None, *, advice: bool = False
) -> tuple[Survey | None, tuple[Diagnostic, ...]]:
    """The survey that the text describes, and the problems found; None where one of them is an error.

    `sounds` are the recordings of the audio folder; None: they are not looked at. `advice` adds the warnings.
    """
    document = read_document(text)
    survey, problems = _shape(document)
    if survey is not None:
        problems += tuple(check(Subject(survey, document, sounds=sounds), whole=not problems, advice=advice))
    elif document.data is not None:
        problems += tuple(_check_the_rest(document, sounds, advice))
    return (None if any(problem.is_error for problem in problems) else survey), in_order(problems)


def _check_the_rest(document: Document, sounds: Sounds | None, advice: bool) -> Iterator[Diagnostic]:
    """What is wrong beside the parts that do not fit, so that one run tells it all."""
    rest = Salvage(document, _languages(document.data))
    rest.run()
    yield from rest.problems
    if rest.survey is not None:
        lost = rest.lost | (set(_step_ids(document.data)) - rest.survey.ids)
        subject = Subject(rest.survey, rest.document, frozenset(lost), rest.gaps, sounds)
        yield from check(subject, whole=False, advice=advice)


def _step_ids(data: Any) -> Iterator[str]:
    """The ids that steps have in the file, also those of steps that do not fit."""
    steps = data.get("steps") if isinstance(data, Mapping) else None
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping) and isinstance(step.get("id"), str):
            yield step["id"]
        yield from _step_ids(step)


def read_file(
    content: bytes, survey_id: str | None, sounds: Sounds | None = None, *, advice: bool = False
) -> tuple[Survey | None, tuple[Diagnostic, ...]]:
    """The survey in a file's bytes. `survey_id` is the file's name, which must be its id; None where it may differ."""
    try:
        survey, problems = read_survey(content.decode(), sounds, advice=advice)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, (Diagnostic("E001", Place(line, 1), "the file is not UTF-8 text", "save it as UTF-8"),)
    if survey is None or survey_id in (None, survey.id):
        return survey, problems
    message = f'the file is called {survey_id}.yaml, the survey "{survey.id}"'
    rename = f"rename the file to {survey.id}.yaml"
    repair = f"write id: {survey_id}, or {rename}" if ID.fullmatch(str(survey_id)) else rename
    place = read_document(content.decode()).at(("id",))
    return None, in_order([*problems, Diagnostic("E021", place, message, repair)])


def load_survey(text: str) -> Survey:
    """A survey that was published, and so had no error then; it is not checked again.

    Raises:
        ValueError: the text is no survey.
    """
    survey, problems = _shape(read_document(text))
    if survey is None:
        raise ValueError("; ".join(problem.told("survey") for problem in problems))
    return survey


def _shape(document: Document) -> tuple[Survey | None, tuple[Diagnostic, ...]]:
    """The document as a survey whose parts have not been held against each other yet."""
    if document.data is None:
        return None, document.problems
    survey, misfits = validate(Survey, document, {"languages": _languages(document.data)})
    return survey, (*document.problems, *misfits)


def _languages(data: Any) -> tuple[str, ...]:
    written = data.get("languages") if isinstance(data, Mapping) else None
    return tuple(dict.fromkeys(each for each in written if isinstance(each, str))) if isinstance(written, list) else ()
