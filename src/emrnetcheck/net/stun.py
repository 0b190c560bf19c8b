"""Which address and port does a STUN server see us come from (RFC 8489)?"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify
from emrnetcheck.net.tcp import endpoint_text

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_MAGIC = 0x2112A442
_BINDING_REQUEST = 0x0001
_BINDING_SUCCESS = 0x0101
_XOR_MAPPED_ADDRESS = 0x0020
_ADDRESS_BYTES = {0x01: 4, 0x02: 16}  # family -> length of the address, RFC 8489 14.1
_RETRANSMIT_S = 0.5  # RFC 8489 6.2.1
_DATAGRAM_MAX_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Mapped:
    """The address and port as the server sees them."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class StunAnswer:
    """rtt_ms None: the request was repeated, so it is not known which one was answered."""

    mapped: Mapped
    rtt_ms: float | None
    sent_bytes: int
    received_bytes: int


def binding_request(transaction_id: bytes) -> bytes:
    """A Binding request without attributes; transaction_id has 12 bytes."""
    return _HEADER.pack(_BINDING_REQUEST, 0, _MAGIC, transaction_id)


def parse_binding(data: bytes, transaction_id: bytes) -> Mapped | Failure:
    """The XOR-MAPPED-ADDRESS of a Binding success response; MALFORMED or REJECTED (an error response)."""
    if len(data) < _HEADER.size:
        return _malformed("too short")
    kind, length, magic, its_id = _HEADER.unpack_from(data)
    if magic != _MAGIC or its_id != transaction_id:
        return _malformed("not an answer to the question")
    if length != len(data) - _HEADER.size or length % 4:
        return _malformed("wrong length")
    if kind != _BINDING_SUCCESS:
        return Failure(FailureKind.REJECTED, "STUN", detail=f"message type {kind:#06x}")
    at = _HEADER.size
    while at + _ATTRIBUTE.size <= len(data):
        attribute, size = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if at + size > len(data):
            return _malformed("an attribute is longer than the message")
        if attribute == _XOR_MAPPED_ADDRESS:
            return _xor_mapped(data[at : at + size], transaction_id)
        at += (size + 3) & ~3  # attributes are padded to 4 bytes
    return _malformed("no mapped address")


def _xor_mapped(value: bytes, transaction_id: bytes) -> Mapped | Failure:
    if len(value) < _ATTRIBUTE.size or len(value) - _ATTRIBUTE.size != _ADDRESS_BYTES.get(value[1]):
        return _malformed("mapped address of unknown form")
    port = struct.unpack_from("!H", value, 2)[0] ^ (_MAGIC >> 16)
    mask = struct.pack("!I", _MAGIC) + transaction_id
    packed = bytes(byte ^ key for byte, key in zip(value[4:], mask, strict=False))
    return Mapped(str(ipaddress.ip_address(packed)), port)


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "STUN", detail=why)


@dataclass(slots=True)
class _Transaction:
    """One server, asked once or more often. outcome: None while nothing has come."""

    server: tuple[str, int]
    id: bytes
    requests: int
    sent: arrival.Sent | None
    outcome: StunAnswer | Failure | None


def ask(address: str, port: int, *, timeout_s: float) -> StunAnswer | Failure:
    """One Binding transaction over UDP with a server given by IP address, repeated each half second until time-out."""
    return ask_several([(address, port)], timeout_s=timeout_s)[0]


def ask_several(servers: Sequence[tuple[str, int]], *, timeout_s: float) -> tuple[StunAnswer | Failure, ...]:
    """A Binding transaction with each server (IP address, port; all of one IP version) from ONE socket, side by side.

    From one socket, because only then different answers mean something: a NAT that gives our one address and port
    another address for another server has a pool of them (RFC 4787 section 4.1).
    """
    waiting = [_Transaction(server, os.urandom(12), 0, None, None) for server in servers]
    deadline = Deadline.after(timeout_s)
    family = socket.AF_INET6 if any(":" in address for address, _ in servers) else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            arrival.note_arrivals(sock)
            if len(waiting) == 1:  # then the system tells at once if nothing listens there
                sock.connect(waiting[0].server)
            while not deadline.passed() and any(map(_unfinished, waiting)):
                _send(sock, [each for each in waiting if _unfinished(each)], connected=len(waiting) == 1)
                _listen(sock, waiting, Deadline.after(min(_RETRANSMIT_S, deadline.remaining_s())))
    except OSError as error:
        failed = classify(error, "STUN")
        for each in filter(_unfinished, waiting):
            each.outcome = Failure(failed.kind, "STUN", endpoint_text(*each.server), failed.detail)
    return tuple(each.outcome or Failure(FailureKind.TIMEOUT, "STUN", endpoint_text(*each.server)) for each in waiting)


def _unfinished(each: _Transaction) -> bool:
    """Nothing has come, or only what somebody else may have sent: the right answer may still come."""
    return not isinstance(each.outcome, StunAnswer) and not (
        isinstance(each.outcome, Failure) and each.outcome.kind is not FailureKind.MALFORMED
    )


def _send(sock: socket.socket, transactions: list[_Transaction], *, connected: bool) -> None:
    for each in transactions:
        each.sent = arrival.Sent.now()
        each.requests += 1
        try:
            sock.send(binding_request(each.id)) if connected else sock.sendto(binding_request(each.id), each.server)
        except OSError as error:  # of this server alone: no way to it, or an ICMP error for what was sent before
            each.outcome = classify(error, "STUN", endpoint_text(*each.server))


def _listen(sock: socket.socket, transactions: list[_Transaction], round_ends: Deadline) -> None:
    """Take what comes until the round ends, or all have their answers."""
    while not round_ends.passed() and any(map(_unfinished, transactions)):
        sock.settimeout(max(round_ends.remaining_s(), 0.001))
        try:
            data, wall_ns = arrival.receive(sock, _DATAGRAM_MAX_BYTES)
        except TimeoutError:
            return
        except ConnectionError as error:  # "port unreachable": with several servers nobody tells for which
            if len(transactions) == 1:
                transactions[0].outcome = classify(error, "STUN", endpoint_text(*transactions[0].server))
            continue
        owner = next((each for each in transactions if data[8:20] == each.id), None)
        if owner is None or not _unfinished(owner) or owner.sent is None:
            continue
        target = endpoint_text(*owner.server)
        mapped = parse_binding(data, owner.id)
        if isinstance(mapped, Failure):
            owner.outcome = Failure(mapped.kind, "STUN", target, mapped.detail)
            continue
        rtt_ms = owner.sent.rtt_ms(wall_ns) if owner.requests == 1 else None
        owner.outcome = StunAnswer(mapped, rtt_ms, owner.requests * _HEADER.size, len(data))
