"""Does the router speak PCP (RFC 6887)? ANNOUNCE alone is sent: what tells an address (MAP) would open a port."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.ask_udp import Round, ask_udp

PORT = 5351
VERSION = 2
RESULT_OK, RESULT_VERSION = 0, 1  # RFC 6887 7.4
_ANNOUNCE = 0
_ANSWER_BIT = 0x80
_ANSWER_BYTES = 24  # RFC 6887 7.2, without options
_ANSWER_MIN_BYTES = 4
_MESSAGE_MAX_BYTES = 1100  # RFC 6887 7
_RETRANSMIT_S = (0.25, 0.5)  # short of the 3 s of RFC 6887 8.1.1: it is asked over a LAN, and only whether it is there


@dataclass(frozen=True, slots=True)
class PcpAnswer:
    """result: RFC 6887 7.4, 0 is success. version: what the router speaks. No address: ANNOUNCE does not tell it."""

    result: int
    version: int


def request(client: str) -> bytes:
    """An ANNOUNCE request (RFC 6887 14.1) of this computer, given by its IPv4 address."""
    mapped = ipaddress.IPv6Address(f"::ffff:{client}").packed
    return struct.pack("!BBHI", VERSION, _ANNOUNCE, 0, 0) + mapped


def parse(data: bytes) -> PcpAnswer | Failure:
    """The answer to ANNOUNCE. MALFORMED; UNSUPPORTED: the router speaks another version, such as 0, NAT-PMP."""
    if len(data) < _ANSWER_MIN_BYTES or len(data) > _MESSAGE_MAX_BYTES:
        return Failure(FailureKind.MALFORMED, "PCP", detail="wrong length")
    version, operation, second, result = struct.unpack_from("!BBBB", data)
    if not operation & _ANSWER_BIT:
        return Failure(FailureKind.MALFORMED, "PCP", detail="not an answer to the question")
    if version != VERSION:  # a NAT-PMP router answers in its own form: RFC 6887, appendix A
        kind = FailureKind.UNSUPPORTED if (second, result) == (0, RESULT_VERSION) else FailureKind.MALFORMED
        return Failure(kind, "PCP", detail=f"the router speaks version {version}")
    if operation != _ANSWER_BIT | _ANNOUNCE or len(data) < _ANSWER_BYTES:
        return Failure(FailureKind.MALFORMED, "PCP", detail="not an answer to the question")
    if result == RESULT_VERSION:
        return Failure(FailureKind.UNSUPPORTED, "PCP", detail="the router refuses this version")
    return PcpAnswer(result, version)


def announce(gateway: str, client: str, *, timeout_s: float, port: int = PORT) -> Round[PcpAnswer] | Failure:
    """Ask the router whether it speaks PCP; it changes nothing."""
    return ask_udp("PCP", gateway, port, request(client), parse, waits_s=_RETRANSMIT_S, timeout_s=timeout_s)
