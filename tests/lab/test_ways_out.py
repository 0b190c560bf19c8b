"""Do IPv6, the VPNs and the ISP's exits do what their scenarios say? Asked with curl, dig and ip."""

from __future__ import annotations

import pytest

from tests.lab.conftest import Shell

pytestmark = pytest.mark.lab

CURL = 'curl -sS -m 4 --cacert "$SSL_CERT_FILE"'
ICANHAZIP, IPIFY = f"{CURL} https://ipv4.icanhazip.com", f"{CURL} -w '\\n' https://api.ipify.org"
OPENDNS = "dig +short +tries=1 @resolver1.opendns.com myip.opendns.com"
GOOGLE = "dig +short +tries=1 @ns1.google.com o-o.myaddr.l.google.com TXT"
CLINIC, POOL, SITE2 = "45.76.10.20", "45.76.10.21", "62.4.30.40"
EMR_V6 = "2a0e:5c00:10:1::10"


def lines(shell: Shell, scenario: str, *commands: str, host: str = "emr") -> list[str]:
    return shell(host, "; ".join(commands), scenario=scenario).stdout.splitlines()


def test_name_servers_tell_who_asks(shell: Shell) -> None:
    assert lines(shell, "healthy", OPENDNS, GOOGLE) == [CLINIC, f'"{CLINIC}"']


def test_with_ipv6_its_witnesses_see_the_host_itself_and_the_name_has_its_address(shell: Shell) -> None:
    seen = lines(
        shell,
        "ipv6_right",
        f"{CURL} https://ipv6.icanhazip.com",
        f"{CURL} -w '\\n' https://api6.ipify.org",
        "dig +short emr.dyn.example.org AAAA",
        f"{CURL} -w '\\n' https://api.ipify.org",
    )
    assert seen == [EMR_V6, EMR_V6, EMR_V6, CLINIC]


def test_from_the_internet_only_the_emrs_port_is_reached_by_ipv6(shell: Shell) -> None:
    there = f"{CURL} -k -o /dev/null -w '%{{http_code}}\\n'"
    said = lines(
        shell,
        "ipv6_right",
        f"{there} 'https://[{EMR_V6}]:8443/oscar/'",
        f"{there} 'https://[{EMR_V6}]:8444/'",
        f"ping -6 -c1 -W1 {EMR_V6} >/dev/null || echo silent",
        host="internet",
    )
    assert said == ["200", "000", "silent"]


def test_a_clinic_without_ipv4_reaches_the_internet_by_ipv6_only(shell: Shell) -> None:
    script = (f"{CURL} https://ipv6.icanhazip.com", f"{CURL} -4 https://api.ipify.org || echo no IPv4")
    assert lines(shell, "ipv6_only", *script) == [EMR_V6, "no IPv4"]


@pytest.mark.parametrize(("scenario", "default"), [("vpn_up", "tun0"), ("vpn_up_halves", "eth0")])
def test_with_a_vpn_everything_leaves_by_its_server(shell: Shell, scenario: str, default: str) -> None:
    way = ("ip -4 route show default", "ip -4 route get 1.1.1.1", ICANHAZIP, OPENDNS)
    said = lines(shell, scenario, *way)
    assert f"dev {default}" in said[0]
    assert "dev tun0" in said[1]
    assert said[-2:] == [SITE2, SITE2]


def test_tailscale_has_an_address_like_cgnat_and_carries_nothing_of_the_internet(shell: Shell) -> None:
    said = lines(shell, "tailscale", "ip -4 -br address show dev tailscale0", "ip -4 route get 1.1.1.1", ICANHAZIP)
    assert "100.100.20.30/32" in said[0]
    assert "dev eth0" in said[1]
    assert said[-1] == CLINIC


def test_a_pool_sends_some_destinations_out_from_its_second_address(shell: Shell) -> None:
    assert lines(shell, "nat_pool", ICANHAZIP, IPIFY) == [CLINIC, POOL]


def test_a_proxy_on_the_way_changes_web_requests_only(shell: Shell) -> None:
    assert lines(shell, "web_proxy", ICANHAZIP, IPIFY, OPENDNS) == [POOL, POOL, CLINIC]


def test_an_own_address_of_464xlat_is_what_the_hosts_packets_have(shell: Shell) -> None:
    said = lines(shell, "xlat_own_address", "ip -4 route get 1.1.1.1", ICANHAZIP)
    assert "src 192.0.0.4" in said[0]
    assert said[-1] == CLINIC
