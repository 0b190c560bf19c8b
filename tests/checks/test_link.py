"""What is said of this computer's own connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.link import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Site
from tests.checks.builders import LINK, SITE, Row, case, codes_of, judged, limits, row


def link(site: Site = SITE, **changes: object) -> Case:
    return case(site, link=replace(LINK, **changes))  # type: ignore[arg-type]


def worn(site: Site = SITE, seconds: float | None = 30.0, on: dict[str, object] | None = None, **grown: int) -> Case:
    """A run of 30 s in which these counters grew; on: changes of the link."""
    seen = replace(LINK, **(on or {}))  # type: ignore[arg-type]
    return case(site, link=seen, wear=Wear(seen.interface, seen.address, seconds, CardCounters(**grown)))


def moved(interface: str | None, address: str | None, **grown: int) -> Case:
    return case(SITE, link=LINK, wear=Wear(interface, address, 30.0, CardCounters(**grown)))


def metered(**grown: int) -> Case:
    return worn(SITE, 30.0, {"metered": True}, **grown)


WIFI: dict[str, object] = {"medium": "wifi"}
REMOTE = replace(SITE, lan_address="192.168.1.99")
HERE = replace(SITE, lan_address=None)
UNDECLARED = Site()

TABLE = [
    row("cable, 1000 full", link(), "link.ok"),
    row("no interface", link(interface=None), "link.none"),
    row("no address", link(address=None), "link.none"),
    row("no address but one of IPv6", link(interface=None, address=None, is_up=False, ipv6=True), "link.no_ipv4"),
    row("the cable is out", worn(on={"is_up": False}, received_frames=0), "link.none"),
    row("the cable was out for a moment", worn(on={"is_up": False}, received_frames=1), "link.ok"),
    row("nobody counted what came without a cable", worn(on={"is_up": False}), "link.ok"),
    row("nothing came by a cable that is in", worn(received_frames=0), "link.ok"),
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
    row("damage from before the run is no fault of today", link(receive_errors=5000), "link.ok"),
    row("0 damaged frames in the run", worn(receive_errors=0, transmit_errors=0), "link.ok"),
    row("1 damaged frame in the run", worn(receive_errors=1), "link.errors"),
    row("2 damaged frames, one each way", worn(receive_errors=1, transmit_errors=1), "link.errors"),
    row("9 damaged frames", worn(receive_errors=9), "link.errors"),
    row("10 damaged frames", worn(receive_errors=6, transmit_errors=4), "link.errors"),
    row("11 damaged frames", worn(receive_errors=11), "link.many_errors"),
    row(
        "damage that the driver leaves out of its sum",
        worn(receive_errors=0, crc_errors=6, frame_errors=5),
        "link.many_errors",
    ),
    row("damage that the driver counts in both is counted once", worn(receive_errors=10, crc_errors=10), "link.errors"),
    row("counters not readable", worn(), "link.ok"),
    row("counters read once only", case(SITE, link=LINK, wear=Wear("eth0", LINK.address, 30.0, None)), "link.ok"),
    row("nobody knows for how long was counted", worn(seconds=None, receive_errors=50), "link.ok"),
    row("2 frames with the limit set to 3", worn(limits("link", damaged_frames=3), receive_errors=2), "link.ok"),
    row("3 frames with the limit set to 3", worn(limits("link", damaged_frames=3), receive_errors=3), "link.errors"),
    row("11 with many set to 11", worn(limits("link", many_damaged_frames=11), receive_errors=11), "link.errors"),
    row("0 late collisions", worn(late_collisions=0), "link.ok"),
    row("1 late collision is damage too", worn(late_collisions=1), "link.errors", "link.late_collisions"),
    row("2 late collisions", worn(transmit_errors=2, late_collisions=2), "link.errors", "link.late_collisions"),
    row("collisions alone are ordinary on half duplex", worn(collisions=900), "link.ok"),
    row("Wi-Fi counts no cable's damage", worn(REMOTE, on=WIFI, receive_errors=90, late_collisions=9), "link.wifi"),
    row("a tunnel's errors are no cable's", worn(on={"vpn": True}, receive_errors=90), "link.vpn"),
    row("the link never went", worn(carrier_changes=0), "link.ok"),
    row("the link went once", worn(carrier_changes=1), "link.unsteady"),
    row("the link went and came", worn(carrier_changes=2), "link.unsteady"),
    row("Wi-Fi never went", worn(REMOTE, on=WIFI, carrier_changes=0), "link.wifi"),
    row("Wi-Fi went once", worn(REMOTE, on=WIFI, carrier_changes=1), "link.wifi", "link.wifi_unsteady"),
    row("Wi-Fi went and came", worn(REMOTE, on=WIFI, carrier_changes=2), "link.wifi", "link.wifi_unsteady"),
    row("2 changes with the limit set to 3", worn(limits("link", carrier_changes=3), carrier_changes=2), "link.ok"),
    row("another interface at the end", moved("wlan0", LINK.address), "link.changed"),
    row("another address at the end", moved(LINK.interface, "192.168.1.77"), "link.changed"),
    row("no way out at the end", moved(None, None), "link.lost"),
    row("no address at the end", moved(LINK.interface, None), "link.lost"),
    row("the link went once and stayed away", moved(None, None, carrier_changes=1), "link.lost"),
    row("the link went, came and went", moved(None, None, carrier_changes=3), "link.lost", "link.unsteady"),
    row("nobody tells the interface at the end", moved(None, LINK.address), "link.ok"),
    row("metered", link(metered=True), "link.metered"),
    row("metered, and the bytes are known", metered(sent_bytes=30, received_bytes=50), "link.metered"),
    row("not metered", link(metered=False), "link.ok"),
    row("-66 dBm", link(REMOTE, medium="wifi", signal_dbm=-66), "link.wifi"),
    row("-67 dBm", link(REMOTE, medium="wifi", signal_dbm=-67), "link.wifi"),
    row("-68 dBm", link(REMOTE, medium="wifi", signal_dbm=-68, band="5 GHz"), "link.wifi", "link.weak_signal"),
    row("-75 dBm", link(REMOTE, medium="wifi", signal_dbm=-75), "link.wifi", "link.weak_signal"),
    row("-76 dBm", link(REMOTE, medium="wifi", signal_dbm=-76), "link.wifi", "link.poor_signal"),
    row("66 % is -67 dBm", link(REMOTE, medium="wifi", signal_percent=66), "link.wifi"),
    row("65 %", link(REMOTE, medium="wifi", signal_percent=65), "link.wifi", "link.weak_signal"),
    row("50 % is -75 dBm", link(REMOTE, medium="wifi", signal_percent=50), "link.wifi", "link.weak_signal"),
    row("49 %", link(REMOTE, medium="wifi", signal_percent=49), "link.wifi", "link.poor_signal"),
    row("dBm before percent", link(REMOTE, medium="wifi", signal_dbm=-60, signal_percent=10), "link.wifi"),
    row("weak Wi-Fi of the server", link(medium="wifi", signal_dbm=-80), "link.server_on_wifi", "link.poor_signal"),
    row(
        "-76 dBm with poor set to -80",
        link(limits("link", poor_minus_dbm=80), signal_dbm=-76, medium="wifi"),
        "link.server_on_wifi",
        "link.weak_signal",
    ),
    row("a cable has no signal", link(signal_dbm=-90), "link.ok"),
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
    (finding,) = judged(CHECK, worn(on={"speed_mbps": 0}, receive_errors=0))
    assert finding.facts["how"] == "by cable (speed not reported)"


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (worn(receive_errors=0), False),
        (worn(late_collisions=0), False),
        (worn(), True),
        (worn(seconds=None, receive_errors=0), True),
        (case(SITE, link=LINK, wear=Wear("eth0", LINK.address, 30.0, None)), True),
        (link(), True),
    ],
)
def test_where_damage_was_not_counted_that_is_said(seen: Case, said: bool) -> None:
    (finding,) = judged(CHECK, seen)
    how = "by cable at 1000 Mbps"
    assert finding.facts["how"] == (f"{how}; whether frames got damaged on the way was not seen" if said else how)


def test_wifi_is_not_told_of_plugs() -> None:
    assert "plug" not in CHECK.codes["link.wifi_unsteady"].advice


def test_a_connection_that_is_gone_is_not_told_as_another_way() -> None:
    (finding,) = judged(CHECK, moved(None, None))
    assert finding.facts == {"before": f"eth0 {LINK.address}"}
    assert finding.actual == "none"


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_link_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(("changes", "times"), [(1, "once"), (2, "once"), (3, "twice"), (4, "twice"), (5, "3 times")])
def test_a_loss_that_ended_is_one_loss(changes: int, times: str) -> None:
    (finding,) = judged(CHECK, worn(carrier_changes=changes))
    assert finding.facts["times"] == times


def test_how_much_went_over_a_metered_line_is_told_where_it_is_known() -> None:
    (known,) = judged(CHECK, metered(sent_bytes=30_000_000, received_bytes=8_400_000))
    assert known.facts["used"] == "About 38 MB went over it during this check"
    for grown in ({}, {"sent_bytes": 1}, {"received_bytes": 1}):
        (unknown,) = judged(CHECK, metered(**grown))
        assert unknown.facts["used"] == "How much this check used is not known"


def test_errors_are_told_of_the_card_and_with_the_time_they_took() -> None:
    (finding,) = judged(CHECK, worn(on={"interface": "br0", "card": "enp3s0"}, seconds=41.6, crc_errors=4))
    assert finding.facts == {"interface": "enp3s0", "errors": 4, "seconds": "42"}


def test_old_totals_are_a_fact() -> None:
    (finding,) = judged(CHECK, link(receive_errors=60, transmit_errors=4))
    assert finding.facts["errors_before"] == 64
