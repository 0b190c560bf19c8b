"""Who answers to echo requests of any size and reach: the target, or a router on the way? Linux, without being root."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

from emrnetcheck.net import error_queue
from emrnetcheck.net.icmp import checksum, parse_echo_reply
from emrnetcheck.net.telling import Answer, TellingSocket, of_router, opened

_HEADER = struct.Struct("!BBHHH")
_ECHO_REQUEST = 8
IP_HEADER_BYTES, ICMP_HEADER_BYTES = 20, 8
USUAL_BYTES = IP_HEADER_BYTES + ICMP_HEADER_BYTES + 56  # as ping sends


@dataclass(slots=True)
class EchoSocket(TellingSocket):
    """An ICMP socket for one target whose packets tell what became of them. Packets must not be cut up.

    Keeps what load balancers look at the same for all packets, so that they take the same way: RFC 2992 and others
    choose by addresses and by the first bytes behind them, of which only the checksum could differ.
    """

    identifier: int | None = None
    """Of a raw socket; the kernel chooses that of the other kind."""

    @classmethod
    def open(cls, address: str, method: str) -> EchoSocket:
        """method: "icmp" or "icmp_raw". Raises OSError."""
        raw = method == "icmp_raw"
        kind = socket.SOCK_RAW if raw else socket.SOCK_DGRAM
        sock = opened(socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP))
        try:
            sock.connect((address, 0))
        except OSError:
            sock.close()
            raise
        return cls(address, sock, identifier=int.from_bytes(os.urandom(2), "big") if raw else None)

    def send(self, sequence: int, *, ttl: int = 64, size_bytes: int = USUAL_BYTES) -> Answer | None:
        """One packet of this size, IP header included, that dies after `ttl` routers.

        The answer where it is known at once: this computer's own connection takes no packet of that size. Raises
        OSError where nothing can be sent at all.
        """
        packet = echo_request(self.identifier or 0, sequence, size_bytes)
        self.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        return self._begin(sequence, size_bytes, lambda: self.sock.send(packet))

    def _sequence_of(self, data: bytes, where: object) -> int | None:
        del where  # the socket is connected: it hears one host only
        return parse_echo_reply(data, identifier=self.identifier, has_ip_header=self.identifier is not None)

    def _of_error(self, queued: error_queue.QueuedError) -> Answer | None:
        if len(queued.quoted) < _HEADER.size:
            return None
        kind, _, _, identifier, sequence = _HEADER.unpack_from(queued.quoted)
        sent = self.sent_at.get(sequence)
        if kind != _ECHO_REQUEST or sent is None or self.identifier not in (None, identifier):
            return None
        refused = Answer(sequence, "refused", queued.by, sent.rtt_ms(queued.arrived_wall_ns))
        return of_router(sequence, queued, sent) or refused


def echo_request(identifier: int, sequence: int, size_bytes: int = USUAL_BYTES) -> bytes:
    """An echo request whose checksum does not depend on its sequence number: the first two bytes of the payload make
    up for it. size_bytes: with the IP header, at least 30."""
    payload = struct.pack("!H", 0xFFFF - sequence) + b"emrnetcheck".ljust(
        size_bytes - IP_HEADER_BYTES - ICMP_HEADER_BYTES - 2, b"."
    )
    payload = payload[: max(2, size_bytes - IP_HEADER_BYTES - ICMP_HEADER_BYTES)]
    unsummed = _HEADER.pack(_ECHO_REQUEST, 0, 0, identifier, sequence) + payload
    return _HEADER.pack(_ECHO_REQUEST, 0, checksum(unsummed), identifier, sequence) + payload
