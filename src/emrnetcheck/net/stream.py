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
from emrnetcheck.net.failures import classify
from emrnetcheck.net.pinning import other_than, pinned_context

# Linux's value; macOS has the same option as 0x201. Python names it only from 3.12 on, and not everywhere.
_NOTSENT_LOWAT = {"linux": 25, "darwin": 0x201}.get(sys.platform)
_UNSENT_BYTES = 64 * 1024
_SMALL_SEND_BUFFER_BYTES = 128 * 1024  # where the unsent part cannot be kept small, the whole buffer is

# struct tcp_info of linux/tcp.h: rtt, total_retrans and segs_out are u32, bytes_acked and bytes_sent u64 (Linux 4.1).
_SEGMENT_BYTES = struct.Struct("@16xI")
_SACKED_SEGMENTS = struct.Struct("@28xI")
_RTT_US = struct.Struct("@68xI")
_TOTAL_RETRANS = struct.Struct("@100xI")
_BYTES_ACKED = struct.Struct("@120xQ")
_SEGS_OUT = struct.Struct("@136xI")
_BUSY_AND_WINDOW_LIMITED_US = struct.Struct("@168xQQ")  # Linux 4.10
_BYTES_SENT = struct.Struct("@200xQ")  # retransmissions included (Linux 4.19)
_TCP_INFO_BYTES = 256
_FRAME_HEADERS_BYTES = {4: 14 + 20 + 32, 6: 14 + 40 + 32}  # Ethernet, IP, TCP with time stamps

_TLS_RECORD_BYTES = 16384  # RFC 8446 section 5.1: the most plaintext that one record may hold
# Header 5 + content type 1 + tag 16 (RFC 8446 5.2); TLS 1.2: header 5 + nonce 8 + tag 16 (RFC 5288), ChaCha20 without
# the nonce (RFC 7905).
_TLS_13_OVERHEAD_BYTES = 22
_TLS_12_GCM_OVERHEAD_BYTES = 29
_TLS_12_CHACHA_OVERHEAD_BYTES = 21

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


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """What the kernel knows of a connection. acked_bytes counts TLS records and the SYN too."""

    acked_bytes: int
    rtt_ms: float
    retransmits: int


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
            self._record_overhead_bytes = _record_overhead_bytes(self._sock)
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
        piece = data[:_TLS_RECORD_BYTES] if self._record_overhead_bytes else data
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
        """What the other side's kernel says it has beyond a gap (selective acknowledgements, RFC 2018), in whole
        segments; None where unknown."""
        raw = self._raw_tcp_info(_BYTES_ACKED.size)
        if raw is None:
            return None
        (segment_bytes,), (segments,) = _SEGMENT_BYTES.unpack_from(raw), _SACKED_SEGMENTS.unpack_from(raw)
        return int(segment_bytes * segments)

    def tcp_info(self) -> TcpInfo | None:
        """The kernel's TCP_INFO; None on systems without it, or when it is too old to count acknowledged bytes."""
        raw = self._raw_tcp_info(_BYTES_ACKED.size)
        if raw is None:
            return None
        (acked,), (rtt_us,), (retransmits,) = (
            layout.unpack_from(raw) for layout in (_BYTES_ACKED, _RTT_US, _TOTAL_RETRANS)
        )
        return TcpInfo(acked, rtt_us / 1000, retransmits)

    def frame_bytes(self) -> int | None:
        """Bytes of Ethernet frames that this connection has sent, retransmissions included; None where unknown."""
        return _frame_bytes(self._raw_tcp_info(_BYTES_SENT.size), self._endpoint)

    def window_limited(self) -> float | None:
        """See window_limited."""
        return window_limited(self._sock)

    def _raw_tcp_info(self, least_bytes: int) -> bytes | None:
        return _raw_tcp_info(self._sock, least_bytes)

    def congestion(self) -> str | None:
        """How this system's TCP finds its pace, such as cubic or bbr; None where it does not tell."""
        if sys.platform != "linux":
            return None
        try:
            return self._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode("ascii")
        except (OSError, UnicodeDecodeError):
            return None

    def close(self, *, abort: bool = False) -> None:
        """Close; abort: forget what is not yet sent, so that the line is free at once (a reset to the other side)."""
        try:
            if abort:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ABORT)
            self._sock.close()
        except OSError:
            pass  # nothing is left that a failure here could spoil
        self._open = False


def window_limited(sock: socket.socket) -> float | None:
    """The share of the time with data to send in which the other side's window let none out (tcpi_rwnd_limited of
    tcpi_busy_time); None where unknown."""
    raw = _raw_tcp_info(sock, _BUSY_AND_WINDOW_LIMITED_US.size)
    if raw is None:
        return None
    busy_us, limited_us = _BUSY_AND_WINDOW_LIMITED_US.unpack_from(raw)
    return limited_us / busy_us if busy_us else None


def frame_bytes(sock: socket.socket, endpoint: Endpoint) -> int | None:
    """See Stream.frame_bytes."""
    return _frame_bytes(_raw_tcp_info(sock, _BYTES_SENT.size), endpoint)


def _frame_bytes(raw: bytes | None, endpoint: Endpoint) -> int | None:
    if raw is None:
        return None
    (sent,), (segments,) = _BYTES_SENT.unpack_from(raw), _SEGS_OUT.unpack_from(raw)
    return int(sent + segments * _FRAME_HEADERS_BYTES[6 if ":" in endpoint.address else 4])


def _raw_tcp_info(sock: socket.socket, least_bytes: int) -> bytes | None:
    """struct tcp_info as this kernel fills it; None where there is none, or an older, shorter one."""
    if sys.platform != "linux":
        return None
    try:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    return raw if len(raw) >= least_bytes else None


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if _NOTSENT_LOWAT is not None:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT_BYTES)
            return
        except OSError:
            pass  # an older kernel: the smaller buffer does the same, less well
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL_SEND_BUFFER_BYTES)


def _record_overhead_bytes(sock: ssl.SSLSocket) -> int:
    if sock.version() == "TLSv1.3":
        return _TLS_13_OVERHEAD_BYTES
    cipher = sock.cipher()
    return _TLS_12_CHACHA_OVERHEAD_BYTES if cipher and "CHACHA20" in cipher[0] else _TLS_12_GCM_OVERHEAD_BYTES


@functools.lru_cache(maxsize=4)
def _context(ca_file: str | None, _environment_ca_file: str | None) -> ssl.SSLContext:
    # Loading the authorities takes tens of ms: once, not once a stream. The environment is part of the key only.
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
