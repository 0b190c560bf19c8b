"""Is the open part of a handshake read rightly, and never with a bug?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net.tls_open import AskedInTheOpen, asks_for_certificate


def sized(data: bytes, length_bytes: int) -> bytes:
    return len(data).to_bytes(length_bytes, "big") + data


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + sized(body, 3)


def record(data: bytes, kind: int = 22) -> bytes:
    return bytes([kind, 3, 3]) + sized(data, 2)


HELLO = message(2, b"\3\3" + bytes(36))
SHOWN = message(11, sized(sized(b"own", 3) + sized(b"above", 3), 3))
REQUEST = message(13, b"\1\1")
DONE = message(14)
ASKED = AskedInTheOpen("TLSv1.2", (b"own", b"above"))
WHOLE = HELLO + SHOWN + REQUEST + DONE


@pytest.mark.parametrize(
    ("received", "found"),
    [
        (record(WHOLE), ASKED),
        (record(WHOLE) + record(b"\2\x28", 21), ASKED),
        (record(WHOLE[:20]) + record(WHOLE[20:]), ASKED),
        (record(HELLO) + record(SHOWN) + record(REQUEST) + record(DONE), ASKED),
        (record(HELLO + SHOWN + DONE), None),
        (record(HELLO + SHOWN + REQUEST), None),
        (record(HELLO + message(11) + REQUEST + DONE), None),
        (record(message(2, b"\3\7") + SHOWN + REQUEST + DONE), None),
        (record(HELLO) + record(b"\1", 20) + record(SHOWN + REQUEST + DONE), None),
        (record(WHOLE)[:-1], None),
        (b"", None),
    ],
)
def test_who_asks_for_a_certificate(received: bytes, found: AskedInTheOpen | None) -> None:
    assert asks_for_certificate(received) == found


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    assert asks_for_certificate(data) is None
    assert asks_for_certificate(record(data)) is None or data


@given(st.binary(max_size=60))
def test_any_list_of_certificates_can_be_read(body: bytes) -> None:
    found = asks_for_certificate(record(HELLO + message(11, body) + REQUEST + DONE))
    assert found is None or all(found.chain_der)
