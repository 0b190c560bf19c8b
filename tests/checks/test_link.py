"""What is said of this computer's own connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.link import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.model import Site
from tests.checks.builders import LINK, SITE, Row, case, codes_of, judged, limits, row


def link(site: Site = SITE, **changes: object) -> Case:
    return case(site, link=replace(LINK, **changes))  # type: ignore[arg-type]


REMOTE = replace(SITE, lan_address="192.168.1.99")
HERE = replace(SITE, lan_address=None)
UNDECLARED = Site()

TABLE = [
    row("cable, 1000 full", link(), "link.ok"),
    row("no interface", link(interface=None), "link.none"),
    row("no address", link(address=None), "link.none"),
    row("speed not reported is no fault", link(speed_mbps=None, duplex=None), "link.ok"),
    row("speed 0 is how some drivers say unknown", link(speed_mbps=0), "link.ok"),
    row("speed -1 is how Linux says unknown", link(speed_mbps=-1), "link.ok"),
    row("unknown medium", link(medium="unknown", speed_mbps=None, duplex=None), "link.ok"),
    row("9 Mbps", link(speed_mbps=9), "link.slow_speed"),
    row("10 Mbps", link(speed_mbps=10), "link.slow_speed"),
    row("11 Mbps", link(speed_mbps=11), "link.ok"),
    row("100 Mbps is enough", link(speed_mbps=100), "link.ok"),
    row("100 Mbps with the limit set to 100", link(limits("link", slow_mbps=100), speed_mbps=100), "link.slow_speed"),
    row("half duplex", link(duplex="half"), "link.half_duplex"),
    row("half duplex at 10", link(duplex="half", speed_mbps=10), "link.half_duplex", "link.slow_speed"),
    row("99 damaged frames", link(receive_errors=99), "link.ok"),
    row("100 damaged frames", link(receive_errors=60, transmit_errors=40), "link.errors"),
    row("101 damaged frames", link(receive_errors=101), "link.errors"),
    row("counters not readable", link(receive_errors=None, transmit_errors=None), "link.ok"),
    row("2 frames with the limit set to 2", link(limits("link", damaged_frames=2), receive_errors=2), "link.errors"),
    row("Wi-Fi, server elsewhere", link(REMOTE, medium="wifi"), "link.wifi"),
    row("Wi-Fi, nothing known of the EMR", link(UNDECLARED, medium="wifi"), "link.wifi"),
    row("Wi-Fi, this is the server by address", link(medium="wifi"), "link.server_on_wifi"),
    row("Wi-Fi, this is the server by default", link(HERE, medium="wifi"), "link.server_on_wifi"),
    row("Wi-Fi speed and duplex are no cable's", link(REMOTE, medium="wifi", speed_mbps=6, duplex="half"), "link.wifi"),
    row("VPN", link(interface="wg0", medium="unknown", vpn=True, speed_mbps=None, duplex=None), "link.vpn"),
    # Linux reports 10 Mbps for every tun interface; there is no cable to change.
    row(
        "VPN whose tunnel claims 10 Mbps", link(interface="tun0", medium="unknown", vpn=True, speed_mbps=10), "link.vpn"
    ),
]


def test_the_speed_is_named_only_where_it_is_known() -> None:
    (finding,) = judged(CHECK, link(speed_mbps=0))
    assert finding.facts["how"] == "by cable (speed not reported)"


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_link_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
