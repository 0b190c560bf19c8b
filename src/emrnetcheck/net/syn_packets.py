"""Which connections to one TCP port do these packets tell of, and what did this computer answer? Reads bytes only."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, replace

MAX_FLOWS = 4096
"""So many different connections are kept; a flood of them is not worth more memory."""
MAX_PACKETS = 20_000
MAX_SECONDS = 30.0
"""A watch ends by itself then, whoever forgot it."""

_TCP, _ICMP, _ICMP6 = 6, 1, 58
_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_UNREACHABLE = {4: 3, 6: 1}  # RFC 792 and RFC 4443: the type of "destination unreachable"
_V4_LEAST, _V6_HEAD, _TCP_LEAST, _ICMP_HEAD = 20, 40, 14, 8
_PORTS = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection that somebody began. accepted: SYN-ACK was sent back. refused: a reset or an ICMP error was.
    finished: after that the other end ended it, so it had the answer. unheard: after that either end began anew, as
    who does not hear the other does."""

    remote: str
    remote_port: int
    accepted: bool = False
    refused: bool = False
    finished: bool = False
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch saw. whole: nothing that came was missed, so that what is not among the flows did not come."""

    flows: tuple[Flow, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Packet:
    """What matters of one packet: the addresses at its two ends, and the flags; flags None: an ICMP error about it."""

    source: str
    source_port: int
    target: str
    target_port: int
    flags: int | None


def parse(data: bytes) -> Packet | None:
    """The packet, beginning with its IP header; None for anything else, and for what is cut off too early.

    Of an ICMP error the packet is told that it is about. IPv6 with extension headers is not followed.
    """
    cut = _inside(data)
    if cut is None:
        return None
    version, protocol, source, target, rest = cut
    if protocol == _TCP:
        return _tcp(source, target, rest)
    if protocol in (_ICMP, _ICMP6) and len(rest) > _ICMP_HEAD and rest[0] == _UNREACHABLE[version]:
        about = _inside(rest[_ICMP_HEAD:])
        if about is not None and about[1] == _TCP and len(about[4]) >= _PORTS.size:
            source_port, target_port = _PORTS.unpack_from(about[4])
            return Packet(about[2], source_port, about[3], target_port, None)
    return None


def _inside(data: bytes) -> tuple[int, int, str, str, bytes] | None:
    """(version, protocol, source, target, what it carries) of an IP packet that is no later fragment."""
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= _V4_LEAST:  # noqa: PLR2004 - IP versions
        head = (data[0] & 0xF) * 4
        if head < _V4_LEAST or struct.unpack_from("!H", data, 6)[0] & 0x1FFF:
            return None
        return 4, data[9], str(ipaddress.IPv4Address(data[12:16])), str(ipaddress.IPv4Address(data[16:20])), data[head:]
    if version == 6 and len(data) >= _V6_HEAD:  # noqa: PLR2004 - IP versions
        source, target = ipaddress.IPv6Address(data[8:24]), ipaddress.IPv6Address(data[24:40])
        return 6, data[6], str(source), str(target), data[_V6_HEAD:]
    return None


def _tcp(source: str, target: str, rest: bytes) -> Packet | None:
    if len(rest) < _TCP_LEAST:
        return None
    source_port, target_port = _PORTS.unpack_from(rest)
    return Packet(source, source_port, target, target_port, rest[13])


class Flows:
    """Connections to one port, put together packet by packet."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._known: dict[tuple[str, int], Flow] = {}
        self.too_many = False

    def add(self, data: bytes, *, outgoing: bool) -> None:
        """Take one packet into account; what is about another port changes nothing."""
        packet = parse(data)
        if packet is None:
            return
        if outgoing:
            self._answered(packet)
        elif packet.flags is not None and packet.target_port == self._port:
            self._came(packet, packet.flags)

    def _came(self, packet: Packet, flags: int) -> None:
        end = (packet.source, packet.source_port)
        flow = self._known.get(end)
        if flags & (_SYN | _ACK) == _SYN and flow is None:
            if len(self._known) >= MAX_FLOWS:
                self.too_many = True
                return
            self._known[end] = Flow(*end)
        elif flags & (_SYN | _ACK) == _SYN and flow is not None:
            self._known[end] = replace(flow, unheard=flow.accepted)
        elif flow is not None and flow.accepted and flags & (_FIN | _RST):
            self._known[end] = replace(flow, finished=True)

    def _answered(self, packet: Packet) -> None:
        if packet.flags is None:  # the packet that came, sent back inside the error
            end, port = (packet.source, packet.source_port), packet.target_port
        else:
            end, port = (packet.target, packet.target_port), packet.source_port
        flow = self._known.get(end)
        if flow is None or port != self._port:
            return
        if flow.accepted:
            if packet.flags is not None and packet.flags & (_SYN | _ACK) == _SYN | _ACK:
                self._known[end] = replace(flow, unheard=True)
        elif packet.flags is None or packet.flags & _RST:
            self._known[end] = replace(flow, refused=True)
        elif packet.flags & (_SYN | _ACK) == _SYN | _ACK:
            self._known[end] = replace(flow, accepted=True, refused=False)

    def known(self) -> tuple[Flow, ...]:
        """All of them, in the order in which they began."""
        return tuple(self._known.values())
