"""A way of routers that exists only here: what an ICMP socket with an error queue would say of it, at once."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from emrnetcheck.net.icmp_way import USUAL_BYTES
from emrnetcheck.net.telling import Answer

TARGET = "10.0.0.9"


@dataclass(slots=True)
class FakeEcho:
    """In place of EchoSocket. says: the answer to (sequence, ttl, size), None for silence."""

    says: Callable[[int, int, int], Answer | None]
    sent: list[tuple[int, int, int]] = field(default_factory=list)
    closed: bool = False
    _waiting: list[Answer] = field(default_factory=list)
    _ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def fileno(self) -> int:
        return self._ends[0].fileno()

    def send(self, sequence: int, *, ttl: int = 64, size_bytes: int = USUAL_BYTES) -> Answer | None:
        self.sent.append((sequence, ttl, size_bytes))
        answer = self.says(sequence, ttl, size_bytes)
        if answer is not None and answer.by is None:
            return answer
        if answer is not None:
            self._waiting.append(answer)
            self._ends[1].send(b"!")
        return None

    def receive(self) -> list[Answer]:
        self._ends[0].recv(4096)
        answers, self._waiting = self._waiting, []
        return answers

    def close(self) -> None:
        self.closed = True
        for end in self._ends:
            end.close()


def along(*routers: str | None, target: str | None = TARGET) -> Callable[[int, int, int], Answer | None]:
    """A way by these routers; None: one that says nothing. target None: nobody at the end. Each is 2 ms further."""

    def says(sequence: int, ttl: int, _size: int) -> Answer | None:
        if ttl <= len(routers):
            by, kind = routers[ttl - 1], "exceeded"
        else:
            by, kind = target, "reply"
        return Answer(sequence, kind, by, min(ttl, len(routers) + 1) * 2.0) if by is not None else None

    return says


def narrow(
    size_bytes: int, *, told_by: str | None = None, told_mtu: int | None = None, from_ttl: int = 1
) -> Callable[[int, int, int], Answer | None]:
    """Three routers; from the distance on larger packets vanish, or (told_by) somebody says that they are too large."""
    along_way = along("10.0.0.1", "10.0.0.2", "10.0.0.3")

    def says(sequence: int, ttl: int, size: int) -> Answer | None:
        if size > size_bytes and ttl >= from_ttl:
            return Answer(sequence, "too_big", told_by, 5.0, told_mtu or size_bytes) if told_by else None
        return along_way(sequence, ttl, size)

    return says
