"""Servers on loopback that speak TLS well, badly, or not at all."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import tcp_server

Pair = tuple[Path, Path]


def server_context(pair: Pair, *, newest: ssl.TLSVersion | None = None, ciphers: str | None = None) -> ssl.SSLContext:
    """newest: up to this version from TLS 1.0 on, with ciphers and keys of any strength."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
    if newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = newest
    context.load_cert_chain(*pair)
    return context


@contextmanager
def tls_server(
    pair: Pair,
    *,
    newest: ssl.TLSVersion | None = None,
    ciphers: str | None = None,
    asks: ssl.VerifyMode = ssl.CERT_NONE,
) -> Iterator[int]:
    """Shakes hands, reads once, closes; yields the port. asks: whether visitors may or must show a certificate."""
    context = server_context(pair, newest=newest, ciphers=ciphers)
    if asks is not ssl.CERT_NONE:
        context.load_verify_locations(pair[0])
        context.verify_mode = asks
    with tcp_server(read_once, tls=context) as port:
        yield port


def read_once(connection: socket.socket) -> None:
    connection.recv(4096)


def saying(*pieces: bytes, after_hello: bool = True) -> Callable[[socket.socket], None]:
    """A server that says these bytes, whatever it is told."""

    def handle(connection: socket.socket) -> None:
        if after_hello:
            connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
        connection.settimeout(0.2)
        while connection.recv(4096):
            pass

    return handle


def saying_once(data: bytes) -> Callable[[socket.socket], None]:
    """A server that listens once, says this, and ends the connection."""

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return handle
