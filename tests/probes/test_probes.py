"""Do the probes fit the contract with the runner?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.evidence import EVIDENCE_NAMES, Seen
from emrnetcheck.evidence.link import CardCounters, Link
from emrnetcheck.model import Mode, Site
from emrnetcheck.net import host
from emrnetcheck.net.radio import Radio
from emrnetcheck.probes import CLIENT, PROBES, link
from emrnetcheck.probes.context import Probe
from tests.probes.contexts import context


def test_there_is_one_probe_for_each_evidence() -> None:
    names = {probe.name for probe in (*PROBES, *CLIENT)}
    assert names == {*EVIDENCE_NAMES} - {"clinic"}, "what a file says needs no probe"
    for probes in (PROBES, CLIENT):
        assert len({probe.name for probe in probes}) == len(probes)


def test_a_client_looks_at_the_way_before_anything_loads_it() -> None:
    order = [probe.name for probe in CLIENT]
    assert order == ["link", "lookups", "way", "path", "last_routers", "pages", "download", "wear"]
    assert {probe.name for probe in CLIENT if probe.alone} >= {"way", "path", "pages", "download"}


@pytest.mark.parametrize("probe", [*PROBES, *CLIENT], ids=lambda probe: probe.name)
def test_each_has_a_deadline_in_each_mode(probe: Probe) -> None:
    assert set(probe.deadline_s) == set(Mode)


def test_what_loads_the_line_comes_after_what_measures_it_idle() -> None:
    assert [probe.name for probe in PROBES[-4:-1]] == ["upload", "download", "second_opinion"]
    assert {probe.name for probe in PROBES if probe.alone} == {
        "lan",
        "lan_load",
        "upload",
        "download",
        "second_opinion",
        "wear",
    }


def test_the_cards_counters_are_compared_when_all_else_is_done() -> None:
    assert PROBES[-1].name == "wear"
    assert PROBES[0].name == "link"


def test_only_the_second_opinion_waits_to_be_asked_for() -> None:
    assert [probe.name for probe in PROBES if probe.on_request] == ["second_opinion"]


def test_only_what_loads_the_office_or_downloads_is_left_out_of_a_quick_run() -> None:
    assert [probe.name for probe in PROBES if not probe.in_quick] == ["lan_load", "download"]


def test_the_office_is_loaded_only_where_the_settings_name_a_second_pc() -> None:
    second = Site(lan_responder="responder+https://192.168.1.20:8444")
    assert [probe.name for probe in PROBES if not probe.asked_for(Site())] == ["lan_load"]
    assert all(probe.asked_for(second) for probe in PROBES)


def test_offline_leaves_what_can_be_measured_inside() -> None:
    assert [probe.name for probe in PROBES if not probe.leaves_office] == [
        "link",
        "lan",
        "port",
        "tls",
        "emr",
        "exposure",
        "ddns_client",
        "lan_load",
        "wear",
    ]


def test_link_tells_the_facts_of_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = host.Interface(
        "br0",
        True,
        100,
        "half",
        "wired",
        False,
        3,
        4,
        "eth0",
        Radio(-60, 80, "5 GHz", 130.0, "iw"),
        True,
        {"crc_errors": 2},
        "sysfs",
    )
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut("192.168.1.50", "eth0", "192.168.1.1"))
    monkeypatch.setattr(host, "interface", lambda _name: facts)
    monkeypatch.setattr(host, "has_way_out_v6", lambda: True)
    seen = link.measure(Site(), Seen(), context())
    assert isinstance(seen, Link)
    assert seen.counted_at_s is not None
    way = ("eth0", "192.168.1.50", "192.168.1.1")
    base = Link(*way, "wired", 100, "half", False, True, 3, 4, "eth0", -60, 80, "5 GHz", 130.0, True)
    assert replace(seen, counted_at_s=None) == replace(
        base, counters=CardCounters(crc_errors=2), method="sysfs", radio_method="iw", ipv6=True
    )


def test_link_without_a_way_out_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut(None, None, None))
    monkeypatch.setattr(host, "has_way_out_v6", lambda: False)
    seen = link.measure(Site(), Seen(), context())
    assert isinstance(seen, Link)
    assert (seen.interface, seen.address, seen.gateway, seen.is_up) == (None, None, None, False)
