"""What is said of the office's name look-up."""

from __future__ import annotations

from typing import Any

import pytest

from emrnetcheck.checks.dns import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.dns import ResolverHealth
from emrnetcheck.model import FailureKind, Site
from tests.checks.builders import SITE, Row, case, codes_of, dead_resolver, dns, judged, limits, resolver, row


def office(*resolvers: ResolverHealth, site: Site = SITE, **others: Any) -> Case:
    return case(site, dns=dns(*resolvers), **others)


SECOND = "192.168.1.2"
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
    row("one of two dead", office(dead_resolver(), resolver(SECOND)), "dns.one_resolver_down"),
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


def test_that_the_internet_works_is_said_only_where_it_was_seen() -> None:
    known = CHECK.codes["dns.resolver_down"].summary
    (there,) = judged(CHECK, office(dead_resolver()))
    (unknown,) = judged(CHECK, office(dead_resolver(), address=None))
    assert "though the Internet works" in known.format_map(there.facts)
    assert "Internet works" not in known.format_map(unknown.facts)


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_dns_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
