"""Are cable, Wi-Fi and tunnels told apart, and is the office's router found beside a VPN?"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import card, host, routes
from emrnetcheck.net.routes import Route

DEFAULT = ipaddress.IPv4Network("0.0.0.0/0")
HALVES = tuple(ipaddress.IPv4Network(text) for text in ("0.0.0.0/1", "128.0.0.0/1"))
BY_A_ROUTER = (
    Route(DEFAULT, "10.8.0.1", "wg0", 0),
    Route(ipaddress.IPv4Network("198.51.100.7/32"), "192.168.1.1", "eth0", 0),
)


@pytest.fixture
def sys_root(tmp_path: Path) -> Path:
    """A /sys with one interface of each kind."""
    for name, kind, extra in (
        ("eth0", "1", None),
        ("wlan0", "1", "wireless/"),
        ("wlan1", "1", "phy80211/"),
        ("tun0", "65534", "tun_flags"),
        ("tap0", "1", "tun_flags"),
        ("wg0", "65534", None),
        ("office-vpn", "65534", None),
        ("ppp0", "512", None),
        ("tunnelblick", "1", None),
    ):
        folder = tmp_path / "class" / "net" / name
        folder.mkdir(parents=True)
        (folder / "type").write_text(f"{kind}\n")
        if extra is not None and extra.endswith("/"):
            (folder / extra).mkdir()
        elif extra is not None:
            (folder / extra).write_text("0x1001\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "medium"),
    [
        ("eth0", "wired"),
        ("wlan0", "wifi"),
        ("wlan1", "wifi"),
        ("tun0", "unknown"),
        ("tap0", "unknown"),
        ("no0", "unknown"),
    ],
)
def test_linux_medium(sys_root: Path, name: str, medium: str) -> None:
    assert host.linux_medium(name, sys_root) == medium


@pytest.mark.parametrize(
    ("name", "vpn"),
    [
        ("eth0", False),
        ("wlan0", False),
        ("tunnelblick", False),
        ("tun0", True),
        ("tap0", True),
        ("wg0", True),
        ("office-vpn", True),
        ("ppp0", True),
    ],
)
def test_tunnel_by_its_kind_on_linux(sys_root: Path, name: str, vpn: bool) -> None:
    assert host.is_tunnel(name, sys_root) is vpn


@pytest.mark.parametrize(
    ("name", "vpn"),
    [
        ("en0", False),
        ("Ethernet", False),
        ("Wi-Fi", False),
        ("utun3", True),
        ("WireGuard Tunnel", True),
        ("ppp0", True),
    ],
)
def test_tunnel_by_its_name_elsewhere(tmp_path: Path, name: str, vpn: bool) -> None:
    assert host.is_tunnel(name, tmp_path) is vpn


def test_plain_way_out(sys_root: Path) -> None:
    table = (Route(DEFAULT, "192.168.1.1", "eth0", 100),)
    way = host.choose_way_out(table, "192.168.1.50", {"192.168.1.50": "eth0"}, sys_root=sys_root)
    assert way == host.WayOut("192.168.1.50", "eth0", "192.168.1.1")


def test_way_out_by_a_vpn_that_takes_halves_keeps_the_office_router(sys_root: Path) -> None:
    table = (Route(DEFAULT, "192.168.1.1", "eth0", 100), *(Route(half, "10.8.0.1", "tun0", 0) for half in HALVES))
    way = host.choose_way_out(table, "10.8.0.2", {"10.8.0.2": "tun0", "192.168.1.50": "eth0"}, sys_root=sys_root)
    assert way == host.WayOut("10.8.0.2", "tun0", "192.168.1.1")


def test_the_far_end_of_a_vpn_that_replaced_the_default_route_is_no_router(sys_root: Path) -> None:
    server = Route(ipaddress.IPv4Network("198.51.100.7/32"), "192.168.1.1", "eth0", 0)
    table = (Route(DEFAULT, "10.8.0.1", "tun0", 0), server)
    way = host.choose_way_out(table, "10.8.0.2", {"10.8.0.2": "tun0", "192.168.1.50": "eth0"}, sys_root=sys_root)
    assert way == host.WayOut("10.8.0.2", "tun0", None)


def test_way_out_by_a_policy_route_is_seen_by_its_address(sys_root: Path) -> None:
    table = (Route(DEFAULT, "192.168.1.1", "eth0", 100),)
    way = host.choose_way_out(table, "10.9.0.2", {"10.9.0.2": "wg0", "192.168.1.50": "eth0"}, sys_root=sys_root)
    assert way == host.WayOut("10.9.0.2", "wg0", "192.168.1.1")


def test_windows_names_the_interface_by_its_address(tmp_path: Path) -> None:
    table = (Route(DEFAULT, "192.168.1.1", "192.168.1.50", 25),)
    way = host.choose_way_out(table, None, {"192.168.1.50": "Ethernet"}, sys_root=tmp_path)
    assert way == host.WayOut(None, "Ethernet", "192.168.1.1")


def test_no_way_out(sys_root: Path) -> None:
    assert host.choose_way_out((), None, {}, sys_root=sys_root) == host.WayOut(None, None, None)


@pytest.mark.parametrize(
    ("way", "up", "v6", "table", "expected"),
    [
        (host.WayOut("192.168.1.50", "eth0", "192.168.1.1"), {"eth0"}, None, (), True),
        (host.WayOut("192.168.1.50", "eth0", "192.168.1.1"), set(), None, (), False),
        (host.WayOut(None, None, None), {"eth0"}, None, (), False),
        (host.WayOut("10.8.0.2", "wg0", "192.168.1.1"), {"wg0", "eth0"}, None, (), True),
        (host.WayOut("10.8.0.2", "wg0", None), {"wg0"}, None, (Route(DEFAULT, None, "wg0", 0),), False),
        (host.WayOut("10.8.0.2", "wg0", None), {"wg0", "eth0"}, None, BY_A_ROUTER, True),
        (host.WayOut(None, None, None), {"eth0"}, "2001:db8::50", (), True),
        (host.WayOut(None, None, None), set(), "2001:db8::50", (), False),
    ],
    ids=[
        "usual",
        "cable out",
        "no route",
        "VPN",
        "VPN that stayed alone",
        "VPN in place of the default",
        "IPv6 only",
        "IPv6, cable out",
    ],
)
def test_there_is_a_way_out_by_what_is_up(
    monkeypatch: pytest.MonkeyPatch,
    way: host.WayOut,
    up: set[str],
    v6: str | None,
    table: tuple[Route, ...],
    expected: bool,
) -> None:
    stats = {name: SimpleNamespace(isup=name in up) for name in ("eth0", "wg0")}
    none = Failure(FailureKind.NO_ROUTE, "find the way to", "there")
    monkeypatch.setattr(host, "way_out", lambda: way)
    monkeypatch.setattr(routes, "routes", lambda: table)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: stats)
    monkeypatch.setattr(routes, "source_address", lambda *_, **__: none if v6 is None else v6)
    monkeypatch.setattr(routes, "own_addresses", lambda: {"2001:db8::50": "eth0"})
    assert host.has_way_out() is expected


@pytest.mark.parametrize(("reported", "expected"), [(1000, 1000), (100, 100), (0, None), (-1, None), (65535, None)])
def test_speed_that_is_not_reported_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reported: int, expected: int | None
) -> None:
    stats = next(iter(psutil.net_if_stats().values()))
    half = stats._replace(speed=reported, duplex=psutil.NIC_DUPLEX_HALF, isup=True)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth9": half})
    found = host.interface("eth9", tmp_path)
    assert found is not None
    assert (found.speed_mbps, found.duplex, found.is_up) == (expected, "half", True)


def test_unknown_interface_is_none() -> None:
    assert host.interface("no such interface") is None


def test_the_facts_of_a_bridge_are_those_of_its_card(monkeypatch: pytest.MonkeyPatch, sys_root: Path) -> None:
    bridge = sys_root / "class" / "net" / "br0"
    (bridge / "lower_eth0").mkdir(parents=True)
    (bridge / "type").write_text("1\n")
    (sys_root / "class" / "net" / "eth0" / "device").mkdir()
    stats = next(iter(psutil.net_if_stats().values()))
    both = {
        "br0": stats._replace(speed=10000, duplex=psutil.NIC_DUPLEX_UNKNOWN, isup=True),
        "eth0": stats._replace(speed=100, duplex=psutil.NIC_DUPLEX_HALF, isup=True),
    }
    monkeypatch.setattr(psutil, "net_if_stats", lambda: both)
    found = host.interface("br0", sys_root)
    assert found is not None
    assert (found.name, found.card, found.speed_mbps, found.duplex) == ("br0", "eth0", 100, "half")
    assert (found.medium, found.vpn) == ("wired", False)


def test_elsewhere_psutil_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {
        "en0": type(next(iter(psutil.net_io_counters(pernic=True).values())))(1, 2, 3, 4, 5, 6, 7, 8)
    }
    monkeypatch.setattr(psutil, "net_io_counters", lambda pernic: seen)
    assert host.counters("en0", tmp_path) == {
        "sent_bytes": 1,
        "received_bytes": 2,
        "sent_frames": 3,
        "received_frames": 4,
        "receive_errors": 5,
        "transmit_errors": 6,
    }
    assert host.counters("en9", tmp_path) == {}
    assert host.counted_by("en0", tmp_path) == "psutil"


def test_whose_facts_they_are_is_named(monkeypatch: pytest.MonkeyPatch, sys_root: Path) -> None:
    stats = next(iter(psutil.net_if_stats().values()))
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"eth0": stats, "en0": stats})
    folder = sys_root / "class" / "net" / "eth0" / "statistics"
    folder.mkdir(exist_ok=True)
    (folder / "rx_errors").write_text("3\n")
    found, elsewhere = host.interface("eth0", sys_root), host.interface("en0", sys_root)
    assert found is not None
    assert elsewhere is not None
    assert (found.method, elsewhere.method) == ("sysfs", "psutil")
    assert host.counted_by("eth0", sys_root) == "sysfs"
    monkeypatch.setattr(card, "told", lambda _name: card.Told("wired", 1000, "full", "Get-NetAdapter"))
    windows = host.interface("en0", sys_root)
    assert windows is not None
    assert windows.method == "Get-NetAdapter"
