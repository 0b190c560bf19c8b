"""Who may connect to a server of ours? Asked for each connection before a byte of it is read, TLS included."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import socket
import ssl
import struct
import sys
from asyncio import sslproto
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from emrnetcheck.model import Failure
from emrnetcheck.net.failures import classify

_BACKLOG = 1024
"""Who finds it full comes again after 1, 3 and 7 s: that is how an attack makes others wait."""
_IN_A_ROW = 16
_TLS_BUFFER_BYTES = 32 * 1024
_OUT_OF_RESOURCES_S = 0.1
_LINGER_ABORT = struct.pack("ii", 1, 0) if os.name != "nt" else struct.pack("hh", 1, 0)


Listener = socket.socket
ServerTls = ssl.SSLContext


class Place(Protocol):
    """What a connection holds while it is there. cut is called to end it at once."""

    cut: Callable[[], None]

    def release(self) -> None: ...


def listen(address: str, port: int) -> Listener | Failure:
    """A listening socket on an IP address; one on "::" takes IPv6 only."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        return classify(error, "listen", f"{address} port {port}")
    try:
        if sys.platform != "win32":  # there it would let another program take the port over
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        return classify(error, "listen", f"{address} port {port}")
    return sock


def server_tls(certificate: Path, key: Path) -> ServerTls | Failure:
    """TLS 1.2 and up with this certificate. A key with a password is refused: nobody is there to type it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        return classify(error, "read the certificate", str(certificate))
    return context


async def accept_each(
    listener: Listener,
    admit: Callable[[str], Place | None],
    protocol: Callable[[Place], asyncio.Protocol],
    *,
    tls: ServerTls | None,
    handshake_s: float,
    linger_s: float,
) -> None:
    """Accept until cancelled. Who is not admitted is reset; a place is given back here if no protocol came to be."""
    # asyncio sets 256 kB aside for each TLS connection, and so much for who never says a word is a way in. A record has
    # 16 kB (RFC 8446 5.1).
    sslproto.SSLProtocol.max_size = _TLS_BUFFER_BYTES
    loop = asyncio.get_running_loop()
    connecting: set[asyncio.Task[None]] = set()
    for accepted in itertools.count(1):
        try:
            sock, where = await loop.sock_accept(listener)
        except OSError:  # no descriptor is left, or whoever came is gone already
            await asyncio.sleep(_OUT_OF_RESOURCES_S)
            continue
        place = admit(where[0])
        if place is None:
            _reset(sock)
        else:
            task = loop.create_task(_connect(sock, place, protocol, tls, handshake_s, linger_s))
            place.cut = _canceller(task)
            connecting.add(task)
            task.add_done_callback(connecting.discard)
        # A waiting connection is accepted without a pause; the others have their turn here.
        if accepted % _IN_A_ROW == 0:
            await asyncio.sleep(0)


def _canceller(task: asyncio.Task[None]) -> Callable[[], None]:
    def cancel() -> None:
        task.cancel()

    return cancel


async def _connect(
    sock: socket.socket,
    place: Place,
    protocol: Callable[[Place], asyncio.Protocol],
    tls: ServerTls | None,
    handshake_s: float,
    linger_s: float,
) -> None:
    loop = asyncio.get_running_loop()
    times = {} if tls is None else {"ssl_handshake_timeout": handshake_s, "ssl_shutdown_timeout": linger_s}
    try:
        transport, _ = await loop.connect_accepted_socket(lambda: protocol(place), sock, ssl=tls, **times)
    except (OSError, ValueError):  # no TLS, or gone
        place.release()
        sock.close()
    except asyncio.CancelledError:
        place.release()
        sock.close()
        raise
    else:
        place.cut = functools.partial(reset, transport)


def reset(transport: asyncio.BaseTransport) -> None:
    """End it now. Without the reset the kernel would keep what is unsent, for who reads slowly, for minutes."""
    sock = transport.get_extra_info("socket")
    try:
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ABORT)
    except OSError:
        pass  # it is gone already
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _reset(sock: socket.socket) -> None:
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ABORT)
    except OSError:
        pass  # then it is closed as any other
    sock.close()
