"""Are echo replies recognised, and is everything else ignored?"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net import icmp_packets as packets

IP_HEADER = bytes([0x45]) + bytes(19)
REPLY = struct.pack("!BBHHH", 0, 0, 0, 77, 5) + b"payload"


def test_checksum_of_rfc_1071() -> None:
    assert packets.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert packets.checksum(b"\xff") == 0x00FF


def test_request_carries_56_bytes_and_a_checksum_that_sums_to_zero() -> None:
    request = packets.echo_request(77, 5)
    assert len(request) == 8 + 56
    assert packets.checksum(request) == 0
    assert struct.unpack_from("!BBHHH", request)[3:] == (77, 5)


@pytest.mark.parametrize(
    ("data", "identifier", "has_ip_header", "sequence"),
    [
        (REPLY, None, False, 5),
        (REPLY, 77, False, 5),
        (REPLY, 78, False, None),
        (IP_HEADER + REPLY, 77, True, 5),
        (bytes([0x46]) + bytes(23) + REPLY, 77, True, 5),
        (packets.echo_request(77, 5), 77, False, None),
        (REPLY[:7], None, False, None),
        (b"\x60" + bytes(40), 77, True, None),
        (b"", None, True, None),
    ],
)
def test_only_replies_to_us_count(
    data: bytes, identifier: int | None, has_ip_header: bool, sequence: int | None
) -> None:
    assert packets.parse_echo_reply(data, identifier=identifier, has_ip_header=has_ip_header) == sequence


@given(st.binary(max_size=100), st.booleans())
def test_random_bytes_are_never_an_exception(data: bytes, has_ip_header: bool) -> None:
    packets.parse_echo_reply(data, identifier=None, has_ip_header=has_ip_header)
