"""How long does a TCP connection to the server take, now and again while something else goes on?"""

from __future__ import annotations

import selectors
from collections.abc import Callable
from dataclasses import dataclass

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Endpoint, Stream

_GIVE_UP_S = 3.0

Callback = Callable[[float, int], Failure | None]
"""What the engine calls with (time.monotonic(), events) when a socket is ready: it is a selector key's data."""


@dataclass(slots=True)
class _Attempt:
    stream: Stream
    started_s: float


class Delays:
    """Connects every `every_s` on sockets of its own. One that nobody answers counts with the time waited."""

    def __init__(self, endpoint: Endpoint, selector: selectors.BaseSelector, every_s: float) -> None:
        self._endpoint = Endpoint(endpoint.address, endpoint.port)
        self._selector = selector
        self._every_s = every_s
        self._next_s = 0.0
        self._attempts: list[_Attempt] = []
        self.samples_ms: list[float] = []
        self.answered = 0
        """How many of the samples are answers."""

    @property
    def next_s(self) -> float:
        return self._next_s

    def tick(self, now_s: float) -> None:
        """Give up on what is old; start the next connection when it is due."""
        for attempt in [each for each in self._attempts if now_s - each.started_s > _GIVE_UP_S]:
            self._end(attempt, now_s)
        if now_s < self._next_s:
            return
        self._next_s = now_s + self._every_s
        stream = Stream.open(self._endpoint)
        if isinstance(stream, Failure):
            return  # this one gives no sample; the load itself says what is wrong
        attempt = _Attempt(stream, now_s)
        self._attempts.append(attempt)
        self._selector.register(stream, selectors.EVENT_WRITE, self._callback(attempt))

    def close(self) -> None:
        """Drop what is still waiting, without a sample."""
        for attempt in self._attempts:
            self._drop(attempt)
        self._attempts.clear()

    def _callback(self, attempt: _Attempt) -> Callback:
        def ready(now_s: float, _events: int) -> Failure | None:
            opened = attempt.stream.advance()
            if isinstance(opened, Failure):
                self._drop(attempt)
                self._attempts.remove(attempt)
                return opened
            self.answered += 1
            self._end(attempt, now_s)
            return None

        return ready

    def _end(self, attempt: _Attempt, now_s: float) -> None:
        self.samples_ms.append((now_s - attempt.started_s) * 1000)
        self._drop(attempt)
        self._attempts.remove(attempt)

    def _drop(self, attempt: _Attempt) -> None:
        self._selector.unregister(attempt.stream)
        attempt.stream.close()
