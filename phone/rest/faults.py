"""Bad days of the API, planned ahead: one fault for each of the next requests."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Literal

from flask import Response

from phone.rest.refusals import Refused

Fault = Literal["fine", "busy", "broken", "cut", "stuck"]


class Faults:
    """What befalls the next requests, in order.

    `busy` is 429, `broken` 500; `cut` sends half of the reply and drops the connection; `stuck` says nothing until
    `release()` is called.
    """

    def __init__(self) -> None:
        self._planned: deque[Fault] = deque()
        self._released = threading.Event()

    def plan(self, *faults: Fault) -> None:
        self._planned.extend(faults)

    def release(self) -> None:
        """Let the requests go on that are stuck."""
        self._released.set()

    def befall(self) -> Fault:
        """The fault of this request.

        Raises:
            Refused: it ends here.
        """
        fault = self._planned.popleft() if self._planned else "fine"
        if fault == "busy":
            raise Refused(429, 20429, "Too many concurrent requests")
        if fault == "broken":
            raise Refused(500, 20500, "An internal error has occurred")
        if fault == "stuck":
            self._released.wait()
        return fault


def cut(reply: Response) -> Response:
    """Half of a reply that promises the whole."""
    body = reply.get_data()

    def half() -> Iterator[bytes]:
        yield body[: len(body) // 2]

    headers = {**reply.headers, "Content-Length": str(len(body)), "Connection": "close"}
    return Response(half(), reply.status_code, headers)
