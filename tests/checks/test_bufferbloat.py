"""What is said of the delay while the line is busy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.bufferbloat import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.model import Site
from tests.checks.builders import SITE, Row, case, codes_of, download, judged, limits, row, upload

IDLE_MS = 20.0


def delays(more_ms: float, site: Site = SITE, **changes: Any) -> Case:
    """Answers take so much longer under load; the download was not measured."""
    sending = upload(9.4, idle_rtt_ms=IDLE_MS, loaded_rtt_ms=IDLE_MS + more_ms, **changes)
    return case(site, upload=sending, download=None)


def both(sending_ms: float, receiving_ms: float, sending: dict[str, Any] | None = None, **receiving: Any) -> Case:
    """Answers take so much longer while sending, and while receiving."""
    up = upload(9.4, idle_rtt_ms=IDLE_MS, loaded_rtt_ms=IDLE_MS + sending_ms, **(sending or {}))
    down = download(47.0, idle_rtt_ms=IDLE_MS, loaded_rtt_ms=IDLE_MS + receiving_ms, **receiving)
    return case(upload=up, download=down)


def slow(mbps: float, more_ms: float = 2500.0, site: Site = SITE) -> Case:
    return case(site, upload=upload(mbps, idle_rtt_ms=IDLE_MS, loaded_rtt_ms=IDLE_MS + more_ms), download=None)


SHORT: dict[str, Any] = {"loaded_seconds": 1.9}


STRICT = limits("bufferbloat", high_ms=50.0, severe_ms=100.0)

TABLE = [
    row("nothing more", delays(0.0), "bufferbloat.ok"),
    row("faster than before", delays(-5.0), "bufferbloat.ok"),
    row("just under high", delays(199.9), "bufferbloat.ok"),
    row("200 ms itself is high", delays(200.0), "bufferbloat.high"),
    row("just over high", delays(200.1), "bufferbloat.high"),
    row("just under severe", delays(399.9), "bufferbloat.high"),
    row("400 ms itself is severe", delays(400.0), "bufferbloat.severe"),
    row("just over severe", delays(400.1), "bufferbloat.severe"),
    row("own limits: 49", delays(49.0, STRICT), "bufferbloat.ok"),
    row("own limits: 50", delays(50.0, STRICT), "bufferbloat.high"),
    row("own limits: 100", delays(100.0, STRICT), "bufferbloat.severe"),
    row("full for just under 2 s", delays(500.0, loaded_seconds=1.99), "bufferbloat.unmeasured"),
    row("full for 2 s", delays(500.0, loaded_seconds=2.0), "bufferbloat.severe"),
    row("full for just over 2 s", delays(500.0, loaded_seconds=2.01), "bufferbloat.severe"),
    row("9 probes", delays(500.0, loaded_probes=9), "bufferbloat.unmeasured"),
    row("10 probes", delays(500.0, loaded_probes=10), "bufferbloat.severe"),
    row("11 probes", delays(500.0, loaded_probes=11), "bufferbloat.severe"),
    row("a slow tester", delays(500.0, tester_limited="busy"), "bufferbloat.unmeasured"),
    row("an old report without numbers", delays(500.0, loaded_probes=None), "bufferbloat.unmeasured"),
    row("no time under load", case(upload=upload(9.4, loaded_rtt_ms=None)), "bufferbloat.unmeasured"),
    row("no time before", case(upload=upload(9.4, idle_rtt_ms=None)), "bufferbloat.unmeasured"),
    row("both ways well", both(10.0, 15.0), "bufferbloat.ok"),
    row("high while receiving", both(10.0, 200.0), "bufferbloat.high"),
    row("just under high while receiving", both(10.0, 199.9), "bufferbloat.ok"),
    row("severe while receiving", both(250.0, 400.0), "bufferbloat.severe"),
    row("severe while sending", both(400.0, 250.0), "bufferbloat.severe"),
    row("receiving: full for just under 2 s", both(10.0, 500.0, loaded_seconds=1.99), "bufferbloat.ok"),
    row("receiving: full for 2 s", both(10.0, 500.0, loaded_seconds=2.0), "bufferbloat.severe"),
    row("receiving: 9 probes", both(10.0, 500.0, loaded_probes=9), "bufferbloat.ok"),
    row("receiving: the test was the limit", both(10.0, 500.0, tester_limited="busy"), "bufferbloat.ok"),
    row("receiving: no time under load", case(download=download(47.0, loaded_rtt_ms=None)), "bufferbloat.ok"),
    row("sending too short, receiving well", both(10.0, 20.0, SHORT), "bufferbloat.unmeasured"),
    row("sending too short, receiving severe", both(10.0, 400.0, SHORT), "bufferbloat.severe"),
    row("both too short", both(500.0, 500.0, SHORT, loaded_seconds=1.0), "bufferbloat.unmeasured"),
    row("severe on a line below the minimum", slow(2.81), "bufferbloat.slow_line"),
    row("severe on a line at the minimum", slow(2.82), "bufferbloat.severe"),
    row("below the minimum, and well", slow(2.0, 10.0), "bufferbloat.ok"),
    row("own minimum", slow(2.81, site=replace(SITE, minimum_mbps=2.0)), "bufferbloat.severe"),
    row("nothing confirmed", case(upload=upload(None), download=None), "bufferbloat.unmeasured"),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_bufferbloat_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(
    ("more_ms", "grade"),
    [
        (4.9, "A+"),
        (5.0, "A"),
        (29.9, "A"),
        (30.0, "B"),
        (59.9, "B"),
        (60.0, "C"),
        (199.9, "C"),
        (200.0, "D"),
        (399.9, "D"),
        (400.0, "F"),
        (9000.0, "F"),
    ],
)
def test_the_grade_is_the_published_ladder(more_ms: float, grade: str) -> None:
    (finding,) = judged(CHECK, delays(more_ms))
    assert finding.facts["grade"] == grade


def test_the_95th_percentile_is_said() -> None:
    (finding,) = judged(CHECK, delays(250.0, loaded_rtt_p95_ms=400.0))
    assert finding.actual == "upload: 250 ms more, 20 to 270 ms (5 % above 400 ms)"
    assert finding.expected == "less than 200 ms more"


@pytest.mark.parametrize(
    ("sending_ms", "receiving_ms", "direction", "doing", "limit_mbps"),
    [(300.0, 10.0, "upload", "sending", 9.5), (10.0, 300.0, "download", "receiving", 47.5)],
)
def test_the_worse_direction_is_named(
    sending_ms: float, receiving_ms: float, direction: str, doing: str, limit_mbps: float
) -> None:
    (finding,) = judged(CHECK, both(sending_ms, receiving_ms))
    known = CHECK.codes[finding.code]
    assert f"busy {doing}, answers take 300 ms longer" in known.summary.format_map(finding.facts)
    assert f"with {direction} limited to {limit_mbps} Mbps" in known.advice.format_map(finding.facts)
    assert (finding.facts["upload_increase_ms"], finding.facts["download_increase_ms"]) == (sending_ms, receiving_ms)


def test_a_direction_that_was_not_full_is_said_not_to_be_judged() -> None:
    (finding,) = judged(CHECK, both(10.0, 500.0, loaded_seconds=1.0))
    assert finding.actual is not None
    assert finding.actual.endswith("; download: not judged, the line was not full for long enough to judge")
    assert finding.facts["direction"] == "upload"
    assert finding.facts["download_increase_ms"] is None


def test_a_slow_line_does_not_hide_the_delay() -> None:
    (finding,) = judged(CHECK, slow(2.0))
    assert "answers take 2.5 s longer (grade F)" in CHECK.codes[finding.code].summary.format_map(finding.facts)
    assert "upload.below_minimum" not in CHECK.follows["*"]
