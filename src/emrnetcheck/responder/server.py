"""How does the responder run: sockets, TLS, uvicorn, and its end?"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

import uvicorn

from emrnetcheck.net.accepting import Listener, Place, ServerTls, accept_each
from emrnetcheck.responder.app import Rules, Service, make_app
from emrnetcheck.responder.gate import Admission, Gate
from emrnetcheck.responder.log import Log, bound_libraries
from emrnetcheck.responder.protocol import BoundedProtocol

_FINISH_S = 0.3
_TICK_S = 0.05
_COLLECT_EVERY = 16
"""Connections; looked at with each turn of uvicorn's main loop, ten times a second."""


def _everybody(_peer: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Running:
    """Where and how long it runs. served: whose connections are taken at all. exit_after_s None: until it is ended."""

    listeners: Sequence[Listener]
    tls: ServerTls | None = None
    served: Callable[[str], bool] = _everybody
    exit_after_s: float | None = None
    log: Log = field(default_factory=lambda: Log(Rules().limits.log_lines))


def run(rules: Rules, running: Running) -> None:
    """Serve until SIGTERM, Ctrl-C, or its time is over; each of them is a good end."""
    bound_libraries(running.log)
    make_server(rules, running).run()


def make_server(rules: Rules, running: Running, service: Service | None = None) -> Server:
    """It serves once it is run."""
    app = make_app(service or Service(rules), rules, running.log)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        # Whom a request is from is what TCP says. No header is believed, from nobody.
        proxy_headers=False,
        forwarded_allow_ips="",
        server_header=False,
        timeout_keep_alive=int(rules.limits.idle_s),
        h11_max_incomplete_event_size=rules.limits.head_bytes,
    )
    return Server(config, rules, running)


class Server(uvicorn.Server):
    """uvicorn's, but for how connections come in and how it ends."""

    def __init__(self, config: uvicorn.Config, rules: Rules, running: Running) -> None:
        super().__init__(config)
        self._rules = rules
        self._running = running
        self._gate = Gate(rules.limits, running.served)
        self._collected = 0
        self._accepting: list[asyncio.Task[None]] = []
        self._ends_s = None if running.exit_after_s is None else time.monotonic() + running.exit_after_s

    async def startup(self, sockets: list[Listener] | None = None) -> None:  # noqa: ARG002 - the shape is given
        """Instead of asyncio's own server: that makes room for TLS before anybody has looked who comes."""
        self.servers = []
        for listener in self._running.listeners:
            work = accept_each(
                listener,
                self._gate.admit,
                self._protocol,
                tls=self._running.tls,
                handshake_s=self._rules.limits.handshake_s,
                linger_s=self._rules.limits.linger_s,
            )
            self._accepting.append(asyncio.create_task(work))
        gc.freeze()  # what is there by now stays: it need not be looked at again
        self.started = True

    def _protocol(self, place: Place) -> asyncio.Protocol:
        assert isinstance(place, Admission)
        return BoundedProtocol(self.config, self.server_state, place, self._rules.limits)

    async def on_tick(self, counter: int) -> bool:
        for task in self._accepting:
            if task.done():
                task.result()  # a bug: it never ends by itself
        if self._gate.admitted - self._collected >= _COLLECT_EVERY:
            # A TLS connection is large, and its parts refer to each other: the collector's own turns come after so
            # many objects, not after so much memory.
            self._collected = self._gate.admitted
            gc.collect()
        over = self._ends_s is not None and time.monotonic() >= self._ends_s
        return await super().on_tick(counter) or over

    async def shutdown(self, sockets: list[Listener] | None = None) -> None:  # noqa: ARG002 - the shape is given
        """What is under way has a moment; then it is cut."""
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for listener in self._running.listeners:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        ends_s = time.monotonic() + _FINISH_S
        while self.server_state.tasks and time.monotonic() < ends_s:
            await asyncio.sleep(_TICK_S)
        self._gate.cut_all()
        await asyncio.sleep(_TICK_S)
        for work in list(self.server_state.tasks):
            work.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn raises the signal again once it has ended; here that it was asked to end is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._asked) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True
