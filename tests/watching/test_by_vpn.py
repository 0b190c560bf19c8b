"""watch: a VPN that comes up and leads nowhere is this computer's own connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.net import host
from emrnetcheck.probes.watching import survey
from emrnetcheck.probes.watching.survey import Connection
from emrnetcheck.probes.watching.target import Target
from emrnetcheck.probes.watching.whom import Moved, Whom
from emrnetcheck.reports.watch_words import event_line
from tests.watching.test_watching import LOST, Simulated, usual

OWN = Connection("192.168.1.20", "eth0", "192.168.1.1", False, True, "", 0)
BEYOND = ("isp", "outside", "name", "server_tcp", "server_answer")


@pytest.mark.parametrize(("vpn", "segment", "words"), [
    (True, "computer", "this computer (likely): no answer through its VPN"), (False, "line", "line: no answer"),
])  # fmt: skip
def test_who_goes_out_by_a_vpn_does_not_blame_the_line(vpn: bool, segment: str, words: str) -> None:
    seen = Simulated()
    seen.run(100.0)
    seen.watching.moved(inside=False, wireless=False, vpn=vpn)
    seen.run(160.0, lambda leg, at_s: LOST if leg in BEYOND else usual(leg, at_s))
    assert seen.told() == [("begin", segment)]
    assert words in event_line(seen.events[0])


def test_that_it_comes_and_goes_is_told_at_once() -> None:
    whom = Whom(Target("emr.example.org", 8443, "/", True, "emr.example.org"), connection=OWN)
    by_vpn = replace(OWN, address="10.8.0.2", interface="tun0", wireless=True, vpn=True)
    found = [each for now in (OWN, by_vpn, by_vpn, OWN) for each in whom.own(now, 1.0)]
    assert [each for each in found if isinstance(each, Moved)] == [Moved(False, True, True), Moved(False, False)]


def test_a_tunnel_has_no_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    tun = host.Interface("tun0", True, 10, None, "unknown", True, 0, 0)
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut("10.8.0.2", "tun0", "192.168.1.1"))
    monkeypatch.setattr(host, "interface", lambda _name: tun)
    found = survey.connection()
    assert (found.vpn, found.link_fault) == (True, "")
    (sample,) = Whom(Target(None, 0, "", False, "example.com")).own(found, 1.0)[:1]
    assert isinstance(sample, Sample)
    assert sample.fault == ""
