"""What does the kernel know of a TCP connection: acknowledged, sent again, held up by the other side's window?"""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """What the kernel knows of a connection. acked_bytes counts TLS records and the SYN too."""

    acked_bytes: int
    rtt_ms: float
    retransmits: int


def read(sock: socket.socket) -> TcpInfo | None:
    """The kernel's TCP_INFO; None on systems without it, or when it is too old to count acknowledged bytes."""
    raw = _raw(sock, _BYTES_ACKED.size)
    if raw is None:
        return None
    (acked,), (rtt_us,), (retransmits,) = (
        layout.unpack_from(raw) for layout in (_BYTES_ACKED, _RTT_US, _TOTAL_RETRANS)
    )
    return TcpInfo(acked, rtt_us / 1000, retransmits)


def sacked_bytes(sock: socket.socket) -> int | None:
    """What the other side's kernel says it has beyond a gap (selective acknowledgements, RFC 2018), in whole
    segments; None where unknown."""
    raw = _raw(sock, _BYTES_ACKED.size)
    if raw is None:
        return None
    (segment_bytes,), (segments,) = _SEGMENT_BYTES.unpack_from(raw), _SACKED_SEGMENTS.unpack_from(raw)
    return int(segment_bytes * segments)


def frame_bytes(sock: socket.socket, address: str) -> int | None:
    """Bytes of Ethernet frames that the connection to this IP address has sent, retransmissions included; None where
    unknown."""
    raw = _raw(sock, _BYTES_SENT.size)
    if raw is None:
        return None
    (sent,), (segments,) = _BYTES_SENT.unpack_from(raw), _SEGS_OUT.unpack_from(raw)
    return int(sent + segments * _FRAME_HEADERS_BYTES[6 if ":" in address else 4])


def window_limited(sock: socket.socket) -> float | None:
    """The share of the time with data to send in which the other side's window let none out (tcpi_rwnd_limited of
    tcpi_busy_time); None where unknown."""
    raw = _raw(sock, _BUSY_AND_WINDOW_LIMITED_US.size)
    if raw is None:
        return None
    busy_us, limited_us = _BUSY_AND_WINDOW_LIMITED_US.unpack_from(raw)
    return limited_us / busy_us if busy_us else None


def congestion(sock: socket.socket) -> str | None:
    """How this system's TCP finds its pace, such as cubic or bbr; None where it does not tell."""
    if sys.platform != "linux":
        return None
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None


def _raw(sock: socket.socket, least_bytes: int) -> bytes | None:
    """struct tcp_info as this kernel fills it; None where there is none, or an older, shorter one."""
    if sys.platform != "linux":
        return None
    try:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    return raw if len(raw) >= least_bytes else None
