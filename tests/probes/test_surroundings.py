"""What setup finds out by itself, and that no password of a DDNS client is among it."""

from __future__ import annotations

from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import ddns_clients, host, listeners, neighbours, routes
from emrnetcheck.net.host import WayOut
from emrnetcheck.net.listeners import Bound
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.probes import surroundings
from emrnetcheck.probes.answers import PageSeen
from emrnetcheck.probes.surroundings import KeptName, look_around
from emrnetcheck.profiles import PageKind

OWN = {"127.0.0.1": "lo", "192.168.1.30": "eth0", "10.8.0.2": "tun0"}


def neighbour(number: int, interface: str = "eth0") -> Neighbour:
    return Neighbour(f"192.168.1.{number}", f"02:00:00:00:00:{number:02x}", interface)


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An ordinary office; in the folder, the DDNS client's files."""
    monkeypatch.setattr(host, "way_out", lambda: WayOut("192.168.1.30", "eth0", "192.168.1.1"))
    monkeypatch.setattr(host, "interface", lambda _name: None)
    monkeypatch.setattr(routes, "own_addresses", lambda: OWN)
    monkeypatch.setattr(listeners, "listening_at", lambda _ports: ())
    table = (neighbour(1), neighbour(30), neighbour(20), neighbour(21, "eth1"), *map(neighbour, range(40, 60)))
    monkeypatch.setattr(neighbours, "neighbours", lambda: table)
    monkeypatch.setattr(ddns_clients, "running_programs", tuple)
    places = ddns_clients.Places(
        ddclient_settings=(tmp_path / "ddclient.conf",),
        ddclient_defaults=tmp_path / "default",
        ddclient_cache=(tmp_path / "ddclient.cache",),
        inadyn_settings=(tmp_path / "inadyn.conf",),
        inadyn_cache=tmp_path,
        journal=("there-is-no-such-journal",),
        logs=(tmp_path / "syslog",),
    )
    real = ddns_clients.clients
    monkeypatch.setattr(ddns_clients, "clients", lambda: real(places))
    return tmp_path


def test_an_ordinary_office() -> None:
    found = look_around()
    assert (found.address, found.interface, found.gateway) == ("192.168.1.30", "eth0", "192.168.1.1")
    assert found.own == set(OWN)
    assert (found.listening, found.looks_like, found.names, found.unread) == ((), None, (), ())
    assert found.peers == ("192.168.1.20", *(f"192.168.1.{number}" for number in range(40, 45)))


def test_where_nothing_is_told_nothing_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = Failure(FailureKind.PERMISSION, "read")
    monkeypatch.setattr(host, "way_out", lambda: WayOut(None, None, None))
    monkeypatch.setattr(listeners, "listening_at", lambda _ports: forbidden)
    monkeypatch.setattr(neighbours, "neighbours", lambda: forbidden)
    found = look_around()
    assert (found.address, found.gateway, found.listening, found.peers) == (None, None, None, ())


@pytest.mark.parametrize(
    ("ports", "pages", "profile"),
    [
        ((443, 8443), {8443: PageSeen(200, PageKind.OSCAR, tls=True)}, "oscar"),
        ((443, 8443), {443: PageSeen(200, PageKind.OPENEMR, tls=True)}, "openemr"),
        ((443,), {443: PageSeen(200, PageKind.OSCAR, tls=True)}, None),
        ((8443,), {}, None),
    ],
)
def test_an_emr_on_this_computer_is_known_by_its_page(
    monkeypatch: pytest.MonkeyPatch, ports: tuple[int, ...], pages: dict[int, PageSeen], profile: str | None
) -> None:
    bound = tuple(Bound(port, ("0.0.0.0",), ()) for port in ports)
    monkeypatch.setattr(listeners, "listening_at", lambda _ports: bound)
    silent = Failure(FailureKind.TIMEOUT, "connect")
    monkeypatch.setattr(surroundings, "page_at", lambda _address, port, _name, _path: pages.get(port, silent))
    found = look_around()
    assert found.listening == ports
    assert found.looks_like == profile


def test_the_name_that_a_ddns_client_keeps(office: Path) -> None:
    (office / "inadyn.conf").write_text(
        'provider no-ip.com {\n username = x\n password = y.z\n hostname = "a.dyn.example"\n}\n'
    )
    assert look_around().names == ()
    (office / "a.dyn.example.cache").write_text("93.184.216.34")
    assert look_around().names == (KeptName("a.dyn.example", "inadyn"),)


@pytest.mark.parametrize(
    "planted",
    [
        "pasword=x\nmy.topsecret.example\nemr.example.org\n",
        "password=\nmy.topsecret.example\nemr.example.org\n",
    ],
)
def test_a_password_that_was_misread_is_not_suggested(office: Path, planted: str) -> None:
    (office / "ddclient.conf").write_text(planted)
    assert any("topsecret" in each.name for program in ddns_clients.clients().programs for each in program.names)
    assert "topsecret" not in str(look_around())


def test_a_client_whose_settings_may_not_be_read_is_named(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ddns_clients, "running_programs", lambda: ("inadyn",))
    assert look_around().unread == ("inadyn",)
