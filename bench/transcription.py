"""Recordings and transcripts, as the figures of this runner."""

from bench import verbatims
from bench.figures import Figure

TITLE = "Recordings and transcripts"


def measure() -> list[Figure]:
    return [_figure(row) for row in verbatims.measure()]


def _figure(row: verbatims.Row) -> Figure:
    if row.at_least is not None:
        return Figure(row.what, row.value, row.unit, row.at_least, "least")
    return Figure(row.what, row.value, row.unit, row.at_most)
