"""Is what comes in counted, and told from what is for this computer?"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from emrnetcheck.net.received import Received, parse_netstat, received, unasked_ratio

NETSTAT = """TcpExt: SyncookiesSent EmbryonicRsts
TcpExt: 0 3
IpExt: InNoRoutes InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets
IpExt: 0 900000 5000 20000 0 30000
"""
SNMP6 = "Ip6InReceives                   \t12\nIp6InOctets                     \t7000\nIp6InMcastOctets \t2000\n"


def proc(folder: Path, netstat: str = NETSTAT, snmp6: str = SNMP6) -> Path:
    (folder / "netstat").write_text(netstat)
    (folder / "snmp6").write_text(snmp6)
    return folder


def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    eth = SimpleNamespace(packets_recv=1000, bytes_recv=1_000_000, packets_sent=40)
    lo = SimpleNamespace(packets_recv=100, bytes_recv=101_400, packets_sent=100)
    monkeypatch.setattr(psutil, "net_io_counters", lambda *, pernic: {"eth0": eth, "lo": lo} if pernic else {})


def test_linux_tells_what_was_for_this_computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """900000 less what went to many, and IPv6 likewise; less 100000 of its own talk with itself."""
    counted(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    assert received("eth0", proc(tmp_path)) == Received(1000, 1_000_000, 40, 755_000)


@pytest.mark.parametrize("netstat", ["", "IpExt: InOctets\n", "IpExt: InOctets\nIpExt: x\n", "\x00" * 99])
def test_a_kernel_that_does_not_tell_is_not_guessed_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, netstat: str
) -> None:
    counted(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    assert received("eth0", proc(tmp_path, netstat)) == Received(1000, 1_000_000, 40, None)
    assert received("eth0", tmp_path / "nowhere") == Received(1000, 1_000_000, 40, None)


def test_other_systems_tell_the_frames_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counted(monkeypatch)
    monkeypatch.setattr(sys, "platform", "win32")
    assert received("eth0", proc(tmp_path)) == Received(1000, 1_000_000, 40, None)
    assert received("eth7", proc(tmp_path)) is None


@pytest.mark.parametrize(
    ("n_bytes", "for_us", "ratio"),
    [
        (1_014_000, 0, 1.0),
        (1_014_000, 250_000, 0.75),
        (1_014_000, 1_000_000, 0.0),
        (1_014_000, 2_000_000, 0.0),  # by another interface
        (14_000, 0, None),
        (1_014_000, None, None),
    ],
)
def test_the_share_that_nobody_asked_for(n_bytes: int, for_us: int | None, ratio: float | None) -> None:
    before = Received(0, 0, 0, 0)
    assert unasked_ratio(before, Received(1000, n_bytes, 0, for_us)) == ratio


def test_names_and_numbers_are_paired() -> None:
    assert parse_netstat(NETSTAT, "TcpExt") == {"SyncookiesSent": 0, "EmbryonicRsts": 3}
