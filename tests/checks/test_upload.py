"""What is said of the upload."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.upload import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.model import Site
from tests.checks.builders import SITE, Row, case, codes_of, judged, limits, row, upload


def goodput(mbps: float | None, site: Site = SITE, tester_limited: str | None = None) -> Case:
    return case(site, upload=upload(mbps, tester_limited=tester_limited))


def shared(mbps: float, **other_mbps: float | None) -> Case:
    """Other traffic; 10 % of the minimum of 3 Mbps are 0.3."""
    return case(upload=upload(mbps, **{"other_sent_mbps": None, "other_during_mbps": None} | other_mbps))


TEN = replace(SITE, minimum_mbps=8.0, recommended_mbps=10.0)
PLAIN = limits("upload", goodput_per_line_rate=1.0)

TABLE = [
    row("plenty", goodput(9.4), "upload.ok"),
    row("just over recommended", goodput(4.71), "upload.ok"),
    row("4.70 itself is reached", goodput(4.70), "upload.ok"),
    row("just under recommended", goodput(4.69), "upload.marginal"),
    row("just over minimum", goodput(2.83), "upload.marginal"),
    row("2.82 itself is reached", goodput(2.82), "upload.marginal"),
    row("a hair under 2.82", goodput(2.819999), "upload.below_minimum"),
    row("just under minimum", goodput(2.81), "upload.below_minimum"),
    row("almost nothing", goodput(0.01), "upload.below_minimum"),
    row("nothing confirmed", goodput(None), "upload.unmeasured"),
    row("ratio 1: 4.99", goodput(4.99, PLAIN), "upload.marginal"),
    row("ratio 1: 5", goodput(5.0, PLAIN), "upload.ok"),
    row("ratio 1: 3", goodput(3.0, PLAIN), "upload.marginal"),
    row("ratio 1: 2.99", goodput(2.99, PLAIN), "upload.below_minimum"),
    row("own thresholds: 9.40", goodput(9.40, TEN), "upload.ok"),
    row("own thresholds: 9.39", goodput(9.39, TEN), "upload.marginal"),
    row("own thresholds: 7.52", goodput(7.52, TEN), "upload.marginal"),
    row("own thresholds: 7.51", goodput(7.51, TEN), "upload.below_minimum"),
    row("a slow tester that still reaches it", goodput(4.70, tester_limited="busy"), "upload.ok"),
    row("a slow tester in between", goodput(4.69, tester_limited="busy"), "upload.tester_limited"),
    row("a slow tester far below", goodput(1.0, tester_limited="busy"), "upload.tester_limited"),
    row("busy just under, slow", shared(2.0, other_during_mbps=0.29), "upload.below_minimum"),
    row("busy exactly, slow", shared(2.0, other_during_mbps=0.3), "upload.below_minimum"),
    row("busy just over, slow", shared(2.0, other_during_mbps=0.31), "upload.line_busy"),
    row("busy before, slow", shared(2.0, other_sent_mbps=0.31), "upload.line_busy"),
    row("busy both, slow", shared(2.0, other_sent_mbps=0.2, other_during_mbps=2.0), "upload.line_busy"),
    row("busy, in between", shared(4.0, other_during_mbps=0.31), "upload.line_busy"),
    row("busy, enough all the same", shared(4.71, other_during_mbps=0.31), "upload.ok", "upload.line_shared"),
    row("a fast line: what may be our own", shared(50.0, other_during_mbps=2.5), "upload.ok"),
    row("a fast line: more than ours", shared(50.0, other_during_mbps=2.51), "upload.ok", "upload.line_shared"),
    row("a fast line: before", shared(50.0, other_sent_mbps=0.31), "upload.ok", "upload.line_shared"),
    row("receiving only, slow", shared(2.0, other_received_mbps=9.0), "upload.below_minimum"),
    row("counters unreadable, slow", shared(2.0), "upload.below_minimum"),
    row("busy and a slow tester", goodput(2.0, tester_limited="busy"), "upload.tester_limited"),
]


@pytest.mark.parametrize("threshold_mbps", [n / 10 for n in range(5, 500)])
def test_every_threshold_in_tenths_is_reached_by_its_own_share(threshold_mbps: float) -> None:
    """0.94 times a threshold, as a person computes it with two decimals, counts as reached."""
    reached = round(0.94 * threshold_mbps, 3)
    recommended = replace(SITE, minimum_mbps=0.1, recommended_mbps=threshold_mbps)
    assert codes_of(CHECK, goodput(reached, recommended)) == ("upload.ok",)
    minimum = replace(SITE, minimum_mbps=threshold_mbps, recommended_mbps=1000.0)
    assert codes_of(CHECK, goodput(reached, minimum)) == ("upload.marginal",)


def test_the_line_rate_beside_the_goodput() -> None:
    (finding,) = judged(CHECK, goodput(4.7))
    assert finding.facts["line_rate_mbps"] == pytest.approx(5.0)
    assert finding.facts["goodput_mbps"] == 4.7
    assert finding.expected == "at least 4.70 Mbps goodput"
    assert finding.actual == "4.70 Mbps goodput"


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_upload_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
