"""How long random runs are: `make fuzz` takes all of them, `make test` a tenth."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings


def fuzzed(runs: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A random test of so many runs under FUZZ=1, and a tenth of them otherwise."""
    examples = runs if os.environ.get("FUZZ") == "1" else runs // 10

    def marked(test: Callable[..., None]) -> Callable[..., None]:
        return pytest.mark.fuzz(settings(max_examples=examples)(test))

    return marked
