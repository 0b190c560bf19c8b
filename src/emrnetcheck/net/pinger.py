"""Which echo requests were answered, how fast, and which were not? For as long as one likes, in constant memory."""

from __future__ import annotations

import os
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from types import TracebackType

from emrnetcheck.model import Failure
from emrnetcheck.net import arrival
from emrnetcheck.net.failures import classify
from emrnetcheck.net.icmp_packets import SEQUENCES, echo_request, parse_echo_reply

_RECEIVE_BYTES = 2048
_AT_ONCE_MAX = 64  # packets of one host in one go: a flood must not keep us from the others


@dataclass(frozen=True, slots=True)
class Echo:
    """What became of one request. host: as `Pinger.add` named it. number: of this host's requests, from 0.

    rtt_ms: round trip, by the kernel's time of arrival where it tells; None: no answer within the time-out.
    """

    host: int
    number: int
    rtt_ms: float | None


@dataclass(slots=True)
class _Host:
    address: str
    sock: socket.socket
    identifier: int | None
    has_ip_header: bool
    sent: int = 0
    # By sequence number, in the order of sending; only what is neither answered nor given up.
    waiting: dict[int, tuple[int, arrival.Sent]] = field(default_factory=dict)
    failure: Failure | None = None

    def send(self) -> None:
        sequence = self.sent % SEQUENCES
        packet = echo_request(self.identifier or 0, sequence)
        self.waiting[sequence] = (self.sent, arrival.Sent.now())
        self.sent += 1
        for _ in range(2):
            try:
                self.sock.send(packet)
            except OSError as error:
                # May be about an earlier request (an ICMP error): then this one did not leave, and may still do so.
                self.failure = classify(error, "ping", self.address)
                self.waiting[sequence] = (self.sent - 1, arrival.Sent.now())
            else:
                return

    def receive(self, timeout_s: float) -> list[tuple[int, float]]:
        """Numbers and round trips in ms of what has come in time; the first answer to each request counts."""
        came: list[tuple[int, float]] = []
        for _ in range(_AT_ONCE_MAX):
            try:
                data, wall_ns = arrival.receive(self.sock, _RECEIVE_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                self.failure = classify(error, "ping", self.address)
                continue
            sequence = parse_echo_reply(data, identifier=self.identifier, has_ip_header=self.has_ip_header)
            if sequence is None or sequence not in self.waiting:
                continue
            number, sent = self.waiting[sequence]
            rtt_ms = sent.rtt_ms(wall_ns)
            if rtt_ms <= timeout_s * 1000.0:
                del self.waiting[sequence]
                came.append((number, rtt_ms))
        return came

    def give_up(self, sent_before_perf_ns: int) -> list[int]:
        """Numbers of the requests that have waited too long."""
        late = []
        for sequence, (number, sent) in list(self.waiting.items()):
            if sent.perf_ns >= sent_before_perf_ns:
                break
            del self.waiting[sequence]
            late.append(number)
        return late


class Pinger:
    """ICMP echo with IPv4 hosts over sockets of this process; to be closed, or used in a `with`.

    method: "icmp" (datagram sockets) or "icmp_raw". It has no thread and no schedule: `send` when one is due, and
    `take` what is settled. The sequence wraps after 65,536 requests; each host's memory is bounded by the time-out.
    """

    def __init__(self, method: str, timeout_s: float) -> None:
        self._method = method
        self._timeout_s = timeout_s
        self._hosts: dict[int, _Host] = {}
        self._named = 0
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Pinger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all sockets; what was not settled never will be."""
        for host in list(self._hosts):
            self.drop(host)
        self._selector.close()

    def add(self, address: str) -> int | Failure:
        """A host to be asked, and its number from now on."""
        opened = _open(address, self._method)
        if isinstance(opened, Failure):
            return opened
        host, self._named = self._named, self._named + 1
        self._hosts[host] = opened
        self._selector.register(opened.sock, selectors.EVENT_READ, host)
        return host

    def drop(self, host: int) -> None:
        """Ask it no more: its socket is closed, its open requests are forgotten."""
        gone = self._hosts.pop(host)
        self._selector.unregister(gone.sock)
        gone.sock.close()

    def send(self, host: int) -> None:
        """One request. What goes wrong in sending is an unanswered request, and told by `failure`."""
        self._hosts[host].send()

    def failure(self, host: int) -> Failure | None:
        """The last error that the system reported for this host (host unreachable, say); None for mere silence."""
        return self._hosts[host].failure

    def waiting(self, host: int) -> frozenset[int]:
        """The numbers of the requests that are neither answered nor given up."""
        return frozenset(number for number, _ in self._hosts[host].waiting.values())

    def take(self, seconds: float) -> list[Echo]:
        """What was settled since: waits at most so long for the first answer; 0 takes what is there."""
        settled: list[Echo] = []
        # Before looking: what came in time but is read late, because this thread had no turn, is no loss.
        give_up_before_ns = time.perf_counter_ns() - round(self._timeout_s * 1e9)
        for key, _ in self._ready(seconds):
            settled += [Echo(key.data, number, ms) for number, ms in self._hosts[key.data].receive(self._timeout_s)]
        for name, host in self._hosts.items():
            settled += [Echo(name, number, None) for number in host.give_up(give_up_before_ns)]
        return settled

    def _ready(self, seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
        if self._hosts:
            return self._selector.select(max(0.0, seconds))
        time.sleep(max(0.0, seconds))  # Windows' select does not wait for nothing
        return []


def _open(address: str, method: str) -> _Host | Failure:
    raw = method == "icmp_raw"
    try:
        socket.inet_pton(socket.AF_INET, address)  # a name would be looked up, which is not ours to wait for
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
    return _Host(address, sock, identifier, has_ip_header)
