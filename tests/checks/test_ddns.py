"""What is said of the EMR's public name (netfacts.md 2.2, rows 12 to 28)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.ddns import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import (
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
V6_ELSEWHERE = "2600:1f18:0:1::10"
HERE = replace(SITE, lan_address=None)
STATIC = replace(SITE, addressing="static")


def seen(*authoritative: NameAnswer, site: Site = SITE, address_: Address | None = None, **changes: Any) -> Case:
    return case(site, names=names(*authoritative, **changes), address=address_ or address())


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


NOBODY = tuple(no_answer(server) for server in RESOLVERS)
DEAD = (no_answer("93.184.1.53"), no_answer(SECOND))
NXDOMAIN = source(rcode="NXDOMAIN", ttl_s=None)
V6_ALSO = source(PUBLIC, addresses_v6=(V6,))

TABLE = [
    row("all well", seen(), "ddns.ok"),
    row("17: well by an alias", seen(source(PUBLIC, cname=("clinic.ddns.example",))), "ddns.ok"),
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
    # 13: its servers disagree
    row("13: one still has the old address", seen(source(PUBLIC), source(OLD, server=SECOND)), "ddns.servers_disagree"),
    row("13: one has nothing", seen(source(PUBLIC), source(server=SECOND, rcode="NXDOMAIN")), "ddns.servers_disagree"),
    row("one is silent, the other right", seen(source(PUBLIC), no_answer(SECOND)), "ddns.ok"),
    # 14, 15: nothing, or IPv6 alone
    row("14: NXDOMAIN", seen(NXDOMAIN, resolvers=everybody(rcode="NXDOMAIN")), "ddns.name_missing"),
    row("14: no address", seen(source()), "ddns.name_missing"),
    row("15: IPv6 alone", seen(source(addresses_v6=(V6,))), "ddns.no_ipv4"),
    # 19: propagating
    row(
        "19: one resolver has the old address",
        seen(resolvers=one_behind(answer("1.1.1.1", OLD, ttl_s=77))),
        "ddns.propagating",
    ),
    row(
        "19: one resolver remembers that there was none",
        seen(resolvers=one_behind(answer("1.1.1.1", rcode="NXDOMAIN", ttl_s=None))),
        "ddns.propagating",
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
    row("one resolver fails", seen(resolvers=one_behind(answer("1.1.1.1", rcode="SERVFAIL", ttl_s=None))), "ddns.ok"),
    row("all resolvers are silent", seen(resolvers=NOBODY), "ddns.ok"),
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
    row("23: IPv6 beside, office's not known", seen(V6_ALSO), "ddns.ok", "ddns.aaaa_unchecked"),
    row("23: IPv6 is this computer's", seen(V6_ALSO, address_=address(public_v6=V6)), "ddns.ok"),
    row("23: IPv6 elsewhere", seen(V6_ALSO, address_=address(public_v6=V6_ELSEWHERE)), "ddns.stale_aaaa"),
    # IPv6 has no NAT: another computer of the office, or this one's changing privacy address, shares the /64 only.
    row(
        "23: IPv6 of the same office",
        seen(V6_ALSO, address_=address(public_v6=V6_SAME_OFFICE)),
        "ddns.ok",
        "ddns.aaaa_unchecked",
    ),
    row(
        "23: one of two IPv6 elsewhere",
        seen(source(PUBLIC, addresses_v6=(V6, V6_ELSEWHERE)), address_=address(public_v6=V6)),
        "ddns.stale_aaaa",
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
    row("24: the server's hosts file names itself", seen(system=("127.0.1.1",)), "ddns.ok", "ddns.split_horizon"),
    row(
        "a hosts file with loopback on another computer",
        seen(site=replace(SITE, lan_address="192.168.1.99"), system=("127.0.1.1",)),
        "ddns.local_differs",
    ),
    row("25: the office gets an empty answer", seen(local=(answer(ROUTER),), system=()), "ddns.rebind_protection"),
    row("26: the office gets another address", seen(local=(answer(ROUTER, OLD),), system=(OLD,)), "ddns.local_differs"),
    row("26: hosts file with an old address", seen(system=(OLD,)), "ddns.local_differs"),
    row(
        "26: the office gets NXDOMAIN", seen(local=(answer(ROUTER, rcode="NXDOMAIN"),), system=()), "ddns.local_differs"
    ),
    row("the office's resolver is dead", seen(local=(no_answer(ROUTER),), system=()), "ddns.ok"),
    row("no local resolver", seen(local=(), system=()), "ddns.ok"),
    # 28: wildcard
    row("28: wildcard", seen(wildcard=True), "ddns.ok", "ddns.wildcard"),
    # the office's own address
    row("the address is not known", case(address=None), "ddns.no_comparison"),
    row("the witnesses are split", seen(address_=address(witness(PUBLIC), witness(OLD))), "ddns.ok"),
    row("no witness", seen(address_=address(witness(None))), "ddns.no_comparison"),
]


def test_the_wait_is_the_longest_that_a_resolver_still_has() -> None:
    behind = (answer("1.1.1.1", OLD, ttl_s=77), answer("8.8.8.8", OLD, ttl_s=211), *everybody(PUBLIC)[2:])
    (finding,) = judged(CHECK, seen(resolvers=behind))
    assert finding.facts["wait_s"] == 211


def test_the_wait_without_a_time_is_that_of_the_source() -> None:
    (finding,) = judged(CHECK, seen(resolvers=one_behind(answer("1.1.1.1", rcode="NXDOMAIN", ttl_s=None))))
    assert finding.facts["wait_s"] == 300


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_ddns_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
