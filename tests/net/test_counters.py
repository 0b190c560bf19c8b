"""Are the bytes of this computer's interfaces read, and the right interface's?"""

from __future__ import annotations

import socket

from emrnetcheck.net import counters


def test_the_way_to_this_computer_itself_is_its_loopback() -> None:
    name = counters.interface_towards("127.0.0.1")
    assert name is not None
    assert name.startswith("lo")


def test_what_is_sent_is_counted() -> None:
    name = counters.interface_towards("127.0.0.1")
    assert name is not None
    before = counters.read(name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(10):
                sender.sendto(bytes(1000), receiver.getsockname())
    after = counters.read(name)
    assert before is not None
    assert after is not None
    assert after.sent_bytes - before.sent_bytes >= 10_000
    assert after.received_bytes - before.received_bytes >= 10_000


def test_an_interface_that_is_not_there_is_not_known() -> None:
    assert counters.read("no-such-interface") is None
