"""What does a small HTTP request bring? One address, one connection, no redirect, no proxy, bounded in all."""

from __future__ import annotations

import functools
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify
from emrnetcheck.net.handshake import shake_hands
from emrnetcheck.net.http_message import BODY_MAX_BYTES, Response, parse_response
from emrnetcheck.net.pinning import other_than, pinned_context
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tcp import endpoint_text, handshake_ms

__all__ = ["BODY_MAX_BYTES", "HttpAnswer", "Response", "ask", "get", "parse_response", "post", "post_securely"]

_PIECE_BYTES = 16 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """connect_ms: the TCP connection's round trip. Bytes are those of the HTTP messages, without TLS."""

    response: Response
    connect_ms: float
    sent_bytes: int
    received_bytes: int


def ask(
    address: str,
    port: int,
    host: str,
    path: str,
    *,
    tls: bool,
    timeout_s: float,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    body_max_bytes: int = BODY_MAX_BYTES,
    pin: str | None = None,
    cut: Cut | None = None,
    source: str | None = None,
) -> HttpAnswer | Failure:
    """One request to `host` at an IP address; the answer with any status from 200 on: a redirect is not followed.

    With TLS the certificate must be trusted and be for `host`, or, with a pin, be the very one that has this SHA-256
    (64 lower-case hex digits). headers: ASCII without control characters, such as a token, which no failure repeats.
    timeout_s: for everything together, however slowly it trickles. cut: by which another thread can end it.
    source: which of this computer's own addresses the other end is to see.
    """
    target = endpoint_text(address, port)
    deadline = Deadline.after(timeout_s)
    started_s = perf_counter()
    operation = "connect"
    try:
        own = (("Content-Length", str(len(body))),) if body or method == "POST" else ()
        request = _request(host, port, path, tls=tls, method=method, more=(*headers, *own)) + body
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as plain:
            if cut is not None:
                cut.watch(plain)
            plain.settimeout(timeout_s)
            if source is not None:
                plain.bind((source, 0))
            plain.connect((address, port))
            connect_ms = handshake_ms(plain, ms_since(started_s))
            if not tls:
                return _answer_to(plain, request, connect_ms, deadline, body_max_bytes, method)
            operation = "TLS handshake"
            with _handshake(plain, host, deadline, pin) as secure:
                if pin is not None and (failure := other_than(pin, secure, target)) is not None:
                    return failure
                return _answer_to(secure, request, connect_ms, deadline, body_max_bytes, method)
    except UnicodeError:
        return Failure(FailureKind.MALFORMED, operation, target, "a letter that no request may have")
    except (OSError, ValueError) as error:
        return classify(error, operation, target)


def post_securely(
    address: str, port: int, host: str, path: str, body: bytes, *, content_type: str, timeout_s: float
) -> HttpAnswer | Failure:
    """POST a small body over TLS, and say that an answer of the same kind is wanted; else as `get`."""
    more = (("Accept", content_type), ("Content-Type", content_type))
    answer = ask(address, port, host, path, tls=True, timeout_s=timeout_s, method="POST", headers=more, body=body)
    return _only_ok(answer, "POST", endpoint_text(address, port))


def get(
    address: str,
    port: int,
    host: str,
    path: str,
    *,
    tls: bool,
    timeout_s: float,
    body_max_bytes: int = BODY_MAX_BYTES,
    cut: Cut | None = None,
) -> HttpAnswer | Failure:
    """GET `path` of `host`, as `ask` does; a status other than 200 is HTTP_STATUS: a redirect too."""
    answer = ask(address, port, host, path, tls=tls, timeout_s=timeout_s, body_max_bytes=body_max_bytes, cut=cut)
    return _only_ok(answer, "GET", endpoint_text(address, port))


def post(
    address: str,
    port: int,
    path: str,
    body: bytes,
    *,
    headers: Sequence[tuple[str, str]],
    timeout_s: float,
    body_max_bytes: int = BODY_MAX_BYTES,
) -> HttpAnswer | Failure:
    """POST a small body to a device given by its IP address, without TLS; the answer with any status, as `ask`."""
    return ask(
        address,
        port,
        address,
        path,
        tls=False,
        timeout_s=timeout_s,
        method="POST",
        headers=headers,
        body=body,
        body_max_bytes=body_max_bytes,
    )


def _only_ok(answer: HttpAnswer | Failure, operation: str, target: str) -> HttpAnswer | Failure:
    if isinstance(answer, HttpAnswer) and answer.response.status != _OK:
        return Failure(FailureKind.HTTP_STATUS, operation, target, str(answer.response.status))
    return answer


def _handshake(plain: socket.socket, host: str, deadline: Deadline, pin: str | None) -> ssl.SSLSocket:
    context = _context(os.environ.get("SSL_CERT_FILE")) if pin is None else pinned_context()
    return shake_hands(plain, context, host, deadline)


def _request(
    host: str, port: int, path: str, *, tls: bool, method: str = "GET", more: Sequence[tuple[str, str]] = ()
) -> bytes:
    name = f"[{host}]" if ":" in host else host
    authority = name if port == (443 if tls else 80) else f"{name}:{port}"
    lines = (
        f"{method} {path} HTTP/1.1",
        f"Host: {authority}",
        f"User-Agent: emrnetcheck/{__version__}",
        "Accept: text/plain, application/json",
        "Connection: close",
        *(f"{name}: {value}" for name, value in more),
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def _answer_to(
    sock: socket.socket, request: bytes, connect_ms: float, deadline: Deadline, body_max_bytes: int, operation: str
) -> HttpAnswer | Failure:
    target = endpoint_text(*sock.getpeername()[:2])
    data = b""
    try:
        sock.settimeout(max(deadline.remaining_s(), 0.001))
        sock.sendall(request)
        while True:
            if deadline.passed():
                return Failure(FailureKind.TIMEOUT, operation, target)
            sock.settimeout(max(deadline.remaining_s(), 0.001))
            try:
                piece = sock.recv(_PIECE_BYTES)
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                piece = b""
            data += piece
            response = parse_response(data, closed=not piece, body_max_bytes=body_max_bytes)
            if response is not None:
                break
    except OSError as error:
        return classify(error, operation, target)
    if isinstance(response, Failure):
        return Failure(response.kind, operation, target, response.detail)
    return HttpAnswer(response, connect_ms, len(request), len(data))


@functools.lru_cache(maxsize=4)
def _context(_environment_ca_file: str | None) -> ssl.SSLContext:
    # Loading the authorities takes tens of ms: once, not once a service. The environment is part of the key only.
    return ssl.create_default_context()
