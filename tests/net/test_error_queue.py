"""Are the complaints of routers read as Linux gives them, whatever is in them?"""

from __future__ import annotations

import socket
import struct

from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net import error_queue


def message(kind: int, code: int = 0, *, origin: int = 2, info: int = 0, by: str = "10.0.0.1") -> bytes:
    """struct sock_extended_err and the sender's sockaddr_in, as linux/errqueue.h lays them out."""
    return struct.pack("=IBBBBII", 113, origin, kind, code, 0, info, 0) + struct.pack(
        "=HH4s8x", socket.AF_INET, 0, socket.inet_aton(by)
    )


def test_too_big_tells_who_and_how_much_fits() -> None:
    queued = error_queue.parse(message(3, 4, info=1400), b"quoted", 33434, None)
    assert queued == error_queue.QueuedError(3, 4, "10.0.0.1", 1400, b"quoted", 33434, None)


def test_a_complaint_of_this_computer_has_no_sender() -> None:
    queued = error_queue.parse(message(0, origin=1, info=1500), b"", 0, None)
    assert queued is not None
    assert (queued.by, queued.code, queued.mtu) == (None, error_queue.TOO_BIG, 1500)


def test_what_comes_from_elsewhere_than_icmp_is_nothing() -> None:
    assert error_queue.parse(message(11, origin=4), b"", 0, None) is None
    assert error_queue.parse(message(11)[:16], b"", 0, None) is None
    assert error_queue.parse(message(11)[:10], b"", 0, None) is None


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_random_bytes_are_never_an_exception(data: bytes, quoted: bytes) -> None:
    error_queue.parse(data, quoted, 0, None)


def test_an_empty_queue_is_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        assert error_queue.take(sock) is None
