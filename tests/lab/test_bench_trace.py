"""Does the bench of the trace read mtr and traceroute rightly, and name a program that is missing?"""

from __future__ import annotations

import pytest

from tests.lab.bench_trace import mtr_said, traceroute_said
from tests.lab.namespaces import LabError, command

MTR = """\
x 0 33000
x 1 33001
h 0 10.0.0.1
p 0 250 33000
h 2 1.1.1.1
p 2 20500 33002
h 3 1.1.1.1
p 3 20700 33003
p 0 350 33004
"""
TRACEROUTE = """\
traceroute to 1.1.1.1 (1.1.1.1), 30 hops max, 60 byte packets
 1  10.0.0.1  0.250 ms  0.350 ms
 2  * *
 3  10.0.1.1  9.000 ms 10.0.1.2  9.500 ms
 4  1.1.1.1  20.500 ms *
"""


def test_mtr_is_read_up_to_the_target() -> None:
    hops, times = mtr_said(MTR)
    assert hops == {1: {"10.0.0.1"}, 3: {"1.1.1.1"}}
    assert times == {1: [0.25, 0.35], 3: [20.5]}


def test_mtr_that_did_not_reach_the_target_is_an_error_with_what_it_said() -> None:
    with pytest.raises(LabError, match="did not reach"):
        mtr_said("h 0 10.0.0.1\np 0 250 33000\n")


def test_traceroute_is_read_with_silent_and_shared_distances() -> None:
    hops, times = traceroute_said(TRACEROUTE)
    assert hops == {1: {"10.0.0.1"}, 3: {"10.0.1.1", "10.0.1.2"}, 4: {"1.1.1.1"}}
    assert times == {1: [0.25, 0.35], 3: [9.0, 9.5], 4: [20.5]}


def test_a_missing_program_is_named() -> None:
    with pytest.raises(LabError, match="no-such-program-of-the-lab is missing"):
        command(["no-such-program-of-the-lab", "-n"])
