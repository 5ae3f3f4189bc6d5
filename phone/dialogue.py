"""A call as people tell it: who said or did what, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Who = Literal["line", "caller", "carrier"]
Kind = Literal[
    "say", "play", "pause", "beep", "connect", "keys", "lost", "silence", "words", "speech", "hangup", "error"
]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the dialogue, `at_s` seconds into the call.

    `kind` tells what it is: of the line say, play, pause, beep, connect or hangup; of the caller keys, lost (keys
    that nobody listened to), silence, words (for a speech recogniser), speech (into a recording) or hangup; of the
    carrier error. `text` is what was said, the keys, the name of the clip, or the length of a pause.
    """

    at_s: float
    who: Who
    kind: Kind
    text: str = ""

    def __str__(self) -> str:
        return f"{clock_time(self.at_s)}  {self.who:7}  {self.told()}"

    def told(self) -> str:
        """The line in words, without time and speaker."""
        match self.kind:
            case "say":
                return self.text
            case "play":
                return f"[plays {self.text}]"
            case "pause":
                return f"[{self.text} s pause]"
            case "beep":
                return "[beep]"
            case "connect":
                return f"[connects {self.text}]"
            case "keys":
                return f"presses {self.text}"
            case "lost":
                return f"presses {self.text}, and nobody listens"
            case "silence":
                return "[says and presses nothing]"
            case "words":
                return f'"{self.text}"'
            case "speech":
                return f"[speaks: {self.text}]"
            case "hangup":
                return "[hangs up]"
            case "error":
                return f"!! {self.text}"


def acts(lines: Iterable[Line]) -> list[str]:
    """What the caller did, in the words of a survey's `do:`, such as `press 1`, `silence`, `record 12s`, `hangup`.

    A key right after a message is the one that ended it, and belongs to it.
    """
    done: list[str] = []
    before = ""
    for line in lines:
        match line.kind:
            case "keys" if before != "speech":
                done.append(f"press {line.text}")
            case "speech":
                done.append(f"record {round(float(line.text.split()[-2]))}s")
            case "words":
                done.append(f'say "{line.text}"')
            case "silence":
                done.append("silence")
            case "hangup" if line.who == "caller":
                done.append("hangup")
        before = line.kind
    return done


def clock_time(seconds: float) -> str:
    """Minutes and seconds, such as `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def tell(lines: Iterable[Line]) -> str:
    """The whole dialogue, a line each."""
    return "\n".join(str(line) for line in lines)
