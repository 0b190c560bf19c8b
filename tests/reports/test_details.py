"""Does the IT helper see what the router said, by each way of asking?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.wan import PortMapping, SecondBox, Told, UpnpDevice, Wan, WanAnswer
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports import terminal
from tests.checks.builders import HEALTHY, address
from tests.reports.samples import READY

SAID = Wan(
    gateway="192.168.1.1",
    answers=(
        WanAnswer("upnp", Told.NONE, None, "WANIPConnection:1", "Connected", 0.5),
        WanAnswer("natpmp", Told.ADDRESS, "10.0.0.2", None, "result 0", 0.5),
        WanAnswer("pcp", Told.NOT_TOLD, state="result 0"),
        WanAnswer("ddwrt", Told.NO_ANSWER, failure=Failure(FailureKind.HTTP_STATUS, "GET", "192.168.1.1:80", "401")),
    ),
    device=UpnpDevice("http://192.168.1.1:5000/d.xml", 1, "Home", "[bold]Maker", "Model 7"),
    mapping=PortMapping(8443, "192.168.1.77", 8443, True, "emr", 0),
    second_box=SecondBox("10.0.0.1", ("http", "natpmp"), 0.4, "21.1.1.1"),
)


@pytest.mark.parametrize(
    "line",
    [
        "router 192.168.1.1 by upnp WANIPConnection:1: it has no address, Connected",
        "router 192.168.1.1 by natpmp: 10.0.0.2, result 0",
        "router 192.168.1.1 by pcp: answers, but tells no address, result 0",
        "router 192.168.1.1 by ddwrt: no answer (the server answered with an error: 401 (GET 192.168.1.1:80))",
        "router's own description: [bold]Maker, Model 7, IGD 1",
        "port 8443 was opened by a program, to 192.168.1.77:8443",
        "next router 10.0.0.1: answers by http, natpmp, says 21.1.1.1",
    ],
)
def test_the_router_is_shown(line: str) -> None:
    report = replace(READY, evidence=replace(HEALTHY, address=address(router=SAID)))
    assert line in terminal.render(report, width=200, colour=False, verbose=True)
