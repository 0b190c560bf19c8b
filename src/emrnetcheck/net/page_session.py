"""What do a server's pages give, one after the other on one connection, as a browser asks for them?"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify
from emrnetcheck.net.handshake import shake_hands
from emrnetcheck.net.page import PAGE_MAX_BYTES, Page, any_certificate, receive, request_for
from emrnetcheck.net.page_body import PageBody
from emrnetcheck.net.page_head import Head, parse_head
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tcp import endpoint_text, handshake_ms

_NO_BODY = (204, 304)


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked, and as whom. Any certificate will do: whether it can be trusted is another question."""

    address: str
    port: int
    host: str
    tls: bool

    def text(self) -> str:
        """ADDRESS:PORT, an IPv6 address in brackets."""
        return endpoint_text(self.address, self.port)


class PageSession:
    """One connection, kept as long as the server keeps it. Failures of the network are returned, never raised."""

    def __init__(self, server: Server, sock: socket.socket, connect_ms: float, tls_ms: float | None) -> None:
        self._server = server
        self._sock = sock
        self._ready = True
        self.connect_ms = connect_ms
        self.tls_ms = tls_ms
        self.asked = 0

    @classmethod
    def open(
        cls, server: Server, *, timeout_s: float, cut: Cut | None = None, segment_bytes: int | None = None
    ) -> PageSession | Failure:
        """Connect, and agree on TLS. timeout_s: for both together, however slowly it trickles.

        segment_bytes: the server is asked to send no larger segments (MSS, RFC 9293 3.7.1); UNSUPPORTED where this
        system has no such option.
        """
        if segment_bytes is not None and not hasattr(socket, "TCP_MAXSEG"):
            return Failure(FailureKind.UNSUPPORTED, "connect", server.text(), "packets cannot be made smaller here")
        deadline, started_s, operation = Deadline.after(timeout_s), time.perf_counter(), "connect"
        plain: socket.socket | None = None
        try:
            plain = socket.socket(socket.AF_INET6 if ":" in server.address else socket.AF_INET, socket.SOCK_STREAM)
            if cut is not None:
                cut.watch(plain)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if segment_bytes is not None:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_bytes)
            plain.settimeout(timeout_s)
            plain.connect((server.address, server.port))
            connect_ms = handshake_ms(plain, ms_since(started_s))
            if not server.tls:
                return cls(server, plain, connect_ms, None)
            operation, started_s = "TLS handshake", time.perf_counter()
            secure = shake_hands(plain, any_certificate(), server.host, deadline)
            return cls(server, secure, connect_ms, ms_since(started_s))
        except (OSError, ValueError) as error:
            if plain is not None:
                plain.close()
            return classify(error, operation, server.text())

    def __enter__(self) -> PageSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether another page can be asked for on it."""
        return self._ready

    def fingerprint_sha256(self) -> str | None:
        """Of the certificate that the server showed, 64 lower-case hex digits; None without TLS."""
        shown = self._sock.getpeercert(binary_form=True) if isinstance(self._sock, ssl.SSLSocket) else None
        return hashlib.sha256(shown).hexdigest() if shown else None

    def get(
        self,
        path: str,
        *,
        timeout_s: float,
        cookies: tuple[str, ...] = (),
        body_max_bytes: int = PAGE_MAX_BYTES,
    ) -> Page | Failure:
        """GET. connect_ms and tls_ms of the page are those of the connection. RESET once the server has ended it."""
        if not self._ready:
            return Failure(FailureKind.RESET, "GET", self._server.text(), "the connection was not kept")
        self._ready = False
        self.asked += 1
        deadline = Deadline.after(timeout_s)
        try:
            request = request_for(self._server.host, self._server.port, path, cookies, tls=self._server.tls, keep=True)
            self._sock.settimeout(max(deadline.remaining_s(), 0.001))
            self._sock.sendall(request)
            return self._answer(time.perf_counter(), deadline, body_max_bytes, len(request))
        except (OSError, ValueError) as error:
            return classify(error, "GET", self._server.text())

    def _answer(self, sent_s: float, deadline: Deadline, body_max_bytes: int, request_bytes: int) -> Page | Failure:
        got = self._head(sent_s, deadline)
        if isinstance(got, Failure):
            return got
        head, rest, first_byte_ms, head_bytes = got
        body = PageBody(head.headers, body_max_bytes, has_body=head.status not in _NO_BODY)
        ended = body.take(rest) if rest else None
        try:
            while ended is None and not body.done:
                ended = body.take(receive(self._sock, deadline))
            total_ms = ms_since(sent_s) if ended is None else None
            self._ready = ended is None and _keeps(head) and self._is_at_an_end(body, deadline)
        except OSError as error:
            ended, total_ms = classify(error, "GET", self._server.text()), None
        return Page(
            status=head.status,
            headers=head.headers,
            cookies=head.cookies,
            start=bytes(body.start),
            body_bytes=body.taken_bytes,
            connect_ms=self.connect_ms,
            tls_ms=self.tls_ms,
            first_byte_ms=first_byte_ms,
            total_ms=total_ms,
            ended=ended,
            request_bytes=request_bytes,
            head_bytes=head_bytes,
        )

    def _head(self, sent_s: float, deadline: Deadline) -> tuple[Head, bytes, float, int] | Failure:
        """(the head, what has come after it, when its first byte came, how long it is)."""
        data, first_byte_ms = b"", None
        while True:
            piece = receive(self._sock, deadline)
            if not piece and not data:
                return Failure(FailureKind.RESET, "GET", self._server.text())
            first_byte_ms = ms_since(sent_s) if first_byte_ms is None else first_byte_ms
            data += piece
            found = parse_head(data, closed=not piece)
            if isinstance(found, Failure):
                return Failure(found.kind, "GET", self._server.text(), found.detail)
            if found is not None:
                head, rest = found
                return head, rest, first_byte_ms, len(data) - len(rest)

    def _is_at_an_end(self, body: PageBody, deadline: Deadline) -> bool:
        """Whether nothing is left of the answer; the last line end of a body in chunks may still be on its way."""
        fit = body.reusable()
        while fit is None:
            piece = receive(self._sock, deadline)
            if not piece:
                return False
            body.take(piece)
            fit = body.reusable()
        return fit

    def close(self) -> None:
        """Ends the connection."""
        self._ready = False
        try:
            self._sock.close()
        except OSError:
            pass  # nothing is left that a failure here could spoil


def _keeps(head: Head) -> bool:
    """Whether the server keeps the connection, as it says: by default in HTTP/1.1, which all of today's speak."""
    return "close" not in head.headers.get("connection", "").lower()
