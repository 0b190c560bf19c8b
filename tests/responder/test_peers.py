"""Who may be dialled, and with whom he shares his limits."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.responder.peers import Keys, in_network, is_global, keys, parsed

OFFICE = in_network(ipaddress.ip_network("192.168.1.0/24"))


@pytest.mark.parametrize(
    ("peer", "dialled"),
    [
        ("8.8.8.8", True),
        ("::ffff:8.8.8.8", True),
        ("2606:4700::1", True),
        ("2606:4700::1%eth0", True),
        ("64:ff9b::808:808", True),  # 8.8.8.8 behind NAT64
        ("2002:808:808::1", True),  # 8.8.8.8 by 6to4
        ("127.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.10", False),
        ("100.64.0.1", False),
        ("192.0.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("64:ff9b::a00:1", False),  # 10.0.0.1
        ("64:ff9b::7f00:1", False),  # 127.0.0.1
        ("64:ff9b::c0a8:101", False),  # 192.168.1.1
        ("64:ff9b:1::808:808", False),  # a network's own translator
        ("2002:a00:1::1", False),  # 10.0.0.1
        ("2002:7f00:1::1", False),
        ("2001:0:808:808::1", False),  # Teredo
        ("2001:db8::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::", False),
        ("::8.8.8.8", False),
        ("emr.example.org", False),
        ("8.8.8.8, 1.1.1.1", False),
        ("", False),
    ],
)
def test_only_global_peers_are_dialled(peer: str, dialled: bool) -> None:
    assert is_global(peer) is dialled


@pytest.mark.parametrize(
    ("peer", "dialled"),
    [
        ("192.168.1.10", True),
        ("::ffff:192.168.1.10", True),
        ("192.168.1.0", False),
        ("192.168.1.255", False),
        ("192.168.2.10", False),
        ("8.8.8.8", False),
        ("127.0.0.1", False),
        ("fd00::1", False),
        ("?", False),
    ],
)
def test_in_an_office_only_neighbours_are(peer: str, dialled: bool) -> None:
    assert OFFICE(peer) is dialled


def test_a_network_of_this_computer_alone_makes_no_neighbours() -> None:
    loopback = in_network(ipaddress.ip_network("127.0.0.0/8"))
    assert not loopback("127.0.0.1")
    assert not in_network(ipaddress.ip_network("169.254.0.0/16"))("169.254.169.254")


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("8.8.4.4", ("8.8.4.4/32", "8.8.4.0/24", "8.8.4.0/24")),
        ("::ffff:8.8.4.4", ("8.8.4.4/32", "8.8.4.0/24", "8.8.4.0/24")),
        ("2606:4700:1:2ff:3::1", ("2606:4700:1:2ff::/64", "2606:4700:1:200::/56", "2606:4700:1::/48")),
        ("nonsense", ("?", "?", "?")),
    ],
)
def test_limits_are_those_of_an_address_and_of_its_prefix(peer: str, expected: tuple[str, str, str]) -> None:
    assert keys(peer) == Keys(*expected)


@given(st.one_of(st.text(), st.ip_addresses().map(str)))
def test_whatever_a_peer_is_called_it_has_an_answer(peer: str) -> None:
    assert is_global(peer) in (True, False)
    assert keys(peer).site
    if is_global(peer):
        found = parsed(peer)
        assert found is not None
        assert not found.is_loopback
        assert not found.is_multicast
        assert not found.is_link_local
