"""A responder on the loopback interface, whose rules a test may choose; and those who ask it."""

from __future__ import annotations

import functools
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emrnetcheck.model import Failure
from emrnetcheck.net.accepting import listen, server_tls
from emrnetcheck.responder.app import Rules, Service
from emrnetcheck.responder.certificate import self_made
from emrnetcheck.responder.limits import Limits
from emrnetcheck.responder.log import Log
from emrnetcheck.responder.server import Running, make_server

PATIENCE_S = 20.0
HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


@dataclass(slots=True)
class Served:
    """One that runs. lines: what it logged."""

    port: int
    tls: bool
    lines: list[str] = field(default_factory=list)

    def ask(
        self,
        target: str,
        method: str = "GET",
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        source: str = HERE,
    ) -> Answer:
        """One request on a connection of its own."""
        connection: http.client.HTTPConnection
        if self.tls:
            connection = http.client.HTTPSConnection(
                HERE, self.port, timeout=PATIENCE_S, source_address=(source, 0), context=unverified()
            )
        else:
            connection = http.client.HTTPConnection(HERE, self.port, timeout=PATIENCE_S, source_address=(source, 0))
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def plug(self, source: str = HERE) -> socket.socket:
        """A bare connection."""
        return socket.create_connection((HERE, self.port), timeout=PATIENCE_S, source_address=(source, 0))


@functools.cache
def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def rules(**changes: Any) -> Rules:
    """As everywhere, but that whoever comes is dialled: on loopback nobody is global."""
    return Rules(**{"may_dial": lambda _peer: True, **changes})


@contextmanager
def serving(
    chosen: Rules, *, service: Service | None = None, certificates: Path | None = None, limits: Limits | None = None
) -> Iterator[Served]:
    """certificates: a folder to keep one in; None: no TLS."""
    listener = listen(HERE, 0)
    assert not isinstance(listener, Failure)
    tls = None
    if certificates is not None:
        files = self_made(HERE, certificates)
        made = server_tls(files.certificate, files.key)
        assert not isinstance(made, Failure)
        tls = made
    served = Served(listener.getsockname()[1], tls is not None)
    log = Log((limits or chosen.limits).log_lines, served.lines.append)
    server = make_server(chosen, Running([listener], tls, log=log), service)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        ends_s = time.monotonic() + PATIENCE_S
        while not server.started and time.monotonic() < ends_s:
            time.sleep(0.01)
        yield served
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def until_closed(plug: socket.socket) -> bytes:
    """What comes until the other side ends it, in whatever way."""
    plug.settimeout(PATIENCE_S)
    came = b""
    try:
        while data := plug.recv(65536):
            came += data
    except ConnectionError:
        pass
    return came
