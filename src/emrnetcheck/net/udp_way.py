"""Who complains about UDP packets of any size and reach: the target, or a router on the way? Linux, for anybody."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from emrnetcheck.net import error_queue
from emrnetcheck.net.telling import Answer, TellingSocket, of_router, opened
from emrnetcheck.net.trace import FIRST_PORT

UDP = "udp_errors"
_HEADER_BYTES = 8
_IP_HEADER_BYTES = {socket.AF_INET: 20, socket.AF_INET6: 40}
_TEXT = b"emrnetcheck"
USUAL_BYTES = 60  # as traceroute sends


@dataclass(slots=True)
class UdpSocket(TellingSocket):
    """A UDP socket for one target, IPv4 or IPv6, whose packets tell what became of them. They must not be cut up.

    The port tells which packet it was, because a router need not send back more than that. Nobody listens there, so the
    target's own complaint is its answer.
    """

    @classmethod
    def open(cls, address: str) -> UdpSocket:
        """Raises OSError."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return cls(str(ipaddress.ip_address(address)), opened(socket.socket(family, socket.SOCK_DGRAM)))

    def send(self, sequence: int, *, ttl: int = 64, size_bytes: int = USUAL_BYTES) -> Answer | None:
        """One packet of this size, IP header included, that dies after `ttl` routers.

        The answer where it is known at once: this computer's own connection takes no packet of that size. Raises
        OSError where nothing can be sent at all.
        """
        family = self.sock.family
        if family == socket.AF_INET6:
            self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
        else:
            self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        packet = _TEXT.ljust(max(len(_TEXT), size_bytes - _IP_HEADER_BYTES[family] - _HEADER_BYTES), b".")
        where = (self.address, FIRST_PORT + sequence)
        return self._begin(sequence, size_bytes, lambda: self.sock.sendto(packet, where))

    def _sequence_of(self, data: bytes, where: object) -> int | None:
        """Somebody listens there, and has said something."""
        del data
        if not isinstance(where, tuple) or where[0] != self.address:
            return None
        port: int = where[1]
        return port - FIRST_PORT

    def _of_error(self, queued: error_queue.QueuedError) -> Answer | None:
        sequence = queued.port - FIRST_PORT
        sent = self.sent_at.get(sequence)
        if sent is None or queued.by is None:
            return None
        of_way = of_router(sequence, queued, sent)
        if of_way is not None:
            return of_way
        rtt_ms = sent.rtt_ms(queued.arrived_wall_ns)
        there = queued.by == self.address
        if queued.kind == error_queue.UNREACHABLE and (queued.code == error_queue.PORT_UNREACHABLE or there):
            return Answer(sequence, "reply", queued.by, rtt_ms)
        return Answer(sequence, "refused", queued.by, rtt_ms)
