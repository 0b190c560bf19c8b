"""What is said of the office's name look-up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.dns import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.dns import ResolverHealth
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import (
    OLD,
    PUBLIC,
    ROUTER,
    SITE,
    Row,
    address,
    case,
    codes_of,
    dead_resolver,
    dns,
    judged,
    limits,
    resolver,
    row,
    witness,
)


def office(*resolvers: ResolverHealth, site: Site = SITE, **others: Any) -> Case:
    return case(site, dns=dns(*resolvers), **others)


SECOND = "192.168.1.2"
STUB = "127.0.0.53"
STRICT = limits("dns", slow_ms=50)
ANSWERS_WITH_ERRORS = (
    FailureKind.NAME_SERVER_FAILED,
    FailureKind.NAME_SERVER_REFUSED,
    FailureKind.NAME_NOT_FOUND,
    FailureKind.NAME_NO_ADDRESS,
    FailureKind.MALFORMED,
)
SAYS_NOTHING = (
    FailureKind.TIMEOUT,
    FailureKind.NAME_TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.RESET,
    FailureKind.HOST_UNREACHABLE,
    FailureKind.NETWORK_UNREACHABLE,
    FailureKind.NO_ROUTE,
)
NOT_TRIED = (
    FailureKind.OUT_OF_TIME,
    FailureKind.INTERRUPTED,
    FailureKind.OFFLINE,
    FailureKind.PERMISSION,
    FailureKind.LOCAL_RESOURCE,
    FailureKind.INTERNAL,
)

GAVE_UP = Failure(FailureKind.OUT_OF_TIME, "look up", "example.com")
SYSTEM_SILENT = Failure(FailureKind.NAME_TIMEOUT, "look up", "example.com")
SAID_NO = Failure(FailureKind.NAME_NOT_FOUND, "look up", "example.com")
BOTH_DEAD = (dead_resolver("8.8.8.8"), dead_resolver("9.9.9.9"))


def seen_by_dns(by_dns: str, *others: str) -> Case:
    """A DNS service tells whom it sees, and so do others."""
    sources = (witness(by_dns, "dns"), *(witness(each) for each in others))
    return case(address=address(*sources))


TABLE = [
    row("all well", office(resolver()), "dns.ok"),
    row("two, both well", office(resolver(), resolver(SECOND)), "dns.ok"),
    row("199 ms", office(resolver(rtt_ms=199.0)), "dns.ok"),
    row("200 ms", office(resolver(rtt_ms=200.0)), "dns.ok"),
    row("201 ms", office(resolver(rtt_ms=201.0)), "dns.resolver_slow"),
    row("51 ms with the limit set to 50", office(resolver(rtt_ms=51.0), site=STRICT), "dns.resolver_slow"),
    row("all answered", office(resolver(asked=4, answered=4)), "dns.ok"),
    row("one of four lost", office(resolver(asked=4, answered=3)), "dns.ok"),
    row("two of four lost", office(resolver(asked=4, answered=2)), "dns.loss"),
    row("slow and lossy", office(resolver(asked=4, answered=1, rtt_ms=900.0)), "dns.loss", "dns.resolver_slow"),
    row("no resolver set", office(), "dns.none_configured"),
    row("nothing asked", office(resolver(asked=0, answered=0, rtt_ms=None)), "dns.unmeasured"),
    row("the first of two dead", office(dead_resolver(), resolver(SECOND)), "dns.first_resolver_down"),
    row("the second of two dead", office(resolver(), dead_resolver(SECOND)), "dns.one_resolver_down"),
    row(
        "the first of two dead, and the system waits for it",
        case(dns=replace(dns(dead_resolver(), resolver(SECOND)), system_ms=5020.0)),
        "dns.first_resolver_down",
    ),
    *(
        row(
            f"the first of two denies the well-known name: {kind}",
            office(dead_resolver(kind=kind), resolver(SECOND)),
            "dns.resolver_failing",
        )
        for kind in (FailureKind.NAME_NOT_FOUND, FailureKind.NAME_NO_ADDRESS)
    ),
    row(
        "the first of two fails, and computers ask the next",
        office(dead_resolver(kind=FailureKind.NAME_SERVER_FAILED), resolver(SECOND)),
        "dns.first_resolver_down",
    ),
    row(
        "the second of two denies the well-known name",
        office(resolver(), dead_resolver(SECOND, FailureKind.NAME_NOT_FOUND)),
        "dns.one_resolver_down",
    ),
    # the operating system's own look-up
    row("the system takes 1000 ms", case(dns=replace(dns(resolver()), system_ms=1000.0)), "dns.ok"),
    row("the system takes 1001 ms", case(dns=replace(dns(resolver()), system_ms=1001.0)), "dns.lookup_slow"),
    row("the system gives up", case(dns=replace(dns(resolver()), system_failure=GAVE_UP)), "dns.lookup_slow"),
    *(
        row(
            f"the system fails: {failure.kind}, after {ms:g} ms",
            case(dns=replace(dns(resolver()), system_ms=ms, system_failure=failure)),
            "dns.system_fails",
        )
        for failure in (SAID_NO, SYSTEM_SILENT, Failure(FailureKind.NAME_SERVER_FAILED))
        for ms in (20.0, 2000.0)
    ),
    row(
        "the system was out of sockets",
        case(dns=replace(dns(resolver()), system_ms=1.0, system_failure=Failure(FailureKind.LOCAL_RESOURCE))),
        "dns.ok",
    ),
    row(
        "the system hears nothing, and the first of two is dead",
        case(dns=replace(dns(dead_resolver(), resolver(SECOND)), system_ms=20.0, system_failure=SYSTEM_SILENT)),
        "dns.first_resolver_down",
    ),
    row(
        "the system says no, and the second of two is dead",
        case(dns=replace(dns(resolver(), dead_resolver(SECOND)), system_ms=20.0, system_failure=SAID_NO)),
        "dns.one_resolver_down",
        "dns.system_fails",
    ),
    row(
        "the system says no, as the first of two does",
        case(
            dns=replace(
                dns(dead_resolver(kind=FailureKind.NAME_NOT_FOUND), resolver(SECOND)),
                system_ms=20.0,
                system_failure=SAID_NO,
            )
        ),
        "dns.resolver_failing",
    ),
    row(
        "the system says no, and so does all else",
        case(dns=replace(dns(dead_resolver()), system_ms=20.0, system_failure=SYSTEM_SILENT)),
        "dns.resolver_down",
    ),
    row("slow everywhere", case(dns=replace(dns(resolver(rtt_ms=900.0)), system_ms=2000.0)), "dns.resolver_slow"),
    # a name service on this computer, and those that it asks
    *(
        row(f"only {server} is set, and dead: {kind}", office(dead_resolver(server, kind)), "dns.own_service_down")
        for server in (STUB, "127.0.0.1", "::1")
        for kind in (*ANSWERS_WITH_ERRORS, *SAYS_NOTHING)
    ),
    row(
        "only the service here is set, and was not tried",
        office(dead_resolver(STUB, FailureKind.OUT_OF_TIME)),
        "dns.unmeasured",
    ),
    row(
        "the service here is dead, the router is well", office(dead_resolver(STUB), resolver()), "dns.own_service_down"
    ),
    row(
        "the service here says no, the router is well, and the system fails",
        case(
            dns=replace(
                dns(dead_resolver(STUB, FailureKind.NAME_NOT_FOUND), resolver()), system_ms=2.0, system_failure=SAID_NO
            )
        ),
        "dns.own_service_down",
    ),
    row(
        "the service here is dead, but the system does without it",
        case(dns=replace(dns(dead_resolver(STUB), resolver()), system_ms=20.0)),
        "dns.ok",
    ),
    row(
        "the service here was not tried, the router is well",
        office(dead_resolver(STUB, FailureKind.OUT_OF_TIME), resolver()),
        "dns.ok",
    ),
    row(
        "the service here and the router are dead",
        office(dead_resolver(STUB, FailureKind.NAME_SERVER_FAILED), dead_resolver()),
        "dns.resolver_down",
    ),
    row(
        "the service here and the first behind it are dead",
        office(dead_resolver(STUB), dead_resolver(), resolver(SECOND)),
        "dns.own_service_down",
        "dns.first_resolver_down",
    ),
    row(
        "the service here is well, the first behind it is dead",
        office(resolver(STUB), dead_resolver(), resolver(SECOND)),
        "dns.one_resolver_down",
    ),
    row(
        "slow, and so is the service here",
        office(resolver(STUB, rtt_ms=900.0), resolver(rtt_ms=900.0)),
        "dns.resolver_slow",
    ),
    row("slow, the only one is here", office(resolver(STUB, rtt_ms=900.0)), "dns.resolver_slow"),
    # port 53 outside
    row(
        "29: where no name server is, one answers",
        case(dns=replace(dns(resolver()), intercepted_at=("192.0.2.53",))),
        "dns.intercepted",
    ),
    row("29: DNS sees another address than all others", seen_by_dns(OLD, PUBLIC, PUBLIC), "dns.perhaps_intercepted"),
    row("DNS sees the same address", seen_by_dns(PUBLIC, PUBLIC, PUBLIC), "dns.ok"),
    row("DNS sees another address than one other", seen_by_dns(OLD, PUBLIC), "dns.ok"),
    row("DNS sees another address, the others disagree", seen_by_dns(OLD, PUBLIC, "93.184.216.1"), "dns.ok"),
    row("all outside are silent", case(dns=dns(resolver(), public=BOTH_DEAD)), "dns.outside_blocked"),
    row(
        "one of two outside is silent",
        case(dns=dns(resolver(), public=(*BOTH_DEAD[:1], resolver("1.1.1.1")))),
        "dns.ok",
    ),
    row(
        "all outside are silent, as all the Internet",
        case(dns=dns(resolver(), public=BOTH_DEAD), address=address(outside_reached=())),
        "dns.ok",
    ),
    row("both dead", office(dead_resolver(), dead_resolver(SECOND)), "dns.resolver_down"),
    row(
        "one silent, one failing",
        office(dead_resolver(), dead_resolver(SECOND, FailureKind.NAME_SERVER_FAILED)),
        "dns.resolver_failing",
    ),
    row(
        "one silent, one not tried",
        office(dead_resolver(), dead_resolver(SECOND, FailureKind.OUT_OF_TIME)),
        "dns.unmeasured",
    ),
    row("invents names", case(dns=dns(resolver(), invented_by=("192.168.1.1",))), "dns.nxdomain_hijack"),
    row(
        "a public one invents names, of no use to the office",
        case(dns=dns(resolver(), invented_by=("1.1.1.1",))),
        "dns.ok",
    ),
    row(
        "a public one that the office uses invents names",
        case(dns=dns(resolver("1.1.1.1"), invented_by=("1.1.1.1",))),
        "dns.nxdomain_hijack",
    ),
    *(row(f"dead: {kind}", office(dead_resolver(kind=kind)), "dns.resolver_down") for kind in SAYS_NOTHING),
    *(
        row(f"failing: {kind}", office(dead_resolver(kind=kind)), "dns.resolver_failing")
        for kind in ANSWERS_WITH_ERRORS
    ),
    *(row(f"not tried: {kind}", office(dead_resolver(kind=kind)), "dns.unmeasured") for kind in NOT_TRIED),
]


def test_the_failing_server_gives_the_reason() -> None:
    (finding,) = judged(CHECK, office(dead_resolver(), dead_resolver(SECOND, FailureKind.NAME_SERVER_FAILED)))
    assert "the name server failed" in str(finding.facts["why"])


def test_a_dead_router_is_named_and_not_the_service_here_that_asks_it() -> None:
    (finding,) = judged(CHECK, office(dead_resolver(STUB), dead_resolver()))
    assert finding.facts["servers"] == ROUTER


def test_who_invents_names_is_the_router_and_not_the_service_here_that_asks_it() -> None:
    (finding,) = judged(CHECK, case(dns=dns(resolver(STUB), resolver(), invented_by=(STUB, ROUTER))))
    assert finding.facts["servers"] == ROUTER


def test_of_those_that_invent_names_only_the_offices_are_named() -> None:
    (finding,) = judged(CHECK, case(dns=dns(resolver(), invented_by=(ROUTER, "1.1.1.1"))))
    assert finding.facts["servers"] == ROUTER


def test_that_the_internet_works_is_said_only_where_it_was_seen() -> None:
    known = CHECK.codes["dns.resolver_down"].summary
    (there,) = judged(CHECK, office(dead_resolver()))
    (unknown,) = judged(CHECK, office(dead_resolver(), address=None))
    assert "though the Internet works" in known.format_map(there.facts)
    assert "Internet works" not in known.format_map(unknown.facts)


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_dns_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
