"""How do hosts answer pings, by sockets that are kept for days?"""

from __future__ import annotations

import os
import selectors
import socket
import sys
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival, icmp_packets
from emrnetcheck.net.failures import classify
from emrnetcheck.net.live_answer import RECEIVE_BYTES, Answer, from_afar

_DRAIN_MAX = 64
_SEQUENCES = 0x10000


@dataclass(slots=True)
class Echo:
    """The socket for one host that is pinged. waiting: by sequence number."""

    key: Hashable
    address: str
    sock: socket.socket
    identifier: int | None
    has_ip_header: bool
    sequence: int = 0
    waiting: dict[int, tuple[arrival.Sent, float]] = field(default_factory=dict)
    failure: Failure | None = None


class Echoes:
    """One socket a key, kept until another address is asked for under it. done: where answers are put."""

    def __init__(self, method: str | None, selector: selectors.BaseSelector, done: list[Answer]) -> None:
        self._method = method
        self._selector = selector
        self._done = done
        self._echoes: dict[Hashable, Echo] = {}

    def ping(self, key: Hashable, address: str) -> None:
        """One ICMP echo request."""
        echo = self._echoes.get(key)
        if echo is not None and echo.address != address:
            self._close(key)
            echo = None
        asked_s = time.monotonic()
        if echo is None:
            opened = self._open_echo(key, address)
            if isinstance(opened, Failure):
                self._done.append(Answer(key, asked_s, None, opened))
                return
            echo = opened
        echo.sequence = (echo.sequence + 1) % _SEQUENCES
        packet = icmp_packets.echo_request(echo.identifier or 0, echo.sequence)
        sent = arrival.Sent.now()
        try:
            echo.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # an earlier packet's is not this one's
            echo.sock.send(packet)
        except OSError as error:
            self._done.append(Answer(key, asked_s, None, classify(error, "ping", address)))
            # An address that is gone stays with the socket: the next question gets a new one.
            self._close(key)
            return
        echo.waiting[echo.sequence] = (sent, asked_s)

    def _open_echo(self, key: Hashable, address: str) -> Echo | Failure:
        if self._method is None:
            return Failure(FailureKind.PERMISSION, "ping", address, "no ICMP socket may be opened")
        raw = self._method == "icmp_raw"
        sock: socket.socket | None = None
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_RAW if raw else socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
            sock.setblocking(False)
            arrival.note_arrivals(sock)
            sock.connect((address, 0))
            identifier = int.from_bytes(os.urandom(2), "big") if raw or sys.platform != "linux" else None
            echo = Echo(key, address, sock, identifier, raw or sys.platform == "darwin")
            self._selector.register(sock, selectors.EVENT_READ, echo)
        except OSError as error:
            if sock is not None:
                sock.close()
            return classify(error, "ping", address)
        self._echoes[key] = echo
        return echo

    def drain(self, echo: Echo) -> None:
        """Take what has come."""
        for _ in range(_DRAIN_MAX):
            try:
                data, wall_ns = arrival.receive(echo.sock, RECEIVE_BYTES)
            except BlockingIOError:
                return
            except OSError as error:  # what an earlier request met: its own silence is counted in time
                echo.failure = from_afar(error, "ping", echo.address)
                return
            sequence = icmp_packets.parse_echo_reply(data, identifier=echo.identifier, has_ip_header=echo.has_ip_header)
            asked = echo.waiting.pop(sequence, None) if sequence is not None else None
            if asked is not None:
                echo.failure = None
                self._done.append(Answer(echo.key, asked[1], asked[0].rtt_ms(wall_ns)))

    def give_up(self, before_s: float) -> None:
        """What was asked before this moment gets no answer any more."""
        for echo in self._echoes.values():
            for number in [number for number, (_, asked_s) in echo.waiting.items() if asked_s < before_s]:
                _, asked_s = echo.waiting.pop(number)
                why = echo.failure or Failure(FailureKind.TIMEOUT, "ping", echo.address)
                self._done.append(Answer(echo.key, asked_s, None, why))

    def _close(self, key: Hashable) -> None:
        echo = self._echoes.pop(key, None)
        if echo is not None:
            self._selector.unregister(echo.sock)
            echo.sock.close()

    def close(self) -> None:
        """All of them."""
        for key in list(self._echoes):
            self._close(key)
