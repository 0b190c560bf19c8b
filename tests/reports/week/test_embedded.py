"""A host name that is made of the office's address tells it as well as the address does. Others stay as they are."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model.mail import Own
from emrnetcheck.reports.week.masked import without_addresses

LEFT = "(a host name)"


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address_class(str(address)) in (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)


V4 = some.ip_addresses(v=4, network="0.0.0.0/1").filter(_is_public) | some.ip_addresses(v=4, network="203.0.0.0/9")
V6 = some.integers(0, 2**120 - 1).map(lambda number: ipaddress.IPv6Address(0x26 << 120 | number | 1))
READ_BY_ANYBODY = (
    "cpe-{0}-{1}-{2}-{3}.isp.example.net",
    "{0}.{1}.{2}.{3}.static.isp.ca",
    "host{0}x{1}x{2}x{3}",
    "HOST{0}X{1}X{2}X{3}.ISP.NET",
    "ip4-{0}-{1}-{2}-{3}.isp.net",
    "c-{0}-{1}-{2}-{3}.hsd1.wa.isp.net",
    "dslb-{0:03}-{1:03}-{2:03}-{3:03}.pools.isp.de",
    "{0:03}{1:03}{2:03}{3:03}.dyn.isp.ca",
    "static_{0}_{1}_{2}_{3}.isp.net",
    "host-{0}-{1}-{2}-{3}",
)
BACKWARDS = (
    "{3}.{2}.{1}.{0}.dyn.isp.ca",
    "{3}-{2}-{1}-{0}.isp.net",
    "{3:03}{2:03}{1:03}{0:03}.isp.net",
    "{3}.{2}.{1}.{0}.in-addr.arpa",
)
KNOWN_ONLY = (
    "{0:02x}{1:02x}{2:02x}{3:02x}",
    "ip-{0:02x}{1:02x}{2:02x}{3:02x}.dyn.isp.net",
    "{3:02x}{2:02x}{1:02x}{0:02x}.isp.net",
    "cable-{0:02X}-{1:02X}-{2:02X}-{3:02X}.isp.net",
    "p{0}a{1}b{2}c{3}d.isp.net",
    "{0}-{1}-{2}-{3}",
    "{0:03}{1:03}{2:03}{3:03}",
    "{3:03}{2:03}{1:03}{0:03}",
    "line-7-{0}-{1}-{2}-{3}.isp.net",
    "{0}-{1}.{2}-{3}.isp.net",
)


@given(V4, some.sampled_from(READ_BY_ANYBODY))
@example(ipaddress.ip_address("203.0.113.9"), READ_BY_ANYBODY[0])
def test_a_name_out_of_which_anybody_reads_an_address_does_not_travel(
    address: ipaddress.IPv4Address, form: str
) -> None:
    name = form.format(*address.packed)
    assert without_addresses(f"It is called {name}, says the provider.") == f"It is called {LEFT}, says the provider."
    assert without_addresses(f"https://{name}:8443/oscar") == f"https://{LEFT}:8443/oscar"


@given(V4, some.sampled_from((*READ_BY_ANYBODY, *BACKWARDS, *KNOWN_ONLY)))
@example(ipaddress.ip_address("203.0.113.9"), KNOWN_ONLY[0])
def test_of_an_address_that_is_known_no_way_to_write_it_does(address: ipaddress.IPv4Address, form: str) -> None:
    own = Own(addresses=("198.51.100.77", str(address)))
    assert without_addresses(f"Hello {form.format(*address.packed)}.", own) == f"Hello {LEFT}."
    assert without_addresses(f"Hello [{address}]", own) == "Hello [(an address)]"


@pytest.mark.parametrize("form", BACKWARDS)
def test_backwards_is_read_by_anybody_too(form: str) -> None:
    for octets in ((203, 0, 113, 9), (8, 8, 4, 229)):
        assert without_addresses(form.format(*octets)) == LEFT


def _v6_names(address: ipaddress.IPv6Address) -> list[str]:
    padded = address.exploded.split(":")
    bare = [each.lstrip("0") or "0" for each in padded]
    nibbles = "".join(padded)
    return [
        f"{'-'.join(padded)}.isp.net",
        f"{'-'.join(bare)}.isp.net",
        f"x{nibbles}.isp.net",
        f"{nibbles[:16]}.isp.net",
        f"dyn-{'-'.join(bare[:4])}.isp.net",
        f"{'-'.join(padded[:4])}.isp.net",
        f"{str(address).replace(':', '-').strip('-')}.isp.net",
        ".".join(reversed(nibbles)) + ".ip6.arpa",
    ]


@given(V6, some.integers(0, 7))
@example(ipaddress.ip_address("2001:db8:1:2::9"), 0)
def test_of_ipv6_half_of_it_is_enough(address: ipaddress.IPv6Address, form: int) -> None:
    own = Own(addresses=(str(address),))
    assert without_addresses(f"Hello {_v6_names(address)[form]}.", own) == f"Hello {LEFT}."


def test_of_ipv6_anybody_reads_the_whole() -> None:
    names = _v6_names(ipaddress.IPv6Address("2001:db8:1:2::9"))
    assert [without_addresses(names[form]) for form in (0, 1, 6, 7)] == [LEFT] * 4


ORDINARY = [
    "2026-11-26",
    "26.11.2026",
    "12:30:45",
    "2026-11-26T12:30:45Z",
    "3.10.2",
    "1.2.3.4.5",
    "v19.12.3",
    "OSCAR-19.12.3",
    "oscar-19-12-3-1",
    "Tomcat-9-0-85-2",
    "backup-26-11-26-10.sql.gz",
    "log-26-11-26-12-30.example.org",
    "ns1.shaw.ca",
    "emr.example.org",
    "dns.google",
    "one.one.one.one",
    "dns9.quad9.net",
    "resolver1.opendns.com",
    "ns-1536.awsdns-00.co.uk",
    "xe-0-0-1-8.core.isp.net",
    "et-10-3-5-1.isp.net",
    "ae-1-3502.edge1.level3.net",
    "192-168-1-10.local.example.net",
    "ip-10-0-0-5.internal",
    "20261126T101500Z-a1b2c3",
    "d3adbeef.cloudfront.net",
    "202611261030.example.net",
    "TLSv1.3",
    "h2",
    "exposure.ssh_open",
    "4.7.1",
    "5.1.1",
    "mx1.mail-2.example.org",
    "ec2.eu-west-1.amazonaws.com",
    "8443/tcp",
    "100.64.3.4",
    "192.168.1.10",
    "3des",
    "ipv4",
    "0x1f",
    "CVE-2021-44228",
    "a0.b1.c2.d3",
    "416-555-0199",
    "10.1.2.3.in-house.example",
    "ubuntu-22.04.3.1.iso",
    "gmail-smtp-in.l.google.com",
    "64.media.example.com",
    "1-800-555-0199",
    "MariaDB-10.6.12",
    "00:1a:2b:3c:4d:5e",
    "kernel-5-15-0-91-generic",
]


@pytest.mark.parametrize("said", ORDINARY)
def test_an_ordinary_name_a_version_or_a_date_stays(said: str) -> None:
    own = Own(addresses=("203.0.113.9", "24.50.1.2", "2001:db8:1:2::9"))
    for text in (said, f"It says {said}, twice."):
        assert without_addresses(text) == text
        assert without_addresses(text, own) == text


@given(some.dates(), V4, some.sampled_from(("%Y-%m-%d", "%d.%m.%Y", "%y-%m-%d", "%Y%m%d", "at %d/%m/%y")))
def test_no_date_is_taken_for_an_address(day: object, address: ipaddress.IPv4Address, form: str) -> None:
    text = f"Since {day:{form}}, in OSCAR 19.{address.packed[0]}."
    assert without_addresses(text, Own(addresses=(str(address),))) == text


def test_the_clinics_own_names_stay() -> None:
    own = Own(addresses=("203.0.113.9",), names=("203-0-113-9.sslip.example", "mail-203-0-113-25.isp.net", "isp.ca"))
    for name in (*own.names, "203-0-113-9.SSLIP.example"):
        assert without_addresses(f"The name {name}.", own) == f"The name {name}."
    for name in ("x203-0-113-9.sslip.example", "cpe-203-0-113-9.isp.ca"):
        assert without_addresses(name, own) == LEFT, "the provider's own domain has all of its lines in it"
