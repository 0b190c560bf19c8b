"""Is a packet's arrival timed by the kernel, and a set clock not believed?"""

from __future__ import annotations

import socket
import sys
import threading
import time

import pytest

from emrnetcheck.net import arrival
from tests.servers import LOOPBACK

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux's form of the time of arrival is read")


@linux_only
def test_late_reader_still_sees_the_true_arrival() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind((LOOPBACK, 0))
        arrival.note_arrivals(receiver)
        # Linux begins to time packets a little after the first socket asked for it (net_enable_timestamp defers it to a
        # work queue): until then a packet gets the time of reading.
        for _ in range(20):
            sent = arrival.Sent.now()
            sender.sendto(b"x", receiver.getsockname())
            threading.Event().wait(0.1)  # this thread is busy elsewhere while the packet lies there
            data, wall_ns = arrival.receive(receiver, 10)
            assert data == b"x"
            assert sent.rtt_ms(None) >= 99
            if 0 < sent.rtt_ms(wall_ns) < 90:
                break
        assert 0 < sent.rtt_ms(wall_ns) < 90


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_arrival_that_a_set_clock_makes_impossible_is_not_believed(step_s: int) -> None:
    sent = arrival.Sent.now()
    rtt_ms = sent.rtt_ms(time.time_ns() + step_s * 1_000_000_000)
    assert 0 <= rtt_ms < 60_000


def test_other_ancillary_data_says_nothing() -> None:
    assert arrival.arrived_wall_ns([(socket.SOL_SOCKET, 1, b"\0" * 16), (socket.SOL_SOCKET, 35, b"\0")]) is None
