"""Do the lab's network cards do what they are said to do? Asked with ethtool, ping, iperf3 and iw."""

from __future__ import annotations

import pytest

from tests.lab.conftest import Shell

pytestmark = pytest.mark.lab

PINGS = 50
LINE_MBPS = 10


def test_half_duplex_is_quick_while_idle_and_collapses_under_load(shell: Shell) -> None:
    script = (
        "ethtool eth0 | grep -E 'Speed|Duplex' | tr -d '\\t\\n'; echo;"
        f"ping -q -c {PINGS} -i 0.02 192.168.1.10 | awk '/received/ {{print $4}}';"
        "cat /sys/class/net/eth0/statistics/tx_window_errors;"
        "iperf3 -f m -t 4 -c iperf.example.org | awk '/receiver/ {print $(NF-2)}';"
        "cat /sys/class/net/eth0/statistics/tx_window_errors"
    )
    said, received, late_before, mbps, late = shell("pc", script, scenario="link_pc_half_duplex").stdout.split("\n")[:5]
    assert said == "Speed: 10Mb/sDuplex: Half"
    assert int(received) >= PINGS - 1
    assert float(mbps) < LINE_MBPS / 2
    assert int(late) > int(late_before) + 10


def test_wifi_is_what_the_system_tells(shell: Shell) -> None:
    script = "ls -d /sys/class/net/eth0/wireless; iw dev eth0 link; ls /sys/class/net"
    told = shell("pc", script, scenario="link_pc_weak_wifi").stdout
    assert "/sys/class/net/eth0/wireless" in told
    assert "signal: -82 dBm" in told
    assert told.endswith("eth0\nlo\n")
