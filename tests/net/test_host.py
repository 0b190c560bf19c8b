"""Are cable, Wi-Fi and tunnels told apart, and is the office's router found beside a VPN?"""

from __future__ import annotations

import ipaddress
from pathlib import Path

import psutil
import pytest

from emrnetcheck.net import host
from emrnetcheck.net.routes import Route

DEFAULT = ipaddress.IPv4Network("0.0.0.0/0")
HALVES = tuple(ipaddress.IPv4Network(text) for text in ("0.0.0.0/1", "128.0.0.0/1"))
HARDWARE_PORTS = """\

Hardware Port: Ethernet
Device: en0
Ethernet Address: 00:14:bf:01:02:03

Hardware Port: Wi-Fi
Device: en1
Ethernet Address: 00:14:bf:01:02:04

Hardware Port: Bluetooth PAN
Device: en7
Ethernet Address: N/A
"""


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


def test_macos_hardware_ports() -> None:
    assert host.parse_hardware_ports(HARDWARE_PORTS) == {"en0": "wired", "en1": "wifi", "en7": "unknown"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[{"Name":"Ethernet","NdisPhysicalMedium":14},{"Name":"WLAN","NdisPhysicalMedium":9}]',
            {"Ethernet": "wired", "WLAN": "wifi"},
        ),
        ('{"Name":"Ethernet 2","NdisPhysicalMedium":0}', {"Ethernet 2": "unknown"}),
        ("", {}),
        ("[1, null, {}]", {}),
    ],
)
def test_windows_adapters(text: str, expected: dict[str, str]) -> None:
    assert host.parse_net_adapters(text) == expected


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
