"""Is the name asked at its source, at public resolvers, in the office and of the system, each told apart?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

import dns.message
import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.names import Names
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns as net_dns
from emrnetcheck.net import lookup
from emrnetcheck.probes import names
from tests.probes.contexts import context
from tests.servers import DnsHandler, answer, can_bind, dns_server, zone_handler

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


def measure(monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, DnsHandler], hostname: str | None = NAME) -> Names:
    monkeypatch.setattr(net_dns, "system_resolvers", lambda: (OFFICE,))
    monkeypatch.setattr(lookup, "system_addresses", lambda *_, **__: ("21.99.0.10",))
    for module in ("names", "zone"):
        monkeypatch.setattr(f"emrnetcheck.probes.{module}.TIMEOUT_S", 0.2)
    with ExitStack() as stack:
        port = 0
        for address, handler in servers.items():
            port = stack.enter_context(dns_server(handler, address, port))
        monkeypatch.setattr(net_dns, "PORT", port)
        seen = names.measure(Site(hostname=hostname, resolvers=(PUBLIC,)), Seen(), context())
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


def test_unset_name_is_not_configured() -> None:
    seen = names.measure(Site(), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NOT_CONFIGURED
