"""What needs no server: turns of the engine, surveys loaded and checked."""

from bench import engine_turn, surveys
from bench.figures import Figure, at_most

TITLE = "The engine and the survey language"


def measure() -> list[Figure]:
    turns = [at_most(name, took * 1e6, limit * 1e6, "µs") for name, (took, limit) in engine_turn.measure().items()]
    return turns + [at_most(name, took, limit, "s") for name, (took, limit) in surveys.measure().items()]
