"""How long speech takes, in seconds."""

from ivr.survey.shapes import Survey


def speech_s(text: str, language: str, survey: Survey) -> float:
    """How long a machine voice takes for the text: 2.6 words a second, or what the survey's `speech:` says."""
    return len(text.split()) / survey.words_per_second(language)
