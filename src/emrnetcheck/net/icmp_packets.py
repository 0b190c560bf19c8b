"""What do an ICMP echo request and its reply look like?"""

from __future__ import annotations

import struct

SEQUENCES = 1 << 16

_ECHO_REQUEST = 8
_ECHO_REPLY = 0
_HEADER = struct.Struct("!BBHHH")
PAYLOAD = b"emrnetcheck".ljust(48, b".") + b"\0" * 8  # 56 bytes, as ping sends
_IP_HEADER_MIN_BYTES = 20


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
    unsummed = _HEADER.pack(_ECHO_REQUEST, 0, 0, identifier, sequence) + PAYLOAD
    return _HEADER.pack(_ECHO_REQUEST, 0, checksum(unsummed), identifier, sequence) + PAYLOAD


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
