"""Is the EMR's name looked up as this computer does it, and by each server, and are differing addresses tried?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lookups import Lookups
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns, lookup, routes, tcp
from emrnetcheck.net.dns import DnsAnswer
from emrnetcheck.probes import lookups
from emrnetcheck.probes.way_whom import emr_address_of
from tests.probes.contexts import context

NAME, OWN, PUBLIC, RIGHT, OLD = "emr.example.org", "192.168.2.1", "1.1.1.1", "93.184.216.34", "93.184.216.99"
SIX = "2001:db8::1"
SITE = Site(hostname=NAME, port=8443, resolvers=(PUBLIC,))
SILENCE = Failure(FailureKind.NAME_TIMEOUT, "ask", OWN)


@pytest.fixture(autouse=True)
def by_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever network the tests run in."""
    monkeypatch.setattr(routes, "source_address", lambda *_args, **_more: "192.168.2.20")


def said(server: str, *addresses: str, rcode: str = "NOERROR") -> DnsAnswer:
    return DnsAnswer(server, rcode, False, addresses, (), 60, None, (), (), 12.0, 33, 49, False)


def measured(
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, DnsAnswer | Failure],
    system: tuple[str, ...] | Failure = (RIGHT,),
    opens: Callable[[str], bool] = lambda address: address == RIGHT,
    own: tuple[str, ...] | Failure = (OWN,),
) -> tuple[Lookups, list[str]]:
    asked: list[str] = []

    def query(server: str, name: str, rdtype: str, *, timeout_s: float) -> DnsAnswer | Failure:
        assert rdtype in ("A", "AAAA")
        if name != NAME:
            assert name.endswith(f".{NAME}")
            asked.append(f"anew {server} {name}")
            found = answers[server]
            return found if isinstance(found, Failure) else replace(found, rcode="NXDOMAIN", values=(), rtt_ms=340.0)
        asked.append(server)
        return answers[server]

    def connect(address: str, port: int, timeout_s: float) -> tcp.Answered | Failure:
        asked.append(f"{address}:{port}")
        shut = Failure(FailureKind.TIMEOUT, "connect", address)
        return tcp.Answered(1.0, None) if opens(address) else shut

    monkeypatch.setattr(dns, "query", query)
    monkeypatch.setattr(dns, "system_resolvers", lambda: own)
    monkeypatch.setattr(lookup, "system_addresses", lambda *_args, **_more: system)
    monkeypatch.setattr(tcp, "connect", connect)
    seen = lookups.measure(SITE, Seen(), context())
    assert isinstance(seen, Lookups)
    return seen, asked


def test_all_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, asked = measured(monkeypatch, {OWN: said(OWN, RIGHT), PUBLIC: said(PUBLIC, RIGHT)})
    assert (seen.system, len(seen.system_ms), seen.system_failure) == ((RIGHT,), lookups.SYSTEM_TRIES, None)
    assert [(each.server, each.kind, each.asked, each.answered, each.ms) for each in seen.answers] == [
        (OWN, "own", lookups.OWN_QUESTIONS, lookups.OWN_QUESTIONS, 12.0),
        (PUBLIC, "public", lookups.PUBLIC_QUESTIONS, lookups.PUBLIC_QUESTIONS, 12.0),
    ]
    assert seen.tried == ()
    assert not any(":" in each for each in asked), "nobody is connected to without a reason"


def test_this_computers_own_server_is_asked_for_what_it_cannot_have_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, asked = measured(monkeypatch, {OWN: said(OWN, RIGHT), PUBLIC: said(PUBLIC, RIGHT)})
    anew = [each for each in asked if each.startswith("anew")]
    assert len(set(anew)) == len(anew) == lookups.ANEW_QUESTIONS
    assert all(each.startswith(f"anew {OWN} ") for each in anew)
    assert [each.anew_ms for each in seen.answers] == [(340.0,) * lookups.ANEW_QUESTIONS, ()]
    assert seen.anew_ms == 340.0


def test_an_own_server_that_says_nothing_is_asked_once_for_what_it_cannot_have_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, asked = measured(monkeypatch, {OWN: SILENCE, PUBLIC: said(PUBLIC, RIGHT)})
    assert sum(each.startswith("anew") for each in asked) == 1
    assert seen.anew_ms is None


def test_a_name_with_an_address_of_ipv6_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    six = "2001:db8::1"

    def query(server: str, name: str, rdtype: str, *, timeout_s: float) -> DnsAnswer | Failure:
        return said(server, six) if rdtype == "AAAA" else said(server)

    def system(name: str, *, version: int, deadline_s: float) -> tuple[str, ...] | Failure:
        return (six,) if version == 6 else Failure(FailureKind.NAME_NO_ADDRESS, "look up", name)

    monkeypatch.setattr(dns, "query", query)
    monkeypatch.setattr(dns, "system_resolvers", lambda: (OWN,))
    monkeypatch.setattr(lookup, "system_addresses", system)
    seen = lookups.measure(SITE, Seen(), context())
    assert isinstance(seen, Lookups)
    assert (seen.system, seen.system_failure) == ((six,), None)
    assert [each.addresses for each in seen.answers] == [(six,), (six,)]


@pytest.mark.parametrize(
    ("ways", "named", "expected"),
    [({4, 6}, {4, 6}, RIGHT), ({6}, {4, 6}, SIX), ({6}, {4}, RIGHT), (set(), {4, 6}, RIGHT)],
    ids=["both", "IPv6 alone", "IPv6 alone, and the name has none", "no network"],
)
def test_that_address_is_asked_for_to_which_a_way_leads(
    monkeypatch: pytest.MonkeyPatch, ways: set[int], named: set[int], expected: str
) -> None:
    of = {4: RIGHT, 6: SIX}

    def query(server: str, name: str, rdtype: str, *, timeout_s: float) -> DnsAnswer | Failure:
        version = 6 if rdtype == "AAAA" else 4
        return said(server, of[version]) if version in named else said(server)

    def system(name: str, *, version: int, deadline_s: float) -> tuple[str, ...] | Failure:
        return (of[version],) if version in named else Failure(FailureKind.NAME_NO_ADDRESS, "look up", name)

    def source(towards: str = "", *, version: int = 4) -> str | Failure:
        return "own" if version in ways else Failure(FailureKind.NO_ROUTE, "find the way to", towards)

    monkeypatch.setattr(dns, "query", query)
    monkeypatch.setattr(dns, "system_resolvers", lambda: (OWN,))
    monkeypatch.setattr(lookup, "system_addresses", system)
    monkeypatch.setattr(routes, "source_address", source)
    seen = lookups.measure(SITE, Seen(), context())
    assert isinstance(seen, Lookups)
    assert (seen.system, [each.addresses for each in seen.answers]) == ((expected,), [(expected,)] * 2)


def test_addresses_that_differ_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, _ = measured(monkeypatch, {OWN: said(OWN, OLD), PUBLIC: said(PUBLIC, RIGHT)}, system=(OLD,))
    assert [(each.address, each.open) for each in seen.tried] == [(OLD, False), (RIGHT, True)]


def test_of_several_addresses_that_one_is_asked_at_which_the_port_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The silent one is tried twice: two of its packets may have been lost."""
    both = (OLD, RIGHT)
    seen, asked = measured(monkeypatch, {OWN: said(OWN, *both), PUBLIC: said(PUBLIC, *both)}, system=both)
    assert (seen.opened, seen.dead_beside) == ((RIGHT,), (OLD,))
    assert asked.count(f"{OLD}:8443") == 2
    assert asked.count(f"{RIGHT}:8443") == 1
    assert emr_address_of(SITE, Seen(lookups=seen)) == RIGHT
    dead, _ = measured(
        monkeypatch, {OWN: said(OWN, *both), PUBLIC: said(PUBLIC, *both)}, system=both, opens=lambda _: False
    )
    assert (dead.opened, dead.dead_beside, emr_address_of(SITE, Seen(lookups=dead))) == ((), (), OLD)


def test_a_server_that_gives_hundreds_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = said(OWN, *(f"10.0.{number}.1" for number in range(200)))
    seen, _ = measured(monkeypatch, {OWN: many, PUBLIC: said(PUBLIC, RIGHT)})
    assert len(seen.tried) <= 4


def test_a_dead_server_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, asked = measured(monkeypatch, {OWN: SILENCE, PUBLIC: said(PUBLIC, RIGHT)})
    assert asked.count(OWN) == 2
    assert (seen.answers[0].answered, seen.answers[0].ms, seen.answers[0].failure) == (0, None, SILENCE)


def test_a_name_that_does_not_exist_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME)
    table: dict[str, DnsAnswer | Failure] = {server: said(server, rcode="NXDOMAIN") for server in (OWN, PUBLIC)}
    seen, _ = measured(monkeypatch, table, system=nothing)
    assert (seen.system, seen.system_failure) == ((), nothing)
    assert all(each.answered and each.failure for each in seen.answers)


def test_settings_that_cannot_be_read_leave_the_public_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    unread = Failure(FailureKind.LOCAL_RESOURCE, "read the name server settings")
    seen, _ = measured(monkeypatch, {PUBLIC: said(PUBLIC, RIGHT)}, own=unread)
    assert [each.server for each in seen.answers] == [PUBLIC]


@pytest.mark.parametrize("host", ["192.168.1.10", "2001:db8::1", None])
def test_an_address_is_not_looked_up(host: str | None) -> None:
    seen = lookups.measure(Site(hostname=host), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NOT_NEEDED


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FailureKind.NAME_TIMEOUT, [PUBLIC]),
        (FailureKind.NO_ROUTE, []),
        (FailureKind.NETWORK_UNREACHABLE, []),
    ],
)
def test_whom_nothing_was_sent_to_was_told_nothing(
    monkeypatch: pytest.MonkeyPatch, kind: FailureKind, told: list[str]
) -> None:
    monkeypatch.setattr(dns, "query", lambda server, *_args, **_more: Failure(kind, "ask", server))
    monkeypatch.setattr(dns, "system_resolvers", lambda: (OWN,))
    monkeypatch.setattr(lookup, "system_addresses", lambda *_args, **_more: SILENCE)
    run = context()
    lookups.measure(SITE, Seen(), run)
    assert [each.who for each in run.ledger.third_parties] == told


def test_who_is_told_is_in_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "query", lambda server, *_args, **_more: said(server, RIGHT))
    monkeypatch.setattr(dns, "system_resolvers", lambda: (OWN,))
    monkeypatch.setattr(lookup, "system_addresses", lambda *_args, **_more: (RIGHT,))
    run = context()
    lookups.measure(SITE, Seen(), run)
    assert [(each.who, each.told) for each in run.ledger.third_parties] == [(PUBLIC, "the EMR's name")]
