"""Which TLS and which certificate answer on a port, is the certificate trusted, and is it TLS at all?

Two questions, two connections: `look` takes whatever is shown, so that it can be described however bad it is; `trust`
asks this system's list of authorities. Neither sends anything but the handshake.
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import CertificateWantedError, classify, clean, wants_certificate
from emrnetcheck.net.tcp import endpoint_text, handshake_ms

_OPERATION = "TLS handshake"
_PIECE_BYTES = 16 * 1024
_RECEIVED_MAX_BYTES = 256 * 1024  # OpenSSL itself takes no chain over 100 kB
_FIRST_BYTES = 256
_TLS_RECORDS = range(20, 24)
_TLS_MAJOR = 3
_CHAIN_MAX = 20
_HEAD = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_HTTP_STARTS = (b"http/", b"<html", b"<!doc")
_HTTP_START_BYTES = 5

# What today's browsers take, and a little more: from TLS 1.2 on, with RSA key exchange, without RC4, 3DES, small DH.
_TODAY = "DEFAULT:@SECLEVEL=1"
# Without SECLEVEL=0 OpenSSL speaks no TLS 1.0, and an old Tomcat looks dead.
_ANY = "ALL:@SECLEVEL=0"


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """A handshake that came about. protocol as OpenSSL writes it: "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3".

    chain_der: the certificates as sent, the server's own first. chain_whole: False where this Python shows the
    server's own alone (before 3.13 in a way that is not promised); whether others were sent is not known then.
    fingerprint_sha256: of the server's own certificate, 64 lower-case hex digits.
    """

    protocol: str
    cipher: str
    chain_der: tuple[bytes, ...]
    chain_whole: bool
    fingerprint_sha256: str
    connect_ms: float
    handshake_ms: float


def look(
    address: str, port: int, *, server_name: str | None, timeout_s: float, oldest: bool = False
) -> TlsSeen | Failure:
    """A handshake that judges nothing. server_name: sent as SNI. oldest: also with TLS 1.0 and broken ciphers.

    PLAIN_HTTP or NOT_TLS where something else answers there. timeout_s: for everything, however slowly it trickles.
    """
    return _exchange(address, port, server_name, Deadline.after(timeout_s), _looking(oldest=oldest))


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
    context = _trusting(authorities, check_name=check_name and server_name is not None)
    seen = _exchange(address, port, server_name, Deadline.after(timeout_s), context)
    return seen if isinstance(seen, Failure) else None


def answers_http(address: str, port: int, timeout_s: float) -> bool:
    """Whether plain HTTP is spoken there: for servers that close or keep silent when they are spoken to in TLS."""
    deadline = Deadline.after(timeout_s)
    try:
        with _connected(address, port, deadline) as sock:
            sock.sendall(_HEAD)
            first = b""
            while len(first) < _HTTP_START_BYTES:
                sock.settimeout(max(deadline.remaining_s(), 0.001))
                piece = sock.recv(_HTTP_START_BYTES - len(first))
                if not piece or deadline.passed():
                    return False
                first += piece
    except OSError:
        return False
    return first.lower() in _HTTP_STARTS


def what_else(first: bytes, target: str) -> Failure | None:
    """PLAIN_HTTP or NOT_TLS for first bytes that no TLS server sends; None for those of TLS, or for none."""
    if not first or (first[0] in _TLS_RECORDS and first[1:2] in (b"", bytes([_TLS_MAJOR]))):
        return None
    if first.lower().startswith(_HTTP_STARTS):
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
    first: bytes = b""
    received_bytes: int = 0

    def handshake(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send()
                self._receive()
            except ssl.SSLError as error:
                if wants_certificate(error, chosen=tls.cipher() is not None):
                    raise CertificateWantedError from error
                raise
            else:
                self._send()
                return

    def _send(self) -> None:
        data = self.outgoing.read()
        if data:
            self.sock.settimeout(max(self.deadline.remaining_s(), 0.001))
            self.sock.sendall(data)

    def _receive(self) -> None:
        if self.deadline.passed():
            raise TimeoutError
        self.sock.settimeout(max(self.deadline.remaining_s(), 0.001))
        piece = self.sock.recv(_PIECE_BYTES)
        self.received_bytes += len(piece)
        if self.received_bytes > _RECEIVED_MAX_BYTES:
            raise ValueError("the handshake has no end")
        self.first += piece[: _FIRST_BYTES - len(self.first)]
        if piece:
            self.incoming.write(piece)
        else:
            self.incoming.write_eof()


def _exchange(
    address: str, port: int, server_name: str | None, deadline: Deadline, context: ssl.SSLContext
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
            return _seen(tls, connect_ms, ms_since(started_s))
    except (OSError, ValueError) as error:
        other = what_else(wire.first, target) if wire is not None else None
        return other or classify(error, operation, target)


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


@functools.lru_cache(maxsize=2)
def _looking(*, oldest: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if oldest else ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_ANY if oldest else _TODAY)
    return context


@functools.lru_cache(maxsize=8)
def _trusting(authorities: tuple[str | None, str | None, str | None], *, check_name: bool) -> ssl.SSLContext:
    # Loading the authorities takes tens of ms: once. The environment is part of the key only.
    context = ssl.create_default_context(cafile=authorities[0])
    context.check_hostname = check_name
    # Browsers take certificates that are not to the letter of RFC 5280; from 3.13 on Python would not.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(_ANY)
    return context
