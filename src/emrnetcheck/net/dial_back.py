"""Does a TCP port of this address open, and which certificate is there? Nothing is read of it and nothing is told."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import ms_since
from emrnetcheck.net.failures import classify
from emrnetcheck.net.tls import what_else

_RECEIVE_BYTES = 16 * 1024
_HANDSHAKE_MAX_BYTES = 256 * 1024
_LATE_S = 0.5
"""So much after its time, a time-out tells of this computer: an answer may have waited."""
_COMPUTING = ThreadPoolExecutor(4, thread_name_prefix="handshake")
"""Who is dialled chooses what there is to compute: that holds up nobody but those who ask the same."""
_SAID_NO = (FailureKind.REFUSED, FailureKind.RESET, FailureKind.HOST_UNREACHABLE)


class DialState(StrEnum):
    """What became of a connection. REFUSED: somebody said no, the host or a firewall before it. TIMEOUT: silence."""

    OPEN = "open"
    REFUSED = "refused"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Dialled:
    """fingerprint_sha256: of the certificate, 64 lower-case hex digits; None: not asked for, or there is none.

    speaks_tls: False where something else than TLS answered; None: not asked for, or it said nothing.
    """

    state: DialState
    ms: float
    fingerprint_sha256: str | None = None
    speaks_tls: bool | None = None


async def dial_back(address: str, port: int, *, timeout_s: float, certificate: bool) -> Dialled | Failure:
    """One connection to an IP address (no name is ever looked up); a Failure where this computer could not try.

    certificate: also a TLS handshake, of at most timeout_s more and 256 kB, whoever is there.
    """
    loop = asyncio.get_running_loop()
    target = f"{address} port {port}"
    started_s = time.perf_counter()
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        return classify(error, "connect", target)
    with sock:
        sock.setblocking(False)
        try:
            async with asyncio.timeout(timeout_s):
                await loop.sock_connect(sock, (address, port))
        except OSError as error:  # asyncio's time-out is one of them
            failure = classify(error, "connect", target)
            if failure.kind is FailureKind.TIMEOUT:
                return silent(ms_since(started_s), timeout_s, target)
            return Dialled(DialState.REFUSED, ms_since(started_s)) if failure.kind in _SAID_NO else failure
        took_ms = ms_since(started_s)
        print_sha256, speaks_tls = await _fingerprint(sock, timeout_s) if certificate else (None, None)
    return Dialled(DialState.OPEN, took_ms, print_sha256, speaks_tls)


def silent(took_ms: float, timeout_s: float, target: str) -> Dialled | Failure:
    """Nothing came in time; unless it was this computer that had no time to look."""
    if took_ms > (timeout_s + _LATE_S) * 1000:
        return Failure(FailureKind.LOCAL_RESOURCE, "connect", target, "this computer was too busy to look in time")
    return Dialled(DialState.TIMEOUT, took_ms)


class _NotTlsError(ValueError):
    """The first bytes of who answers are none of TLS."""


async def _fingerprint(sock: socket.socket, timeout_s: float) -> tuple[str | None, bool | None]:
    """And whether TLS is spoken, as far as the answer shows it."""
    try:
        async with asyncio.timeout(timeout_s):
            leaf = await _leaf(sock)
    except _NotTlsError:
        return None, False
    except (OSError, ValueError):  # none that this computer speaks, or cut
        return None, None
    return (hashlib.sha256(leaf).hexdigest(), True) if leaf else (None, None)


async def _leaf(sock: socket.socket) -> bytes | None:
    """The certificate of who answers, trusted or not. By hand, so that each byte is counted."""
    loop = asyncio.get_running_loop()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = any_tls().wrap_bio(incoming, outgoing)
    received = 0
    while True:
        try:
            await loop.run_in_executor(_COMPUTING, tls.do_handshake)
        except ssl.SSLWantReadError:
            done = False
        else:
            done = True
        if outgoing.pending:
            await loop.sock_sendall(sock, outgoing.read())
        if done:
            return tls.getpeercert(binary_form=True)
        data = await loop.sock_recv(sock, _RECEIVE_BYTES)
        if received == 0 and what_else(data, "") is not None:
            raise _NotTlsError
        received += len(data)
        if not data or received > _HANDSHAKE_MAX_BYTES:
            return None
        incoming.write(data)


@functools.cache
def any_tls() -> ssl.SSLContext:
    """Old servers too: an old Tomcat must not look as if it had no certificate. But no Diffie-Hellman of the server's
    own numbers: whoever is dialled would choose for how many seconds this computer works."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("kECDHE:kRSA:!PSK:!SRP:!aNULL:!eNULL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context
