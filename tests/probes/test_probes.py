"""Do the probes fit the contract with the runner?"""

from __future__ import annotations

import pytest

from emrnetcheck.evidence import EVIDENCE_NAMES, Seen
from emrnetcheck.evidence.link import Link
from emrnetcheck.model import Mode, Site
from emrnetcheck.net import host
from emrnetcheck.probes import PROBES, link
from emrnetcheck.probes.context import Probe
from tests.probes.contexts import context


def test_there_is_one_probe_for_each_evidence() -> None:
    assert sorted(probe.name for probe in PROBES) == sorted(EVIDENCE_NAMES)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_each_has_a_deadline_in_each_mode(probe: Probe) -> None:
    assert set(probe.deadline_s) == set(Mode)


def test_what_loads_the_line_comes_after_what_measures_it_idle() -> None:
    assert [probe.name for probe in PROBES[-3:]] == ["upload", "download", "second_opinion"]
    assert {probe.name for probe in PROBES if probe.alone} == {"lan", "upload", "download", "second_opinion"}


def test_only_the_second_opinion_waits_to_be_asked_for() -> None:
    assert [probe.name for probe in PROBES if probe.on_request] == ["second_opinion"]


def test_only_the_download_is_left_out_of_a_quick_run() -> None:
    assert [probe.name for probe in PROBES if not probe.in_quick] == ["download"]


def test_offline_leaves_what_can_be_measured_inside() -> None:
    assert [probe.name for probe in PROBES if not probe.leaves_office] == [
        "link",
        "lan",
        "port",
        "tls",
        "emr",
        "exposure",
        "ddns_client",
    ]


def test_link_tells_the_facts_of_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = host.Interface("eth0", True, 100, "half", "wired", False, 3, 4)
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut("192.168.1.50", "eth0", "192.168.1.1"))
    monkeypatch.setattr(host, "interface", lambda _name: facts)
    seen = link.measure(Site(), Seen(), context())
    assert seen == Link("eth0", "192.168.1.50", "192.168.1.1", "wired", 100, "half", False, True, 3, 4)


def test_link_without_a_way_out_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut(None, None, None))
    seen = link.measure(Site(), Seen(), context())
    assert isinstance(seen, Link)
    assert (seen.interface, seen.address, seen.gateway, seen.is_up) == (None, None, None, False)
