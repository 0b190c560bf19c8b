"""What does an ndt7 server report of one upload? (The ndt7 protocol, spec/ndt7-protocol.md of m-lab/ndt-server.)"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.ndt7_connection import Request, connected
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tcp_info import frame_bytes, window_limited

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_FIRST_MESSAGE_BYTES = 1 << 13
_LARGEST_MESSAGE_BYTES = 1 << 16  # so that it stops soon; the specification allows 1 << 24
_GROWTH = 16
# The library reads nothing while a message is being sent, and its lock is not fair: reports would be read late.
_QUICKLY_S = 0.05
_LET_READ_S = 0.0002
_REPORTS_MOST_PER_S = 50  # it sends about 4
_WAIT_S = 0.1
_JOIN_S = 2.0
_COUNT_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class ServerCount:
    """at_s: when the report came, time.monotonic(). elapsed_s: since the server's start. sent_bytes: by us till now;
    frame_bytes: see tcp_info.frame_bytes."""

    at_s: float
    elapsed_s: float
    n_bytes: int
    sent_bytes: int
    frame_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """sent_bytes: of messages that were given to this system; up to its send buffer less has left it. failure: why it
    came to nothing. window_limited: see tcp_info.window_limited."""

    sent_bytes: int
    failure: Failure | None
    window_limited: float | None = None


@dataclass(slots=True)
class _Upload:
    request: Request
    connection: ClientConnection
    cut: Cut
    reports: queue.SimpleQueue[str | bytes | None] = field(default_factory=queue.SimpleQueue)
    ended: threading.Event = field(default_factory=threading.Event)
    sent_bytes: int = 0
    too_large: bool = False
    spent: bool = False

    def send(self) -> None:
        """In a thread: binary messages until told to stop, or the connection ends."""
        from websockets.exceptions import ConnectionClosed

        body, size, began_s = os.urandom(_LARGEST_MESSAGE_BYTES), _FIRST_MESSAGE_BYTES, time.monotonic()
        try:
            while not self.ended.is_set():
                if self.sent_bytes + size > self.request.most_bytes:
                    self.spent = True
                    return
                ahead_s = self.sent_bytes / self.request.bytes_per_s - (time.monotonic() - began_s)
                if ahead_s > 0:
                    self.ended.wait(ahead_s)
                    continue
                before_s = time.monotonic()
                self.connection.send(body[:size])
                self.sent_bytes += size
                quick = time.monotonic() - before_s < _QUICKLY_S
                if quick and size < _LARGEST_MESSAGE_BYTES and size <= self.sent_bytes // _GROWTH:
                    size *= 2
                elif not quick and size > _FIRST_MESSAGE_BYTES:
                    size //= 2
                time.sleep(_LET_READ_S)
        except (ConnectionClosed, OSError):
            pass  # the reader says so

    def read(self) -> None:
        """In a thread: what the server says; None at the end. Pings are answered by the library meanwhile."""
        from websockets.exceptions import ConnectionClosed, PayloadTooBig

        try:
            while not self.ended.is_set():
                self.reports.put(self.connection.recv())
        except ConnectionClosed as closed:
            cause = closed.__cause__
            self.too_large = isinstance(cause, PayloadTooBig) or (closed.sent is not None and closed.sent.code == 1009)  # noqa: PLR2004 - RFC 6455 7.4.1
        except OSError:
            pass  # an abrupt end is normal
        self.reports.put(None)

    def close(self) -> None:
        """What is not yet sent is forgotten, and both threads wake."""
        self.ended.set()
        self.cut.now()


def upload(request: Request, on_count: Callable[[ServerCount], bool], stopped: Callable[[], Failure | None]) -> Ended:
    """Load until on_count says True, most_bytes are sent, or the server ends it.

    Failures: of connecting and TLS; HTTP_STATUS, REJECTED (another subprotocol), MALFORMED, TOO_LARGE, STALLED; what
    `stopped` says. The socket is closed at once then, in whatever phase.
    """
    with Cut() as cut:
        connection = connected(request, stopped, cut)
        if isinstance(connection, Failure):
            return Ended(0, connection)
        run = _Upload(request, connection, cut)
        threads = [threading.Thread(target=target, daemon=True) for target in (run.send, run.read)]
        for thread in threads:
            thread.start()
        try:
            failure = _follow(run, on_count, stopped)
            held = window_limited(connection.socket)
        finally:
            run.close()
            for thread in threads:
                thread.join(_JOIN_S)
            connection.close_timeout = 0.1
            connection.close()
        return Ended(run.sent_bytes, failure, held)


def _follow(
    run: _Upload, on_count: Callable[[ServerCount], bool], stopped: Callable[[], Failure | None]
) -> Failure | None:
    shown = run.request.shown_url
    began_s = heard_s = time.monotonic()
    n_reports, last = 0, (0.0, 0)
    while True:
        failure = stopped()
        if failure is not None or run.spent:
            return failure
        if time.monotonic() - heard_s > run.request.stall_s:
            return Failure(FailureKind.STALLED, "upload", shown, f"no report of more for {run.request.stall_s:g} s")
        try:
            said = run.reports.get(timeout=_WAIT_S)
        except queue.Empty:
            continue
        now_s = time.monotonic()
        if said is None:
            return Failure(FailureKind.TOO_LARGE, "upload", shown, "its report") if run.too_large else None
        n_reports += 1
        if n_reports > _REPORTS_MOST_PER_S * (1 + now_s - began_s):
            return Failure(FailureKind.TOO_LARGE, "upload", shown, "too many reports")
        count = parse_report(said)
        if isinstance(count, str):
            return Failure(FailureKind.MALFORMED, "upload", shown, count)
        if count is None:
            continue
        if count < last:
            return Failure(FailureKind.MALFORMED, "upload", shown, "its counts go backwards")
        heard_s = now_s if count[1] > last[1] else heard_s
        last = count
        frames = frame_bytes(run.connection.socket, run.request.endpoint.address)
        if on_count(ServerCount(now_s, *count, run.sent_bytes, frames)):
            return None


def parse_report(said: str | bytes) -> tuple[float, int] | str | None:
    """(ElapsedTime in s, BytesReceived) of a report's TCPInfo; None where it has none; else what is wrong with it."""
    try:
        report: Any = json.loads(said) if isinstance(said, str) else None
    except (ValueError, RecursionError):
        return "its report is no JSON"
    if not isinstance(report, dict):
        return "its report is no JSON object"
    info = report.get("TCPInfo")
    if info is None:
        return None
    elapsed_us, n_bytes = (_count(info, name) for name in ("ElapsedTime", "BytesReceived"))
    if elapsed_us is None or n_bytes is None:
        return "its TCPInfo has no counts"
    return elapsed_us / 1e6, n_bytes


def _count(info: object, name: str) -> int | None:
    value = info.get(name) if isinstance(info, dict) else None
    return value if type(value) is int and 0 <= value < _COUNT_MOST else None
