"""By which packets is a trace made: echo requests, or UDP? A number tells which packet an answer is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from emrnetcheck.net.icmp_way import EchoSocket
from emrnetcheck.net.telling import Answer
from emrnetcheck.net.udp_way import UDP, UdpSocket

PER_ROUND = 32
"""The number of a packet is round * 32 + ttl."""


class Way(Protocol):
    """One kind of packet that dies on the way."""

    def send(self, number: int, ttl: int) -> None:
        """Raises OSError."""

    def receive(self) -> list[Answer]:
        """All that has come by now; the sequence of an answer is the number of its packet."""

    def files(self) -> Iterable[object]:
        """What a selector has to wait for."""

    def close(self) -> None:
        """Ends it."""


def open_way(address: str, method: str, hops_max: int) -> Way:
    """method: "icmp" or "icmp_raw" (IPv4 only), or "udp_errors". Raises OSError."""
    return _ByUdp.open(address, hops_max) if method == UDP else _ByEcho(EchoSocket.open(address, method))


@dataclass(slots=True)
class _ByEcho:
    echo: EchoSocket

    def send(self, number: int, ttl: int) -> None:
        self.echo.send(number, ttl=ttl)

    def receive(self) -> list[Answer]:
        return self.echo.receive()

    def files(self) -> Iterable[object]:
        return (self.echo,)

    def close(self) -> None:
        self.echo.close()


@dataclass(slots=True)
class _ByUdp:
    """A socket for each distance; the port tells the round."""

    socks: dict[int, UdpSocket] = field(default_factory=dict)

    @classmethod
    def open(cls, address: str, hops_max: int) -> _ByUdp:
        way = cls()
        try:
            for ttl in range(1, hops_max + 1):
                way.socks[ttl] = UdpSocket.open(address)
        except OSError:
            way.close()
            raise
        return way

    def send(self, number: int, ttl: int) -> None:
        self.socks[ttl].send(number // PER_ROUND, ttl=ttl)

    def receive(self) -> list[Answer]:
        return [
            replace(answer, sequence=answer.sequence * PER_ROUND + ttl)
            for ttl, sock in self.socks.items()
            for answer in sock.receive()
        ]

    def files(self) -> Iterable[object]:
        return self.socks.values()

    def close(self) -> None:
        for sock in self.socks.values():
            sock.close()
