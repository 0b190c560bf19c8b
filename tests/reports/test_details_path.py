"""Does the IT helper see each router of the way with its times, and which packets get through?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.path import Path, SizeTried
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports import terminal
from tests.checks.builders import HEALTHY, ISP, RESOLVER, ROUTER, hop, mtu, path, second_site, series, sizes, trace
from tests.reports.samples import READY


def shown(path_: Path) -> str:
    return terminal.render(replace(READY, evidence=replace(HEALTHY, path=path_)), width=250, colour=False, verbose=True)


@pytest.mark.parametrize(
    ("path_", "line"),
    [
        (path(), "path: to 1.1.1.1, routers by icmp: the target itself by icmp: 0 of 80 lost, median 20.0 ms, 95 of"),
        (path(), "1 192.168.1.1: answered 10 of 10, median 0.5 ms; asked itself by icmp: 0 of 80 lost"),
        (path(), "8.8.8.8, asked at the same time: by icmp: 0 of 80 lost, median 21.0 ms"),
        (path(trace(hop(1, ROUTER, 0.5), hop(2, None, None))), "2 no answer"),
        (path(trace(hop(1, ROUTER, 0.5), hop(2, ISP, 9.0, others=("93.184.0.2",)))), f"{ISP} (and 93.184.0.2): ans"),
        (path(second_site()), "to site2.example.org (93.184.77.7), routers"),
        (path(trace(end=series(RESOLVER, None))), "the target itself no answer to 80 probes"),
        (
            path(replace(trace(), hops=(), method="none", failure=Failure(FailureKind.UNSUPPORTED, "trace"))),
            "no routers seen: not possible here (trace)",
        ),
        (path(), "path: packets to 1.1.1.1: 1500 bytes answered"),
        (path(mtus=(mtu(*sizes(1460, ISP)),)), f"1500 too large for {ISP}, 1460 fit; 1492 too"),
        (path(mtus=(mtu(*sizes(1460)),)), "1500 too large for this computer, 1460 fit"),
        (
            path(mtus=(mtu(SizeTried(1500, 5, 0), SizeTried(84, 1, 1), tcp_packet_bytes=1500),)),
            "1500 without any answer (5 tries); 84 bytes answered; TCP makes packets of 1500",
        ),
        (path(mtus=(mtu(SizeTried(1500, 0, 0)),)), "packets to 1.1.1.1: none was sent"),
        (
            path(mtus=(mtu(failure=Failure(FailureKind.PERMISSION)),)),
            "packets to 1.1.1.1: not tried: this needs a privilege",
        ),
    ],
)
def test_the_way_out_is_shown(path_: Path, line: str) -> None:
    assert line in shown(path_)


def test_nothing_is_shown_of_a_way_that_was_not_measured() -> None:
    text = terminal.render(replace(READY, evidence=replace(HEALTHY, path=None)), width=250, colour=False, verbose=True)
    assert "path: " not in text
