"""Does each report name the method by which it measured, and none by which it did not?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence.port import Arrivals
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.way import Way, WayTarget
from emrnetcheck.reports import terminal
from tests.checks import builders as b
from tests.reports.samples import READY

LINUX_WIFI = replace(b.LINK, medium="wifi", method="sysfs", radio_method="iw")
BY_UDP = b.path(b.trace(method="udp_errors", end=b.series(b.RESOLVER, 20.0, method="tcp:443")), mtus=(), witnesses=())
NOBODY = b.path(replace(b.trace(), hops=(), method="none"), mtus=(b.mtu(sizes=(), method="none"),), witnesses=())
WAY = Way(
    targets=(
        WayTarget("router", b.series(b.ROUTER, 0.5)),
        WayTarget("isp", b.series(b.ISP, None)),
        WayTarget("server", b.series(b.PUBLIC, 20.0, method="tcp:8443")),
    ),
    emr_address=b.PUBLIC,
    emr_port=8443,
    inside=False,
    public_v4=None,
)


def shown(**seen: Any) -> str:
    report = replace(READY, evidence=replace(b.HEALTHY, **seen))
    return terminal.render(report, width=250, colour=False, verbose=True).partition("HOW IT WAS MEASURED")[2]


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (
            {"link": replace(b.LINK, method="sysfs"), "wear": replace(b.WEAR, method="sysfs")},
            "This computer's connection: cable or Wi-Fi, speed and duplex by sysfs, damaged frames by sysfs.",
        ),
        (
            {"link": LINUX_WIFI},
            "This computer's connection: cable or Wi-Fi, speed and duplex by sysfs, the Wi-Fi's signal by iw.",
        ),
        (
            {"link": replace(b.LINK, method="Get-NetAdapter"), "wear": replace(b.WEAR, method="psutil")},
            "speed and duplex by Get-NetAdapter, damaged frames by psutil.",
        ),
        (
            {"port": b.port(arrivals=Arrivals(whole=True, method="packet_socket"))},
            "Connections from outside that arrive here: watched by packet_socket.",
        ),
        (
            {"path": b.path(b.trace(), mtus=(b.mtu(),))},
            "The way out: the routers by pings that die on the way; answer times by ping; packet sizes by ping.",
        ),
        ({"way": WAY}, "Answer times on the way: by ping, by connecting to port 8443."),
        ({"path": BY_UDP}, "The way out: the routers by packets to closed ports that die on the way;"),
        ({"path": BY_UDP}, "that die on the way; answer times by connecting to port 443."),
    ],
)
def test_the_method_is_named(seen: dict[str, Any], line: str) -> None:
    assert line in shown(**seen)


def test_what_was_not_measured_has_no_method() -> None:
    silent = Series(b.RESOLVER, 0, 0, None, None, None, None, None, "none")
    page = shown(link=None, wear=None, path=replace(NOBODY, traces=(replace(NOBODY.traces[0], end=silent),)))
    assert "This computer's connection" not in page
    assert "The way out" not in page
    assert "Connections from outside" not in page
