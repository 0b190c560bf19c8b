"""When did a packet arrive, as the kernel saw it, and not when a thread of ours had its turn?"""

from __future__ import annotations

import socket
import struct
import sys
import time
from dataclasses import dataclass

# linux/socket.h, not named by Python. Other systems have other forms: there the time of reading has to do.
_SO_TIMESTAMPNS = 35 if sys.platform == "linux" else None
_TIMESPEC = struct.Struct("@ll")
ANCILLARY_BYTES = 512

Ancillary = list[tuple[int, int, bytes]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The moment of sending on both clocks."""

    wall_ns: int
    perf_ns: int

    @classmethod
    def now(cls) -> Sent:
        """To be taken just before sending."""
        return cls(time.time_ns(), time.perf_counter_ns())

    def rtt_ms(self, arrived_wall_ns: int | None) -> float:
        """Milliseconds from sending to the kernel's arrival time; to now where that is not known or cannot be.

        It cannot be if the wall clock was set meanwhile.
        """
        until_now_ns = time.perf_counter_ns() - self.perf_ns
        if arrived_wall_ns is not None and 0 < arrived_wall_ns - self.wall_ns <= until_now_ns:
            return (arrived_wall_ns - self.wall_ns) / 1e6
        return until_now_ns / 1e6


def note_arrivals(sock: socket.socket) -> None:
    """Let the kernel note when packets for this datagram socket arrive."""
    if _SO_TIMESTAMPNS is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        except OSError:
            pass  # an odd kernel: the time of reading has to do


def receive(sock: socket.socket, limit_bytes: int) -> tuple[bytes, int | None]:
    """A datagram, and when it arrived (wall clock, ns), None where the system does not say."""
    if _SO_TIMESTAMPNS is None:
        return sock.recv(limit_bytes), None
    data, ancillary, _, _ = sock.recvmsg(limit_bytes, ANCILLARY_BYTES)
    return data, arrived_wall_ns(ancillary)


def arrived_wall_ns(ancillary: Ancillary) -> int | None:
    """The kernel's time of arrival among what recvmsg gave beside the data."""
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(value) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(value)
            return int(seconds) * 1_000_000_000 + int(nanoseconds)
    return None
