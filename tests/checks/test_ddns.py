"""What is said of the EMR's public name (netfacts.md 2.2, rows 12 to 28)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.ddns import CHECK
from emrnetcheck.checks.ddns.providers import PROVIDERS, Provider, provider_of
from emrnetcheck.checks.ddns.return_codes import CODE_OF_WORD
from emrnetcheck.checks.ddns.words import duration
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.ddns_client import DdnsClient
from emrnetcheck.evidence.names import AddressTry, Alias, Delegation, NameAnswer, Reverse
from emrnetcheck.model import Access, Failure, FailureKind, Finding, Site
from emrnetcheck.net.ddns_log import RETURN_WORDS
from tests.checks.builders import (
    NO_CLIENT,
    OLD,
    PUBLIC,
    RESOLVERS,
    ROUTER,
    SERVER,
    SITE,
    Row,
    address,
    answer,
    case,
    client,
    codes_of,
    dead_resolver,
    dns,
    judged,
    limits,
    names,
    no_answer,
    resolver,
    row,
    source,
    witness,
)

SECOND = "93.184.2.53"
THIRD = "93.184.216.50"
V6 = "2600:1f18::10"
V6_SAME_OFFICE = "2600:1f18::99"
V6_ELSEWHERE = "2600:1f18:1::10"
V6_OTHER_LAN = "2600:1f18:0:1::10"
HERE = replace(SITE, lan_address=None)
STATIC = replace(SITE, addressing="static")


def seen(*authoritative: NameAnswer, site: Site = SITE, address_: Address | None = None, **changes: Any) -> Case:
    return case(site, names=names(*authoritative, **changes), address=address_ or address())


def called(*by_isp: str, site: Site = STATIC, at: str = PUBLIC) -> Case:
    """The name is right, and its address has these names."""
    return seen(source(at), site=site, reverse=(Reverse(at, by_isp, RESOLVERS[0], None),))


def failing_for_all(*, answered: int = 0, well: bool = True) -> Case:
    """No source was found; public resolvers say SERVFAIL for the name, `answered` of them an address."""
    said = everybody(rcode="SERVFAIL", failure=Failure(FailureKind.NAME_SERVER_FAILED))
    resolvers = (*everybody("93.184.216.34")[:answered], *said[answered:])
    unheard = Failure(FailureKind.NAME_SERVER_FAILED, "look up", "emr.example.org")
    health = tuple(resolver(server) if well else dead_resolver(server) for server in RESOLVERS)
    return case(
        SITE,
        names=replace(names(resolvers=resolvers, local=()), authoritative=(), zone=None, zone_failure=unheard),
        address=address(),
        dns=dns(public=health),
    )


def everybody(*addresses: str, **changes: Any) -> tuple[NameAnswer, ...]:
    return tuple(answer(server, *addresses, **changes) for server in RESOLVERS)


def one_behind(old: NameAnswer) -> tuple[NameAnswer, ...]:
    return (old, *everybody(PUBLIC)[1:])


def aliased(*authoritative: NameAnswer, zone: str | None = "ddns.example") -> Case:
    """The name is an alias that leads into another zone, whose servers say this."""
    led = source(cname=(TARGET,), cname_ttls_s=(3600,), ttl_s=None)
    return seen(led, aliases=(Alias(TARGET, zone, None, authoritative),))


def taken(*over_https: NameAnswer, by_dns: bool = False) -> Case:
    """Somebody takes port 53 for himself, and has everything right; over HTTPS this is said."""
    ours = seen(answer("93.184.1.53", PUBLIC), intercepted_at=() if by_dns else ("192.0.2.53",), over_https=over_https)
    health = replace(dns(resolver()), intercepted_at=("192.0.2.53",) if by_dns else ())
    return replace(ours, seen=replace(ours.seen, dns=health))


def delegated(*servers: str, glue: tuple[str, ...] = ()) -> Case:
    """The zone itself names a and b; the zone above names these."""
    failure = None if servers else Failure(FailureKind.NAME_TIMEOUT)
    above = Delegation("example", "93.184.0.53", servers, glue, failure)
    return seen(source(PUBLIC, name_servers=("a", "b")), delegation=above)


TARGET = "clinic.ddns.example"
DOH = "https://dns.example/dns-query"
ALIASED = source(PUBLIC, cname=(TARGET,), cname_ttls_s=(3600,))
NOT_FOUND = Failure(FailureKind.NAME_NOT_FOUND, "look up", "emr.example.org")
EMR_OPEN = AddressTry(SERVER, 8443, open=True, failure=None)
NOBODY = tuple(no_answer(server) for server in RESOLVERS)
DEAD = (no_answer("93.184.1.53"), no_answer(SECOND))
NXDOMAIN = source(rcode="NXDOMAIN", ttl_s=None)
V6_ALSO = source(PUBLIC, addresses_v6=(V6,))

ELSEWHERE = replace(SITE, lan_address="192.168.1.77")
WITH_V6 = address(public_v6=V6, local_v6=V6)


def tries(v6_address: str, opens: bool | None) -> tuple[AddressTry, ...]:
    failure = None if opens else Failure(FailureKind.TIMEOUT)
    return () if opens is None else (AddressTry(v6_address, 8443, open=opens, failure=failure),)


def v6(named: str, *, public: str | None = V6, opens: bool | None = None) -> Case:
    """The name also has this IPv6 address; the office is seen at `public`, and the EMR opens there or not."""
    return seen(
        source(PUBLIC, addresses_v6=(named,)),
        by_v6=tries(named, opens),
        address_=address(public_v6=public, local_v6=V6),
    )


VPN = replace(SITE, access=Access.VPN)


def v6_alone(named: str, *, opens: bool | None = None) -> Case:
    """The name has this IPv6 address and no other."""
    return seen(source(addresses_v6=(named,)), by_v6=tries(named, opens), address_=WITH_V6)


def failing(count: int, *, well: bool = True) -> Case:
    """So many public resolvers say SERVFAIL for the name; for others they answer, or do not."""
    bad = everybody(rcode="SERVFAIL", ttl_s=None, failure=Failure(FailureKind.NAME_SERVER_FAILED))[:count]
    ours = seen(resolvers=(*bad, *everybody(PUBLIC)[count:]))
    health = tuple(resolver(server) if well else dead_resolver(server) for server in RESOLVERS)
    return replace(ours, seen=replace(ours.seen, dns=dns(resolver(), public=health)))


def silent_for_the_name(*, well: bool = True) -> Case:
    """All public resolvers are silent for the name; for others they answer, or do not."""
    ours = seen(resolvers=NOBODY)
    health = tuple(resolver(server) if well else dead_resolver(server) for server in RESOLVERS)
    return replace(ours, seen=replace(ours.seen, dns=dns(resolver(), public=health)))


def failing_office() -> Case:
    bad = answer(ROUTER, rcode="SERVFAIL", ttl_s=None, failure=Failure(FailureKind.NAME_SERVER_FAILED))
    ours = seen(local=(bad,), system=(PUBLIC,))
    return replace(ours, seen=replace(ours.seen, dns=dns(resolver())))


def office_dead() -> Case:
    ours = seen(local=(no_answer(ROUTER),), system=())
    return replace(ours, seen=replace(ours.seen, dns=dns(dead_resolver())))


def only_resolvers(said: str = PUBLIC) -> Case:
    """A firewall lets questions through to the public resolvers alone."""
    above = Delegation("example", None, (), (), Failure(FailureKind.NAME_TIMEOUT))
    return seen(*DEAD, resolvers=everybody(said), system=(said,), delegation=above)


TABLE = [
    row("all well", seen(), "ddns.ok"),
    row("16: well by an alias in the zone", seen(ALIASED), "ddns.ok", "ddns.cname"),
    row("16: well by an alias into another zone", aliased(source(PUBLIC)), "ddns.ok", "ddns.cname"),
    row("16 and 21: the alias leads to an old address", aliased(source(OLD)), "ddns.stale", "ddns.cname"),
    row("16 and 14: an alias to nothing", aliased(NXDOMAIN), "ddns.alias_broken"),
    row(
        "16 and 14: an alias to nothing in the zone",
        seen(source(rcode="NXDOMAIN", cname=(TARGET,))),
        "ddns.alias_broken",
    ),
    row(
        "16 and 15: an alias to IPv6 alone, and the server has none",
        aliased(source(addresses_v6=(V6,))),
        "ddns.no_ipv4",
        "ddns.stale_aaaa",
    ),
    row("16 and 12: the alias's zone is silent", aliased(no_answer("93.184.3.53")), "ddns.provider_down"),
    row("16: the alias's zone is not there", aliased(zone=None), "ddns.alias_broken"),
    # 12: the provider
    row("12: its servers are silent, the resolvers remember", seen(*DEAD), "ddns.provider_down"),
    row(
        "12: its servers refuse",
        seen(no_answer("93.184.1.53", FailureKind.NAME_SERVER_REFUSED, rcode="REFUSED")),
        "ddns.provider_down",
    ),
    row("12: the public resolvers fail with this name alone", failing_for_all(), "ddns.provider_down"),
    row("12: one resolver fails, another answers", failing_for_all(answered=1), "ddns.unmeasured"),
    row("12: the resolvers fail with every name", failing_for_all(well=False), "ddns.unmeasured"),
    row("12: not authoritative and empty", seen(answer("93.184.1.53")), "ddns.provider_down"),
    row("nobody answers at all", seen(*DEAD, resolvers=NOBODY), "ddns.unmeasured"),
    row(
        "zone not found, resolvers NXDOMAIN",
        seen(*DEAD, resolvers=everybody(rcode="NXDOMAIN"), zone=None),
        "ddns.name_missing",
    ),
    row("29: somebody in between answers for its servers", seen(answer("93.184.1.53", PUBLIC)), "ddns.unmeasured"),
    row("29: nobody can be asked over HTTPS", taken(), "ddns.unmeasured"),
    row("29: HTTPS is silent", taken(no_answer(DOH)), "ddns.unmeasured"),
    row("29: HTTPS says the office's address", taken(answer(DOH, PUBLIC)), "ddns.ok", "ddns.over_https"),
    row("29: HTTPS says another address", taken(answer(DOH, OLD)), "ddns.stale", "ddns.over_https"),
    row(
        "29: one over HTTPS has the old address",
        taken(answer(DOH, OLD), answer("https://b.example/", PUBLIC)),
        "ddns.propagating",
        "ddns.over_https",
    ),
    row(
        "29: HTTPS says there is no such name",
        taken(answer(DOH, rcode="NXDOMAIN")),
        "ddns.name_missing",
        "ddns.over_https",
    ),
    row("29: HTTPS fails with this name", taken(*[answer(DOH, rcode="SERVFAIL")] * 2), "ddns.provider_down"),
    row("29: only the dns check saw it", taken(answer(DOH, PUBLIC), by_dns=True), "ddns.ok", "ddns.over_https"),
    row(
        "port 53 is shut, HTTPS says the office's address",
        seen(*DEAD, resolvers=NOBODY, over_https=(answer(DOH, PUBLIC),)),
        "ddns.ok",
        "ddns.over_https",
    ),
    # 13: its servers disagree
    row("13: one still has the old address", seen(source(PUBLIC), source(OLD, server=SECOND)), "ddns.servers_disagree"),
    row("13: one has nothing", seen(source(PUBLIC), source(server=SECOND, rcode="NXDOMAIN")), "ddns.servers_disagree"),
    row("one is silent, the other right", seen(source(PUBLIC), no_answer(SECOND)), "ddns.ok", "ddns.server_silent"),
    row(
        "one refuses, the other is right",
        seen(source(PUBLIC), answer(SECOND, rcode="REFUSED", failure=Failure(FailureKind.NAME_SERVER_REFUSED))),
        "ddns.lame_server",
    ),
    row("one does not have the zone", seen(source(PUBLIC), answer(SECOND)), "ddns.lame_server"),
    row(
        "nothing listens at one",
        seen(source(PUBLIC), no_answer(SECOND, FailureKind.REFUSED)),
        "ddns.ok",
        "ddns.server_silent",
    ),
    row("one talks nonsense", seen(source(PUBLIC), no_answer(SECOND, FailureKind.MALFORMED)), "ddns.lame_server"),
    row("one cuts its answers and has no TCP", seen(source(PUBLIC), no_answer(SECOND, cut=True)), "ddns.lame_server"),
    row("one has no address", seen(source(PUBLIC), no_answer(SECOND, FailureKind.NAME_NO_ADDRESS)), "ddns.ok"),
    row("one was not asked in time", seen(source(PUBLIC), no_answer(SECOND, FailureKind.OUT_OF_TIME)), "ddns.ok"),
    row("one cuts its answers and has TCP", seen(source(PUBLIC, cut=True)), "ddns.ok"),
    row(
        "13: the serial alone differs",
        seen(source(PUBLIC), replace(source(PUBLIC, server=SECOND), serial=8)),
        "ddns.ok",
        "ddns.serials_differ",
    ),
    row("the zone above names the same servers", delegated("a", "b"), "ddns.ok"),
    row("the zone above names one more", delegated("a", "b", "c"), "ddns.ok", "ddns.delegation_mismatch"),
    row("the zone above names one less", delegated("a"), "ddns.ok", "ddns.delegation_mismatch"),
    row("the zone above is silent", delegated(), "ddns.ok"),
    row("the glue is the same", delegated("a", "b", glue=("ns-93.184.1.53 93.184.1.53",)), "ddns.ok"),
    row(
        "the glue is another address",
        delegated("a", "b", glue=("ns-93.184.1.53 93.184.9.9",)),
        "ddns.ok",
        "ddns.delegation_mismatch",
    ),
    # 14, 15: nothing, or IPv6 alone
    row("14: NXDOMAIN", seen(NXDOMAIN, resolvers=everybody(rcode="NXDOMAIN")), "ddns.name_missing"),
    row("14: no address", seen(source()), "ddns.name_missing"),
    row("15: IPv6 alone", v6_alone(V6, opens=True), "ddns.no_ipv4", "ddns.aaaa_ok"),
    row("15 and 23: IPv6 alone, elsewhere", v6_alone(V6_ELSEWHERE), "ddns.no_ipv4", "ddns.stale_aaaa"),
    row(
        "15 and 23: IPv6 alone, the server has none",
        seen(source(addresses_v6=(V6,))),
        "ddns.no_ipv4",
        "ddns.stale_aaaa",
    ),
    # 19: propagating
    row(
        "19: one resolver has the old address",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=77))),
        "ddns.propagating",
    ),
    row(
        "19: one resolver remembers that there was none",
        seen(resolvers=one_behind(answer("1.1.1.1", rcode="NXDOMAIN", ttl_s=None, negative_ttl_s=30))),
        "ddns.negative_cached",
    ),
    row(
        "19: one remembers that it had none",
        seen(resolvers=one_behind(answer("1.1.1.1", ttl_s=None, negative_ttl_s=30))),
        "ddns.negative_cached",
    ),
    row(
        "a public resolver says no, and shows nothing that it remembers",
        seen(resolvers=one_behind(answer("1.1.1.1", rcode="NXDOMAIN", ttl_s=None))),
        "ddns.public_filter",
    ),
    row(
        "a public resolver has a page of its own for the name",
        seen(resolvers=one_behind(answer("1.1.1.1", THIRD, ttl_s=0, again_ttl_s=0, again_after_s=1.1))),
        "ddns.public_filter",
    ),
    row(
        "19: the office's resolver alone has the old address, and counts down",
        seen(local=(answer(ROUTER, OLD, ttl_s=80, again_ttl_s=79, again_after_s=1.1),), system=(OLD,)),
        "ddns.propagating",
    ),
    row(
        "19: the office's resolver alone remembers that there was none",
        seen(
            source(PUBLIC, negative_ttl_s=60),
            local=(answer(ROUTER, rcode="NXDOMAIN", ttl_s=None, negative_ttl_s=42),),
            system=(),
        ),
        "ddns.negative_cached",
    ),
    # 20: longer than the source allows
    row(
        "20: as long as the source allows",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=300))),
        "ddns.propagating",
    ),
    row("20: a second longer", seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=301))), "ddns.ttl_overridden"),
    row(
        "20: longer, and it does not count down",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=600, again_ttl_s=600, again_after_s=1.1))),
        "ddns.ttl_overridden",
    ),
    row(
        "not longer than the source allows, and it does not count down: nothing that was kept",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=300, again_ttl_s=300, again_after_s=1.1))),
        "ddns.public_filter",
    ),
    row(
        "20: it counts down",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=60, again_ttl_s=59, again_after_s=1.1))),
        "ddns.propagating",
    ),
    row(
        "20: another cache behind the same address",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=60, again_ttl_s=200, again_after_s=1.1))),
        "ddns.propagating",
    ),
    row("20: longer, but right", seen(resolvers=everybody(PUBLIC, ttl_s=900)), "ddns.ok"),
    row(
        "19 and 20",
        seen(resolvers=(answer("1.1.1.1", OLD, ttl_s=301), answer("8.8.8.8", OLD), *everybody(PUBLIC)[2:])),
        "ddns.propagating",
        "ddns.ttl_overridden",
    ),
    row(
        "19: the office's resolver has the same old address",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD)), local=(answer(ROUTER, OLD),), system=(OLD,)),
        "ddns.propagating",
    ),
    row(
        "19 and 26: the office has yet another address",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD)), local=(answer(ROUTER, THIRD),), system=(THIRD,)),
        "ddns.propagating",
        "ddns.local_differs",
    ),
    row("one resolver is silent", seen(resolvers=one_behind(no_answer("1.1.1.1"))), "ddns.ok"),
    row("one resolver fails", failing(1), "ddns.resolver_fails"),
    row("two resolvers fail: the signature of the zone may be broken", failing(2), "ddns.resolvers_fail"),
    row("two resolvers fail with every name", failing(2, well=False), "ddns.ok"),
    row("all resolvers are silent for this name alone", silent_for_the_name(), "ddns.resolvers_fail"),
    row("all resolvers are silent for every name", silent_for_the_name(well=False), "ddns.ok"),
    row("the office's name server fails with this name alone", failing_office(), "ddns.office_fails"),
    row(
        "the system finds no such name, the office's name servers do",
        seen(system=(), system_failure=NOT_FOUND),
        "ddns.system_fails",
    ),
    # two lines, a proxy, a VPN
    row(
        "21: two addresses, and the office is seen at both",
        seen(source(PUBLIC, OLD), address_=address(witness(PUBLIC), witness(PUBLIC), witness(OLD))),
        "ddns.ok",
        "ddns.several_addresses",
    ),
    row("21: behind Cloudflare's proxy", seen(source("104.16.0.1", "172.67.1.1")), "ddns.behind_proxy"),
    row("21: just below Cloudflare's", seen(source("104.15.255.255")), "ddns.stale"),
    row("21: behind the proxy and somewhere else", seen(source("104.16.0.1", OLD)), "ddns.stale"),
    row("22: the server's own address, for a VPN", seen(source(SERVER), site=VPN), "ddns.ok", "ddns.vpn_address"),
    row("22: another private address, for a VPN", seen(source("10.9.9.9"), site=VPN), "ddns.private_address"),
    row("29: only the resolvers can be asked", only_resolvers(), "ddns.ok", "ddns.by_resolvers"),
    row("29: only the resolvers, and they have an old address", only_resolvers(OLD), "ddns.stale", "ddns.by_resolvers"),
    # 21: stale
    row("21: another public address", seen(source(OLD)), "ddns.stale"),
    row("21: two addresses, one ours", seen(source(PUBLIC, OLD)), "ddns.stale"),
    row(
        "21: both servers, in another order",
        seen(source(PUBLIC, OLD), source(OLD, PUBLIC, server=SECOND)),
        "ddns.stale",
    ),
    row("21: servers disagree and none is right", seen(source(OLD), source(THIRD, server=SECOND)), "ddns.stale"),
    # 2: an office with two lines has two addresses
    row(
        "two lines, the name has the lesser",
        seen(
            source(OLD),
            address_=address(witness(PUBLIC), witness(PUBLIC), witness(OLD)),
            resolvers=everybody(OLD),
            local=(answer(ROUTER, OLD),),
            system=(OLD,),
        ),
        "ddns.ok",
    ),
    row(
        "two lines, the name has neither",
        seen(source(THIRD), address_=address(witness(PUBLIC), witness(PUBLIC), witness(OLD))),
        "ddns.stale",
    ),
    # 22: an address that does not exist on the Internet
    *(
        row(f"22: {bad}", seen(source(bad)), "ddns.private_address")
        for bad in (
            "192.168.1.10",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "169.254.1.1",
            "192.0.0.1",
            "240.0.0.1",
        )
    ),
    row("22: one of two is private", seen(source(PUBLIC, "10.0.0.1")), "ddns.private_address"),
    # 23: IPv6
    row("23: IPv6 beside, and the server has none", seen(V6_ALSO), "ddns.stale_aaaa"),
    row(
        "23: IPv6 beside, on another computer without",
        seen(V6_ALSO, site=ELSEWHERE, system=(PUBLIC,)),
        "ddns.ok",
        "ddns.aaaa_unchecked",
    ),
    row("23: IPv6 beside, nobody saw the office's", v6(V6, public=None), "ddns.ok", "ddns.aaaa_unchecked"),
    row("23: IPv6 of the office, and the EMR answers there", v6(V6, opens=True), "ddns.ok", "ddns.aaaa_ok"),
    row("23: IPv6 of the office, and the EMR does not", v6(V6, opens=False), "ddns.aaaa_dead"),
    row("23: IPv6 of the office, not tried", v6(V6), "ddns.ok", "ddns.aaaa_unchecked"),
    row("23: IPv6 elsewhere", v6(V6_ELSEWHERE), "ddns.stale_aaaa"),
    row("23: IPv6 elsewhere, and something answers there", v6(V6_ELSEWHERE, opens=True), "ddns.stale_aaaa"),
    row("23: IPv6 that is not public", v6("fd00::1"), "ddns.stale_aaaa"),
    # IPv6 has no NAT: another computer of the office, or this one's changing privacy address, shares the network only.
    row("23: IPv6 of the same office", v6(V6, public=V6_SAME_OFFICE, opens=True), "ddns.ok", "ddns.aaaa_ok"),
    row("23: in another network of the same /48", v6(V6_OTHER_LAN, opens=True), "ddns.ok", "ddns.aaaa_ok"),
    row("23: the same, and nothing answers", v6(V6_OTHER_LAN, opens=False), "ddns.aaaa_dead"),
    row("23: nobody saw the office's, elsewhere by this computer's", v6(V6_ELSEWHERE, public=None), "ddns.stale_aaaa"),
    row("23: nobody saw the office's, and the EMR does not answer", v6(V6, public=None, opens=False), "ddns.aaaa_dead"),
    row(
        "23: one of two IPv6 elsewhere",
        seen(source(PUBLIC, addresses_v6=(V6, V6_ELSEWHERE)), by_v6=tries(V6, True), address_=WITH_V6),
        "ddns.stale_aaaa",
        "ddns.aaaa_ok",
    ),
    # time to live
    row("TTL 3599 s", seen(source(PUBLIC, ttl_s=3599)), "ddns.ok"),
    row("TTL 3600 s", seen(source(PUBLIC, ttl_s=3600)), "ddns.ok"),
    row("TTL 3601 s", seen(source(PUBLIC, ttl_s=3601)), "ddns.ttl_long"),
    row("TTL 3601 s, static", seen(source(PUBLIC, ttl_s=3601), site=STATIC), "ddns.ok"),
    row("TTL 301 s, limit 300", seen(source(PUBLIC, ttl_s=301), site=limits("ddns", ttl_s=300)), "ddns.ttl_long"),
    row("TTL not told", seen(source(PUBLIC, ttl_s=None)), "ddns.ok"),
    row("stale and long", seen(source(OLD, ttl_s=86400)), "ddns.stale", "ddns.ttl_long"),
    # 24 to 26: inside the office
    row(
        "24: straight to the server",
        seen(local=(answer(ROUTER, SERVER),), system=(SERVER,)),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    row(
        "24: straight to this computer, the server",
        seen(site=HERE, local=(answer(ROUTER, SERVER),), system=(SERVER,)),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    row(
        "24: straight to a neighbour, the settings give no address",
        seen(site=HERE, local=(answer(ROUTER, "192.168.1.77"),), system=("192.168.1.77",)),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    row(
        "24: straight to a neighbour by the hosts file, the settings give no address",
        seen(site=HERE, system=("192.168.1.77",), hosts_lines=("line 3: 192.168.1.77 emr.example.org",)),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    *(
        row(
            f"26: to {named}, the settings give no address",
            seen(site=HERE, local=(answer(ROUTER, named),), system=(named,)),
            "ddns.local_differs",
        )
        for named in (ROUTER, "192.168.2.77", "10.0.0.5", OLD)
    ),
    row(
        "26: to a neighbour, the settings give another address",
        seen(local=(answer(ROUTER, "192.168.1.77"),), system=("192.168.1.77",)),
        "ddns.local_differs",
    ),
    row("24: the server's hosts file names itself", seen(system=("127.0.1.1",)), "ddns.ok", "ddns.split_horizon"),
    row(
        "a hosts file with loopback on another computer",
        seen(site=replace(SITE, lan_address="192.168.1.99"), system=("127.0.1.1",)),
        "ddns.local_differs",
    ),
    row(
        "25: the office gets an empty answer, and the address is private",
        seen(source("10.0.0.5"), local=(answer(ROUTER),), system=()),
        "ddns.private_address",
        "ddns.rebind_protection",
    ),
    row(
        "25: the office gets the private address",
        seen(source("10.0.0.5"), local=(answer(ROUTER, "10.0.0.5"),), system=("10.0.0.5",)),
        "ddns.private_address",
    ),
    row("26: the office gets an empty answer", seen(local=(answer(ROUTER),), system=()), "ddns.local_filter"),
    row(
        "26: the office gets 0.0.0.0",
        seen(local=(answer(ROUTER, "0.0.0.0"),), system=("0.0.0.0",)),
        "ddns.local_filter",
    ),
    row(
        "26: one of two filters",
        seen(local=(answer(ROUTER, PUBLIC), answer("192.168.1.2", rcode="NXDOMAIN"))),
        "ddns.local_filter",
    ),
    row(
        "26: hosts file with an old address, and its line",
        seen(system=(OLD,), hosts_lines=(f"line 3: {OLD} emr.example.org",)),
        "ddns.hosts_file",
    ),
    *(
        row(
            f"26: hosts file, of which the name service here ({stub}) tells: {named}",
            seen(
                local=(answer(stub, named), answer(ROUTER, PUBLIC)),
                system=(named,),
                hosts_lines=(f"line 3: {named} emr.example.org",),
            ),
            "ddns.hosts_file",
        )
        for stub in ("127.0.0.53", "::1", SERVER)
        for named in (OLD, "0.0.0.0")
    ),
    row(
        "24: the name service here tells of the server, by the hosts file",
        seen(
            local=(answer("127.0.0.53", SERVER),), system=(SERVER,), hosts_lines=(f"line 3: {SERVER} emr.example.org",)
        ),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    row(
        "26: the name service here has another address than the hosts file",
        seen(local=(answer("127.0.0.53", OLD),), system=(OLD,), hosts_lines=(f"line 3: {THIRD} emr.example.org",)),
        "ddns.local_differs",
    ),
    row(
        "26: the router has the same old address as the hosts file",
        seen(local=(answer(ROUTER, OLD),), system=(OLD,), hosts_lines=(f"line 3: {OLD} emr.example.org",)),
        "ddns.local_differs",
    ),
    row(
        "26: hosts file with another address than the one found",
        seen(system=(OLD,), hosts_lines=(f"line 3: {THIRD} emr.example.org",)),
        "ddns.local_differs",
    ),
    row(
        "24: hosts file with the server's address",
        seen(system=(SERVER,), hosts_lines=(f"line 3: {SERVER} emr.example.org",)),
        "ddns.ok",
        "ddns.split_horizon",
    ),
    row(
        "the name fails but the address works",
        seen(local=(no_answer(ROUTER),), system=(), system_failure=NOT_FOUND, by_address=EMR_OPEN),
        "ddns.office_fails",
        "ddns.address_works",
    ),
    row(
        "the name fails and so does the address",
        seen(local=(no_answer(ROUTER),), system=(), system_failure=NOT_FOUND, by_address=replace(EMR_OPEN, open=False)),
        "ddns.office_fails",
    ),
    row(
        "the name is missing but the address works",
        seen(
            NXDOMAIN,
            local=(answer(ROUTER, rcode="NXDOMAIN"),),
            system=(),
            system_failure=NOT_FOUND,
            by_address=EMR_OPEN,
        ),
        "ddns.name_missing",
    ),
    row(
        "the name has IPv6 alone but the address works",
        seen(source(addresses_v6=(V6,)), system=(), system_failure=NOT_FOUND, by_address=EMR_OPEN),
        "ddns.no_ipv4",
        "ddns.stale_aaaa",
    ),
    row(
        "the provider is down but the address works",
        seen(*DEAD, system=(), system_failure=NOT_FOUND, by_address=EMR_OPEN),
        "ddns.provider_down",
    ),
    row(
        "the name fails here, HTTPS has it, and the address works",
        seen(
            *DEAD,
            resolvers=NOBODY,
            over_https=(answer(DOH, PUBLIC),),
            local=(no_answer(ROUTER),),
            system=(),
            system_failure=NOT_FOUND,
            by_address=EMR_OPEN,
        ),
        "ddns.office_fails",
        "ddns.over_https",
        "ddns.address_works",
    ),
    row("26: the office gets another address", seen(local=(answer(ROUTER, OLD),), system=(OLD,)), "ddns.local_differs"),
    row("26: hosts file with an old address", seen(system=(OLD,)), "ddns.local_differs"),
    row(
        "26: the office gets NXDOMAIN", seen(local=(answer(ROUTER, rcode="NXDOMAIN"),), system=()), "ddns.local_filter"
    ),
    row(
        "the office's resolver is dead for this name", seen(local=(no_answer(ROUTER),), system=()), "ddns.office_fails"
    ),
    row("the office's resolver is dead", office_dead(), "ddns.ok"),
    row("no local resolver", seen(local=(), system=()), "ddns.ok"),
    # 28: wildcard
    row("28: wildcard", seen(wildcard=True), "ddns.ok", "ddns.wildcard"),
    # the office's own address
    row("the address is not known", case(address=None), "ddns.no_comparison"),
    row("the witnesses are split", seen(address_=address(witness(PUBLIC), witness(OLD))), "ddns.ok"),
    row(
        "29: only a DNS witness saw another way, and the name's own servers answer as such",
        seen(address_=address(witness(OLD, "dns"), witness(PUBLIC), witness(PUBLIC))),
        "ddns.ok",
    ),
    row("no witness", seen(address_=address(witness(None))), "ddns.no_comparison"),
]


def test_the_wait_is_the_longest_that_a_resolver_still_has() -> None:
    behind = (answer("1.1.1.1", OLD, ttl_s=77), answer("8.8.8.8", OLD, ttl_s=211), *everybody(PUBLIC)[2:])
    (finding,) = judged(CHECK, seen(resolvers=behind))
    assert finding.facts["wait_s"] == 211


def test_the_wait_for_a_remembered_no_is_what_is_left_of_it() -> None:
    remembers = answer("1.1.1.1", rcode="NXDOMAIN", ttl_s=None, negative_ttl_s=42)
    (finding,) = judged(
        CHECK, seen(source(PUBLIC, negative_ttl_s=60), resolvers=one_behind(remembers), asked_unix_s=1000.0)
    )
    assert (finding.facts["wait_s"], finding.facts["until_unix_s"]) == (42, 1042.0)


def test_the_server_that_is_behind_is_named() -> None:
    (finding,) = judged(CHECK, seen(source(PUBLIC), source(OLD, server=SECOND)))
    assert f"ns-{SECOND}: {OLD}" in str(finding.facts["answers"])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (86_000, "24 hours"),
    ],
)
def test_times_are_told_in_a_unit_that_people_use(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def sentence_of(finding: Finding) -> str:
    code = CHECK.codes[finding.code]
    return f"{code.summary} {code.advice}".format_map(finding.facts)


@pytest.mark.parametrize(
    ("case_", "words"),
    [
        (
            seen(source(PUBLIC, ttl_s=90_000), resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=86_000))),
            "Wait 24 hours and run",
        ),
        (
            seen(
                source(PUBLIC, negative_ttl_s=600),
                resolvers=one_behind(answer("1.1.1.1", rcode="NXDOMAIN", negative_ttl_s=600)),
            ),
            "Wait 10 minutes and run",
        ),
        (seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=9000))), "allows (5 minutes): 3 hours."),
        (
            seen(source(PUBLIC, ttl_s=301), resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=302))),
            "allows (6 minutes): 6 minutes (302 s).",
        ),
        (seen(source(PUBLIC, ttl_s=86_400)), "for 24 hours after"),
    ],
)
def test_a_long_wait_is_not_told_in_seconds(case_: Case, words: str) -> None:
    assert words in sentence_of(judged(CHECK, case_)[0])


MANY = tuple(f"93.184.5.{number}" for number in range(200))


@pytest.mark.parametrize(
    "case_",
    [
        seen(source(*MANY)),
        seen(source(*MANY), address_=address(witness(None))),
        seen(source(*(f"10.0.0.{number}" for number in range(200)))),
        seen(source(PUBLIC, addresses_v6=tuple(f"2600:1f18::{number}" for number in range(200)))),
    ],
    ids=["stale", "no comparison", "private", "IPv6"],
)
def test_a_long_list_is_cut_in_the_sentence_and_whole_in_the_facts(case_: Case) -> None:
    finding = judged(CHECK, case_)[0]
    assert "and 196 more" in sentence_of(finding)
    assert len(f"{sentence_of(finding)} {finding.expected} {finding.actual}") < 1000
    every = finding.facts["named_all"]
    assert isinstance(every, tuple)
    assert len(every) == 200


def test_the_answers_of_servers_that_disagree_are_cut_too() -> None:
    (finding,) = judged(CHECK, seen(source(PUBLIC), source(PUBLIC, *MANY, server=SECOND)))
    assert f"ns-{SECOND}: {PUBLIC}, 93.184.5.0, 93.184.5.1, 93.184.5.2 and 197 more" in sentence_of(finding)


# The DDNS client of this computer, and the provider.

WORDS = {
    "badauth": "ddns.badauth",
    "nohost": "ddns.nohost",
    "notfqdn": "ddns.notfqdn",
    "numhost": "ddns.numhost",
    "!yours": "ddns.not_yours",
    "abuse": "ddns.abuse",
    "badagent": "ddns.badagent",
    "!donator": "ddns.not_donator",
    "dnserr": "ddns.dnserr",
    "911": "ddns.911",
}
NO_IP = source(PUBLIC, server="93.184.3.53", ttl_s=60)
NO_IP_SERVER = replace(NO_IP, server_name="nf1.no-ip.com")
STALE_AT_NO_IP = replace(NO_IP_SERVER, addresses=(OLD,))
DENIED = Failure(FailureKind.PERMISSION, "read", "/etc/ddclient.conf")
UNREAD = client(settings_failure=DENIED, names=())
OTHER_NAME = client("badauth", name="a.example.org")
BY_CARD = client(address_from="interface")


def kept(client_: DdnsClient | None, *authoritative: NameAnswer, site: Site = SITE, **changes: Any) -> Case:
    return case(site, names=names(*authoritative, **changes), address=address(), ddns_client=client_)


TABLE += [
    *(
        row(f"21: stale, the client was told {word}", kept(client(word), source(OLD)), code)
        for word, code in WORDS.items()
    ),
    row("21: stale, the client thinks all is well", kept(client("good"), source(OLD)), "ddns.stale"),
    row("21: stale, the client does not run", kept(client("good", running=False), source(OLD)), "ddns.client_stopped"),
    row("21: stale, refused and stopped", kept(client("badauth", running=False), source(OLD)), "ddns.badauth"),
    row("21: stale, it is not known whether it runs", kept(client("good", running=None), source(OLD)), "ddns.stale"),
    row("21: stale, no client here", kept(NO_CLIENT, source(OLD)), "ddns.stale"),
    row(
        "21: stale, the client keeps another name",
        kept(client("badauth", name="a.example.org"), source(OLD)),
        "ddns.stale",
    ),
    row(
        "21: stale, its files may not be read",
        kept(client(settings_failure=DENIED, names=()), source(OLD)),
        "ddns.stale",
    ),
    row("21: stale, a client of which only the name is known", kept(client(names=()), source(OLD)), "ddns.stale"),
    row(
        "21: stale, refused for the name that ours is an alias of",
        kept(client("badauth", name="clinic.ddns.example"), source(OLD, cname=("clinic.ddns.example",))),
        "ddns.badauth",
        "ddns.cname",
    ),
    row("18: static and stale", kept(NO_CLIENT, source(OLD), site=STATIC), "ddns.static_differs"),
    row("18: static, stale and a client", kept(client("badauth"), source(OLD), site=STATIC), "ddns.static_differs"),
    row(
        "22: the network card's address",
        kept(client(address_from="interface"), source("10.1.2.3")),
        "ddns.private_address",
    ),
    row("17: the client is well", kept(client()), "ddns.ok", "ddns.good", "ddns.expected_outage"),
    row("17: the client was told nochg", kept(client("nochg")), "ddns.ok", "ddns.nochg", "ddns.expected_outage"),
    row("17: the client has not said a word", kept(client(None)), "ddns.ok", "ddns.expected_outage"),
    row("17: right, but refused", kept(client("badauth")), "ddns.client_refused", "ddns.expected_outage"),
    row("17: right, the provider was out of order", kept(client("911")), "ddns.ok", "ddns.expected_outage"),
    row(
        "17: right, and the client rests",
        kept(client(running=False)),
        "ddns.ok",
        "ddns.good",
        "ddns.client_idle",
        "ddns.expected_outage",
    ),
    row("17: right, and no client here", kept(NO_CLIENT), "ddns.ok", "ddns.expected_outage"),
    row("18: right and static", kept(NO_CLIENT, site=STATIC), "ddns.ok"),
    row("18: static, and its ISP says so", called("host-93-184-216-34.static.isp.example"), "ddns.ok"),
    row("18: static, its name is the clinic's own", called("mail.clinic.example"), "ddns.ok"),
    row("18: static, no name", called(), "ddns.ok"),
    row("18: static, other numbers in its name", called("web-12-93-184-216.example"), "ddns.ok"),
    row("18: static, a pool's name", called("c34.pool.isp.example"), "ddns.ok", "ddns.looks_dynamic"),
    row("18: static, its address in its name", called("93-184-216-34.isp.example"), "ddns.ok", "ddns.looks_dynamic"),
    row("18: static, the other way round", called("034.216.184.093.isp.example"), "ddns.ok", "ddns.looks_dynamic"),
    row("18: static, one of two names", called("a.example", "dyn.isp.example"), "ddns.ok", "ddns.looks_dynamic"),
    row("18: dynamic, and called so", called("dyn.isp.example", site=SITE), "ddns.ok"),
    row("18: static, called dynamic, but stale", called("dyn.isp.example", at=OLD), "ddns.static_differs"),
    row("17: right, TTL not told", kept(client(), source(PUBLIC, ttl_s=None)), "ddns.ok", "ddns.good"),
    row(
        "long TTL and a client",
        kept(client(), source(PUBLIC, ttl_s=7200)),
        "ddns.ttl_long",
        "ddns.good",
        "ddns.expected_outage",
    ),
    row("17: at No-IP", kept(None, NO_IP_SERVER), "ddns.ok", "ddns.provider_rule"),
    row("14: missing at No-IP", kept(None, replace(NO_IP_SERVER, addresses=(), rcode="NXDOMAIN")), "ddns.name_missing"),
]


def test_every_return_code_has_a_finding_and_the_program_reads_them_all() -> None:
    assert set(CODE_OF_WORD) == set(RETURN_WORDS)
    assert set(CODE_OF_WORD.values()) <= set(CHECK.codes)


@pytest.mark.parametrize(
    ("ttl_s", "interval_s", "minutes"), [(60, 300, 6), (60, 301, 7), (60, 299, 6), (0, 30, 1), (300, 600, 15)]
)
def test_the_outage_after_a_change_is_interval_and_time_to_live_in_whole_minutes(
    ttl_s: int, interval_s: int, minutes: int
) -> None:
    found = judged(CHECK, kept(client(interval_s=interval_s), source(PUBLIC, ttl_s=ttl_s)))
    (outage,) = (each for each in found if each.code == "ddns.expected_outage")
    assert outage.facts["outage_minutes"] == minutes
    assert outage.facts["outage"] == f"up to {minutes} minute{'s' if minutes > 1 else ''}"


def test_a_long_outage_is_told_in_hours() -> None:
    found = judged(CHECK, kept(client(interval_s=300), source(PUBLIC, ttl_s=86_400)))
    (outage,) = (each for each in found if each.code == "ddns.expected_outage")
    assert (outage.facts["outage"], outage.facts["outage_minutes"]) == ("up to 25 hours", 1445)


def test_without_a_known_client_the_outage_is_at_least_the_time_to_live() -> None:
    found = judged(CHECK, kept(NO_CLIENT, source(PUBLIC, ttl_s=120)))
    assert found[-1].facts["outage_minutes"] is None
    assert str(found[-1].facts["outage"]).startswith("at least 2 minutes")


def advice_of(case_: Case) -> str:
    (finding,) = judged(CHECK, case_)
    return CHECK.codes[finding.code].advice.format_map(finding.facts)


def test_the_advice_is_the_providers() -> None:
    missing = advice_of(kept(None, replace(NO_IP_SERVER, addresses=(), rcode="NXDOMAIN")))
    assert "30 days" in missing
    assert "www.noip.com" in missing
    assert "protocol=noip" in advice_of(kept(None, STALE_AT_NO_IP))


@pytest.mark.parametrize(
    ("client_", "words"),
    [
        (NO_CLIENT, "No DDNS client was found on this computer"),
        (client("good", address=OLD), f"it last published {OLD}"),
        (OTHER_NAME, "not set up for this name"),
        (client(names=(), other_names=1), "not set up for this name"),
        (UNREAD, "try with sudo"),
        (BY_CARD, "let it ask the Web for the office's address instead"),
        (None, "may be on the EMR server or in the router"),
    ],
)
def test_the_advice_is_the_clients(client_: DdnsClient | None, words: str) -> None:
    advice = advice_of(kept(client_, source(OLD)))
    assert words in advice.partition(". ")[0]


@pytest.mark.parametrize("own", [source(OLD), STALE_AT_NO_IP], ids=["unknown provider", "No-IP"])
@pytest.mark.parametrize(
    ("client_", "most"),
    [(None, 5), (NO_CLIENT, 5), (OTHER_NAME, 5), (UNREAD, 5), (client("good", address=OLD), 4), (BY_CARD, 4)],
    ids=["not looked", "none", "another name", "not read", "keeps it", "network card"],
)
def test_the_advice_for_a_stale_name_is_short(client_: DdnsClient | None, most: int, own: NameAnswer) -> None:
    assert len(re.split(r"[.?] ", advice_of(kept(client_, own)))) <= most


def test_who_has_a_client_is_not_told_to_choose_one() -> None:
    assert "ddclient with" in advice_of(kept(NO_CLIENT, STALE_AT_NO_IP))
    assert "ddclient with" not in advice_of(kept(client("good", address=OLD), STALE_AT_NO_IP))
    assert "simplest" not in advice_of(kept(client("good", address=OLD), source(OLD)))


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_can_be_recognised_and_its_rules_have_a_source(provider: Provider) -> None:
    for ending in provider.servers:
        assert provider_of((), (f"ns1.{ending}",)) is provider
    for ending in provider.names:
        assert provider_of((f"clinic.{ending}",), ()) is provider
    assert bool(provider.rule) == bool(provider.rule_source)
    assert not provider.advice().endswith(".")
    assert all(len(sentence.split()) <= 25 for sentence in provider.advice().split(". "))


@pytest.mark.parametrize(
    ("names_", "servers", "name"),
    [
        (("emr.example.org",), ("ns-1.awsdns-12.co.uk",), "Route 53 (Amazon)"),
        (("emr.example.org", "clinic.duckdns.org"), (), "DuckDNS"),
        (("clinic.duckdns.org",), ("amy.ns.cloudflare.com",), "Cloudflare"),
    ],
)
def test_a_provider_is_known_by_its_servers_before_its_names(
    names_: tuple[str, ...], servers: tuple[str, ...], name: str
) -> None:
    found = provider_of(names_, servers)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", ["emr.notddns.net", "ddns.net.example.org", "emr.example.org"])
def test_what_only_looks_alike_is_no_provider(name: str) -> None:
    assert provider_of((name,), (f"ns.{name}",)) is None


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_ddns_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
