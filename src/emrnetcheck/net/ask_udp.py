"""What does one host answer to one small datagram, asked again when it is silent?"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify
from emrnetcheck.net.tcp import endpoint_text

T = TypeVar("T")
_DATAGRAM_MAX_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Round(Generic[T]):
    """rtt_ms None: the request was repeated, so it is not known which one was answered."""

    said: T
    rtt_ms: float | None
    sent_bytes: int
    received_bytes: int


def ask_udp(
    operation: str,
    address: str,
    port: int,
    request: bytes,
    parse: Callable[[bytes], T | Failure],
    *,
    waits_s: Sequence[float],
    timeout_s: float,
) -> Round[T] | Failure:
    """Send `request` to an IPv4 address and again after each of waits_s, until `parse` takes an answer.

    Only that host's and port's datagrams are seen (a connected socket). What cannot be read is passed over, and its
    Failure given if nothing better comes; UNSUPPORTED ends it at once.
    """
    target = endpoint_text(address, port)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            arrival.note_arrivals(sock)
            sock.connect((address, port))
            return _rounds(sock, operation, target, request, parse, [*waits_s, timeout_s], Deadline.after(timeout_s))
    except OSError as error:
        return classify(error, operation, target)


def _rounds(
    sock: socket.socket,
    operation: str,
    target: str,
    request: bytes,
    parse: Callable[[bytes], T | Failure],
    waits_s: list[float],
    deadline: Deadline,
) -> Round[T] | Failure:
    failure = Failure(FailureKind.TIMEOUT, operation, target)
    for number, wait_s in enumerate(waits_s, 1):
        if deadline.passed():
            break
        sent = arrival.Sent.now()
        sock.send(request)
        round_ends = Deadline.after(min(wait_s, deadline.remaining_s()))
        while not round_ends.passed():
            sock.settimeout(max(round_ends.remaining_s(), 0.001))
            try:
                data, wall_ns = arrival.receive(sock, _DATAGRAM_MAX_BYTES)
            except TimeoutError:
                break
            said = parse(data)
            if not isinstance(said, Failure):
                rtt_ms = sent.rtt_ms(wall_ns) if number == 1 else None
                return Round(said, rtt_ms, number * len(request), len(data))
            failure = Failure(said.kind, operation, target, said.detail)
            if said.kind is FailureKind.UNSUPPORTED:
                return failure
    return failure
