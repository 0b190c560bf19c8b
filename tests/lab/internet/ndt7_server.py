"""A stand-in for M-Lab's ndt-server: the ndt7 upload as the protocol's document has it, and ways to fail.

python -m tests.lab.internet.ndt7_server ADDRESS PORT
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

SUBPROTOCOL = Subprotocol("net.measurementlab.ndt.v7")
_EVERY_S = 0.25
_LONGEST_S = 10.0
_RECEIVED = struct.Struct("@128xQ")  # tcpi_bytes_received of linux/tcp.h
FAULTS = (
    *("none", "no subprotocol", "closes at once", "garbage", "never reports", "huge", "stalls", "stops counting"),
    *("lies", "binary", "flood", "backwards", "wrong clock", "nested"),
    *("clock stands", "negative", "no numbers", "other reports", "resets"),
)


@dataclass(slots=True)
class Ndt7Server:
    """fault: one of FAULTS. read_bytes_per_s: how fast it reads. loading: data comes; gone: the connection is over."""

    fault: str = "none"
    read_bytes_per_s: float | None = None
    longest_s: float = _LONGEST_S
    port: int = 0
    received_bytes: int = 0
    paths: list[str] = field(default_factory=list)
    loading: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    def handle(self, connection: ServerConnection) -> None:
        """One upload."""
        if connection.request is not None:
            self.paths.append(connection.request.path)
        if self.fault == "closes at once":
            return
        reporter = threading.Thread(target=self._report, args=(connection,), daemon=True)
        reporter.start()
        began_s = time.monotonic()
        try:
            while time.monotonic() - began_s < self.longest_s and not self._stop.is_set():
                try:
                    message = connection.recv(timeout=0.5)
                except TimeoutError:
                    continue
                self.received_bytes += len(message)
                self.loading.set()
                if self.fault == "resets" and time.monotonic() - began_s > 2 * _EVERY_S:
                    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.socket.close()
                    return
                if self.fault == "stalls":
                    self._stop.wait(20.0)
                if self.read_bytes_per_s is not None:
                    self._stop.wait(len(message) / self.read_bytes_per_s)
        except ConnectionClosed:
            pass
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)  # an abrupt end is allowed
        reporter.join(5.0)
        self.gone.set()

    def _report(self, connection: ServerConnection) -> None:
        began_s, number = time.monotonic(), 0
        with contextlib.suppress(ConnectionClosed, OSError):
            while not self._stop.wait(0.0 if self.fault == "flood" else _EVERY_S):
                number += 1
                if self.fault == "never reports" or (self.fault == "stalls" and number > 2):
                    continue
                if number % 4 == 0:
                    connection.ping()
                connection.send(self._said(connection, time.monotonic() - began_s, number))

    def _said(self, connection: ServerConnection, elapsed_s: float, number: int) -> str | bytes:
        raw = connection.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        (received,) = _RECEIVED.unpack_from(raw)
        if self.fault in ("garbage", "huge", "nested"):
            return {"garbage": "{not", "huge": "x" * (1 << 17), "nested": "[" * 60_000}[self.fault]
        if self.fault == "lies":
            received *= 3
        if self.fault == "backwards":
            received = 10_000_000 // number
        if self.fault == "stops counting":
            received = min(received, 1000)
        if self.fault == "wrong clock":
            elapsed_s /= 10
        if self.fault == "clock stands":
            elapsed_s = 0.25
        if self.fault == "other reports":
            return '{"BBRInfo": {}}'
        info: dict[str, object] = {
            "BytesReceived": received,
            "ElapsedTime": round(elapsed_s * 1e6),
            "MinRTT": 1,
            "RTT": 1,
        }
        if self.fault in ("negative", "no numbers"):
            info["BytesReceived"] = -1 if self.fault == "negative" else "many"
        text = json.dumps({"ConnectionInfo": {"Client": "", "Server": "", "UUID": "x"}, "TCPInfo": info})
        return text.encode() if self.fault == "binary" else text

    def server(self, address: str, port: int, tls: ssl.SSLContext | None = None) -> Server:
        """Bound and listening."""
        subprotocols = None if self.fault == "no subprotocol" else [SUBPROTOCOL]
        options = {"subprotocols": subprotocols, "compression": None, "max_size": 1 << 24, "ssl": tls}
        made = serve(self.handle, address, port, close_timeout=0.2, max_queue=1, **options)  # type: ignore[arg-type]
        self.port = made.socket.getsockname()[1]
        return made

    @contextlib.contextmanager
    def running(self, tls: ssl.SSLContext | None = None) -> Iterator[Ndt7Server]:
        """On 127.0.0.1 for the time of a test."""
        with self.server("127.0.0.1", 0, tls) as made:
            # Small, so that what is not yet read does not come by the megabyte.
            made.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            thread = threading.Thread(target=made.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                self._stop.set()
                made.shutdown()
                thread.join(10.0)


def main() -> None:
    """Serve until killed."""
    with Ndt7Server().server(sys.argv[1], int(sys.argv[2])) as made:
        made.serve_forever()


if __name__ == "__main__":
    main()
