"""The survey designer's commands: `python app.py survey …`."""

import click

from ivr.survey.commands.backtest import backtest
from ivr.survey.commands.check import check
from ivr.survey.commands.diff import diff
from ivr.survey.commands.draw import draw
from ivr.survey.commands.explain import explain
from ivr.survey.commands.publish import publish
from ivr.survey.commands.simulate import simulate
from ivr.survey.commands.test import test
from ivr.survey.commands.trend import trend


@click.group(help="Tools for those who design surveys; docs/surveys.md tells more.")
def survey() -> None: ...


for command in (check, explain, test, draw, diff, simulate, backtest, publish, trend):
    survey.add_command(command)
