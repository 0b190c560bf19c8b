"""Which TLS and which certificate answer on a port, is the certificate trusted, and is it TLS at all?

Two questions, two connections: `look` takes whatever is shown, so that it can be described however bad it is; `trust`
asks this system's list of authorities. Neither sends anything but the handshake.
"""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import time
from dataclasses import dataclass, field, replace
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify, clean
from emrnetcheck.net.plain_http import HTTP_STARTS
from emrnetcheck.net.tcp import endpoint_text, handshake_ms
from emrnetcheck.net.tls_contexts import looking, trusting
from emrnetcheck.net.tls_open import asks_for_certificate

_OPERATION = "TLS handshake"
_PIECE_BYTES = 16 * 1024
_RECEIVED_MAX_BYTES = 256 * 1024  # OpenSSL itself takes no chain over 100 kB
_FIRST_BYTES = 256
_TLS_RECORDS = range(20, 24)
_TLS_MAJOR = 3
_CHAIN_MAX = 20
_LAST_WORD_S = 0.3  # most servers send a ticket at once, which ends the wait
_ANSWERED = 2  # the client's hello, then its answer to what the server showed and asked for


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """A handshake that came about. protocol as OpenSSL writes it: "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3".

    chain_der: the certificates as sent, the server's own first. chain_whole: False where this Python shows the
    server's own alone (before 3.13 in a way that is not promised); whether others were sent is not known then.
    wants_certificate: it broke off since the visitor had none of its own to show; then the cipher is not known.
    fingerprint_sha256: of the server's own certificate, 64 lower-case hex digits.
    """

    protocol: str
    cipher: str
    chain_der: tuple[bytes, ...]
    chain_whole: bool
    fingerprint_sha256: str
    connect_ms: float
    handshake_ms: float
    wants_certificate: bool = False


def look(
    address: str,
    port: int,
    *,
    server_name: str | None,
    timeout_s: float,
    oldest: bool = False,
    last_word: bool = False,
) -> TlsSeen | Failure:
    """A handshake that judges nothing. server_name: sent as SNI. oldest: also with TLS 1.0 and broken ciphers.

    last_word: with TLS 1.3, wait a moment for an alert after the handshake: without, wants_certificate is not seen.
    PLAIN_HTTP or NOT_TLS where something else answers there. timeout_s: for everything, however slowly it trickles.
    """
    deadline = Deadline.after(timeout_s)
    return _exchange(address, port, server_name, deadline, looking(oldest=oldest), last_word=last_word)


def trust(
    address: str,
    port: int,
    *,
    server_name: str | None,
    timeout_s: float,
    ca_file: str | None = None,
    check_name: bool = True,
) -> Failure | None:
    """None where the certificate is trusted by this system (or by ca_file) and, with check_name, is for server_name.

    Old protocols and short keys do not matter here: they are told by `look`.
    """
    authorities = ca_file, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    context = trusting(authorities, check_name=check_name and server_name is not None)
    seen = _exchange(address, port, server_name, Deadline.after(timeout_s), context)
    return seen if isinstance(seen, Failure) else None


def what_else(first: bytes, target: str) -> Failure | None:
    """PLAIN_HTTP or NOT_TLS for first bytes that no TLS server sends; None for those of TLS, or for none."""
    if not first or (first[0] in _TLS_RECORDS and first[1:2] in (b"", bytes([_TLS_MAJOR]))):
        return None
    if first.lower().startswith(HTTP_STARTS):
        return Failure(FailureKind.PLAIN_HTTP, _OPERATION, target)
    line = first.splitlines()[0].decode("latin-1") if first.splitlines() else ""
    readable = "".join(char for char in line if char.isascii() and char.isprintable())
    return Failure(FailureKind.NOT_TLS, _OPERATION, target, clean(readable, 60))


@dataclass(slots=True)
class _Wire:
    """The handshake's bytes on their way between OpenSSL and the socket, counted and with an end in time."""

    sock: socket.socket
    deadline: Deadline
    incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    received: bytearray = field(default_factory=bytearray)
    flights_sent: int = 0

    def handshake(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send()
                self._receive()
            else:
                self._send()
                return

    def refused_after(self, tls: ssl.SSLObject) -> bool:
        """Whether an alert comes after the handshake: so TLS 1.3 tells that the visitor's certificate is missed."""
        self.deadline = Deadline.after(min(_LAST_WORD_S, self.deadline.remaining_s()))
        for _ in range(2):
            try:
                tls.read(1)
            except ssl.SSLWantReadError:
                try:
                    self._receive()
                except (OSError, ValueError):
                    return False
            except ssl.SSLError as error:
                return "ALERT" in (error.reason or "")
            else:
                return False
        return False

    def _send(self) -> None:
        data = self.outgoing.read()
        if data:
            self.sock.settimeout(max(self.deadline.remaining_s(), 0.001))
            self.flights_sent += 1
            self.sock.sendall(data)

    def _receive(self) -> None:
        if self.deadline.passed():
            raise TimeoutError
        self.sock.settimeout(max(self.deadline.remaining_s(), 0.001))
        piece = self.sock.recv(_PIECE_BYTES)
        self.received += piece
        if len(self.received) > _RECEIVED_MAX_BYTES:
            raise ValueError("the handshake has no end")
        if piece:
            self.incoming.write(piece)
        else:
            self.incoming.write_eof()


def _exchange(
    address: str,
    port: int,
    server_name: str | None,
    deadline: Deadline,
    context: ssl.SSLContext,
    *,
    last_word: bool = False,
) -> TlsSeen | Failure:
    target = endpoint_text(address, port)
    operation, wire = "connect", None
    started_s = time.perf_counter()
    try:
        with _connected(address, port, deadline) as sock:
            connect_ms = handshake_ms(sock, ms_since(started_s))
            operation, wire = _OPERATION, _Wire(sock, deadline)
            tls = context.wrap_bio(wire.incoming, wire.outgoing, server_hostname=server_name)
            started_s = time.perf_counter()
            wire.handshake(tls)
            seen = _seen(tls, connect_ms, ms_since(started_s))
            waits = last_word and seen.protocol == "TLSv1.3"
            return replace(seen, wants_certificate=waits and wire.refused_after(tls))
    except (OSError, ValueError) as error:
        failure = classify(error, operation, target)
        if wire is None:
            return failure
        other = what_else(bytes(wire.received[:_FIRST_BYTES]), target)
        return other or _asked(failure, wire, (connect_ms, ms_since(started_s))) or failure


def _asked(failure: Failure, wire: _Wire, took_ms: tuple[float, float]) -> TlsSeen | None:
    """The server as it was seen, if it broke off when it was shown no certificate after it had asked for one."""
    if failure.kind in (FailureKind.TIMEOUT, FailureKind.MALFORMED) or wire.flights_sent < _ANSWERED:
        return None
    said = asks_for_certificate(bytes(wire.received))
    if said is None:
        return None
    return TlsSeen(
        protocol=said.protocol,
        cipher="",
        chain_der=said.chain_der,
        chain_whole=True,
        fingerprint_sha256=hashlib.sha256(said.chain_der[0]).hexdigest(),
        connect_ms=took_ms[0],
        handshake_ms=took_ms[1],
        wants_certificate=True,
    )


def _connected(address: str, port: int, deadline: Deadline) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(max(deadline.remaining_s(), 0.001))
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _seen(tls: ssl.SSLObject, connect_ms: float, took_ms: float) -> TlsSeen:
    own = tls.getpeercert(binary_form=True)
    if own is None:
        raise ValueError("no certificate was shown")
    chain = _chain(tls)
    cipher = tls.cipher()
    return TlsSeen(
        protocol=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        chain_der=chain if chain is not None else (own,),
        chain_whole=chain is not None,
        fingerprint_sha256=hashlib.sha256(own).hexdigest(),
        connect_ms=connect_ms,
        handshake_ms=took_ms,
    )


def _chain(tls: ssl.SSLObject) -> tuple[bytes, ...] | None:
    """The chain as sent; None where this Python cannot tell. Public from Python 3.13 on, there but private before."""
    read: Any = getattr(tls, "get_unverified_chain", None)
    read = read or getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
    try:
        chain = [one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in read()]
    except (AttributeError, TypeError, ValueError):
        return None
    return tuple(chain[:_CHAIN_MAX]) or None
