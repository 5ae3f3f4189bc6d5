"""`survey publish`: check, store, show what changed; live at the next call."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.survey.check.prompts import prompts
from ivr.survey.commands.diff import tell_changes
from ivr.survey.commands.files import File, load, page, settings
from ivr.survey.diff import compare
from ivr.survey.publish import version_of
from ivr.survey.reader import load_survey
from ivr.survey.shapes import Survey
from storage import surveys
from storage.database import Database
from storage.schema import migrate


@click.command()
@click.argument("file", type=File)
def publish(file: Path) -> None:
    """Publish the survey in FILE now: every web process serves it from the next call on."""
    survey, content, house, console = load(file), file.read_bytes(), settings(), page()
    migrate(house.database_url)
    version, database = version_of(content), Database(house.database_url)
    before = surveys.latest(database, survey.id)
    with database.transaction() as db:
        source = surveys.source(db, before) if before else None
        surveys.publish(db, survey.id, version, content.decode(), datetime.now(UTC))
    _put_in_place(file, survey, house.flows_dir)
    if source is not None:
        tell_changes(console, compare(load_survey(source), survey))
    console.print(f"{survey.id} is published as {version}.", markup=False)


def _put_in_place(file: Path, survey: Survey, flows: Path) -> None:
    """The flows folder has what is published, or the next start would go back to what it has."""
    place = flows / f"{survey.id}.yaml"
    if file.resolve() == place.resolve():
        return
    was_there = place.exists()
    recorded = {said.audio for _, prompt in prompts(survey, ()) for said in prompt.values() if said.audio}
    (flows / "audio").mkdir(exist_ok=True)
    for name in sorted(recorded):
        shutil.copyfile(file.parent / "audio" / name, flows / "audio" / name)
    shutil.copyfile(file, place)
    click.echo(f"{place} is {'replaced by' if was_there else 'a copy of'} {file}.", err=True)
