"""How is the connection to an ndt7 server made: TCP, TLS, WebSocket, in time, and given up at once when told to?"""

from __future__ import annotations

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
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
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
