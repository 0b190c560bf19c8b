"""What is said of the router and the computers beside a computer that uses the EMR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks import CLIENT
from emrnetcheck.checks.nearby import CHECK
from emrnetcheck.judging import judge_all
from tests.checks.builders import PUBLIC, Row, codes_of, row
from tests.checks.client_builders import (
    CLIENT_LINK,
    HERE_PEER,
    HERE_ROUTER,
    ISP,
    WITNESS,
    elsewhere,
    limited,
    series,
    way,
)

TABLE = [
    row("all well", elsewhere(), "nearby.ok"),
    row("no router", elsewhere(way=way(None)), "nearby.none"),
    row("a silent router that forwards", elsewhere(way=way(series(HERE_ROUTER, None))), "nearby.silent"),
    row("6 ms", elsewhere(way=way(series(HERE_ROUTER, 6.0))), "nearby.ok"),
    row("6.1 ms", elsewhere(way=way(series(HERE_ROUTER, 6.1))), "nearby.bad"),
    row("6.1 ms, limit 7", elsewhere(limited("nearby", wired_ms=7), way=way(series(HERE_ROUTER, 6.1))), "nearby.ok"),
    row("20 of 400 lost", elsewhere(way=way(series(HERE_ROUTER, 0.4, lost=20))), "nearby.bad"),
    row(
        "late by ping, quick by connecting",
        elsewhere(way=way(series(HERE_ROUTER, 60.0), router_by_tcp=series(HERE_ROUTER, 0.4, sent=30))),
        "nearby.answers_late",
    ),
    row("a quick peer", elsewhere(way=way(peer=series(HERE_PEER, 0.3))), "nearby.ok"),
    row("a slow peer", elsewhere(way=way(peer=series(HERE_PEER, 30.0))), "nearby.ok", "nearby.peer_bad"),
    row("a peer that is off", elsewhere(way=way(peer=series(HERE_PEER, None))), "nearby.ok"),
    row(
        "the router is dead, and so is all behind it",
        elsewhere(
            way=way(series(HERE_ROUTER, None), series(ISP, None), series(WITNESS, None), series(PUBLIC, None)),
        ),
        "nearby.bad",
    ),
]


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_that_a_vpn_hides_the_router_is_told_by_the_vpn_alone() -> None:
    by_vpn = replace(elsewhere(way=way(None)).seen, link=replace(CLIENT_LINK, vpn=True, gateway=None))
    found = {each.id: each for each in judge_all(CLIENT, replace(elsewhere(), seen=by_vpn), {}, {}, strict=True)}
    assert [each.code for each in found["link"].findings] == ["link.vpn"]
    assert (found["nearby"].skipped_because, found["nearby"].findings) == ("link", ())
