"""What is said of the Internet and of the office's address (netfacts.md 2.2, rows 1 to 11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.address import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import AddressSource, Hop
from emrnetcheck.evidence.port import Port
from emrnetcheck.evidence.wan import SecondBox, Told, WanAnswer
from emrnetcheck.model import Access, Site
from tests.checks.builders import (
    DOWN,
    OLD,
    PUBLIC,
    ROUTER,
    SITE,
    TIMEOUT,
    Row,
    address,
    by_natpmp,
    by_upnp,
    case,
    codes_of,
    judged,
    limits,
    outside,
    port,
    router,
    row,
    witness,
)

UNTESTED = port()
SHUT = port(outside(False))
OPEN = port(outside(True))
SHUT_AND_DOWN = port(outside(False), **DOWN)
OPEN_ELSEWHERE = port(outside(True, dialled=OLD))
VIA_CGNAT = (Hop(1, ROUTER, 0.5), Hop(2, "100.64.0.1", 8.0))
VIA_PRIVATE = (Hop(1, ROUTER, 0.5), Hop(2, "192.168.0.1", 1.0))
SILENT_HOP = (Hop(1, ROUTER, 0.5), Hop(2, None, None))
TUNNEL = replace(SITE, access=Access.TUNNEL)
LAN_ONLY = replace(SITE, access=Access.LAN_ONLY)
VPN = replace(SITE, access=Access.VPN)


def seen(*sources: AddressSource, port_: Port | None = UNTESTED, site: Site = SITE, **changes: Any) -> Case:
    return case(site, port=port_, address=address(*sources, **changes))


def wan(wan_v4: str | None, port_: Port | None = UNTESTED, site: Site = SITE, **changes: Any) -> Case:
    return seen(wan_v4=wan_v4, port_=port_, site=site, **changes)


OTHER = "93.184.216.60"
ON = "address.upnp_enabled"
PCP = WanAnswer("pcp", Told.NOT_TOLD, state="result 0")
DDWRT = WanAnswer("ddwrt", Told.ADDRESS, PUBLIC)
SILENT = WanAnswer("upnp", Told.NO_ANSWER, failure=TIMEOUT)


def box(*answered: str, ms: float | None = 8.0) -> SecondBox:
    """The next router outside, at a private address."""
    return SecondBox("192.168.0.1", answered, ms, None)


def asked(
    *answers: WanAnswer,
    box: SecondBox | None = None,
    sources: tuple[AddressSource, ...] = (),
    port_: Port = UNTESTED,
    site: Site = SITE,
    **changes: Any,
) -> Case:
    """A router that gave these answers."""
    return seen(*sources, port_=port_, site=site, **(router(*answers, box=box) | changes))


TABLE = [
    row("all well", seen(), "address.ok"),
    row("nothing outside answers", seen(witness(None), outside_reached=()), "address.no_internet"),
    row("no witness, but something answers", seen(witness(None), outside_reached=("tcp",)), "address.no_witness"),
    row("IPv6 alone", seen(witness(None), public_v6="2600::1", outside_reached=("https",)), "address.ipv6_only"),
    # The services that tell the IPv4 address may be blocked where IPv4 itself works.
    row(
        "IPv6, and TCP over IPv4",
        seen(witness(None), public_v6="2600::1", outside_reached=("https", "tcp")),
        "address.no_witness",
    ),
    row(
        "IPv6, and DNS over IPv4",
        seen(witness(None), public_v6="2600::1", outside_reached=("dns", "https")),
        "address.no_witness",
    ),
    row("one witness", seen(witness(PUBLIC)), "address.ok", "address.single_witness"),
    row("two witnesses", seen(witness(PUBLIC), witness(PUBLIC)), "address.ok"),
    row(
        "two witnesses with the limit set to 3",
        seen(witness(PUBLIC), witness(PUBLIC), site=limits("address", witnesses=3)),
        "address.ok",
        "address.single_witness",
    ),
    row("one witness is silent", seen(witness(PUBLIC), witness(PUBLIC), witness(None)), "address.ok"),
    row("STUN says otherwise", seen(witness(PUBLIC), witness(OLD, "stun"), wan_v4=PUBLIC), "address.proxied"),
    row(
        "STUN says otherwise, the router too",
        seen(witness(PUBLIC), witness(PUBLIC), witness(OLD, "stun"), wan_v4=OLD),
        "address.proxied",
    ),
    row("web services disagree", seen(witness(PUBLIC), witness(OLD)), "address.nat_pool"),
    row(
        "one web service disagrees",
        seen(witness(PUBLIC), witness(PUBLIC), witness(OLD)),
        "address.nat_pool",
    ),
    row(
        "one of four disagrees",
        seen(witness(PUBLIC), witness(PUBLIC), witness(PUBLIC, "stun"), witness(OLD)),
        "address.ok",
        "address.odd_witness",
    ),
    row(
        "one of four disagrees, with the limit set to 4",
        seen(
            *(witness(PUBLIC), witness(PUBLIC), witness(PUBLIC, "stun"), witness(OLD)),
            site=limits("address", majority=4),
        ),
        "address.nat_pool",
    ),
    row(
        "all of the web against one STUN server",
        seen(*[witness(PUBLIC)] * 3, witness(OLD, "stun")),
        "address.ok",
        "address.odd_witness",
    ),
    row(
        "all of the web against one STUN server, the router not asked",
        seen(*[witness(PUBLIC)] * 3, witness(OLD, "stun"), wan_v4=None),
        "address.ok",
        "address.unknown_wan",
        "address.odd_witness",
    ),
    row(
        "all of the web against one STUN server and the router",
        seen(*[witness(PUBLIC)] * 3, witness(OLD, "stun"), wan_v4=OLD),
        "address.proxied",
    ),
    row(
        "all of the web against two STUN servers",
        seen(*[witness(PUBLIC)] * 3, *[witness(OLD, "stun")] * 2),
        "address.proxied",
    ),
    row(
        "three of the web against one STUN server, with the limit set to 4",
        seen(*[witness(PUBLIC)] * 3, witness(OLD, "stun"), site=limits("address", majority=4)),
        "address.proxied",
    ),
    row(
        "one Web service against three STUN servers",
        seen(witness(OLD), *[witness(PUBLIC, "stun")] * 3),
        "address.ok",
        "address.odd_witness",
    ),
    row("STUN sees two", seen(witness(PUBLIC), witness(PUBLIC, "stun"), witness(OLD, "stun")), "address.nat_pool"),
    row("router in 100.64/10, first", wan("100.64.0.0"), "address.cgnat"),
    row("router in 100.64/10, last", wan("100.127.255.255"), "address.cgnat"),
    row("router just below 100.64/10", wan("100.63.255.255"), "address.typed_wan_differs"),
    row("router just above 100.64/10", wan("100.128.0.0"), "address.typed_wan_differs"),
    row("router in 192.0.0.0/29", wan("192.0.0.2"), "address.cgnat"),
    row("router with a private address", wan("192.168.0.2"), "address.private_wan"),
    row("router in 172.31", wan("172.31.255.255"), "address.private_wan"),
    row("router in 172.32 is public", wan("172.32.0.0"), "address.typed_wan_differs"),
    row("router with another public address", wan(OLD), "address.typed_wan_differs"),
    row("router not asked", wan(None), "address.ok", "address.unknown_wan"),
    row("router not asked, port not measured", wan(None, None), "address.ok", "address.unknown_wan"),
    row("router not asked, somebody got in", wan(None, OPEN), "address.ok"),
    row("router not asked, somebody got in elsewhere", wan(None, OPEN_ELSEWHERE), "address.ok", "address.unknown_wan"),
    row("next hop 100.64, untested", wan(None, hops=VIA_CGNAT), "address.cgnat_suspected"),
    # The provider's own routers may be numbered so: the cause may as well be a forward that is missing.
    row("next hop 100.64, nobody gets in", wan(None, SHUT, hops=VIA_CGNAT), "address.cgnat_or_forward"),
    row("next hop 100.64, shut on purpose with a VPN", wan(None, SHUT, VPN, hops=VIA_CGNAT), "address.cgnat_suspected"),
    row(
        "next hop 100.64, nobody gets in, and UPnP says none",
        asked(by_upnp(None), hops=VIA_CGNAT, port_=SHUT),
        "address.cgnat",
        ON,
    ),
    row(
        "next hop 100.64, nobody gets in, the router has the public address",
        wan(PUBLIC, SHUT, hops=VIA_CGNAT),
        "address.ok",
    ),
    row("next hop 100.64, the EMR is down", wan(None, SHUT_AND_DOWN, hops=VIA_CGNAT), "address.cgnat_suspected"),
    row("next hop 100.64, somebody got in", wan(None, OPEN, hops=VIA_CGNAT), "address.ok"),
    row(
        "next hop unknown",
        wan(None, hops=(Hop(1, ROUTER, 0.5), Hop(2, None, None))),
        "address.ok",
        "address.unknown_wan",
    ),
    # A forward on both routers works: whoever got in proves it (netfacts 2.2, row 9).
    row("router with a private address, somebody got in", wan("192.168.0.2", OPEN), "address.ok"),
    row("router with a private address, nobody gets in", wan("192.168.0.2", SHUT), "address.private_wan"),
    row("router with another address, somebody got in", wan(OLD, OPEN), "address.ok"),
    # A tunnel goes out and needs nobody let in; inside the office it matters even less.
    row("CGNAT with a tunnel", wan("100.64.0.9", site=TUNNEL), "address.ok"),
    row("double NAT with a tunnel", wan("10.0.0.2", site=TUNNEL), "address.ok"),
    row("CGNAT suspected with a tunnel", wan(None, hops=VIA_CGNAT, site=TUNNEL), "address.ok"),
    row("CGNAT, office only", wan("100.64.0.9", site=LAN_ONLY), "address.ok"),
    row("CGNAT with a VPN into the office", wan("100.64.0.9", site=VPN), "address.cgnat"),
    # A name server sees who asks it: where somebody on the way asks in our place, that is his address.
    row("DNS sees another address", seen(*[witness(PUBLIC)] * 2, witness(OLD, "dns")), "address.ok"),
    row("DNS alone sees an address", seen(witness(OLD, "dns"), outside_reached=("dns",)), "address.no_witness"),
    # The versions of IP are judged apart.
    row(
        "IPv6 beside IPv4",
        seen(*[witness(PUBLIC)] * 2, witness("2600::1", version=6), public_v6="2600::1"),
        "address.ok",
    ),
    row("only IPv6 answers", seen(witness("2600::1", version=6), public_v6="2600::1"), "address.ipv6_only"),
    row("own address of 464XLAT", seen(local_v4="192.0.0.4"), "address.behind_ipv6"),
    row("own address of 464XLAT, with a tunnel", seen(local_v4="192.0.0.4", site=TUNNEL), "address.ok"),
    row("own address of DS-Lite, first", seen(local_v4="192.0.0.0"), "address.behind_ipv6"),
    row("own address just above DS-Lite's", seen(local_v4="192.0.0.8"), "address.ok"),
    row("Tailscale on this computer", seen(local_v4="100.100.1.2"), "address.ok"),
    row("a proxy is set", seen(proxies=("https",)), "address.ok", "address.proxy_set"),
    # What the router itself says (netfacts 2.2, rows 3 to 9), and that UPnP is on is said of any router.
    row("UPnP says the same", asked(by_upnp(PUBLIC)), "address.ok", ON),
    row("UPnP says none, line up", asked(by_upnp(None), hops=()), "address.no_public_wan", ON),
    row("UPnP says none, state not told", asked(by_upnp(None, None), hops=()), "address.no_public_wan", ON),
    row("UPnP says none, the next hop is private", asked(by_upnp(None), hops=VIA_PRIVATE), "address.no_public_wan", ON),
    row("UPnP says none, the next hop is silent", asked(by_upnp(None), hops=SILENT_HOP), "address.no_public_wan", ON),
    # Some routers say so of a good line: a public next hop speaks against it, until somebody outside finds it shut.
    row("UPnP says none, the next hop is public", asked(by_upnp(None)), "address.wan_untold", ON),
    row(
        "UPnP says none, the next hop is public, shut on purpose with a VPN",
        asked(by_upnp(None), port_=SHUT, site=VPN),
        "address.wan_untold",
        ON,
    ),
    row("UPnP says none, nobody gets in", asked(by_upnp(None), port_=SHUT), "address.no_public_wan", ON),
    row("UPnP says none, somebody got in", asked(by_upnp(None), port_=OPEN), "address.ok", ON),
    row("UPnP says none, with a tunnel", asked(by_upnp(None), site=TUNNEL), "address.ok", ON),
    row("NAT-PMP says none", asked(by_natpmp(None), hops=()), "address.no_public_wan", ON),
    row("UPnP says none, next hop 100.64", asked(by_upnp(None), hops=VIA_CGNAT), "address.cgnat", ON),
    row(
        "UPnP says 'Disconnected' of a service that is not in use",
        asked(by_upnp(None, "Disconnected"), hops=(Hop(1, ROUTER, 0.5),)),
        "address.ok",
        "address.unknown_wan",
        ON,
    ),
    row(
        "the PPP service is not in use, the IP service says the same",
        asked(by_upnp(None, "Unconfigured", "WANPPPConnection:1"), by_upnp(PUBLIC)),
        "address.ok",
        ON,
    ),
    row("UPnP says 100.64", asked(by_upnp("100.64.7.2")), "address.cgnat", ON),
    row("UPnP says private", asked(by_upnp("192.168.0.2")), "address.private_wan", ON),
    row("UPnP says another", asked(by_upnp(OLD)), "address.wan_differs", ON),
    row("UPnP says another, somebody got in", asked(by_upnp(OLD), port_=OPEN), "address.ok", ON),
    row(
        "UPnP and NAT-PMP say different ones",
        asked(by_upnp(OLD), by_natpmp(OTHER)),
        "address.router_contradicts",
        ON,
    ),
    row(
        "UPnP and NAT-PMP differ, somebody got in", asked(by_upnp(OLD), by_natpmp(OTHER), port_=OPEN), "address.ok", ON
    ),
    # A line for telephone or television has an address of its own.
    row(
        "one service of the router has the public address, another a private one",
        asked(by_upnp(PUBLIC), by_upnp("10.20.0.5", service="WANIPConnection:2"), port_=SHUT),
        "address.ok",
        ON,
    ),
    row(
        "the public address is named last",
        asked(by_upnp("10.20.0.5"), by_upnp(PUBLIC, service="WANPPPConnection:1")),
        "address.ok",
        ON,
    ),
    row(
        "the settings outweigh the router",
        asked(by_upnp(OLD), wan_v4=PUBLIC, wan_source="settings"),
        "address.ok",
        ON,
    ),
    row("PCP alone", asked(PCP), "address.ok", "address.unknown_wan", ON),
    row("DD-WRT's page alone", asked(DDWRT), "address.ok"),
    row("the router is silent", asked(SILENT), "address.ok", "address.unknown_wan"),
    row(
        "private, and the next router answers", asked(by_upnp("192.168.0.2"), box=box("http")), "address.double_nat", ON
    ),
    row(
        "private, the next router is silent at 3 ms",
        asked(by_upnp("10.0.0.2"), box=box(ms=3.0)),
        "address.double_nat",
        ON,
    ),
    row(
        "private, the next router is silent and far",
        asked(by_upnp("10.0.0.2"), box=box(ms=3.1)),
        "address.isp_private",
        ON,
    ),
    row("private, how far is not known", asked(by_upnp("10.0.0.2"), box=box(ms=None)), "address.private_wan", ON),
    row(
        "private, silent at 3.1 ms with the limit set to 4",
        asked(by_upnp("10.0.0.2"), box=box(ms=3.1), site=limits("address", second_box_ms=4)),
        "address.double_nat",
        ON,
    ),
    # It may be the one router, behind a switch that is the gateway, until nobody outside gets in.
    row(
        "a second box answers, the router does not tell",
        asked(SILENT, box=box("http")),
        "address.ok",
        "address.second_box",
    ),
    row("a second box, nobody gets in", asked(SILENT, box=box("http"), port_=SHUT), "address.double_nat_suspected"),
    row(
        "a second box, shut on purpose with a VPN",
        asked(SILENT, box=box("http"), port_=SHUT, site=VPN),
        "address.ok",
        "address.second_box",
    ),
    row("a second box, somebody got in", asked(SILENT, box=box("http"), port_=OPEN), "address.ok"),
    row(
        "UPnP says none, and a second box answers",
        asked(by_upnp(None), box=box("http"), hops=VIA_PRIVATE),
        "address.no_public_wan",
        "address.double_nat_suspected",
        ON,
    ),
    row("a silent second router", asked(SILENT, box=box()), "address.ok", "address.unknown_wan"),
    row(
        "no Internet, and the router knows it",
        asked(by_upnp(None, "Disconnected"), sources=(witness(None),), outside_reached=()),
        "address.no_internet",
        "address.line_down",
    ),
    row(
        "no Internet, the router thinks all is well",
        asked(by_upnp(None), sources=(witness(None),), outside_reached=()),
        "address.no_internet",
    ),
    row("no router at all", wan(None, local_v4=PUBLIC), "address.ok", "address.no_nat"),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_address_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(
    ("sources", "said"),
    [((witness(PUBLIC),), "(1 service says so)."), ((witness(PUBLIC), witness(PUBLIC)), "(2 services agree).")],
)
def test_services_are_counted_in_good_english(sources: tuple[AddressSource, ...], said: str) -> None:
    facts = judged(CHECK, seen(*sources))[0].facts
    assert CHECK.codes["address.ok"].summary.format_map(facts).endswith(said)
