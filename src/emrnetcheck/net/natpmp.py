"""Which outside address does the router tell by NAT-PMP (RFC 6886)? Only asked, nothing is changed."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.ask_udp import Round, ask_udp

PORT = 5351
REQUEST = b"\x00\x00"  # version 0, operation 0: what is the external address?
RESULT_OK, RESULT_VERSION, RESULT_NO_NETWORK = 0, 1, 3  # RFC 6886 3.5
_OPERATION_ANSWER = 128
_HEADER = struct.Struct("!BBH")
_ANSWER = struct.Struct("!BBHI4s")
_RETRANSMIT_S = (0.25, 0.5)  # RFC 6886 3.1; its nine tries of 64 s are for a router that must be had


@dataclass(frozen=True, slots=True)
class NatPmpAnswer:
    """result: RFC 6886 3.5, 3 is "network failure, has no external address". address None: the answer names none."""

    result: int
    address: str | None


def parse(data: bytes) -> NatPmpAnswer | Failure:
    """The answer to REQUEST. MALFORMED; UNSUPPORTED: the router speaks PCP alone (RFC 6887, appendix A)."""
    if len(data) < _HEADER.size:
        return _malformed("too short")
    version, operation, result = _HEADER.unpack_from(data)
    if operation != _OPERATION_ANSWER:
        return _malformed("not an answer to the question")
    if result == RESULT_VERSION:
        return Failure(FailureKind.UNSUPPORTED, "NAT-PMP", detail=f"the router speaks version {version}")
    if version != 0:
        return _malformed("another version")
    if result != RESULT_OK:
        return NatPmpAnswer(result, None)
    if len(data) != _ANSWER.size:
        return _malformed("wrong length")
    return NatPmpAnswer(result, str(ipaddress.IPv4Address(_ANSWER.unpack(data)[4])))


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "NAT-PMP", detail=why)


def ask(gateway: str, *, timeout_s: float, port: int = PORT) -> Round[NatPmpAnswer] | Failure:
    """The router's external address; three tries within the time."""
    return ask_udp("NAT-PMP", gateway, port, REQUEST, parse, waits_s=_RETRANSMIT_S, timeout_s=timeout_s)
