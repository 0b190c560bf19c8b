"""How long does a TCP connection to the server take, now and again while something else goes on?"""

from __future__ import annotations

import selectors
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Endpoint, Stream

_GIVE_UP_S = 3.0
_WAIT_S = 0.02

Callback = Callable[[float, int], Failure | None]
"""What the engine calls with (time.monotonic(), events) when a socket is ready: it is a selector key's data."""


@dataclass(slots=True)
class _Attempt:
    stream: Stream
    started_s: float


class Delays:
    """Connects every `every_s` on sockets of its own. One that nobody answers counts with the time waited; one that is
    refused, as by a server that allows so many connections at once, gives no sample."""

    def __init__(self, endpoint: Endpoint, selector: selectors.BaseSelector, every_s: float) -> None:
        self._endpoint = Endpoint(endpoint.address, endpoint.port)
        self._selector = selector
        self.every_s = every_s
        self._next_s = 0.0
        self._attempts: list[_Attempt] = []
        self._ended: list[tuple[float, float]] = []  # (started, how long in ms)
        self.started = 0
        self.answered = 0
        self.refusal: Failure | None = None
        """Of the last one that was refused."""

    @property
    def next_s(self) -> float:
        return self._next_s

    @property
    def waiting(self) -> bool:
        """Some are not answered yet."""
        return bool(self._attempts)

    def give_up(self, now_s: float) -> None:
        """Do not wait any longer for what is old."""
        for attempt in [each for each in self._attempts if now_s - each.started_s > _GIVE_UP_S]:
            self._end(attempt, (now_s - attempt.started_s) * 1000)

    def tick(self, now_s: float) -> None:
        """Give up on what is old; start the next connection when it is due."""
        self.give_up(now_s)
        if now_s < self._next_s:
            return
        # In step, so that lateness does not add up; after a pause, from now on.
        in_step_s = self._next_s + self.every_s
        self._next_s = in_step_s if in_step_s > now_s else now_s + self.every_s
        stream = Stream.open(self._endpoint)
        if isinstance(stream, Failure):
            return  # this one gives no sample; the load itself says what is wrong
        self.started += 1
        attempt = _Attempt(stream, now_s)
        self._attempts.append(attempt)
        self._selector.register(stream, selectors.EVENT_WRITE, self._callback(attempt))

    def samples_ms(self, now_s: float) -> tuple[float, ...]:
        """How long each took; one still waiting counts with the time waited.

        Those started less than a usual answer ago are left out, answered or not: with only their quick ones in, the
        figures would be too good.
        """
        usual_ms = statistics.median(ms for _, ms in self._ended) if self._ended else 0.0
        waiting = [(each.started_s, (now_s - each.started_s) * 1000) for each in self._attempts]
        return tuple(ms for started_s, ms in (*self._ended, *waiting) if (now_s - started_s) * 1000 >= usual_ms)

    def close(self) -> None:
        """Drop what is still waiting."""
        for attempt in self._attempts:
            self._drop(attempt)
        self._attempts.clear()

    def _callback(self, attempt: _Attempt) -> Callback:
        def ready(now_s: float, _events: int) -> Failure | None:
            opened = attempt.stream.advance()
            if isinstance(opened, Failure):
                self._drop(attempt)
                self._attempts.remove(attempt)
                self.refusal = opened
                return None
            self.answered += 1
            self._end(attempt, _answer_ms(attempt.stream, (now_s - attempt.started_s) * 1000))
            return None

        return ready

    def _end(self, attempt: _Attempt, took_ms: float) -> None:
        self._ended.append((attempt.started_s, took_ms))
        self._drop(attempt)
        self._attempts.remove(attempt)

    def _drop(self, attempt: _Attempt) -> None:
        self._selector.unregister(attempt.stream)
        attempt.stream.close()


class Delayed:
    """The same for who has no loop with a selector: connects until it is told to end, if need be in a thread."""

    def __init__(self, endpoint: Endpoint, every_s: float) -> None:
        self._endpoint = endpoint
        self._every_s = every_s
        self.samples_ms: tuple[float, ...] = ()
        self.started = 0

    def watch(self, ended: Callable[[], bool]) -> None:
        """Fills samples_ms; nothing where nobody answered at all. A refusal gives no sample: the load says what is
        wrong."""
        with selectors.DefaultSelector() as selector:
            delays = Delays(self._endpoint, selector, self._every_s)
            try:
                while not ended():
                    now_s = time.monotonic()
                    delays.tick(now_s)
                    self.started = delays.started
                    if not delays.waiting:
                        time.sleep(_WAIT_S)  # Windows selects on no empty set
                        continue
                    for key, events in selector.select(_WAIT_S):
                        ready: Callback = key.data
                        ready(time.monotonic(), events)
                self.samples_ms = delays.samples_ms(time.monotonic()) if delays.answered else ()
            finally:
                delays.close()


def _answer_ms(stream: Stream, measured_ms: float) -> float:
    """The round trip as the kernel timed it: no busy process is in it. A SYN that had to be sent again counts whole."""
    info = stream.tcp_info()
    if info is None or info.retransmits > 0 or not 0.0 < info.rtt_ms < measured_ms:
        return measured_ms
    return info.rtt_ms
