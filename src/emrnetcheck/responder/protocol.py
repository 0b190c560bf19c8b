"""How long may one connection take for each of its steps? uvicorn itself bounds only the pause between two requests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from emrnetcheck.net.accepting import reset
from emrnetcheck.responder.gate import Admission
from emrnetcheck.responder.limits import Limits

_LATE_S = 5.0
"""Beyond a transfer's own time, until it is cut: that it ends itself with an answer is better."""


class BoundedProtocol(H11Protocol):
    """Each head has to be whole in time, each request answered in time, and the whole connection has its end. Who is
    late is reset: closing in order would wait for him."""

    def __init__(self, config: Config, state: ServerState, place: Admission, limits: Limits) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._place = place
        self._limits = limits
        self._step: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self._end = self.loop.call_later(self._limits.connection_s, reset, transport)
        self._within(self._limits.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._step, self._end):
            if timer is not None:
                timer.cancel()
        # uvicorn leaves its own timer running after a reset, and with it all that it holds.
        self._unset_keepalive_if_required()
        self._place.release()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Also called when an answer is done, for what was sent ahead of it."""
        before: Any = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._place.busy = True
            self._within(self._limits.transfer_s + _LATE_S)

    def on_response_complete(self) -> None:
        self._place.busy = False
        answered: Any = self.cycle
        unfinished = self.conn.their_state is h11.SEND_BODY
        self._within(self._limits.linger_s if unfinished else self._limits.idle_s)
        super().on_response_complete()
        if unfinished and self.cycle is answered:
            self._within(self._limits.linger_s)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """As all other errors of the responder: in JSON."""
        body = json.dumps({"error": "This is no HTTP request that is understood here."}).encode("ascii")
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"connection", b"close"),
        ]
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            reset(self.transport)  # an answer is under way already
            return
        head = self.conn.send(h11.Response(status_code=400, headers=headers, reason=b"Bad Request"))
        self.transport.write((head or b"") + body)
        self.transport.close()
        self._within(self._limits.linger_s)

    def _within(self, seconds: float) -> None:
        if self._step is not None:
            self._step.cancel()
        self._step = self.loop.call_later(seconds, reset, self.transport)
