"""What does a Web page give, from a server that nobody vouches for? One GET, bounded in time and size, no redirect."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify
from emrnetcheck.net.handshake import shake_hands
from emrnetcheck.net.page_body import PageBody
from emrnetcheck.net.page_head import Head, parse_head
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tcp import endpoint_text, handshake_ms

PAGE_MAX_BYTES = 2_000_000
HANDSHAKE_TIMEOUT_S = 5.0
"""A server that does not speak TLS may wait for more; then there is time left to ask it otherwise."""
_PIECE_BYTES = 64 * 1024
# What a path may have as it is; "%" too, since a path in a redirect has its escapes already.
_PATH_SAFE = "/%:@!$&'()*+,;=?~-._[]"


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered. headers: names in lower case, the last of each; cookies: what it wants to have sent back.

    start: the first bytes of the body. request_bytes, head_bytes: of what was asked, and of the head of the answer,
    without what TLS adds. first_byte_ms, total_ms: since the request was sent; total_ms None: not read to
    its end, and ended says why. tls_ms None: without TLS.
    """

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    start: bytes
    body_bytes: int
    connect_ms: float
    tls_ms: float | None
    first_byte_ms: float
    total_ms: float | None
    ended: Failure | None
    request_bytes: int = 0
    head_bytes: int = 0


def get_untrusted(
    address: str,
    port: int,
    host: str,
    path: str,
    *,
    tls: bool,
    timeout_s: float,
    handshake_timeout_s: float = HANDSHAKE_TIMEOUT_S,
    cookies: tuple[str, ...] = (),
    listen_s: float = 0.0,
    body_max_bytes: int = PAGE_MAX_BYTES,
    cut: Cut | None = None,
) -> Page | Failure:
    """GET `path` at an IP address as `host`. Any certificate and any TLS from 1.0 on will do: nothing secret is sent.

    timeout_s: for everything together, however slowly it trickles. listen_s: for how long to hear what the server says
    before it is asked: by TLS 1.3 that may be why it hangs up. cut: by which another thread can end it.
    """
    target = endpoint_text(address, port)
    deadline = Deadline.after(timeout_s)
    started_s = time.perf_counter()
    operation = "connect"
    try:
        request = request_for(host, port, path, cookies, tls=tls)
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as plain:
            if cut is not None:
                cut.watch(plain)
            plain.settimeout(timeout_s)
            plain.connect((address, port))
            connect_ms = handshake_ms(plain, ms_since(started_s))
            if not tls:
                return _exchange(plain, target, request, (connect_ms, None), deadline, body_max_bytes)
            operation = "TLS handshake"
            started_s = time.perf_counter()
            hands_by = Deadline.after(min(handshake_timeout_s, deadline.remaining_s()))
            with shake_hands(plain, any_certificate(), host, hands_by) as secure:
                tls_ms = ms_since(started_s)
                _listen(secure, min(listen_s, deadline.remaining_s()))
                return _exchange(secure, target, request, (connect_ms, tls_ms), deadline, body_max_bytes)
    except (OSError, ValueError) as error:
        return classify(error, operation, target)


def _listen(secure: ssl.SSLSocket, seconds: float) -> None:
    if seconds > 0.0:
        secure.settimeout(seconds)
        with contextlib.suppress(TimeoutError):
            secure.recv(1)


def any_certificate() -> ssl.SSLContext:
    """Whether a certificate can be trusted and a protocol is safe is another question: this one is, who answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    # Level 0: the short keys and old digests that an old Tomcat has. Its TLS may lack safe renegotiation too.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return context


def request_for(host: str, port: int, path: str, cookies: tuple[str, ...], *, tls: bool, keep: bool = False) -> bytes:
    """The GET as bytes. keep: the connection is to be used again. ValueError for what cannot be a name."""
    name = f"[{host}]" if ":" in host else host
    lines = (
        f"GET {quote(path, safe=_PATH_SAFE)} HTTP/1.1",
        f"Host: {name}" if port == (443 if tls else 80) else f"Host: {name}:{port}",
        f"User-Agent: emrnetcheck/{__version__}",
        "Accept: text/html, */*",
        "Accept-Encoding: identity",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *((f"Cookie: {'; '.join(cookies)}",) if cookies else ()),
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def _exchange(
    sock: socket.socket,
    target: str,
    request: bytes,
    connected_ms: tuple[float, float | None],
    deadline: Deadline,
    body_max_bytes: int,
) -> Page | Failure:
    first_byte_ms: float | None = None
    head: Head | None = None
    data, head_bytes = b"", 0
    body = PageBody({}, 0)
    ended: Failure | None = None
    try:
        sock.settimeout(max(deadline.remaining_s(), 0.001))
        sock.sendall(request)
        sent_s = time.perf_counter()
        while not body.done:
            piece = receive(sock, deadline)
            first_byte_ms = ms_since(sent_s) if first_byte_ms is None and piece else first_byte_ms
            if head is not None:
                ended = body.take(piece)
            elif not piece and not data:
                break
            else:
                data += piece
                found = parse_head(data, closed=not piece)
                if isinstance(found, Failure):
                    return Failure(found.kind, "GET", target, found.detail)
                if found is None:
                    continue
                head, rest = found
                head_bytes = len(data) - len(rest)
                body = PageBody(head.headers, body_max_bytes, has_body=head.status not in (204, 304))
                ended = body.take(rest) if rest or not piece else None
            if ended is not None:
                break
    except OSError as error:
        ended = classify(error, "GET", target)
    if head is None or first_byte_ms is None:
        return ended or Failure(FailureKind.RESET, "GET", target)
    whole_ms = ms_since(sent_s) if ended is None else None
    return Page(
        status=head.status,
        headers=head.headers,
        cookies=head.cookies,
        start=bytes(body.start),
        body_bytes=body.taken_bytes,
        connect_ms=connected_ms[0],
        tls_ms=connected_ms[1],
        first_byte_ms=first_byte_ms,
        total_ms=whole_ms,
        ended=ended,
        request_bytes=len(request),
        head_bytes=head_bytes,
    )


def receive(sock: socket.socket, deadline: Deadline) -> bytes:
    """What has come; nothing once the server has ended the connection, cleanly or not."""
    if deadline.passed():
        raise TimeoutError
    sock.settimeout(max(deadline.remaining_s(), 0.001))
    try:
        return sock.recv(_PIECE_BYTES)
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return b""
