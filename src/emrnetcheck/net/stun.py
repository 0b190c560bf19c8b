"""Which address and port does a STUN server see us come from (RFC 8489)?"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
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


def ask(address: str, port: int, *, timeout_s: float) -> StunAnswer | Failure:
    """One Binding transaction over UDP with a server given by IP address, repeated each half second until time-out."""
    target = endpoint_text(address, port)
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            arrival.note_arrivals(sock)
            sock.connect((address, port))
            return _transaction(sock, target, Deadline.after(timeout_s))
    except OSError as error:
        return classify(error, "STUN", target)


def _transaction(sock: socket.socket, target: str, deadline: Deadline) -> StunAnswer | Failure:
    transaction_id = os.urandom(12)
    request = binding_request(transaction_id)
    failure = Failure(FailureKind.TIMEOUT, "STUN", target)
    requests = 0
    while not deadline.passed():
        sent = arrival.Sent.now()
        sock.send(request)
        requests += 1
        round_ends = Deadline.after(min(_RETRANSMIT_S, deadline.remaining_s()))
        while not round_ends.passed():
            sock.settimeout(max(round_ends.remaining_s(), 0.001))
            try:
                data, wall_ns = arrival.receive(sock, _DATAGRAM_MAX_BYTES)
            except TimeoutError:
                break
            mapped = parse_binding(data, transaction_id)
            if isinstance(mapped, Mapped):
                rtt_ms = sent.rtt_ms(wall_ns) if requests == 1 else None
                return StunAnswer(mapped, rtt_ms, requests * len(request), len(data))
            failure = Failure(mapped.kind, "STUN", target, mapped.detail)
            if failure.kind is FailureKind.REJECTED:
                return failure
    return failure
