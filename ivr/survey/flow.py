"""Every way through a survey: where a call may come to, and what may be known of its answers there.

The steps are gone through once, from top to bottom, with all that may be known by then; what no later condition asks
for is forgotten on the way, so that the ways stay few. It follows the rules of `ivr/onward.py`, which a test holds
it to.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product
from typing import Literal

from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.steps.block import Block
from ivr.steps.consent import Consent
from ivr.steps.end import End
from ivr.steps.question import Question
from ivr.steps.set import Set
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.knowledge import CONSENT, Knowledge, Known, environment, frozen, trimmed
from ivr.survey.shapes import Survey
from ivr.survey.values import names_in

MOST = 15_000  # so many states of one survey are looked at, and no more
VERDICT = "##verdict"


class TooMany(Exception):
    """There are more ways than can be tried."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step in its order; a block has one place where it opens and one where it closes."""

    step: Step
    kind: Literal["step", "open", "close"] = "step"
    block: Block | None = None


class Flow:
    """The ways through one survey. Its conditions must be readable."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.knowledge = Knowledge(survey)
        self.places = tuple(_places(survey.steps))
        self._held: dict[tuple[str, Known], bool] = {}
        self._left = MOST

    # Moving -------------------------------------------------------------------------------------

    def walk(self, wanted: Iterable[str] = (), rule: str | None = None) -> Iterator[tuple[int, Known]]:
        """Every place that a call may come to, by number, with each thing that may be known there.

        `wanted` names are kept in mind to the end. Of a `rule`, a condition on answers anywhere, only what it came to
        is kept once the last of its answers may be there: `VERDICT`, whether it holds and whether all are answered.
        The last number is that of a call that runs off the list.

        Raises:
            TooMany: there are more ways than can be tried.
        """
        judged = _Judged(self, rule) if rule else None
        live = self.live(frozenset(wanted), judged)
        waiting: list[set[Known]] = [set() for _ in range(len(self.places) + 1)]
        waiting[0] = set(self.knowledge.beginnings(live[0]))
        for number in range(len(self.places)):
            for known in waiting[number]:
                self.count()
                yield number, known
                for following, after in self.onward(number, known):
                    kept = trimmed(after, live[following])
                    if judged and number <= judged.last < following:
                        kept |= {(VERDICT, judged.verdict(after))}
                    waiting[following].add(kept)
            waiting[number] = set()
        yield from ((len(self.places), known) for known in waiting[-1])

    def count(self) -> None:
        """One more state is looked at.

        Raises:
            TooMany: they were more than can be.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMany

    def onward(self, number: int, known: Known) -> Iterator[tuple[int, Known]]:
        """Where a call goes on from a place; nowhere from an ending."""
        if not self.applies(number, known):
            yield self.past(number), known
            return
        for after, dialled in self.outcomes(number, known):
            yield self.next(number if dialled is None else dialled, after), after

    def applies(self, number: int, known: Known) -> bool:
        """Whether the step is come to at all: its condition holds, and its block has drawn it."""
        place = self.places[number]
        if place.kind == "close":
            return True
        if place.block is not None and place.block.ask and place.step.id not in _drawn(place.block, known):
            return False
        return place.step.only_if is None or self.holds(place.step.only_if, known)

    def outcomes(self, number: int, known: Known) -> Iterator[tuple[Known, int | None]]:
        """What may be known after a step, and the transfer that is dialled instead of going on from it."""
        place = self.places[number]
        match place.step:
            case Block():
                yield from ((after, None) for after in self._block(place, known))
            case End():
                return
            case Set() as step:
                value = self.survey.condition(step.value).value(environment(known))
                yield (known if value is None else known | {(step.id, frozen(value))}), None
            case Consent():
                yield known | {(CONSENT, True)}, None
            case Question() | Voice() as step:
                unanswered, *answered = self.knowledge.learned(step)
                yield from ((known | learned, None) for learned in answered)
                if self.may_go_unanswered(step):
                    yield known | unanswered, None
                yield from ((known | unanswered, there) for there in self._transfers(step, number))
            case Asking() as step:
                yield known, None
                yield from ((known, there) for there in self._transfers(step, number))
            case _:
                yield known, None

    def next(self, number: int, known: Known) -> int:
        """The place after a step that was come to: where its first jump that holds leads, or the next one."""
        place = self.places[number]
        if place.kind != "open":
            for jump in place.step.jump:
                if jump.to in self.number_of and self.holds(jump.when, known):
                    return self.number_of[jump.to]
        return number + 1

    def holds(self, text: str, known: Known) -> bool:
        """Whether a condition is true of what is known."""
        key = (text, known)
        if key not in self._held:
            self._held[key] = self.survey.condition(text).holds(environment(known))
        return self._held[key]

    def is_always(self, text: str) -> bool:
        """Whether a condition is true for all answers there are, wherever it stands; never of a derived value."""
        names = sorted(names_in(self.survey.condition(text).tree))
        kinds = [self.knowledge.kinds(name) for name in names]
        known = (
            frozenset((name, frozen(kind[0])) for name, kind in zip(names, each, strict=True))
            for each in product(*kinds)
        )
        return all(kinds) and all(self.holds(text, each) for each in islice(known, MOST))

    @cached_property
    def number_of(self) -> dict[str, int]:
        """The place of each step; a block's is where it opens."""
        return {place.step.id: number for number, place in reversed(list(enumerate(self.places)))}

    def may_go_unanswered(self, step: Question | Voice) -> bool:
        """Whether the call goes on without an answer: skipped, not known, or tries have run out."""
        if "skip" in self.survey.defaults.star_menu or self.survey.then(step) == "skip":
            return True
        if isinstance(step, Voice):
            return "delete" in step.review
        return step.dont_know is not None or step.not_applicable is not None

    # Blocks and transfers -----------------------------------------------------------------------

    def _block(self, place: Place, known: Known) -> Iterator[Known]:
        block = place.step
        assert isinstance(block, Block), "only blocks open and close"
        if place.kind == "close" or block.ask is None:
            yield known
            return
        for drawn in combinations([step.id for step in block.steps], block.ask.asked):
            yield known | {(f"#{block.id}", drawn)}

    def past(self, number: int) -> int:
        """The place after one that was not come to: after the whole block, where a block does not open."""
        place = self.places[number]
        if place.kind != "open":
            return number + 1
        return next(n for n, other in enumerate(self.places) if other == Place(place.step, "close")) + 1

    def _transfers(self, step: Asking, number: int) -> Iterator[int]:
        """The next transfer, where running out of tries or the star menu leads to it."""
        given_up = isinstance(step, Question | Voice) and self.survey.then(step) == "transfer"
        asked_for = "agent" in self.survey.defaults.star_menu and not isinstance(step, Consent)
        if given_up or asked_for:
            ahead = (n for n in range(number + 1, len(self.places)) if isinstance(self.places[n].step, Transfer))
            yield from list(ahead)[:1]

    # What must be kept in mind ------------------------------------------------------------------

    def live(self, wanted: frozenset[str], judged: "_Judged | None" = None) -> Sequence[frozenset[str]]:
        """For each place the names that it or a later one asks for."""
        live = [wanted | {VERDICT}]
        for place in reversed(self.places):
            live.append(live[-1] | self._asks_for(place))
        found = live[::-1]
        if judged:
            found = [names | judged.names if number <= judged.last else names for number, names in enumerate(found)]
        return found

    def _asks_for(self, place: Place) -> frozenset[str]:
        step = place.step
        judged = [text for text in (step.only_if, step.confirm_if, *(jump.when for jump in step.jump)) if text]
        asked = [*judged, step.value] if isinstance(step, Set) else judged
        names = {name for text in asked for name in names_in(self.survey.condition(text).tree)}
        names = names.union(*map(self.knowledge.behind, judged))
        names |= {f"#{place.block.id}"} if place.block else set()
        return frozenset(names | ({CONSENT} if isinstance(step, Voice) else set()))


class _Judged:
    """A rule that is judged as soon as all of its answers may be there."""

    def __init__(self, flow: Flow, rule: str) -> None:
        self.flow, self.rule = flow, rule
        names = names_in(flow.survey.condition(rule).tree)
        steps = [name.partition(".")[0] for name in names if not name.startswith("context.")]
        self.names = names | flow.knowledge.behind(rule)
        self.last = max((flow.number_of[step] for step in steps), default=0)

    def verdict(self, known: Known) -> tuple[bool, bool]:
        return self.flow.holds(self.rule, known), self.flow.knowledge.is_whole(self.rule, known)


def _places(steps: Sequence[Step]) -> Iterator[Place]:
    for step in steps:
        if isinstance(step, Block):
            yield Place(step, "open")
            yield from (Place(inner, "step", step) for inner in step.steps)
            yield Place(step, "close")
        else:
            yield Place(step)


def _drawn(block: Block, known: Known) -> tuple[str, ...]:
    return next((value for name, value in known if name == f"#{block.id}"), ())
