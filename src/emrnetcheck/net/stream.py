"""How much of what was given to one TCP or TLS connection has the other side acknowledged?"""

from __future__ import annotations

import errno
import functools
import os
import socket
import ssl
import struct
import sys
from collections import deque
from dataclasses import dataclass

from emrnetcheck.model import Failure
from emrnetcheck.net import tcp_info
from emrnetcheck.net.failures import classify
from emrnetcheck.net.pinning import other_than, pinned_context
from emrnetcheck.net.tcp_info import TcpInfo
from emrnetcheck.net.tls_records import RECORD_BYTES, record_overhead_bytes

# Linux's value; macOS has the same option as 0x201. Python names it only from 3.12 on, and not everywhere.
_NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}.get(sys.platform)
_UNSENT_BYTES = 64 * 1024
_SMALL_SEND_BUFFER_BYTES = 128 * 1024  # where the unsent part cannot be kept small, the whole buffer is

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, 10035}
_LINGER_ABORT = struct.pack("ii", 1, 0) if os.name != "nt" else struct.pack("hh", 1, 0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect: an IP address (its family is thereby pinned), a port, and the name for TLS (None: no TLS).

    ca_file: trust only the authorities in this file; None: those of the system (SSL_CERT_FILE is honoured). pin: the
    SHA-256 (64 lower-case hex digits) of the one certificate that may answer, whoever signed it.
    """

    address: str
    port: int
    server_name: str | None = None
    ca_file: str | None = None
    pin: str | None = None

    def text(self) -> str:
        """ADDRESS:PORT, an IPv6 address in brackets."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Stream:
    """One non-blocking connection. Failures of the network are returned, never raised.

    The life: open() -> advance() on each readiness until it says True -> send and receive -> close().
    """

    def __init__(self, endpoint: Endpoint, sock: socket.socket) -> None:
        self._endpoint = endpoint
        self._sock = sock
        self._connected = False
        self._open = False
        self._wants_write = True
        self._record_overhead_bytes = 0
        self._acked_before_bytes = 0  # the SYN and the TLS handshake
        self._wire_bytes = 0
        self._counted_bytes = 0
        self._marks: deque[tuple[int, int]] = deque()  # (wire, counted) bytes at the end of each send not yet acked
        self._acked_mark = (0, 0)
        self._refused: memoryview | None = None  # TLS wants the very same again, and breaks when it is less

    @classmethod
    def open(cls, endpoint: Endpoint) -> Stream | Failure:
        """Begin to connect; returns at once."""
        family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            return classify(error, "connect", endpoint.text())
        stream = cls(endpoint, sock)
        try:
            sock.setblocking(False)
            _tune(sock)
            code = sock.connect_ex((endpoint.address, endpoint.port))
        except OSError as error:
            code = error.errno or errno.EINVAL
        if code not in _IN_PROGRESS:
            stream.close()
            return classify(OSError(code, os.strerror(code)), "connect", endpoint.text())
        return stream

    @property
    def is_open(self) -> bool:
        """Connected, and with TLS the handshake done."""
        return self._open

    @property
    def wants_write(self) -> bool:
        """While not yet open: whether advance() waits for writability (else for readability)."""
        return self._wants_write

    def fileno(self) -> int:
        return self._sock.fileno()

    def advance(self) -> bool | Failure:
        """Go on with connecting after the socket became ready; True once it is open."""
        if not self._connected:
            code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code != 0:
                return classify(OSError(code, os.strerror(code)), "connect", self._endpoint.text())
            self._connected = True
            if self._endpoint.server_name is not None:
                failure = self._wrap(self._endpoint.server_name)
                if failure is not None:
                    return failure
        if isinstance(self._sock, ssl.SSLSocket):
            try:
                self._sock.do_handshake()
            except ssl.SSLWantReadError:
                self._wants_write = False
                return False
            except ssl.SSLWantWriteError:
                self._wants_write = True
                return False
            except OSError as error:
                return classify(error, "TLS handshake", self._endpoint.text())
            pin = self._endpoint.pin
            if pin is not None and (other := other_than(pin, self._sock, self._endpoint.text())) is not None:
                return other
            self._record_overhead_bytes = record_overhead_bytes(self._sock)
        info = self.tcp_info()
        self._acked_before_bytes = info.acked_bytes if info is not None else 0
        self._open = True
        return True

    def _wrap(self, server_name: str) -> Failure | None:
        try:
            if self._endpoint.pin is not None:
                context = pinned_context()
            else:
                context = _context(self._endpoint.ca_file, os.environ.get("SSL_CERT_FILE"))
            self._sock = context.wrap_socket(self._sock, server_hostname=server_name, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            return classify(error, "TLS handshake", self._endpoint.text())
        return None

    def send(self, data: memoryview, *, counted: bool = True) -> int | Failure:
        """Give data to the kernel: the number of bytes taken, 0 if it takes none now.

        counted: whether acked_bytes() counts them (the body) or not (the head of a request). What was not taken has to
        be given next; with TLS as much of it as then may be taken, also where less is given (OpenSSL's SSL_write(3)).
        """
        piece = data[:RECORD_BYTES] if self._record_overhead_bytes else data
        if self._refused is not None and len(self._refused) > len(piece):
            piece = self._refused
        try:
            taken = self._sock.send(piece)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self._refused = piece if self._record_overhead_bytes else None
            return 0
        except OSError as error:
            return classify(error, "send", self._endpoint.text())
        self._refused = None
        self._wire_bytes += taken + self._record_overhead_bytes
        self._counted_bytes += taken if counted else 0
        self._marks.append((self._wire_bytes, self._counted_bytes))
        return taken

    def receive(self, limit_bytes: int) -> bytes | Failure | None:
        """What has come, at most limit_bytes; b"" at the end of the stream, None if nothing is there now."""
        try:
            return self._sock.recv(limit_bytes)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        except OSError as error:
            return classify(error, "receive", self._endpoint.text())

    def receive_into(self, room: memoryview) -> int | Failure | None:
        """As receive(), into a buffer of the caller: the number of bytes, 0 at the end of the stream."""
        try:
            return self._sock.recv_into(room)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return 0
        except OSError as error:
            return classify(error, "receive", self._endpoint.text())

    def acked_bytes(self) -> int | None:
        """Counted bytes, without TLS overhead, that the other side's kernel acknowledged; None where unknown."""
        info = self.tcp_info()
        if info is None:
            return None
        wire = info.acked_bytes - self._acked_before_bytes
        while self._marks and self._marks[0][0] <= wire:
            self._acked_mark = self._marks.popleft()
        wire_at, counted_at = self._acked_mark
        if not self._marks or wire <= wire_at:
            return counted_at
        next_wire, next_counted = self._marks[0]
        return counted_at + (next_counted - counted_at) * (wire - wire_at) // (next_wire - wire_at)

    def sacked_bytes(self) -> int | None:
        """See tcp_info.sacked_bytes."""
        return tcp_info.sacked_bytes(self._sock)

    def tcp_info(self) -> TcpInfo | None:
        """See tcp_info.read."""
        return tcp_info.read(self._sock)

    def frame_bytes(self) -> int | None:
        """See tcp_info.frame_bytes."""
        return tcp_info.frame_bytes(self._sock, self._endpoint.address)

    def window_limited(self) -> float | None:
        """See tcp_info.window_limited."""
        return tcp_info.window_limited(self._sock)

    def congestion(self) -> str | None:
        """See tcp_info.congestion."""
        return tcp_info.congestion(self._sock)

    def close(self, *, abort: bool = False) -> None:
        """Close; abort: forget what is not yet sent, so that the line is free at once (a reset to the other side)."""
        try:
            if abort:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ABORT)
            self._sock.close()
        except OSError:
            pass  # nothing is left that a failure here could spoil
        self._open = False


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if _NOTSENT_LOWAT is not None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES)
            return
        except OSError:
            pass  # an older kernel: the smaller buffer does the same, less well
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_SEND_BUFFER_BYTES)


@functools.lru_cache(maxsize=4)
def _context(ca_file: str | None, _environment_ca_file: str | None) -> ssl.SSLContext:
    # Loading the authorities takes tens of ms: once, not once a stream. The environment is part of the key only.
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
