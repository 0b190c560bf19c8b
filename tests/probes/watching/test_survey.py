"""By what a watch takes this computer to be connected, and where the EMR is."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import host, routes
from emrnetcheck.probes.watching import survey
from tests.probes.watching.sampling import AROUND, EMR, OWN

FOUR, SIX = "192.168.1.20", "2001:db8:1::20"
NO_WAY = Failure(FailureKind.NO_ROUTE, "find the way to", "somebody")


def given(monkeypatch: pytest.MonkeyPatch, four: str | None, six: str | None, name: str) -> None:
    by_version = {4: four, 6: six}
    own = {address: name for address in (four, six) if address is not None}
    facts = host.Interface(name, True, 1000, "full", "wired", False, 0, 0)
    monkeypatch.setattr(routes, "source_address", lambda _=None, *, version=4: by_version[version] or NO_WAY)
    monkeypatch.setattr(routes, "own_addresses", lambda: own)
    monkeypatch.setattr(host, "way_out", lambda: host.WayOut(four, name if four else None, "192.168.1.1"))
    monkeypatch.setattr(host, "interface", lambda _name: facts)
    monkeypatch.setattr(host, "glance", lambda _name: (True, 0))


@pytest.mark.parametrize(
    ("four", "six", "name", "address"),
    [
        (FOUR, None, "eth0", FOUR),
        (FOUR, SIX, "eth0", FOUR),
        (None, SIX, "eth0", SIX),
        (None, None, "eth0", None),
        (None, SIX, "tun0", None),  # it keeps its address where there is nothing that it could go through
    ],
)
def test_a_network_of_ipv6_alone_is_a_connection(
    four: str | None, six: str | None, name: str, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, four, six, name)
    found = survey.connection()
    assert found.address == address
    assert survey.glance(replace(found, address="10.0.0.7")).address == address
    if address is not None:
        monkeypatch.setattr(survey, "connection", lambda: pytest.fail("a glance is cheap"))
    assert survey.glance(found).address == address


@pytest.mark.parametrize(
    ("vpn", "medium", "wireless"),
    [
        (True, "unknown", True),
        (True, "wired", False),
        (False, "unknown", False),
        (False, "wifi", True),
        (False, "wired", False),
    ],
)
def test_a_tunnel_may_go_by_wifi(vpn: bool, medium: str, wireless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, FOUR, None, "eth0")
    monkeypatch.setattr(host, "interface", lambda name: host.Interface(name, True, None, None, medium, vpn, 0, 0))
    assert survey.connection().wireless is wireless


@pytest.mark.parametrize(
    ("address", "vpn", "inside"),
    [
        (EMR, False, True),
        (EMR, True, False),  # a full tunnel into the clinic: its address is the EMR's
        ("192.168.1.10", False, True),
        ("192.168.1.10", True, False),
        (FOUR, True, True),  # this very computer
        ("45.76.10.77", False, False),
    ],
)
def test_by_a_vpn_the_emr_is_not_in_this_office(
    address: str, vpn: bool, inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "own_network", lambda _own: ipaddress.ip_network("192.168.1.0/24"))
    around = replace(AROUND, connection=replace(OWN, vpn=vpn), public=EMR)
    assert survey.is_inside(address, around) is inside
