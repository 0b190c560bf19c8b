"""Is the name asked at its source, at public resolvers, in the office and of the system, each told apart?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import dns.message
import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.names import Names
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns as net_dns
from emrnetcheck.net import doh, hosts_file, lookup
from emrnetcheck.probes import names
from emrnetcheck.probes.context import Context
from tests.probes.contexts import TableLookup, context
from tests.servers import DnsHandler, answer, can_bind, dns_server, tcp_server, zone_handler

OFFICE, PUBLIC, NS1, NS2 = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
pytestmark = pytest.mark.skipif(not can_bind(NS2), reason="this system has only one loopback address")

ZONE = "dyn.example.org"
NAME = f"emr.{ZONE}"
SOA = f"{ZONE}. 60 IN SOA ns1.{ZONE}. admin.{ZONE}. 77 1 1 1 1"
DELEGATION = {
    (ZONE, "SOA"): (SOA,),
    (ZONE, "NS"): (f"{ZONE}. 60 IN NS ns1.{ZONE}.", f"{ZONE}. 60 IN NS ns2.{ZONE}."),
    (f"ns1.{ZONE}", "A"): (f"ns1.{ZONE}. 60 IN A {NS1}",),
    (f"ns2.{ZONE}", "A"): (f"ns2.{ZONE}. 60 IN A {NS2}",),
}
HERE = {(NAME, "A"): (f"{NAME}. 60 IN A 21.99.0.10",)}
RESOLVER = zone_handler({**DELEGATION, **HERE}, soa=SOA)
SOURCE = zone_handler({**DELEGATION, **HERE}, soa=SOA, authoritative=True)
HEALTHY: Mapping[str, DnsHandler] = {OFFICE: RESOLVER, PUBLIC: RESOLVER, NS1: SOURCE, NS2: SOURCE}


def silent(_question: dns.message.Message, _over: str) -> None:
    return None


def failing(question: dns.message.Message, _over: str) -> bytes:
    return answer(question, rcode="SERVFAIL")


def lying(question: dns.message.Message, _over: str) -> bytes:
    name = question.question[0].name
    return answer(question, f"{name} 60 IN A 21.66.0.1")


def measure(
    monkeypatch: pytest.MonkeyPatch,
    servers: Mapping[str, DnsHandler],
    hostname: str | None = NAME,
    *,
    silent_addresses: tuple[str, ...] = (),
    run: Context | None = None,
    system: tuple[str, ...] | Failure = ("21.99.0.10",),
    **site: Any,
) -> Names:
    monkeypatch.setattr(net_dns, "system_resolvers", lambda: (OFFICE,))
    monkeypatch.setattr(lookup, "system_addresses", lambda *_, **__: system)
    monkeypatch.setattr(hosts_file, "lines_for", lambda _name: ())
    monkeypatch.setattr("emrnetcheck.probes.zone.TIMEOUT_S", 0.2)
    monkeypatch.setattr("emrnetcheck.probes.interception._TIMEOUT_S", 0.2)
    with ExitStack() as stack:
        port = 0
        for address, handler in servers.items():
            port = stack.enter_context(dns_server(handler, address, port))
        monkeypatch.setattr(net_dns, "PORT", port)
        told = Site(hostname=hostname, resolvers=(PUBLIC,), dns_over_https=(), no_dns_addresses=silent_addresses)
        seen = names.measure(replace(told, **site), Seen(), run or context(lookup=TableLookup({"dns.example": PUBLIC})))
    assert isinstance(seen, Names)
    return seen


def test_healthy_name_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, HEALTHY)
    assert (seen.hostname, seen.zone, seen.zone_failure, seen.wildcard) == (NAME, ZONE, None, False)
    assert [(each.server, each.server_name) for each in seen.authoritative] == [
        (NS1, f"ns1.{ZONE}"),
        (NS2, f"ns2.{ZONE}"),
    ]
    for each in seen.authoritative:
        assert (each.rcode, each.addresses, each.ttl_s, each.serial) == ("NOERROR", ("21.99.0.10",), 60, 77)
        assert each.authoritative
        assert each.failure is None
    assert [(each.server, each.addresses, each.authoritative) for each in seen.resolvers] == [
        (PUBLIC, ("21.99.0.10",), False)
    ]
    assert [(each.server, each.addresses) for each in seen.local] == [(OFFICE, ("21.99.0.10",))]
    assert (seen.system, seen.system_failure) == (("21.99.0.10",), None)


def test_authoritative_servers_are_asked_without_recursion(monkeypatch: pytest.MonkeyPatch) -> None:
    flags: list[int] = []

    def source(question: dns.message.Message, over: str) -> bytes:
        flags.append(question.flags & dns.flags.RD)
        reply = SOURCE(question, over)
        assert isinstance(reply, bytes)
        return reply

    measure(monkeypatch, {**HEALTHY, NS1: source, NS2: source})
    assert set(flags) == {0}


def test_capital_letters_and_a_final_dot_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure(monkeypatch, HEALTHY, f"EMR.{ZONE}.").hostname == NAME


@pytest.mark.parametrize("public", [silent, failing])
def test_zone_is_found_by_the_office_when_public_resolvers_fail(
    monkeypatch: pytest.MonkeyPatch, public: DnsHandler
) -> None:
    seen = measure(monkeypatch, {**HEALTHY, PUBLIC: public})
    assert seen.zone == ZONE
    assert [each.addresses for each in seen.authoritative] == [("21.99.0.10",)] * 2
    assert seen.resolvers[0].failure is not None


@pytest.mark.parametrize("office", [silent, failing, lying])
def test_an_office_resolver_that_fails_or_lies_does_not_tell_the_source(
    monkeypatch: pytest.MonkeyPatch, office: DnsHandler
) -> None:
    seen = measure(monkeypatch, {**HEALTHY, OFFICE: office})
    assert seen.zone == ZONE
    assert [each.addresses for each in seen.authoritative] == [("21.99.0.10",)] * 2


def test_resolver_that_failed_is_not_asked_for_the_zone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def public(question: dns.message.Message, _over: str) -> None:
        asked.append(dns.rdatatype.to_text(question.question[0].rdtype))

    assert measure(monkeypatch, {**HEALTHY, PUBLIC: public}).zone == ZONE
    assert "SOA" in asked
    assert "NS" not in asked


def test_name_that_does_not_exist_is_an_answer_of_its_source(monkeypatch: pytest.MonkeyPatch) -> None:
    source = zone_handler(DELEGATION, soa=SOA, authoritative=True)
    resolver = zone_handler(DELEGATION, soa=SOA)
    seen = measure(monkeypatch, {OFFICE: resolver, PUBLIC: resolver, NS1: source, NS2: source})
    assert seen.zone == ZONE
    assert [(each.rcode, each.addresses, each.failure) for each in seen.authoritative] == [("NXDOMAIN", (), None)] * 2


def test_dead_source_is_a_failure_of_each_server(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, {**HEALTHY, NS1: silent, NS2: failing})
    assert [each.failure.kind for each in seen.authoritative if each.failure] == [
        FailureKind.NAME_TIMEOUT,
        FailureKind.NAME_SERVER_FAILED,
    ]
    assert [each.rcode for each in seen.authoritative] == [None, "SERVFAIL"]


def test_ipv6_address_and_alias_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {
        **DELEGATION,
        (NAME, "A"): (f"{NAME}. 60 IN CNAME home.example.net.", "home.example.net. 30 IN A 21.1.1.1"),
        (NAME, "AAAA"): (f"{NAME}. 60 IN AAAA 2001:db8::7",),
    }
    seen = measure(monkeypatch, {**HEALTHY, NS1: zone_handler(table, soa=SOA, authoritative=True)})
    first = seen.authoritative[0]
    assert (first.cname, first.addresses, first.ttl_s) == (("home.example.net",), ("21.1.1.1",), 30)
    assert first.addresses_v6 == ("2001:db8::7",)


def test_zone_that_answers_for_every_name_is_a_wildcard(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(question: dns.message.Message, over: str) -> bytes:
        asked = question.question[0]
        if asked.rdtype == dns.rdatatype.A:
            return answer(question, f"{asked.name} 60 IN A 21.99.0.10", authoritative=True)
        reply = SOURCE(question, over)
        assert isinstance(reply, bytes)
        return reply

    assert measure(monkeypatch, {**HEALTHY, NS1: everything}).wildcard is True


def test_nobody_answers_and_it_ends_with_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, dict.fromkeys((OFFICE, PUBLIC), silent))
    assert seen.zone is None
    assert seen.zone_failure is not None
    assert seen.authoritative == ()
    assert all(each.failure is not None for each in (*seen.local, *seen.resolvers))


def test_zone_of_an_alias_is_the_alias_own_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    above = "example.org. 60 IN SOA ns1.example.org. admin.example.org. 5 1 1 1 1"  # the target's zone
    alias = zone_handler({**DELEGATION, (NAME, "A"): (f"{NAME}. 60 IN CNAME home.example.org.",)}, soa=SOA)

    def resolver(question: dns.message.Message, over: str) -> bytes:
        asked = question.question[0]
        if asked.name.to_text(omit_final_dot=True) == NAME and asked.rdtype == dns.rdatatype.SOA:
            return answer(question, f"{NAME}. 60 IN CNAME home.example.org.", authority=(above,))
        reply = alias(question, over)
        assert isinstance(reply, bytes)
        return reply

    assert measure(monkeypatch, {**HEALTHY, OFFICE: resolver}).zone == ZONE


ABOVE = "example.org"
PARENT = "127.0.0.6"
ABOVE_SOA = f"{ABOVE}. 60 IN SOA ns.{ABOVE}. admin.{ABOVE}. 5 1 1 1 1"
KNOWN_ABOVE = {
    (ABOVE, "SOA"): (ABOVE_SOA,),
    (ABOVE, "NS"): (f"{ABOVE}. 60 IN NS ns.{ABOVE}.",),
    (f"ns.{ABOVE}", "A"): (f"ns.{ABOVE}. 60 IN A {PARENT}",),
}


def parent(*named: str) -> DnsHandler:
    """Refers to these name servers of the zone, with glue that says that all of them are NS2."""

    def handle(question: dns.message.Message, _over: str) -> bytes:
        reply = dns.message.make_response(question)
        reply.authority.append(dns.rrset.from_text_list(f"{ZONE}.", 60, "IN", "NS", [f"{name}." for name in named]))
        for name in named:
            reply.additional.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", NS2))
        return reply.to_wire()

    return handle


def under_a_parent(*named: str) -> dict[str, DnsHandler]:
    resolver = zone_handler({**DELEGATION, **HERE, **KNOWN_ABOVE}, soa=SOA)
    return {**HEALTHY, OFFICE: resolver, PUBLIC: resolver, PARENT: parent(*named)}


@pytest.mark.skipif(not can_bind(PARENT), reason="this system has only one loopback address")
def test_the_zone_above_is_asked_whom_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, under_a_parent(f"ns1.{ZONE}", f"ns2.{ZONE}"))
    assert seen.delegation is not None
    assert (seen.delegation.parent, seen.delegation.asked) == (ABOVE, PARENT)
    assert seen.delegation.name_servers == (f"ns1.{ZONE}", f"ns2.{ZONE}")
    assert seen.delegation.glue == (f"ns1.{ZONE} {NS2}", f"ns2.{ZONE} {NS2}")
    assert [each.server for each in seen.authoritative] == [NS1, NS2]
    assert {each.name_servers for each in seen.authoritative} == {(f"ns1.{ZONE}", f"ns2.{ZONE}")}


@pytest.mark.skipif(not can_bind(PARENT), reason="this system has only one loopback address")
def test_everybody_who_is_asked_is_in_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    run = context()
    measure(monkeypatch, under_a_parent(f"ns1.{ZONE}"), run=run, silent_addresses=(NS2,))
    assert {(entry.who, entry.told) for entry in run.ledger.third_parties} == {
        (PUBLIC, "the EMR's name"),
        (f"ns1.{ZONE}", "the EMR's name"),
        (f"ns2.{ZONE}", "the EMR's name"),
        (f"ns.{ABOVE}", "the name of the EMR's zone"),
        (NS2, "the name example.com"),
    }


@pytest.mark.skipif(not can_bind(PARENT), reason="this system has only one loopback address")
def test_server_that_only_the_zone_above_names_is_asked_too_by_its_glue(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, under_a_parent(f"ns1.{ZONE}", f"old.{ZONE}"))
    assert [(each.server_name, each.server) for each in seen.authoritative] == [
        (f"ns1.{ZONE}", NS1),
        (f"ns2.{ZONE}", NS2),
        (f"old.{ZONE}", NS2),
    ]


def test_alias_into_another_zone_is_followed_to_its_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    target, other = "home.example.net", "example.net"
    other_soa = f"{other}. 60 IN SOA ns.{other}. admin.{other}. 9 1 1 1 1"
    table = {
        **DELEGATION,
        (NAME, "A"): (f"{NAME}. 300 IN CNAME {target}.",),
        (other, "SOA"): (other_soa,),
        (target, "SOA"): (),
        (other, "NS"): (f"{other}. 60 IN NS ns.{other}.",),
        (f"ns.{other}", "A"): (f"ns.{other}. 60 IN A {NS2}",),
        (target, "A"): (f"{target}. 30 IN A 21.99.0.10",),
    }

    def resolver(question: dns.message.Message, over: str) -> bytes:
        name = question.question[0].name.to_text(omit_final_dot=True)
        reply = zone_handler(table, soa=other_soa if name.endswith(other) else SOA)(question, over)
        assert isinstance(reply, bytes)
        return reply

    source = zone_handler({k: v for k, v in table.items() if k[0] != target}, soa=SOA, authoritative=True)
    end = zone_handler({k: v for k, v in table.items() if k[0] != NAME}, soa=other_soa, authoritative=True)
    seen = measure(monkeypatch, {OFFICE: resolver, PUBLIC: resolver, NS1: source, NS2: end})
    first = next(each for each in seen.authoritative if each.server == NS1)
    assert (first.cname, first.cname_ttls_s, first.addresses) == ((target,), (300,), ())
    (alias,) = seen.aliases
    assert (alias.name, alias.zone) == (target, other)
    assert [(each.server, each.addresses, each.ttl_s) for each in alias.authoritative] == [(NS2, ("21.99.0.10",), 30)]


def test_old_answer_is_asked_for_again_and_its_time_has_fallen(monkeypatch: pytest.MonkeyPatch) -> None:
    left_s = [77]

    def old(question: dns.message.Message, over: str) -> bytes:
        if question.question[0].name.to_text(omit_final_dot=True) == NAME and question.question[0].rdtype == 1:
            left_s.append(left_s[-1] - 2)
            return answer(question, f"{NAME}. {left_s[-2]} IN A 21.99.0.99")
        reply = RESOLVER(question, over)
        assert isinstance(reply, bytes)
        return reply

    monkeypatch.setattr(names, "_AGAIN_AFTER_S", 0.3)
    (resolver,) = measure(monkeypatch, {**HEALTHY, PUBLIC: old}).resolvers
    assert (resolver.addresses, resolver.ttl_s, resolver.again_ttl_s) == (("21.99.0.99",), 77, 75)
    assert resolver.again_after_s is not None
    assert resolver.again_after_s >= 0.3


def test_right_answer_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = measure(monkeypatch, HEALTHY)
    assert {each.again_ttl_s for each in (*seen.resolvers, *seen.local)} == {None}


def test_remembered_no_has_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left = f"{ZONE}. 42 IN SOA ns1.{ZONE}. admin.{ZONE}. 77 1 1 1 60"
    seen = measure(monkeypatch, {**HEALTHY, OFFICE: zone_handler(DELEGATION, soa=left)})
    assert (seen.local[0].rcode, seen.local[0].negative_ttl_s) == ("NXDOMAIN", 42)


def test_cut_answer_of_a_server_is_taken_over_tcp_and_without_tcp_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def cutting(question: dns.message.Message, over: str) -> bytes | None:
        if over == "udp":
            return answer(question, truncated=True)
        return SOURCE(question, over)  # type: ignore[return-value]

    def no_tcp(question: dns.message.Message, over: str) -> bytes | None:
        return answer(question, truncated=True) if over == "udp" else None

    first, second = measure(monkeypatch, {**HEALTHY, NS1: cutting, NS2: no_tcp}).authoritative
    assert (first.cut, first.addresses, first.failure) == (True, ("21.99.0.10",), None)
    assert second.cut
    assert second.failure is not None


def test_intercepted_port_53_is_noticed_and_https_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def over_https(url: str, address: str, name: str, rdtype: str, *, timeout_s: float) -> net_dns.DnsAnswer | Failure:
        asked.append((url, rdtype))
        found = net_dns.query(address, name, rdtype, timeout_s=timeout_s)
        return replace(found, server=url) if isinstance(found, net_dns.DnsAnswer) else found

    monkeypatch.setattr(doh, "query", over_https)
    url, lost = "https://dns.example/dns-query", "https://lost.example/dns-query"
    seen = measure(monkeypatch, HEALTHY, silent_addresses=(NS2,), dns_over_https=(url, lost))
    assert seen.intercepted_at == (NS2,)
    assert sorted(asked) == [(url, "A"), (url, "AAAA")]
    assert [(each.server, each.addresses) for each in seen.over_https] == [(url, ("21.99.0.10",)), (lost, ())]
    assert seen.over_https[1].failure == Failure(FailureKind.NAME_NOT_FOUND, "look up", "lost.example")


def test_https_is_not_asked_where_port_53_works(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure(monkeypatch, HEALTHY, dns_over_https=("https://dns.example/",)).over_https == ()


def test_where_the_name_fails_the_server_is_tried_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with tcp_server(lambda _connection: None) as port:
        failed = Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME)
        seen = measure(monkeypatch, HEALTHY, system=failed, lan_address="127.0.0.1", port=port)
    assert seen.by_address is not None
    assert (seen.by_address.address, seen.by_address.port, seen.by_address.open) == ("127.0.0.1", port, True)


POINTER = "10.0.99.21.in-addr.arpa"
NAMED_BY_ISP = {(POINTER, "PTR"): (f"{POINTER}. 60 IN PTR 21-99-0-10.isp.example.",)}


def test_a_static_address_is_asked_for_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    knowing = zone_handler({**DELEGATION, **HERE, **NAMED_BY_ISP}, soa=SOA)
    seen = measure(monkeypatch, {**HEALTHY, PUBLIC: knowing}, addressing="static")
    assert [(each.address, each.names, each.server, each.failure) for each in seen.reverse] == [
        ("21.99.0.10", ("21-99-0-10.isp.example",), PUBLIC, None)
    ]


def test_an_address_without_a_name_and_a_dead_resolver_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = measure(monkeypatch, HEALTHY, addressing="static").reverse[0]
    assert (nameless.names, nameless.server) == ((), PUBLIC)
    assert nameless.failure is not None
    assert nameless.failure.kind is FailureKind.NAME_NOT_FOUND
    dead = measure(monkeypatch, {**HEALTHY, PUBLIC: silent}, addressing="static").reverse[0]
    assert dead.server is None
    assert dead.failure is not None
    assert dead.failure.kind is FailureKind.NAME_TIMEOUT


def test_a_dynamic_address_is_not_asked_for_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure(monkeypatch, {**HEALTHY, PUBLIC: RESOLVER}).reverse == ()


def test_unset_name_is_not_configured() -> None:
    seen = names.measure(Site(), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NOT_CONFIGURED
