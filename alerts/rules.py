"""Which alert rules of a survey hold."""

from ivr.survey.shapes import AlertRule, Survey
from ivr.survey.tree import Environment


def judge(survey: Survey, env: Environment) -> tuple[AlertRule, ...]:
    """The rules that are true of what has been answered, in the order written; unknown is not true.

    `env` has the settled answers by their step, and `context`. A rule that was true at an earlier answer is given
    again as long as it holds; raising it twice changes nothing.
    """
    return tuple(rule for rule in survey.alerts if survey.condition(rule.when).holds(env))
