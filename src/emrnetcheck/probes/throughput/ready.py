"""Which stream of a load is ready, and for what? The selector knows it by these callbacks."""

from __future__ import annotations

import selectors

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Stream
from emrnetcheck.probes.throughput.delays import Callback
from emrnetcheck.probes.throughput.worker import Worker


class Ready:
    """The workers' sockets in the selector, each by the worker's number."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._registered: dict[int, tuple[Stream, int]] = {}

    def watch(self, number: int, worker: Worker, now_s: float) -> None:
        """Wait for what the worker is interested in now."""
        stream = worker.stream
        if stream is None:
            return
        events = worker.interest(now_s)
        known = self._registered.get(number)
        if known == (stream, events):
            return
        if known is None:
            self._selector.register(stream, events, self._callback(number, worker))
        else:
            self._selector.modify(stream, events, self._callback(number, worker))
        self._registered[number] = (stream, events)

    def _callback(self, number: int, worker: Worker) -> Callback:
        def ready(now_s: float, events: int) -> Failure | None:
            before = worker.stream
            failure = worker.turn(now_s, events)
            if worker.stream is not before:
                # At once: the new connection may have the closed one's descriptor.
                self.forget(number)
            return failure

        return ready

    def forget(self, number: int) -> None:
        """Wait for nothing of this worker any more."""
        known = self._registered.pop(number, None)
        if known is not None:
            self._selector.unregister(known[0])
