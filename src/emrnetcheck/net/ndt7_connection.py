"""How is the connection to an ndt7 server made: TCP, TLS, WebSocket, in time, and given up at once when told to?"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify
from emrnetcheck.net.stoppable import Cut, until_stopped
from emrnetcheck.net.stream import Endpoint

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_SUBPROTOCOL = "net.measurementlab.ndt.v7"
_HANDSHAKE_S = 7.0  # the specification's
_REPORT_MAX_BYTES = 1 << 16
_SEND_BUFFER_BYTES = 128 * 1024
_QUIET = logging.Logger(__name__, logging.CRITICAL + 1)
"""The library logs what a bad server does as errors of its own; here it becomes a Failure."""


@dataclass(frozen=True, slots=True)
class Request:
    """url: with its query. bytes_per_s: never faster than this; most_bytes: of messages, then it ends."""

    endpoint: Endpoint
    url: str
    shown_url: str
    agent: str
    bytes_per_s: float
    most_bytes: int
    connect_timeout_s: float
    stall_s: float


def connected(request: Request, stopped: Callable[[], Failure | None], cut: Cut) -> ClientConnection | Failure:
    """A connection that speaks ndt7; its socket is in `cut`. Failures: see ndt7.upload."""
    deadline = Deadline.after(request.connect_timeout_s + _HANDSHAKE_S)

    def given_up() -> Failure | None:
        # A TLS handshake that trickles in begins the library's own time-out anew with every byte.
        late = Failure(FailureKind.TIMEOUT, "handshake", request.shown_url) if deadline.passed() else None
        return stopped() or late

    return until_stopped(lambda: _connect(request, cut), given_up, cut)


def _connect(request: Request, cut: Cut) -> ClientConnection | Failure:
    endpoint = request.endpoint
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        return classify(error, "connect", endpoint.text())
    try:
        cut.watch(sock)
        sock.settimeout(request.connect_timeout_s)
        sock.connect((endpoint.address, endpoint.port))
        sock.settimeout(None)  # the library has its own, but leaves a given socket as it is
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    except OSError as error:
        sock.close()
        return classify(error, "connect", endpoint.text())
    return _shake_hands(request, sock)


def _shake_hands(request: Request, sock: socket.socket) -> ClientConnection | Failure:
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    endpoint = request.endpoint
    try:
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
            logger=_QUIET,
            legacy=True,  # one connection, at once; the other way connects anew by itself
        )
    except (OSError, EOFError, WebSocketException, ValueError, AssertionError) as error:
        sock.close()
        return _refusal(error, request.shown_url)
    if connection.subprotocol != _SUBPROTOCOL:
        connection.close()
        return Failure(FailureKind.REJECTED, "handshake", request.shown_url, "it does not speak ndt7")
    return connection


def _refusal(error: Exception, shown_url: str) -> Failure:
    """What the library's exception means. Not in its own words: they may hold the address with its access token."""
    from websockets.exceptions import ConnectionClosed, InvalidStatus

    for each in (error, error.__cause__):  # of a redirect, the status is the cause
        if isinstance(each, InvalidStatus):
            return Failure(FailureKind.HTTP_STATUS, "handshake", shown_url, f"HTTP {each.response.status_code}")
        if isinstance(each, EOFError | ConnectionClosed):
            return Failure(FailureKind.RESET, "handshake", shown_url)
    if isinstance(error, OSError):  # a certificate's error is a ValueError too
        return classify(error, "handshake", shown_url)
    # AssertionError: the library takes it for granted that a server does not speak first.
    return Failure(FailureKind.MALFORMED, "handshake", shown_url, "no WebSocket answer")
