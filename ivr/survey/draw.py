"""A survey as a picture: its steps in columns from top to bottom, with their conditions, jumps and alerts.

Steps that follow one another under the same condition stand in one frame. A jump is named at both of its ends rather
than drawn as a line, so that a survey of sixty steps stays readable.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from math import ceil
from textwrap import wrap
from xml.sax.saxutils import quoteattr

from ivr.steps import Step
from ivr.steps.end import End
from ivr.steps.question import Question
from ivr.steps.voice import Voice
from ivr.survey import svg
from ivr.survey.check.subject import Located, locate
from ivr.survey.shapes import AlertRule, Survey
from ivr.survey.svg import INK, THREAD
from ivr.survey.telling import details, jumps, told_alert, told_watch, words_of
from ivr.survey.tree import Answer, nodes
from ivr.survey.watch import WatchRule
from ivr.survey.wording import in_words

WIDTH, GAP, MARGIN, INSET = 372, 24, 32, 12
PITCH = WIDTH + 72  # from column to column
TALLEST = 1_800
HEAD, LINE, PADDING = 34, 17, 12
CHARS = 55
MOST_LINES = 4  # of a prompt
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SOFT, GROUND = "#5b6876", "#f5f7f9"
AMBER, AMBER_GROUND, AMBER_EDGE = "#7a4f00", "#fff5dc", "#e8c978"
SEVERITY = {"P1": "#b3261e", "P2": "#b45309", "P3": "#5b6876"}
QUESTION, CODED, KEYED, OTHER = "#1f5fa8", "#0f766e", "#4c51bf", "#5f6b7a"
KINDS = {
    "rating": QUESTION,
    "nps": QUESTION,
    "effort": QUESTION,
    "yes_no": CODED,
    "choice": CODED,
    "multi": CODED,
    "number": KEYED,
    "digits": KEYED,
    "voice": "#8b2f8f",
    "callback": "#2f7d32",
    "transfer": "#b45309",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text on a card."""

    text: str
    colour: str = INK
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A step, or an alert: its name, what it is, and what there is to say of it."""

    name: str
    kind: str
    colour: str
    rows: tuple[Row, ...]
    ends: bool = False  # the call goes on to no other card

    @property
    def height(self) -> int:
        return HEAD + len(self.rows) * LINE + (PADDING if self.rows else 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Cards that stand under one condition; without a condition there is no frame around them."""

    condition: tuple[Row, ...]
    cards: tuple[Card, ...]
    in_order: bool = True  # the call goes from one card to the next; of a drawn block nobody knows which is next

    @property
    def ends(self) -> bool:
        """Whether no call goes on from it; past a condition some always do."""
        return not self.condition and self.cards[-1].ends

    @property
    def head(self) -> int:
        return len(self.condition) * LINE + PADDING if self.condition else 0

    @property
    def height(self) -> int:
        inside = sum(card.height + GAP for card in self.cards) - GAP
        return inside + (self.head + 2 * INSET if self.condition else 0)


def draw(survey: Survey) -> str:
    """The picture as an SVG document, complete on its own."""
    columns = _columns([_frame(survey, steps) for steps in _groups(survey)])
    cards = [*(_alert(survey, rule) for rule in survey.alerts), *map(_watched, survey.watch)]
    alerts = [Frame((), (card,)) for card in cards]
    top = MARGIN + 60
    parts = [*_title(survey)]
    for number, column in enumerate(columns):
        parts += _column(column, MARGIN + number * PITCH, top, begins=number == 0 or columns[number - 1][-1].ends)
        if number + 1 < len(columns) and not column[-1].ends:
            parts.append(_bend(MARGIN + number * PITCH, top, top + _height(column)))
    if alerts:
        parts += _alerts(alerts, MARGIN + len(columns) * PITCH, top)
    width = 2 * MARGIN + WIDTH + PITCH * (len(columns) - 1 + bool(alerts))
    height = top + max(_height(column) for column in [*columns, alerts]) + MARGIN
    return _document(survey, width, height, parts)


# What is on the cards -------------------------------------------------------------------------------


def _groups(survey: Survey) -> Iterator[list[Located]]:
    """Steps that follow one another under the same condition, those of a block also under the block's."""
    for _, located in groupby(locate(survey.steps, ()), lambda each: _condition(survey, each)):
        yield list(located)


def _condition(survey: Survey, located: Located) -> str:
    block = located.block
    own = [f"only if {in_words(survey, located.step.only_if)}"] if located.step.only_if else []
    if block is None:
        return "".join(own)
    around = [f"only if {in_words(survey, block.only_if)}"] if block.only_if else []
    share = f": {block.ask.asked} of {block.ask.of} are asked" if block.ask else ""
    order = "" if block.order == "fixed" else ", in an order of its own in each call"
    return "; ".join([f"in {block.id}{share}{order}", *around, *own])


def _frame(survey: Survey, steps: Sequence[Located]) -> Frame:
    rows = tuple(Row(line, AMBER) for line in wrap(_condition(survey, steps[0]), CHARS))
    block = steps[0].block
    in_order = block is None or (block.order == "fixed" and block.ask is None)
    return Frame(rows, tuple(_card(survey, each.step) for each in steps), in_order)


def _card(survey: Survey, step: Step) -> Card:
    words = wrap(words_of(survey, step), CHARS)
    shown = words if len(words) <= MOST_LINES else [*words[: MOST_LINES - 1], f"{words[MOST_LINES - 1][: CHARS - 2]} …"]
    rows = [Row(line) for line in shown]
    rows += [Row(line, SOFT) for line in wrap("; ".join(details(survey, step)), CHARS)]
    rows += [Row(line, AMBER) for jump in jumps(survey, step) for line in wrap(f"→ {jump}", CHARS)]
    if isinstance(step, Question | Voice) and survey.then(step) == "transfer":
        rows.append(Row("→ to the next transfer if tries run out", AMBER))
    rows += [Row(f"← from {other.id}", AMBER) for other in survey.all_steps if step.id in {j.to for j in other.jump}]
    rows += [Row(f"● {rule.severity} {rule.name}", SEVERITY[rule.severity]) for rule in _raised_by(survey, step)]
    return Card(
        step.id, step.type.replace("_", " "), KINDS.get(step.type, OTHER), tuple(rows), ends=isinstance(step, End)
    )


def _raised_by(survey: Survey, step: Step) -> Iterator[AlertRule]:
    """The alerts that look at the step's answer, or take its recording along."""
    for rule in survey.alerts:
        named = {node.name for node in nodes(survey.condition(rule.when).tree) if isinstance(node, Answer)}
        if step.id in named or step.id in rule.attach:
            yield rule


def _alert(survey: Survey, rule: AlertRule) -> Card:
    rows = tuple(Row(line) for line in wrap(told_alert(survey, rule), CHARS))
    return Card(rule.name, rule.severity, SEVERITY[rule.severity], rows)


def _watched(rule: WatchRule) -> Card:
    rows = tuple(Row(line) for line in wrap(told_watch(rule), CHARS))
    return Card(rule.name, f"{rule.severity} watch", SEVERITY[rule.severity], rows)


# Where they stand -----------------------------------------------------------------------------------


def _columns(frames: Sequence[Frame]) -> list[list[Frame]]:
    """The frames in as few columns as they need, of about the same height; a tall one is cut between its cards."""
    pieces = [piece for frame in frames for piece in _cut(frame)]
    total = _height(pieces)
    few = ceil(total / TALLEST)
    tried = (_filled(pieces, height) for height in count(total // few, LINE))
    return next(columns for columns in tried if len(columns) <= few)


def _filled(pieces: Sequence[Frame], height: int) -> list[list[Frame]]:
    """One column after the other, each filled up to that height."""
    columns: list[list[Frame]] = [[]]
    for piece in pieces:
        if columns[-1] and _height([*columns[-1], piece]) > height:
            columns.append([])
        columns[-1].append(piece)
    return columns


def _cut(frame: Frame) -> Iterator[Frame]:
    cards: list[Card] = []
    for card in frame.cards:
        if cards and Frame(frame.condition, (*cards, card)).height > TALLEST / 2:
            yield Frame(frame.condition, tuple(cards), frame.in_order)
            cards = []
        cards.append(card)
    yield Frame(frame.condition, tuple(cards), frame.in_order)


def _height(frames: Sequence[Frame]) -> int:
    return sum(frame.height + GAP for frame in frames) - GAP if frames else 0


# How they look --------------------------------------------------------------------------------------


def _document(survey: Survey, width: int, height: int, parts: Sequence[str]) -> str:
    label = quoteattr(f"The survey {survey.title or survey.id}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family={quoteattr(FONT)} font-size="12.5" '
            f'role="img" aria-label={label}>',
            f'<rect width="{width}" height="{height}" fill="{GROUND}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _title(survey: Survey) -> Iterator[str]:
    yield svg.text(MARGIN, MARGIN + 16, survey.title or survey.id, size=21, bold=True)
    questions = sum(1 for _ in survey.questions())
    told = f"{survey.id} · {', '.join(survey.languages)} · {len(survey.all_steps)} steps, {questions} questions"
    yield svg.text(MARGIN, MARGIN + 37, told, SOFT)


def _column(frames: Sequence[Frame], x: int, y: int, *, begins: bool) -> Iterator[str]:
    for number, frame in enumerate(frames):
        if not (frames[number - 1].ends if number else begins):
            yield svg.arrow(x + WIDTH // 2, y - GAP, y)
        yield from _framed(frame, x, y)
        y += frame.height + GAP


def _framed(frame: Frame, x: int, y: int) -> Iterator[str]:
    inset = INSET if frame.condition else 0
    if frame.condition:
        yield svg.box(x, y, WIDTH, frame.height, AMBER_GROUND, AMBER_EDGE, dashed=True)
        for number, row in enumerate(frame.condition):
            yield svg.text(x + INSET, y + INSET + (number + 0.7) * LINE, row.text, row.colour, italic=True)
        y += frame.head + INSET
    for number, card in enumerate(frame.cards):
        if number and frame.in_order and not frame.cards[number - 1].ends:
            yield svg.arrow(x + WIDTH // 2, y - GAP, y)
        yield from _drawn(card, x + inset, y, WIDTH - 2 * inset)
        y += card.height + GAP


def _drawn(card: Card, x: int, y: int, width: int) -> Iterator[str]:
    yield svg.box(x, y, width, card.height, "#ffffff", "#d5dce3")
    yield f'<rect x="{x}" y="{y}" width="5" height="{card.height}" rx="2.5" fill="{card.colour}"/>'
    yield svg.text(x + 16, y + 22, card.name, size=14, bold=True)
    yield svg.text(x + width - 12, y + 22, card.kind, card.colour, anchor="end", bold=True)
    for number, row in enumerate(card.rows):
        yield svg.text(x + 16, y + HEAD + (number + 0.7) * LINE, row.text, row.colour)


def _alerts(alerts: Sequence[Frame], x: int, y: int) -> Iterator[str]:
    yield svg.text(x, y - 12, "Alerts", SOFT, bold=True)
    for frame in alerts:
        yield from _framed(frame, x, y)
        y += frame.height + GAP


def _bend(x: int, top: int, bottom: int) -> str:
    """From under one column to above the next."""
    middle, between, there = x + WIDTH // 2, x + (WIDTH + PITCH) // 2, x + PITCH + WIDTH // 2
    line = f"M{middle} {bottom + 2}V{bottom + 14}H{between}V{top - GAP - 6}H{there}V{top - GAP + 4}"
    return f'<path d="{line}" fill="none" stroke="{THREAD}" stroke-width="1.6"/>'
