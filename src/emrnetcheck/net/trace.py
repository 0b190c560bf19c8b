"""Which routers are the first on the way out? Linux, without root: UDP with small TTLs and the socket's error queue."""

from __future__ import annotations

import selectors
import socket
import struct
import sys
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify

HOPS = 4
FIRST_PORT = 33434  # traceroute's: on these nobody listens, so the end of the way says "port unreachable"
_IP_RECVERR = 11  # linux/in.h
_MSG_ERRQUEUE = 0x2000
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # struct sock_extended_err, linux/errqueue.h
_SOCKADDR_IN = struct.Struct("=HH4s")
_ORIGIN_ICMP = 2
_TIME_EXCEEDED = 11


@dataclass(frozen=True, slots=True)
class TracedHop:
    """Who said that the packet with this TTL died there. address None: silence. end: the target itself was reached."""

    ttl: int
    address: str | None
    rtt_ms: float | None
    end: bool


@dataclass(slots=True)
class _Probe:
    ttl: int
    sock: socket.socket
    sent: arrival.Sent
    hop: TracedHop


def first_hops(towards: str, *, hops: int = HOPS, timeout_s: float = 1.0) -> tuple[TracedHop, ...] | Failure:
    """The first routers towards an IPv4 address: all TTLs are sent at once, and one time-out is for all together.

    Stops at the target where that is nearer. UNSUPPORTED where the system has no error queue for normal users.
    """
    if sys.platform != "linux":
        return Failure(FailureKind.UNSUPPORTED, "trace", towards)
    probes: list[_Probe] = []
    selector = selectors.DefaultSelector()
    try:
        for ttl in range(1, hops + 1):
            probe = _send(towards, ttl)
            probes.append(probe)
            selector.register(probe.sock, selectors.EVENT_READ, probe)
        _collect(selector, Deadline.after(timeout_s))
    except OSError as error:
        return classify(error, "trace", towards)
    finally:
        selector.close()
        for probe in probes:
            probe.sock.close()
    seen = []
    for probe in probes:
        seen.append(probe.hop)
        if probe.hop.end:
            break
    return tuple(seen)


def _send(towards: str, ttl: int) -> _Probe:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        arrival.note_arrivals(sock)
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        sock.connect((towards, FIRST_PORT + ttl))
        sent = arrival.Sent.now()
        sock.send(b"emrnetcheck")
    except OSError:
        sock.close()
        raise
    return _Probe(ttl, sock, sent, TracedHop(ttl, None, None, end=False))


def _collect(selector: selectors.BaseSelector, deadline: Deadline) -> None:
    waiting = len(selector.get_map())
    while waiting and not deadline.passed():
        for key, _ in selector.select(deadline.remaining_s()):
            probe = key.data
            assert isinstance(probe, _Probe)
            try:
                _, ancillary, _, _ = probe.sock.recvmsg(0, arrival.ANCILLARY_BYTES, _MSG_ERRQUEUE)
                probe.hop = _read(probe.ttl, ancillary, probe.sent.rtt_ms(arrival.arrived_wall_ns(ancillary)))
            except BlockingIOError:  # no error, so it is data: something listens there, and answered
                probe.hop = TracedHop(probe.ttl, str(probe.sock.getpeername()[0]), probe.sent.rtt_ms(None), end=True)
            selector.unregister(probe.sock)
            waiting -= 1


def _read(ttl: int, ancillary: arrival.Ancillary, rtt_ms: float) -> TracedHop:
    for level, kind, data in ancillary:
        if level == socket.IPPROTO_IP and kind == _IP_RECVERR:
            return parse_error(ttl, data, rtt_ms)
    return TracedHop(ttl, None, None, end=False)


def parse_error(ttl: int, data: bytes, rtt_ms: float) -> TracedHop:
    """A hop out of an IP_RECVERR message: the error, followed by the address of who sent it."""
    if len(data) < _EXTENDED_ERROR.size + _SOCKADDR_IN.size:
        return TracedHop(ttl, None, None, end=False)
    _, origin, kind, _, _, _, _ = _EXTENDED_ERROR.unpack_from(data)
    family, _, packed = _SOCKADDR_IN.unpack_from(data, _EXTENDED_ERROR.size)
    if origin != _ORIGIN_ICMP or family != socket.AF_INET:
        return TracedHop(ttl, None, None, end=False)
    return TracedHop(ttl, socket.inet_ntoa(packed), rtt_ms, end=kind != _TIME_EXCEEDED)
