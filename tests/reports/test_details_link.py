"""Does the IT helper see the card, its Wi-Fi, and what it counted before and during the run?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.reports import terminal
from tests.checks.builders import HEALTHY, LINK, SERVER, WEAR
from tests.reports.samples import READY


def shown(wear: Wear | None = None, **changes: Any) -> str:
    evidence = replace(HEALTHY, link=replace(LINK, **changes), wear=wear)
    return terminal.render(replace(READY, evidence=evidence), width=250, colour=False, verbose=True)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "link: eth0, wired, 1000 Mbps, full, own address 192.168.1.10, gateway 192.168.1.1"),
        (
            {"interface": "br0", "card": "enp3s0", "metered": True},
            "link: br0 on enp3s0, wired, 1000 Mbps, full, metered",
        ),
        (
            {"medium": "wifi", "signal_dbm": -71, "signal_percent": 58, "band": "5 GHz", "rate_mbps": 130.5},
            "link: Wi-Fi signal -71 dBm, 5 GHz, sends at 130.5 Mbps",
        ),
        ({"medium": "wifi", "signal_percent": 58}, "link: Wi-Fi signal 58 %"),
        (
            {"counters": CardCounters(crc_errors=500, carrier_changes=2)},
            "since it came up: wrong check sum 500, carrier",
        ),
        ({"wear": WEAR}, "link: counted in 42 s: no damage of 20000 frames in and 30000 out"),
        (
            {"wear": Wear("eth0", SERVER, 9.6, CardCounters(late_collisions=3))},
            "link: counted in 10 s: late collisions 3",
        ),
    ],
)
def test_what_is_known_is_shown(changes: dict[str, Any], line: str) -> None:
    assert line in shown(**changes)


def test_what_nobody_told_is_not_shown() -> None:
    quiet = shown(Wear("eth0", SERVER, 9.6, None), counters=CardCounters(crc_errors=0))
    assert "Wi-Fi" not in quiet.partition("Main figures")[2]
    assert "link: counted" not in quiet
