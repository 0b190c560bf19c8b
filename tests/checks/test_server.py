"""What is said of the way to the EMR's computer."""

from __future__ import annotations

import pytest

from emrnetcheck.checks.server import CHECK
from tests.checks.builders import PUBLIC, Row, codes_of, judged, row
from tests.checks.client_builders import SPACED, elsewhere, get, limited, office, pages, series, spaced, way

TABLE = [
    row("all well from elsewhere", elsewhere(), "server.ok"),
    row("all well from the office", office(), "server.ok"),
    row("300 ms", elsewhere(way=way(server=series(PUBLIC, 300.0))), "server.ok"),
    row("301 ms", elsewhere(way=way(server=series(PUBLIC, 301.0))), "server.bad"),
    row("301 ms, limit 310", elsewhere(limited("server", far_ms=310), way=way(server=series(PUBLIC, 301.0))),
        "server.ok"),
    row("8 of 80 lost", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=80, lost=8))), "server.bad"),
    row("2 of 80 lost", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=80, lost=2))), "server.ok"),
    row("6.1 ms in the office", office(way=way(server=series(PUBLIC, 6.1), inside=True)), "server.bad"),
    row("refused", elsewhere(way=way(refused=80)), "server.refused"),
    row("it loses half of many connections, and no page waits", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=160,
        lost=80)), pages=pages(spaced=SPACED)), "server.takes_few"),
    row("a fourth of many, and pages take a third of a second of their own", elsewhere(way=way(server=series(PUBLIC,
        40.0, sent=80, lost=20)), pages=pages(350.0, spaced=spaced(350.0) * 4)), "server.takes_few"),
    row("half of many, and three pages of three seconds each", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=80,
        lost=40)), pages=pages(3_000.0, spaced=spaced(3_000.0)[:3])), "server.takes_few"),
    row("half of many, and only for two seconds more", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=80, lost=40)),
        pages=pages(spaced=SPACED[:4])), "server.bad"),
    row("half of many, and the pages came within one second", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=160,
        lost=80)), pages=pages()), "server.bad"),
    row("half of many, and one of the later pages is asked for twice", elsewhere(way=way(server=series(PUBLIC, 40.0,
        sent=160, lost=80)), pages=pages(spaced=(*SPACED, get(261.0)))), "server.bad"),
    row("half of many, and one of the later connections is late", elsewhere(way=way(server=series(PUBLIC, 40.0,
        sent=160, lost=80)), pages=pages(spaced=(*SPACED, get(60.0, connect_ms=1_040.0)))), "server.bad"),
    row("half of many, and one of the later pages does not come", elsewhere(way=way(server=series(PUBLIC, 40.0,
        sent=160, lost=80)), pages=pages(spaced=(*SPACED, get(None)))), "server.bad"),
    row("silent", elsewhere(way=way(server=series(PUBLIC, None))), "server.silent"),
    row("nothing was sent", elsewhere(way=way(server=series(PUBLIC, 1.0, sent=0))), "server.unmeasured"),
    row("no address", elsewhere(way=way(server=None, emr_address=None)), "server.unknown"),
]  # fmt: skip


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_the_office_is_told_as_such() -> None:
    (found,) = judged(CHECK, office())
    assert "(in this network)" in CHECK.codes[found.code].summary.format_map(found.facts)
