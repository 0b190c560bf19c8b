"""What is said of the download."""

from __future__ import annotations

import pytest

from emrnetcheck.checks.download import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.model import Severity, Site
from tests.checks.builders import SITE, Row, case, codes_of, download, judged, limits, row


def goodput(mbps: float, site: Site = SITE, tester_limited: str | None = None) -> Case:
    return case(site, download=download(mbps, tester_limited=tester_limited))


def shared(mbps: float, **other_mbps: float | None) -> Case:
    """Other traffic; 10 % of the limit of 5 Mbps are 0.5."""
    return case(download=download(mbps, **other_mbps))


TABLE = [
    row("plenty", goodput(94.0), "download.ok"),
    row("just over the limit", goodput(4.71), "download.ok"),
    row("4.70 itself is a line of 5", goodput(4.70), "download.ok"),
    row("just under the limit", goodput(4.69), "download.slow"),
    row("nearly nothing", goodput(0.1), "download.slow"),
    row("own limit: 9.39", goodput(9.39, limits("download", slow_mbps=10.0)), "download.slow"),
    row("own limit: 9.40", goodput(9.40, limits("download", slow_mbps=10.0)), "download.ok"),
    row("fast, and the test was the limit", goodput(300.0, tester_limited="busy"), "download.ok"),
    row("slow, and the test was the limit", goodput(3.0, tester_limited="busy"), "download.tester_limited"),
    row("others before, just over", shared(3.0, other_received_mbps=0.51), "download.line_shared"),
    row("others before, 0.5 itself", shared(3.0, other_received_mbps=0.50), "download.slow"),
    row("others meanwhile, just over", shared(2.0, other_during_mbps=0.51), "download.line_shared"),
    row("others meanwhile, just under", shared(2.0, other_during_mbps=0.49), "download.slow"),
    row("others meanwhile, 25 % of ours itself", shared(4.0, other_during_mbps=1.0), "download.slow"),
    row("others meanwhile, just over 25 % of ours", shared(4.0, other_during_mbps=1.01), "download.line_shared"),
    row("others on a fast line", shared(20.0, other_during_mbps=5.0), "download.ok"),
    row("others not known", shared(3.0, other_received_mbps=None, other_during_mbps=None), "download.slow"),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_download_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


def test_it_is_never_required_and_never_a_warning() -> None:
    assert not CHECK.required
    assert not {Severity.WARN, Severity.FAIL} & {code.severity for code in CHECK.codes.values()}


@pytest.mark.parametrize(("limited", "said"), [(None, "is 300.0 Mbps"), ("busy", "is at least 300.0 Mbps")])
def test_at_least_is_said_where_the_test_was_the_limit(limited: str | None, said: str) -> None:
    (finding,) = judged(CHECK, goodput(300.0, tester_limited=limited))
    assert said in CHECK.codes[finding.code].summary.format_map(finding.facts)
