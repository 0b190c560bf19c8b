"""Which sizes of packets reach a host whole, and who says that one is too large? Linux, without being root."""

from __future__ import annotations

import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.icmp_way import EchoSocket
from emrnetcheck.net.privilege import icmp_method
from emrnetcheck.net.tcp import endpoint_text
from emrnetcheck.net.telling import Answer
from emrnetcheck.net.udp_way import UDP, UdpSocket

GAP_S = 0.02
LEAST_MTU = 68  # RFC 791: whoever says less is wrong
_POLL_S = 0.05
_LEAST_WAIT_S = 0.3
_FULL_TTL = 64
_OPTIONS_AND_MSS = struct.Struct("@5xB10xI")  # tcpi_options and tcpi_snd_mss of struct tcp_info, linux/tcp.h
_TIMESTAMPS, _TIMESTAMP_BYTES = 1, 12
_HEADERS_BYTES, _HEADERS_6_BYTES = 40, 60


@dataclass(slots=True)
class SizeAnswers:
    """Packets of one size, IP header included: how many went out, how many were answered (by the target; with a TTL,
    by anybody). told_mtu: what somebody says is the largest that fits; told_by: who, None for this computer itself."""

    size_bytes: int
    sent: int = 0
    answered: int = 0
    told_mtu: int | None = None
    told_by: str | None = None

    @property
    def settled(self) -> bool:
        """Whether sending it once more would tell anything."""
        return self.answered > 0 or self.told_mtu is not None


def method_for(address: str) -> str:
    """Echo requests where this user may send them, else UDP to where nobody listens, which anybody may; by IPv6 UDP."""
    return UDP if ":" in address else icmp_method() or UDP


def try_sizes(
    address: str,
    sizes_bytes: Sequence[int],
    *,
    tries: int,
    timeout_s: float = 0.9,
    ttl: int = _FULL_TTL,
    method: str | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[SizeAnswers, ...] | Failure:
    """Packets of each size to an address that must not be cut up: once each, then those again that nobody answered, at
    most `tries` times. An answer in time counts for its own try only. Once something was answered, a try
    is waited for no longer than four times what that took (but at least 0.3 s).

    ttl: they die after so many routers, whose complaint then is the answer. method: by default that of `method_for`.
    Failures: UNSUPPORTED where the system does not tell normal users who complains.
    """
    if sys.platform != "linux":
        return Failure(FailureKind.UNSUPPORTED, "measure packet size", address)
    method = method or method_for(address)
    try:
        way = UdpSocket.open(address) if method == UDP else EchoSocket.open(address, method)
    except OSError as error:
        return classify(error, "measure packet size", address)
    selector = selectors.DefaultSelector()
    try:
        selector.register(way, selectors.EVENT_READ)
        course = _Course(way, selector, ttl, timeout_s, stopping)
        return course.run([SizeAnswers(size) for size in sizes_bytes], tries)
    except OSError as error:
        return classify(error, "measure packet size", address)
    finally:
        selector.close()
        way.close()


@dataclass(slots=True)
class _Course:
    way: EchoSocket | UdpSocket
    selector: selectors.BaseSelector
    ttl: int
    timeout_s: float
    stopping: Callable[[], bool]
    waiting: dict[int, SizeAnswers] = field(default_factory=dict)
    sequence: int = 0
    slowest_s: float | None = None

    def run(self, sizes: list[SizeAnswers], tries: int) -> tuple[SizeAnswers, ...]:
        for _ in range(tries):
            self.waiting.clear()
            for size in sizes:
                if not size.settled and not self.stopping():
                    self._send(size)
                    self._take(GAP_S)
            sent_s = time.perf_counter()
            while self.waiting and not self.stopping():
                left_s = sent_s + self._patience_s() - time.perf_counter()
                self._take(max(0.0, min(left_s, _POLL_S)))  # also at the end: it may have come while we had no turn
                if left_s <= 0:
                    break
            if self.stopping() or all(size.settled for size in sizes):
                break
        return tuple(sizes)

    def _patience_s(self) -> float:
        if self.slowest_s is None:
            return self.timeout_s
        return min(self.timeout_s, max(_LEAST_WAIT_S, 4.0 * self.slowest_s))

    def _send(self, size: SizeAnswers) -> None:
        self.sequence += 1
        size.sent += 1
        self.waiting[self.sequence] = size
        at_once = self.way.send(self.sequence, ttl=self.ttl, size_bytes=size.size_bytes)
        if at_once is not None:
            self._note(at_once)

    def _take(self, seconds: float) -> None:
        if self.selector.select(seconds):
            for answer in self.way.receive():
                self._note(answer)

    def _note(self, answer: Answer) -> None:
        size = self.waiting.get(answer.sequence)
        if size is None or answer.rtt_ms > self.timeout_s * 1000.0:
            return
        if answer.by is not None:
            self.slowest_s = max(self.slowest_s or 0.0, answer.rtt_ms / 1000.0)
        if answer.kind == "too_big":
            # A router of before RFC 1191 tells no size; one that tells nonsense must not be believed.
            if LEAST_MTU <= answer.mtu < size.size_bytes:
                size.told_mtu, size.told_by = answer.mtu, answer.by
            else:
                size.told_mtu, size.told_by = 0, answer.by
        elif answer.kind == "reply" or (answer.kind == "exceeded" and self.ttl < _FULL_TTL):
            size.answered += 1
        else:
            return
        del self.waiting[answer.sequence]


def tcp_packet_bytes(address: str, port: int, *, timeout_s: float = 1.0) -> int | Failure:
    """The largest packet that TCP would send to this port, IP header included; only a connection is made.

    Both ends and the routers between them have had their say (MSS, RFC 9293 3.7.1). Linux tells what is left of it
    when its time stamps are in (TCP_INFO); other systems by TCP_MAXSEG.
    """
    target = endpoint_text(address, port)
    headers = _HEADERS_6_BYTES if ":" in address else _HEADERS_BYTES
    try:
        with socket.create_connection((address, port), timeout=timeout_s) as sock:
            if sys.platform == "linux":
                raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OPTIONS_AND_MSS.size)
                options, segment_bytes = _OPTIONS_AND_MSS.unpack(raw)
                return int(segment_bytes) + headers + (_TIMESTAMP_BYTES if options & _TIMESTAMPS else 0)
            return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) + headers
    except OSError as error:
        return classify(error, "connect", target)
