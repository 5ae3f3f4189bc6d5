"""What a bench finds: figures, each beside what it should be, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `aim` is the least or the most that it may be; without one it is told for orientation."""

    name: str
    value: float
    unit: str = ""
    aim: float | None = None
    bound: Literal["least", "most"] = "most"

    @property
    def holds(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value >= self.aim if self.bound == "least" else self.value <= self.aim


def at_least(name: str, value: float, aim: float, unit: str = "") -> Figure:
    return Figure(name, value, unit, aim, "least")


def at_most(name: str, value: float, aim: float, unit: str = "") -> Figure:
    return Figure(name, value, unit, aim, "most")


def show(title: str, figures: Sequence[Figure], console: Console) -> None:
    """A table of figures, the aim of each beside it."""
    table = Table("", "figure", "aim", "", title=title, title_justify="left", title_style="bold")
    table.columns[1].justify = table.columns[2].justify = "right"
    for figure in figures:
        table.add_row(figure.name, _amount(figure.value, figure.unit), _aim(figure), _verdict(figure))
    console.print(table)


def _amount(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    return f"{'≥' if figure.bound == 'least' else '≤'} {_amount(figure.aim, figure.unit)}"


def _verdict(figure: Figure) -> str:
    return {True: "[green]holds[/green]", False: "[red]missed[/red]", None: ""}[figure.holds]
