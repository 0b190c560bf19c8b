"""What does a small HTTP GET bring? One address, one connection, no redirect, no proxy, bounded in time and size."""

from __future__ import annotations

import functools
import os
import re
import selectors
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify, clean
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tcp import endpoint_text, handshake_ms

BODY_MAX_BYTES = 64 * 1024
_HEAD_MAX_BYTES = 16 * 1024
_HEADERS_MAX = 100
_INTERIM_MAX = 8
_WIRE_PER_BODY = 8  # chunks of one byte have a frame of five; more than this is no honest framing
_PIECE_BYTES = 16 * 1024
_OK = 200
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_HAS_NO_BODY = (204, 304)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """connect_ms: the TCP connection's round trip. Bytes are those of the HTTP messages, without TLS."""

    response: Response
    connect_ms: float
    sent_bytes: int
    received_bytes: int


def parse_response(data: bytes, *, closed: bool, body_max_bytes: int = BODY_MAX_BYTES) -> Response | Failure | None:
    """What has come so far as a response (RFC 9112): None while more is needed. MALFORMED or TOO_LARGE else.

    closed: the server has ended the connection, so nothing more comes.
    """
    if len(data) > _HEAD_MAX_BYTES + _WIRE_PER_BODY * body_max_bytes:
        return Failure(FailureKind.TOO_LARGE, "HTTP", detail="the answer")
    for _ in range(_INTERIM_MAX):
        head, separator, data = data.partition(b"\r\n\r\n")
        if len(head) > _HEAD_MAX_BYTES:
            return Failure(FailureKind.TOO_LARGE, "HTTP", detail="the head of the answer")
        if not separator:
            return _malformed("it ends within its head") if closed else None
        lines = head.split(b"\r\n")
        status_line = _STATUS_LINE.fullmatch(lines[0])
        headers = _headers(lines[1:])
        if status_line is None or headers is None:
            return _malformed("no HTTP answer" if status_line is None else "no HTTP header")
        status = int(status_line.group(1))
        if status >= _OK:  # else an interim answer: the real one follows
            body = b"" if status in _HAS_NO_BODY else _body(headers, data, closed=closed, body_max_bytes=body_max_bytes)
            return Response(status, headers, body) if isinstance(body, bytes) else body
    return _malformed("interim answers only")


def _headers(lines: list[bytes]) -> dict[str, str] | None:
    if len(lines) > _HEADERS_MAX:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name.strip() != name:
            return None
        headers[name.decode("latin-1").lower()] = clean(value.decode("latin-1"))
    return headers


def _body(headers: Mapping[str, str], rest: bytes, *, closed: bool, body_max_bytes: int) -> bytes | Failure | None:
    too_large = Failure(FailureKind.TOO_LARGE, "HTTP", detail=f"more than {body_max_bytes} bytes")
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            return _malformed("unknown transfer coding")
        return _chunked(rest, closed=closed, too_large=too_large, body_max_bytes=body_max_bytes)
    length = headers.get("content-length")
    if length is None:
        if len(rest) > body_max_bytes:
            return too_large
        return rest if closed else None
    if not length.isascii() or not length.isdigit() or len(length) > 18:  # noqa: PLR2004 - more is no 64-bit number
        return _malformed("no length")
    if int(length) > body_max_bytes:
        return too_large
    if len(rest) >= int(length):
        return rest[: int(length)]
    return _malformed("cut short") if closed else None


def _chunked(data: bytes, *, closed: bool, too_large: Failure, body_max_bytes: int) -> bytes | Failure | None:
    body = bytearray()
    at = 0
    while True:
        line_end = data.find(b"\r\n", at, at + _HEAD_MAX_BYTES)
        if line_end < 0:
            if len(data) - at >= _HEAD_MAX_BYTES:
                return _malformed("no chunk")
            return _malformed("cut short") if closed else None
        size = _CHUNK_LINE.fullmatch(data, at, line_end)
        if size is None:
            return _malformed("no chunk")
        size_bytes = int(size.group(1), 16)
        if size_bytes == 0:
            return bytes(body)  # trailers are of no interest, and the connection is not used again
        if len(body) + size_bytes > body_max_bytes:
            return too_large
        at = line_end + 2
        if len(data) < at + size_bytes + 2:
            return _malformed("cut short") if closed else None
        if data[at + size_bytes : at + size_bytes + 2] != b"\r\n":
            return _malformed("no chunk")
        body += data[at : at + size_bytes]
        at += size_bytes + 2


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "HTTP", detail=why)


def post_securely(
    address: str, port: int, host: str, path: str, body: bytes, *, content_type: str, timeout_s: float
) -> HttpAnswer | Failure:
    """POST a small body over TLS, and say that an answer of the same kind is wanted; else as `get`."""
    target = endpoint_text(address, port)
    deadline = Deadline.after(timeout_s)
    started_s = time.perf_counter()
    operation = "connect"
    try:
        more = (("Accept", content_type), ("Content-Type", content_type), ("Content-Length", str(len(body))))
        request = _request(host, port, path, tls=True, method="POST", more=more) + body
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as plain:
            plain.settimeout(timeout_s)
            plain.connect((address, port))
            connect_ms = handshake_ms(plain, ms_since(started_s))
            operation = "TLS handshake"
            with _handshake(plain, host, deadline) as secure:
                answer = _answer_to(secure, request, connect_ms, deadline, BODY_MAX_BYTES, "POST")
    except (OSError, ValueError) as error:
        return classify(error, operation, target)
    if isinstance(answer, HttpAnswer) and answer.response.status != _OK:
        return Failure(FailureKind.HTTP_STATUS, "POST", target, str(answer.response.status))
    return answer


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
    """GET `path` of `host` at an IP address. timeout_s: for everything together, however slowly it trickles. cut: by
    which another thread can end it.

    With TLS the certificate must be trusted and be for `host`. A status other than 200 is HTTP_STATUS: a redirect too.
    """
    target = endpoint_text(address, port)
    deadline = Deadline.after(timeout_s)
    started_s = time.perf_counter()
    operation = "connect"
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as plain:
            if cut is not None:
                cut.watch(plain)
            plain.settimeout(timeout_s)
            plain.connect((address, port))
            connect_ms = handshake_ms(plain, ms_since(started_s))
            if not tls:
                return _exchange(plain, _request(host, port, path, tls=False), connect_ms, deadline, body_max_bytes)
            operation = "TLS handshake"
            with _handshake(plain, host, deadline) as secure:
                return _exchange(secure, _request(host, port, path, tls=True), connect_ms, deadline, body_max_bytes)
    except (OSError, ValueError) as error:
        return classify(error, operation, target)


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
    """POST a small body to a device given by its IP address, without TLS; the answer with any status from 200 on.

    path and headers hold ASCII without control characters. timeout_s: for everything together.
    """
    deadline = Deadline.after(timeout_s)
    started_s = time.perf_counter()
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect((address, port))
            connect_ms = handshake_ms(sock, ms_since(started_s))
            own = (*headers, ("Content-Length", str(len(body))))
            request = _request(address, port, path, tls=False, method="POST", more=own) + body
            return _answer_to(sock, request, connect_ms, deadline, body_max_bytes, "POST")
    except (OSError, ValueError) as error:
        return classify(error, "connect", endpoint_text(address, port))


def _handshake(plain: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    context = _context(os.environ.get("SSL_CERT_FILE"))
    secure = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        # Non-blocking and by hand: a time-out of the socket would begin anew with every byte that trickles in.
        secure.setblocking(False)
        while True:
            try:
                secure.do_handshake()
                return secure
            except ssl.SSLWantReadError:
                wanted = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                wanted = selectors.EVENT_WRITE
            with selectors.DefaultSelector() as selector:
                selector.register(secure, wanted)
                if deadline.passed() or not selector.select(deadline.remaining_s()):
                    raise TimeoutError
    except BaseException:
        secure.close()
        raise


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


def _exchange(
    sock: socket.socket, request: bytes, connect_ms: float, deadline: Deadline, body_max_bytes: int
) -> HttpAnswer | Failure:
    target = endpoint_text(*sock.getpeername()[:2])
    answer = _answer_to(sock, request, connect_ms, deadline, body_max_bytes, "GET")
    if isinstance(answer, HttpAnswer) and answer.response.status != _OK:
        return Failure(FailureKind.HTTP_STATUS, "GET", target, str(answer.response.status))
    return answer


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
