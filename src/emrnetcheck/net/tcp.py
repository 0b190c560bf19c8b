"""Does a host accept TCP connections on a port, and how fast does its system answer?"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import ms_since
from emrnetcheck.net.failures import classify

_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, 10035}  # 10035: WSAEWOULDBLOCK
_POLL_S = 0.05
# linux/tcp.h, struct tcp_info: tcpi_rtt, and tcpi_total_retrans
_RTT_US, _SENT_AGAIN = struct.Struct("@68xI"), struct.Struct("@100xI")


@dataclass(frozen=True, slots=True)
class Answered:
    """The host's own system answered. refusal: None where the port is open; else it said no (a reset)."""

    rtt_ms: float
    refusal: Failure | None


@dataclass(frozen=True, slots=True)
class KnockSeries:
    """Answer times in ms by sequence number, None for no answer; a refusal is an answer. failure: the last one seen.

    refused: how many of the answers were refusals.
    """

    address: str
    port: int
    rtts_ms: tuple[float | None, ...]
    failure: Failure | None
    refused: int = 0


def connect(address: str, port: int, timeout_s: float) -> Answered | Failure:
    """One connection to an IP address, closed at once; nothing is sent over it."""
    target = endpoint_text(address, port)
    try:
        sock = socket.socket(_family(address), socket.SOCK_STREAM)
    except OSError as error:
        return classify(error, "connect", target)
    with sock:
        sock.settimeout(timeout_s)
        started_s = time.perf_counter()
        try:
            sock.connect((address, port))
        except OSError as error:
            rtt_ms = ms_since(started_s)
            failure = classify(error, "connect", target)
            return Answered(rtt_ms, failure) if failure.kind is FailureKind.REFUSED else failure
        return Answered(handshake_ms(sock, ms_since(started_s)), None)


def handshake_ms(sock: socket.socket, measured_ms: float) -> float:
    """The connection's first round trip in ms as the kernel timed it, else as measured.

    Linux: tcpi_rtt of struct tcp_info. After the handshake it is that of the SYN, and no thread had to wait for it.
    """
    rtt_ms = (_kernel_says(sock, _RTT_US) or 0) / 1000.0
    return rtt_ms if 0.0 < rtt_ms < measured_ms else measured_ms


def _kernel_says(sock: socket.socket, field_: struct.Struct) -> int | None:
    """A number of Linux' struct tcp_info; None where there is none."""
    if sys.platform != "linux":
        return None
    try:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, field_.size)
    except OSError:
        return None
    return int(field_.unpack(raw)[0]) if len(raw) == field_.size else None


def was_repeated(sock: socket.socket) -> bool:
    """Whether the first packet of a connection was sent again, so that one was lost or very late.

    Linux: tcpi_total_retrans of struct tcp_info. Elsewhere True: to be asked only of what took as long as that.
    """
    return _kernel_says(sock, _SENT_AGAIN) != 0


def endpoint_text(address: str, port: int) -> str:
    """ADDRESS:PORT, an IPv6 address in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@dataclass(slots=True)
class _Target:
    address: str
    port: int
    rtts_ms: list[float | None]
    failure: Failure | None = None
    refused: int = 0


@dataclass(slots=True)
class _Knocks:
    """Connections under way, one selector for all."""

    timeout_s: float
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    pending: dict[socket.socket, tuple[_Target, int, float]] = field(default_factory=dict)

    def start(self, target: _Target, number: int) -> None:
        where = endpoint_text(target.address, target.port)
        started_s = time.perf_counter()
        try:
            sock = socket.socket(_family(target.address), socket.SOCK_STREAM)
        except OSError as error:
            target.failure = classify(error, "connect", where)
            return
        try:
            sock.setblocking(False)
            code = sock.connect_ex((target.address, target.port))
        except OSError as error:
            code = error.errno or errno.EINVAL
        if code not in _IN_PROGRESS:
            self._settle(sock, target, number, ms_since(started_s), code)
            return
        self.pending[sock] = (target, number, started_s)
        self.selector.register(sock, selectors.EVENT_WRITE)

    def wait(self, seconds: float) -> None:
        """Take what is answered within `seconds`; give up what is older than the time-out."""
        if self.pending:
            ready = self.selector.select(seconds)
            now_s = time.perf_counter()  # the same for all: who is looked at last did not answer later
            for key, _ in ready:
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                target, number, started_s = self.pending.pop(sock)
                self.selector.unregister(sock)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                self._settle(sock, target, number, (now_s - started_s) * 1000.0, code)
        elif seconds > 0:
            time.sleep(seconds)
        now_s = time.perf_counter()
        for sock, (target, _, started_s) in list(self.pending.items()):
            if now_s - started_s > self.timeout_s:
                self._drop(sock)
                where = endpoint_text(target.address, target.port)
                target.failure = Failure(FailureKind.TIMEOUT, "connect", where)

    def _settle(self, sock: socket.socket, target: _Target, number: int, measured_ms: float, code: int) -> None:
        rtt_ms = handshake_ms(sock, measured_ms) if code == 0 else measured_ms
        again = _kernel_says(sock, _SENT_AGAIN)
        sock.close()
        where = endpoint_text(target.address, target.port)
        if code not in (0, errno.ECONNREFUSED, 10061):  # 10061: WSAECONNREFUSED
            target.failure = classify(OSError(code, os.strerror(code)), "connect", where)
        elif again or (again is None and measured_ms > self.timeout_s * 1000.0):
            # Looked at late, because this thread had no turn: the answer is to a second packet, the first was lost.
            target.failure = Failure(FailureKind.TIMEOUT, "connect", where)
        else:
            target.rtts_ms[number] = rtt_ms
            target.refused += code != 0

    def settled(self, target: _Target) -> tuple[float | None, ...]:
        """Without what still waits at the end: whether that is lost is not known."""
        waiting = (number for whose, number, _ in self.pending.values() if whose is target)
        return tuple(target.rtts_ms[: min(waiting, default=len(target.rtts_ms))])

    def _drop(self, sock: socket.socket) -> None:
        del self.pending[sock]
        self.selector.unregister(sock)
        sock.close()

    def close(self) -> None:
        for sock in list(self.pending):
            self._drop(sock)
        self.selector.close()


def connect_series(
    targets: Sequence[tuple[str, int]],
    *,
    count: int,
    interval_s: float,
    timeout_s: float,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[KnockSeries, ...]:
    """`count` connections to each (address, port), one per interval and never waiting for the one before.

    The time-out stays below the second after which a lost SYN is sent again (RFC 6298), so a loss is seen as one.
    When told to stop, the series holds what was settled until then.
    """
    seen = [_Target(address, port, []) for address, port in targets]
    knocks = _Knocks(timeout_s)
    due_s = time.perf_counter()
    try:
        for number in range(count):
            while (left_s := due_s - time.perf_counter()) > 0 and not stopping():
                knocks.wait(min(left_s, _POLL_S))
            if stopping():
                break
            # After a turn that came late the next one is not sooner: a burst would measure itself.
            due_s = max(due_s, time.perf_counter() - interval_s) + interval_s
            for target in seen:
                target.rtts_ms.append(None)
                knocks.start(target, number)
        while knocks.pending and not stopping():
            knocks.wait(_POLL_S)
        return tuple(
            KnockSeries(each.address, each.port, knocks.settled(each), each.failure, each.refused) for each in seen
        )
    finally:
        knocks.close()
