import click


@click.command()
def simulate() -> None: ...
