"""Is the way out found in the routing tables of the three systems, also beside a VPN?"""

from __future__ import annotations

import ipaddress
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure
from emrnetcheck.net import routes
from emrnetcheck.net.routes import Route

# Captured on Linux (x86: little-endian hexadecimal).
HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
PLAIN = (
    HEAD
    + "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
    + "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    + "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
)
OPENVPN = (
    PLAIN
    + "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
    + "tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
)
REJECTED = PLAIN + "lo\t01010101\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
MACOS = """\
   route to: 1.1.1.1
destination: default
       mask: default
    gateway: 192.168.1.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
 recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire
       0         0         0         0         0         0      1500         0
"""
MACOS_VPN = MACOS.replace("    gateway: 192.168.1.1\n", "").replace("en0", "utun3")
WINDOWS = """\
===========================================================================
Interface List
  7...00 14 bf 01 02 03 ......Intel(R) Ethernet Connection
  1...........................Software Loopback Interface 1
===========================================================================

IPv4 Route Table
===========================================================================
Active Routes:
Network Destination        Netmask          Gateway       Interface  Metric
          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.50     25
        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331
      192.168.1.0    255.255.255.0         On-link      192.168.1.50    281
===========================================================================
Persistent Routes:
  Network Address          Netmask  Gateway Address  Metric
          0.0.0.0          0.0.0.0      192.168.9.9  Default
===========================================================================
"""

little_endian = pytest.mark.skipif(sys.byteorder != "little", reason="the captured tables are little-endian")


def way(table: tuple[Route, ...]) -> tuple[str, str | None] | None:
    route = routes.way_to(table)
    return (route.interface, route.gateway) if route is not None else None


@little_endian
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, ("eth0", "192.168.1.1")),
        (OPENVPN, ("tun0", "10.8.0.1")),
        (REJECTED, ("eth0", "192.168.1.1")),
        (HEAD, None),
        ("", None),
    ],
)
def test_linux(text: str, expected: tuple[str, str | None] | None) -> None:
    assert way(routes.parse_proc_net_route(text)) == expected


@little_endian
def test_office_router_is_still_known_beside_a_vpn() -> None:
    found = routes.default_routes(routes.parse_proc_net_route(OPENVPN))
    assert [(route.interface, route.gateway) for route in found] == [("eth0", "192.168.1.1"), ("wlan0", "192.168.2.1")]


def test_macos() -> None:
    assert way(routes.parse_route_get(MACOS)) == ("en0", "192.168.1.1")
    assert way(routes.parse_route_get(MACOS_VPN)) == ("utun3", None)
    assert routes.parse_route_get("route: writing to routing socket: not in table\n") == ()


def test_windows() -> None:
    table = routes.parse_route_print(WINDOWS)
    assert way(table) == ("192.168.1.50", "192.168.1.1")
    assert Route(ipaddress.IPv4Network("192.168.1.0/24"), None, "192.168.1.50", 281) in table
    assert len(table) == 3


@given(st.text(alphabet="0123456789ABF.\t \nOn-link", max_size=300))
def test_other_text_is_never_an_exception(text: str) -> None:
    for parse in (routes.parse_proc_net_route, routes.parse_route_get, routes.parse_route_print):
        parse(HEAD + text)


def test_source_address_towards_loopback_is_loopback() -> None:
    assert routes.source_address("127.0.0.1") == "127.0.0.1"


def test_no_way_is_a_failure() -> None:
    assert isinstance(routes.source_address("::1", version=4), Failure)


def test_own_addresses_hold_the_loopback() -> None:
    assert "127.0.0.1" in routes.own_addresses()


def test_this_system_has_a_routing_table() -> None:
    assert isinstance(routes.routes(), tuple)
