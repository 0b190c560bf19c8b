"""What is said of the EMR's public name (netfacts.md 2.2, rows 12 to 28)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.ddns import CHECK
from emrnetcheck.checks.ddns.providers import PROVIDERS, Provider, provider_of
from emrnetcheck.checks.ddns.return_codes import CODE_OF_WORD
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.ddns_client import DdnsClient
from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net.ddns_files import RETURN_WORDS
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
        (UNREAD, "try with sudo"),
        (BY_CARD, "use=web"),
        (None, "may be on the EMR server or in the router"),
    ],
)
def test_the_advice_is_the_clients(client_: DdnsClient | None, words: str) -> None:
    assert words in advice_of(kept(client_, source(OLD)))


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
