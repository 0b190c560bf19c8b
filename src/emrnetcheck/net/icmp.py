"""How fast do hosts answer ICMP echo requests, one series to several at once, without being root?"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.failures import classify
from emrnetcheck.net.privilege import icmp_method

_ECHO_REQUEST = 8
_ECHO_REPLY = 0
_HEADER = struct.Struct("!BBHHH")
_PAYLOAD = b"emrnetcheck".ljust(48, b".") + b"\0" * 8  # 56 bytes, as ping sends
_IP_HEADER_MIN_BYTES = 20
_RECEIVE_BYTES = 2048
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class EchoSeries:
    """Round trip times in ms by sequence number, None for no answer. method: "icmp" or "icmp_raw".

    failure: the last error that the system reported for this host (host unreachable, say); None for mere silence.
    """

    address: str
    method: str
    rtts_ms: tuple[float | None, ...]
    failure: Failure | None


def checksum(data: bytes) -> int:
    """The Internet checksum, RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2]))
    if len(data) % 2:
        total += data[-1] << 8
    while total > 0xFFFF:  # noqa: PLR2004 - one's complement of 16 bits
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(identifier: int, sequence: int) -> bytes:
    """An ICMP echo request, RFC 792. Datagram sockets put in an identifier of their own."""
    unsummed = _HEADER.pack(_ECHO_REQUEST, 0, 0, identifier, sequence) + _PAYLOAD
    return _HEADER.pack(_ECHO_REQUEST, 0, checksum(unsummed), identifier, sequence) + _PAYLOAD


def parse_echo_reply(data: bytes, *, identifier: int | None, has_ip_header: bool) -> int | None:
    """The sequence number of an echo reply to us; None for anything else. identifier None: the kernel has checked."""
    at = 0
    if has_ip_header:
        if len(data) < _IP_HEADER_MIN_BYTES or data[0] >> 4 != 4:  # noqa: PLR2004 - IP version
            return None
        at = (data[0] & 0x0F) * 4
    if len(data) < at + _HEADER.size:
        return None
    kind, code, _, its_identifier, sequence = _HEADER.unpack_from(data, at)
    if kind != _ECHO_REPLY or code != 0 or identifier not in (None, its_identifier):
        return None
    return int(sequence)


@dataclass(slots=True)
class _Target:
    address: str
    sock: socket.socket
    identifier: int | None
    has_ip_header: bool
    rtts_ms: list[float | None]
    sent_at: dict[int, arrival.Sent] = field(default_factory=dict)
    failure: Failure | None = None

    def send(self, sequence: int) -> None:
        packet = echo_request(self.identifier or 0, sequence)
        self.sent_at[sequence] = arrival.Sent.now()
        try:
            self.sock.send(packet)
        except OSError as error:
            self.failure = classify(error, "ping", self.address)

    def receive(self, timeout_s: float) -> None:
        """Take one waiting packet."""
        try:
            data, wall_ns = arrival.receive(self.sock, _RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.failure = classify(error, "ping", self.address)
            return
        sequence = parse_echo_reply(data, identifier=self.identifier, has_ip_header=self.has_ip_header)
        if sequence is None or sequence not in self.sent_at or self.rtts_ms[sequence] is not None:
            return
        rtt_ms = self.sent_at[sequence].rtt_ms(wall_ns)
        if rtt_ms <= timeout_s * 1000.0:
            self.rtts_ms[sequence] = rtt_ms


def echo_series(
    addresses: Sequence[str],
    *,
    count: int,
    interval_s: float,
    timeout_s: float,
    stopping: Callable[[], bool] = lambda: False,
    method: str | None = None,
) -> tuple[EchoSeries, ...] | Failure:
    """`count` echo requests to each IPv4 address, one per interval, all from this thread; no warm-up is taken off.

    It ends when everything is answered, or timeout_s after the last request. When told to stop, the series holds what
    was sent until then. Failure: PERMISSION where no ICMP socket may be opened. method: None for the best allowed.
    """
    method = method or icmp_method()
    if method is None:
        return Failure(FailureKind.PERMISSION, "ping", detail="no ICMP socket may be opened")
    targets: list[_Target] = []
    failed: dict[str, Failure] = {}
    selector = selectors.DefaultSelector()
    try:
        for address in addresses:
            opened = _open(address, method, count)
            if isinstance(opened, Failure):
                failed[address] = opened
                continue
            targets.append(opened)
            selector.register(opened.sock, selectors.EVENT_READ, opened)
        sent = _run(targets, selector, count, interval_s, timeout_s, stopping)
    finally:
        selector.close()
        for target in targets:
            target.sock.close()
    series = {
        each.address: EchoSeries(each.address, method, tuple(each.rtts_ms[:sent]), each.failure) for each in targets
    }
    return tuple(
        series[address] if address in series else EchoSeries(address, method, (), failed[address])
        for address in addresses
    )


def _run(
    targets: list[_Target],
    selector: selectors.BaseSelector,
    count: int,
    interval_s: float,
    timeout_s: float,
    stopping: Callable[[], bool],
) -> int:
    started_s = time.perf_counter()
    sent = 0
    while targets and sent < count and not stopping():
        for target in targets:
            target.send(sent)
        sent += 1
        while sent < count and (left_s := started_s + sent * interval_s - time.perf_counter()) > 0:
            _take(selector, min(left_s, _POLL_S), timeout_s)
    ends_s = time.perf_counter() + timeout_s
    while not stopping() and any(None in target.rtts_ms[:sent] for target in targets):
        left_s = ends_s - time.perf_counter()
        if left_s <= 0:
            break
        _take(selector, min(left_s, _POLL_S), timeout_s)
    return sent


def _take(selector: selectors.BaseSelector, seconds: float, timeout_s: float) -> None:
    for key, _ in selector.select(seconds):
        target = key.data
        assert isinstance(target, _Target)
        target.receive(timeout_s)


def _open(address: str, method: str, count: int) -> _Target | Failure:
    raw = method == "icmp_raw"
    try:
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW if raw else socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    except OSError as error:
        return classify(error, "ping", address)
    try:
        sock.setblocking(False)
        arrival.note_arrivals(sock)
        # Connected: only this host's packets are seen, and ICMP errors about it become errors of the socket.
        sock.connect((address, 0))
    except OSError as error:
        sock.close()
        return classify(error, "ping", address)
    identifier = int.from_bytes(os.urandom(2), "big") if raw or sys.platform != "linux" else None
    # macOS keeps the IP header on datagram sockets too.
    has_ip_header = raw or sys.platform == "darwin"
    return _Target(address, sock, identifier, has_ip_header, [None] * count)
