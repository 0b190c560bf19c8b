"""What do routers on the way say of packets of ours, as Linux tells a normal user: the error queue of a socket?"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from emrnetcheck.net import arrival

# linux/in.h, linux/in6.h, linux/errqueue.h, not named by Python.
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER, _PMTUDISC_PROBE = 10, 23, 3
_MSG_ERRQUEUE = 0x2000
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # struct sock_extended_err
_SOCKADDR_IN = struct.Struct("=HH4s")
_SOCKADDR_IN6 = struct.Struct("=HHI16s")
_ORIGIN_LOCAL, _ORIGIN_ICMP, _ORIGIN_ICMP6 = 1, 2, 3
_QUOTE_BYTES = 64
UNREACHABLE, TIME_EXCEEDED = 3, 11  # ICMP types, RFC 792
PORT_UNREACHABLE, TOO_BIG = 3, 4  # codes of UNREACHABLE
_OTHER_CODE = 1
_UNREACHABLE_6, _TOO_BIG_6, _TIME_EXCEEDED_6 = 1, 2, 3  # ICMPv6 types, RFC 4443
_PORT_UNREACHABLE_6 = 4  # a code of the first


@dataclass(frozen=True, slots=True)
class QueuedError:
    """One complaint about a packet of ours.

    kind, code: of the ICMP message; those of ICMPv6 in the words of ICMP. by: who sent it; None: this computer itself.
    mtu: with TOO_BIG, the largest packet that fits, 0 from a router that does not tell. quoted: the beginning of our
    own packet, behind its IP header (behind the UDP header too, on a UDP socket), as far as the router sent it back.
    port: where the UDP packet was going to. arrived_wall_ns: None where the kernel does not say.
    """

    kind: int
    code: int
    by: str | None
    mtu: int
    quoted: bytes
    port: int
    arrived_wall_ns: int | None


def watch(sock: socket.socket) -> None:
    """Let the kernel keep the complaints about this socket's packets. Raises OSError where it cannot."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)


def forbid_cutting(sock: socket.socket) -> None:
    """Packets of this socket must not be cut up on the way, and are sent whatever the kernel believes of the way."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, _PMTUDISC_PROBE)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _PMTUDISC_PROBE)


def take(sock: socket.socket) -> QueuedError | None:
    """The next complaint; None where there is none, or one that makes no sense. Never waits, never raises."""
    try:
        quoted, ancillary, _, towards = sock.recvmsg(_QUOTE_BYTES, arrival.ANCILLARY_BYTES, _MSG_ERRQUEUE)
    except OSError:
        return None  # empty
    port = towards[1] if isinstance(towards, tuple) and len(towards) > 1 else 0
    for level, kind, data in ancillary:
        if (level, kind) in ((socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)):
            return parse(data, quoted, int(port), arrival.arrived_wall_ns(ancillary))
    return None


def parse(data: bytes, quoted: bytes, port: int, arrived_wall_ns: int | None) -> QueuedError | None:
    """An IP_RECVERR or IPV6_RECVERR message: the error, followed by the address of who sent it. None: no sense."""
    if len(data) < _EXTENDED_ERROR.size:
        return None
    _, origin, kind, code, _, info, _ = _EXTENDED_ERROR.unpack_from(data)
    if origin == _ORIGIN_LOCAL:
        return QueuedError(UNREACHABLE, TOO_BIG if info else _OTHER_CODE, None, info, quoted, port, arrived_wall_ns)
    by = _sender(data[_EXTENDED_ERROR.size :])
    if by is None or origin not in (_ORIGIN_ICMP, _ORIGIN_ICMP6):
        return None
    if origin == _ORIGIN_ICMP6:
        kind, code = _in_words_of_icmp(kind, code)
    return QueuedError(kind, code, by, info, quoted, port, arrived_wall_ns)


def _sender(data: bytes) -> str | None:
    if len(data) < _SOCKADDR_IN.size:
        return None
    family, _, packed = _SOCKADDR_IN.unpack_from(data)
    if family == socket.AF_INET:
        return socket.inet_ntoa(packed)
    if family == socket.AF_INET6 and len(data) >= _SOCKADDR_IN6.size:
        return socket.inet_ntop(socket.AF_INET6, _SOCKADDR_IN6.unpack_from(data)[3])
    return None


def _in_words_of_icmp(kind: int, code: int) -> tuple[int, int]:
    if kind == _TOO_BIG_6:
        return UNREACHABLE, TOO_BIG
    if kind == _TIME_EXCEEDED_6:
        return TIME_EXCEEDED, code
    port = kind == _UNREACHABLE_6 and code == _PORT_UNREACHABLE_6
    return UNREACHABLE, PORT_UNREACHABLE if port else _OTHER_CODE
