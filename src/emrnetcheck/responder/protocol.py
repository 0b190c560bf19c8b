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

_NO_HTTP = (400, "This is no HTTP request that is understood here.")
_IN_CHUNKS = (411, "A body needs a Content-Length here: it is not taken in chunks.")
_READ_BYTES = 32 * 1024
_WRITE_BYTES = 64 * 1024
"""At which asyncio stops to read or to be given more; over TLS it is 256 and 512 kB by itself."""
_LATE_S = 5.0
"""Beyond a transfer's own time, until it is cut: that it ends itself with an answer is better."""


class _PlainBodies(h11.Connection):
    """Takes no body in chunks: each chunk is a piece of work, and one read may hold thousands. What measures a line
    knows how much it sends."""

    in_chunks = False

    def receive_data(self, data: bytes) -> None:
        if not self.in_chunks:
            super().receive_data(data)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        if self.in_chunks:
            return h11.NEED_DATA
        event = super().next_event()
        if isinstance(event, h11.Request) and any(name == b"transfer-encoding" for name, _ in event.headers):
            self.in_chunks = True
            raise h11.RemoteProtocolError("a body in chunks")
        return event


class BoundedProtocol(H11Protocol):
    """Each head has to be whole in time, each request answered in time, and the whole connection has its end. Who is
    late is reset: closing in order would wait for him. So is who sends much ahead of his answer."""

    def __init__(self, config: Config, state: ServerState, place: Admission, limits: Limits) -> None:
        super().__init__(config=config, server_state=state, app_state={})
        self._place = place
        self._limits = limits
        self._plain = _PlainBodies(h11.SERVER, limits.head_bytes)
        self.conn = self._plain
        self._step: asyncio.TimerHandle | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_WRITE_BYTES)
        if limit_reading := getattr(transport, "set_read_buffer_limits", None):  # over TLS there is such a buffer
            limit_reading(high=_READ_BYTES)
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
        if self._place.busy and len(self.conn.trailing_data[0]) > self._limits.ahead_bytes:
            reset(self.transport)

    def on_response_complete(self) -> None:
        self._place.busy = False
        answered: Any = self.cycle
        unfinished = self.conn.their_state is h11.SEND_BODY
        self._within(self._limits.linger_s if unfinished else self._limits.idle_s)
        super().on_response_complete()
        if unfinished and self.cycle is answered:
            self._within(self._limits.linger_s)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the shape is given
        """As all other errors of the responder: in JSON."""
        status, sentence = _IN_CHUNKS if self._plain.in_chunks else _NO_HTTP
        body = json.dumps({"error": sentence}).encode("ascii")
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"connection", b"close"),
        ]
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            reset(self.transport)  # an answer is under way already
            return
        head = self.conn.send(h11.Response(status_code=status, headers=headers))
        self.transport.write((head or b"") + body)
        self.transport.close()
        self._within(self._limits.linger_s)

    def _within(self, seconds: float) -> None:
        if self._step is not None:
            self._step.cancel()
        self._step = self.loop.call_later(seconds, reset, self.transport)
