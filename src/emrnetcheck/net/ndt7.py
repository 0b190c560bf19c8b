"""What does an ndt7 server report of one upload? (The ndt7 protocol, spec/ndt7-protocol.md of m-lab/ndt-server.)"""

from __future__ import annotations

import json
import os
import queue
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.stream import Endpoint

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_SUBPROTOCOL = "net.measurementlab.ndt.v7"
_HANDSHAKE_S = 7.0  # the specification's
_FIRST_MESSAGE_BYTES = 1 << 13
_LARGEST_MESSAGE_BYTES = 1 << 16  # so that it stops soon; the specification allows 1 << 24
_GROWTH = 16
_REPORT_MAX_BYTES = 1 << 16
_REPORTS_MOST_PER_S = 50  # it sends about 4
_WAIT_S = 0.1
_JOIN_S = 2.0
_SEND_BUFFER_BYTES = 128 * 1024
_ABORT = struct.pack("ii", 1, 0) if os.name != "nt" else struct.pack("hh", 1, 0)
_COUNT_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class ServerCount:
    """at_s: when the report came, time.monotonic(). elapsed_s: since the server's start. sent_bytes: by us till now."""

    at_s: float
    elapsed_s: float
    n_bytes: int
    sent_bytes: int


@dataclass(frozen=True, slots=True)
class Request:
    """url: with its query. bytes_per_s: never faster than this."""

    endpoint: Endpoint
    url: str
    shown_url: str
    agent: str
    bytes_per_s: float
    connect_timeout_s: float
    stall_s: float


@dataclass(slots=True)
class _Upload:
    request: Request
    connection: ClientConnection
    reports: queue.SimpleQueue[str | bytes | None] = field(default_factory=queue.SimpleQueue)
    ended: threading.Event = field(default_factory=threading.Event)
    sent_bytes: int = 0
    too_large: bool = False

    def send(self) -> None:
        """In a thread: binary messages until told to stop, or the connection ends."""
        from websockets.exceptions import ConnectionClosed

        body, size, began_s = os.urandom(_LARGEST_MESSAGE_BYTES), _FIRST_MESSAGE_BYTES, time.monotonic()
        try:
            while not self.ended.is_set():
                ahead_s = self.sent_bytes / self.request.bytes_per_s - (time.monotonic() - began_s)
                if ahead_s > 0:
                    self.ended.wait(ahead_s)
                    continue
                self.connection.send(body[:size])
                self.sent_bytes += size
                if size < _LARGEST_MESSAGE_BYTES and size <= self.sent_bytes // _GROWTH:
                    size *= 2
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
        """Cut: what is not yet sent is forgotten, and both threads wake."""
        self.ended.set()
        sock = self.connection.socket
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it was over already


def upload(
    request: Request, on_count: Callable[[ServerCount], bool], stopped: Callable[[], Failure | None]
) -> int | Failure:
    """Load until on_count says True, or the server ends it: the bytes sent, or why it came to nothing.

    Failures: of connecting and TLS; HTTP_STATUS, REJECTED (another subprotocol), MALFORMED, TOO_LARGE, STALLED.
    """
    connection = _connect(request)
    if isinstance(connection, Failure):
        return connection
    run = _Upload(request, connection)
    threads = [threading.Thread(target=target, daemon=True) for target in (run.send, run.read)]
    for thread in threads:
        thread.start()
    try:
        failure = _follow(run, on_count, stopped)
    finally:
        run.close()
        for thread in threads:
            thread.join(_JOIN_S)
        connection.close_timeout = 0.1
        connection.close()
    return failure or run.sent_bytes


def _follow(
    run: _Upload, on_count: Callable[[ServerCount], bool], stopped: Callable[[], Failure | None]
) -> Failure | None:
    shown = run.request.shown_url
    began_s = heard_s = time.monotonic()
    n_reports, last = 0, (0.0, 0)
    while True:
        failure = stopped()
        if failure is not None:
            return failure
        try:
            said = run.reports.get(timeout=_WAIT_S)
        except queue.Empty:
            if time.monotonic() - heard_s > run.request.stall_s:
                return Failure(FailureKind.STALLED, "upload", shown, f"no report for {run.request.stall_s:g} s")
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
        if on_count(ServerCount(now_s, *count, run.sent_bytes)):
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


def _connect(request: Request) -> ClientConnection | Failure:
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    endpoint = request.endpoint
    try:
        sock = socket.create_connection((endpoint.address, endpoint.port), request.connect_timeout_s)
    except OSError as error:
        return classify(error, "connect", endpoint.text())
    try:
        sock.settimeout(None)  # the library has its own, but leaves a given socket as it is
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        tls = endpoint.server_name is not None
        connection = connect(
            request.url,
            sock=sock,
            ssl=ssl.create_default_context(cafile=endpoint.ca_file) if tls else None,
            server_hostname=endpoint.server_name,
            subprotocols=[Subprotocol(_SUBPROTOCOL)],
            compression=None,
            user_agent_header=request.agent,
            proxy=None,
            open_timeout=_HANDSHAKE_S,
            ping_interval=None,
            close_timeout=0.1,
            max_size=_REPORT_MAX_BYTES,
            legacy=True,  # one connection, at once; the other way connects anew by itself
        )
    except InvalidStatus as error:
        sock.close()
        return Failure(FailureKind.HTTP_STATUS, "handshake", request.shown_url, f"HTTP {error.response.status_code}")
    except (EOFError, ConnectionClosed):
        sock.close()
        return Failure(FailureKind.RESET, "handshake", request.shown_url)
    except OSError as error:  # before ValueError: a certificate's error is both
        sock.close()
        return classify(error, "handshake", request.shown_url)
    except (InvalidHandshake, InvalidURI, ValueError) as error:
        sock.close()
        # Not the exception's own words: they may hold the address with its access token.
        cut = isinstance(error.__cause__, EOFError)
        kind = FailureKind.RESET if cut else FailureKind.MALFORMED
        return Failure(kind, "handshake", request.shown_url, type(error).__name__)
    if connection.subprotocol != _SUBPROTOCOL:
        connection.close()
        return Failure(FailureKind.REJECTED, "handshake", request.shown_url, "it does not speak ndt7")
    return connection
