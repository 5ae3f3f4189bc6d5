import click


@click.command()
def draw() -> None: ...
