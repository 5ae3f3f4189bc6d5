"""The paths of a survey: each sequence of prompts that a caller may hear, with how long it takes.

Answers that lead to the same prompts are one path. A path is what a caller hears who answers every question, or has a
key for not knowing; nothing is asked twice on it, and nobody hangs up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ivr.steps import Step
from ivr.steps.asking import Asking
from ivr.steps.end import End
from ivr.steps.question import Question
from ivr.steps.say import Say
from ivr.steps.transfer import Transfer
from ivr.steps.voice import Voice
from ivr.survey.flow import Flow, TooMany
from ivr.survey.knowledge import Known, trimmed
from ivr.survey.lengths import Sounds, goodbye_s, read_back_s, review_s, said_s
from ivr.survey.shapes import Survey

TYPICAL_RECORDING_S = 20.0
MOST_NODES = 5_000
UNANSWERED = "no answer"

State = tuple[int, Known]


@dataclass(frozen=True, slots=True)
class Move:
    """A step that is heard, the answers with which the call goes on as it does here, and whether they are read back.

    `of` is how many answers there are in all.
    """

    step: Step
    answers: tuple[Any, ...] = ()
    read_back: bool = False
    of: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the first prompt to the last."""

    moves: tuple[Move, ...]

    @property
    def questions(self) -> int:
        return sum(isinstance(move.step, Question | Voice) for move in self.moves)


@dataclass(slots=True)
class _Node:
    """A prompt together with all that may be known when it is heard; `step` is None where the list ends."""

    step: Step | None
    onward: list[tuple[tuple[Any, ...], bool, "_Node"]] = field(default_factory=list)


class Paths:
    """All paths of one survey.

    Raises:
        TooMany: there are more than can be found out.
    """

    def __init__(self, survey: Survey, sounds: Sounds | None = None) -> None:
        self.survey, self.sounds = survey, sounds
        self.flow = Flow(survey)
        self._live = self.flow.live(frozenset())
        self._nodes: dict[tuple[int, frozenset[Known]], _Node] = {}
        self._said: dict[tuple[str, Any, str], float] = {}
        start = [(0, known) for known in self.flow.knowledge.beginnings(self._live[0])]
        self._first = [self._node(number, known) for number, known in self._arrivals(start).items()]

    # One by one ---------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Path]:
        for node in self._first:
            yield from (Path(moves) for moves in self._from(node))

    def _from(self, node: _Node) -> Iterator[tuple[Move, ...]]:
        if node.step is None:
            yield ()
            return
        if not node.onward:
            yield (Move(node.step),)
        of = len({answer for answers, _, _ in node.onward for answer in answers})
        for answers, read_back, following in node.onward:
            for moves in self._from(following):
                yield (Move(node.step, answers, read_back, of), *moves)

    # All together -------------------------------------------------------------------------------

    @cached_property
    def count(self) -> int:
        return sum(self._spread(TYPICAL_RECORDING_S, self.survey.languages[0]).values())

    @cached_property
    def most_questions(self) -> int:
        found: dict[int, int] = {}

        def most(node: _Node) -> int:
            if id(node) not in found:
                following = max((most(after) for _, _, after in node.onward), default=0)
                found[id(node)] = following + isinstance(node.step, Question | Voice)
            return found[id(node)]

        return max(map(most, self._first), default=0)

    def worst_s(self, language: str) -> float:
        """The longest path, recordings at their `max`."""
        return max(self._spread(None, language), default=0) / 1000

    def typical_s(self, language: str) -> float:
        """The median path, recordings 20 s."""
        spread = self._spread(TYPICAL_RECORDING_S, language)
        middle = (sum(spread.values()) + 1) // 2
        for length, many in sorted(spread.items()):
            middle -= many
            if middle <= 0:
                return length / 1000
        return 0.0

    def length_s(self, path: Path, language: str, recording_s: float | None = None) -> float:
        """How long one path takes; None: recordings at their `max`."""
        length = sum(self._move_ms(move, language, recording_s) for move in path.moves)
        ended = path.moves and isinstance(path.moves[-1].step, End)
        return (length if ended else length + self._goodbye_ms(language)) / 1000

    def _spread(self, recording_s: float | None, language: str) -> dict[int, int]:
        """Length in milliseconds -> how many paths take so long."""
        found: dict[int, dict[int, int]] = {}

        def spread(node: _Node) -> dict[int, int]:
            if id(node) not in found:
                found[id(node)] = self._lengths_from(node, spread, recording_s, language)
            return found[id(node)]

        together: dict[int, int] = {}
        for node in self._first:
            for length, many in spread(node).items():
                together[length] = together.get(length, 0) + many
        return together

    def _lengths_from(self, node: _Node, spread: Any, recording_s: float | None, language: str) -> dict[int, int]:
        if node.step is None:
            return {self._goodbye_ms(language): 1}
        if not node.onward:
            return {self._move_ms(Move(node.step), language, recording_s): 1}
        lengths: dict[int, int] = {}
        for answers, read_back, following in node.onward:
            here = self._move_ms(Move(node.step, answers, read_back), language, recording_s)
            for length, many in spread(following).items():
                lengths[here + length] = lengths.get(here + length, 0) + many
        return lengths

    def _goodbye_ms(self, language: str) -> int:
        return round(1000 * goodbye_s(self.survey, language))

    def _move_ms(self, move: Move, language: str, recording_s: float | None) -> int:
        step, read_back = move.step, move.answers[0] if move.read_back else None
        length = self._said_s(step.id, read_back, language)
        if isinstance(step, Voice):
            length += step.max if recording_s is None else min(recording_s, step.max)
        return round(1000 * length)

    def _said_s(self, step_id: str, read_back: Any, language: str) -> float:
        """A step with all that the engine says at it: the read-back of an answer, the review of a recording."""
        key = (step_id, read_back, language)
        if key not in self._said:
            step = self.survey.step(step_id)
            length = said_s(self.survey, step, language, self.sounds)
            if read_back is not None and isinstance(step, Asking):
                length += read_back_s(self.survey, step, read_back, language, self.sounds)
            if isinstance(step, Voice) and step.review:
                length += review_s(self.survey, step, language, self.sounds)
            self._said[key] = length
        return self._said[key]

    # Finding them -------------------------------------------------------------------------------

    def _node(self, number: int, known: frozenset[Known]) -> _Node:
        """The node of a place and what may be known there; made once."""
        key = (number, known)
        if key not in self._nodes:
            if len(self._nodes) >= MOST_NODES:
                raise TooMany
            if number == len(self.flow.places):
                self._nodes[key] = _Node(None)
            else:
                node = self._nodes[key] = _Node(self.flow.places[number].step)
                node.onward += self._edges(number, known)
        return self._nodes[key]

    def _edges(self, number: int, known: frozenset[Known]) -> Iterator[tuple[tuple[Any, ...], bool, _Node]]:
        """Where the call goes on; answers that lead to the same prompt are told together."""
        together: dict[tuple[bool, int], tuple[list[Any], set[Known]]] = {}
        for (answers, read_back), states in self._answered(number, known).items():
            for there, after in self._arrivals(states).items():
                told, seen = together.setdefault((read_back, there), ([], set()))
                told += [answer for answer in answers if answer not in told]
                seen |= after
        for (read_back, there), (told, seen) in together.items():
            yield tuple(told), read_back, self._node(there, frozenset(seen))

    def _answered(self, number: int, known: frozenset[Known]) -> dict[tuple[tuple[Any, ...], bool], list[State]]:
        """By answer, and by whether it is read back, what may be known then and where the call goes on."""
        step = self.flow.places[number].step
        found: dict[tuple[tuple[Any, ...], bool], list[State]] = {}
        for before in known:
            self.flow.count()
            for after, dialled in self.flow.outcomes(number, before):
                answers = self._answers(step, after)
                if dialled is None and answers is not None:
                    read_back = (
                        bool(answers) and step.confirm_if is not None and self.flow.holds(step.confirm_if, after)
                    )
                    found.setdefault((answers, read_back), []).append((self.flow.next(number, after), after))
        return found

    def _answers(self, step: Step, after: Known) -> tuple[Any, ...] | None:
        """All answers that do what this one does; None for one that nobody gives at the first try."""
        if not isinstance(step, Question | Voice):
            return ()
        value = dict(after).get(step.id)
        if value is None:
            excused = isinstance(step, Question) and (step.dont_know or step.not_applicable)
            return (UNANSWERED,) if excused else None
        if isinstance(step, Voice):
            return ()
        return next(kind for kind in self.flow.knowledge.kinds(step.id) if value in kind)

    def _arrivals(self, states: list[State]) -> dict[int, frozenset[Known]]:
        """The next prompts that are heard from these states, by the number of their place."""
        waiting: dict[int, set[Known]] = {}
        for number, known in states:
            waiting.setdefault(number, set()).add(trimmed(known, self._live[number]))
        arrived: dict[int, frozenset[Known]] = {}
        for number in range(len(self.flow.places)):
            heard: set[Known] = set()
            for known in waiting.pop(number, ()):
                self.flow.count()
                if self._is_heard(number) and self.flow.applies(number, known):
                    heard.add(known)
                    continue
                for there, after in self.flow.onward(number, known):
                    waiting.setdefault(there, set()).add(trimmed(after, self._live[there]))
            if heard:
                arrived[number] = frozenset(heard)
        if waiting:
            arrived[len(self.flow.places)] = frozenset(waiting[len(self.flow.places)])
        return arrived

    def _is_heard(self, number: int) -> bool:
        return isinstance(self.flow.places[number].step, Say | Asking | Transfer | End)
