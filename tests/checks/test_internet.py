"""What is said of the Internet, seen from a computer that uses the EMR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.internet import CHECK
from tests.checks.builders import DOWNLOAD, Row, codes_of, judged, row
from tests.checks.client_builders import ISP, WITNESS, bulk, elsewhere, limited, pages, series, way

FEW = replace(DOWNLOAD, goodput_mbps=1.9)

TABLE = [
    row("all well", elsewhere(), "internet.ok"),
    row("no download", elsewhere(download=None), "internet.ok"),
    row("nobody answers", elsewhere(way=way(isp=None, outside=series(WITNESS, None))), "internet.none"),
    row("nobody could be asked", elsewhere(way=way(isp=None, outside=None)), "internet.unmeasured"),
    row("200 ms", elsewhere(way=way(outside=series(WITNESS, 200.0))), "internet.ok"),
    row("201 ms", elsewhere(way=way(outside=series(WITNESS, 201.0))), "internet.bad"),
    row(
        "201 ms, limit 210",
        elsewhere(limited("internet", outside_ms=210), way=way(outside=series(WITNESS, 201.0))),
        "internet.ok",
    ),
    row("the provider's router alone is late", elsewhere(way=way(isp=series(ISP, 500.0))), "internet.ok"),
    row("8 of 160 lost", elsewhere(way=way(outside=series(WITNESS, 20.0, sent=160, lost=8))), "internet.bad"),
    row("2 Mbps", elsewhere(download=replace(FEW, goodput_mbps=2.0)), "internet.ok"),
    row("1.9 Mbps", elsewhere(download=FEW), "internet.little"),
    row("1.9 Mbps, limit 1", elsewhere(limited("internet", own_mbps=1), download=FEW), "internet.ok"),
    row(
        "no faster than slow pages",
        elsewhere(download=replace(FEW, goodput_mbps=2.1), pages=pages(bulk=bulk(6.0, 1_400_000))),
        "internet.little",
    ),
]


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_what_came_in_the_download_is_said() -> None:
    (found,) = judged(CHECK, elsewhere())
    assert "Mbps came in a short download" in CHECK.codes[found.code].summary.format_map(found.facts)
