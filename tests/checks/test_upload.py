"""What is said of the upload."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.upload import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.upload import SecondServer
from emrnetcheck.model import Severity, Site
from tests.checks.builders import LINK, OPINION, SITE, TIMEOUT, Row, case, codes_of, judged, limits, row, upload


def goodput(mbps: float | None, site: Site = SITE, tester_limited: str | None = None) -> Case:
    return case(site, upload=upload(mbps, tester_limited=tester_limited))


def shared(mbps: float, **other_mbps: float | None) -> Case:
    """Other traffic; 10 % of the minimum of 3 Mbps are 0.3."""
    return case(upload=upload(mbps, **{"other_sent_mbps": None, "other_during_mbps": None} | other_mbps))


def between(
    lower_mbps: float, mbps: float, upper_mbps: float, site: Site = SITE, **changes: float | str | None
) -> Case:
    return case(site, upload=upload(mbps, lower_mbps=lower_mbps, upper_mbps=upper_mbps, **changes))


def burst(mbps: float, **changes: float) -> Case:
    """11 Mbps for 5 s, then this."""
    return case(upload=upload(mbps, burst_mbps=11.0, burst_seconds=5.0, **changes))


def by_wifi(mbps: float, **changes: float) -> Case:
    return case(link=replace(LINK, medium="wifi"), upload=upload(mbps, **changes))


def opinion(mbps: float | None, their_mbps: float | None) -> Case:
    """speedtest-cli's figure beside ours."""
    said = replace(OPINION, mbps=their_mbps, failure=TIMEOUT if their_mbps is None else None)
    return case(upload=upload(mbps), second_opinion=said)


TEN = replace(SITE, minimum_mbps=8.0, recommended_mbps=10.0)
PLAIN = limits("upload", goodput_per_line_rate=1.0)

TABLE = [
    row("plenty", goodput(9.4), "upload.ok"),
    row("just over recommended", goodput(4.71), "upload.ok"),
    row("4.70 itself is reached", goodput(4.70), "upload.ok"),
    row("just under recommended", goodput(4.69), "upload.below_recommended"),
    row("just over minimum", goodput(2.83), "upload.marginal"),
    row("2.82 itself is reached", goodput(2.82), "upload.marginal"),
    row("a hair under 2.82", goodput(2.819999), "upload.below_minimum"),
    row("just under minimum", goodput(2.81), "upload.below_minimum"),
    row("almost nothing", goodput(0.01), "upload.below_minimum"),
    row("nothing confirmed", goodput(None), "upload.unmeasured"),
    row("ratio 1: 4.99", goodput(4.99, PLAIN), "upload.below_recommended"),
    row("ratio 1: 5", goodput(5.0, PLAIN), "upload.ok"),
    row("ratio 1: 3", goodput(3.0, PLAIN), "upload.marginal"),
    row("ratio 1: 2.99", goodput(2.99, PLAIN), "upload.below_minimum"),
    row("own thresholds: 9.40", goodput(9.40, TEN), "upload.ok"),
    row("own thresholds: 9.39", goodput(9.39, TEN), "upload.below_recommended"),
    row("own thresholds: 7.52", goodput(7.52, TEN), "upload.below_recommended"),
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
    row(
        "after a burst: what may be our own",
        shared(2.4, other_during_mbps=0.31, own_during_mbps=6.3),
        "upload.below_minimum",
    ),
    row("after a burst: more than ours", shared(2.4, other_during_mbps=0.32, own_during_mbps=6.3), "upload.line_busy"),
    row("receiving only, slow", shared(2.0, other_received_mbps=9.0), "upload.below_minimum"),
    row("counters unreadable, slow", shared(2.0), "upload.below_minimum"),
    row("busy and a slow tester", goodput(2.0, tester_limited="busy"), "upload.tester_limited"),
    row("an honest 5 Mbps line", between(4.60, 4.78, 4.90), "upload.ok"),
    row("certainly above 4.559, which is near enough to 4.70", between(4.56, 4.62, 4.68), "upload.ok"),
    row("perhaps just below that", between(4.55, 4.80, 5.05), "upload.near_recommended"),
    row("as much as that, perhaps", between(4.55, 4.62, 4.70), "upload.near_recommended"),
    row("certainly not", between(4.55, 4.62, 4.69), "upload.below_recommended"),
    row("all of it in between", between(2.82, 3.8, 4.69), "upload.marginal"),
    row("wide, but above the minimum", between(2.82, 4.70, 6.6), "upload.near_recommended"),
    row("wide, and the minimum in it", between(2.73, 4.70, 6.6), "upload.borderline"),
    row("an honest 3 Mbps line", between(2.74, 2.78, 2.81), "upload.marginal"),
    row("above the minimum, perhaps", between(2.73, 2.90, 3.0), "upload.borderline"),
    row("below the minimum, perhaps", between(2.5, 2.75, 2.82), "upload.borderline"),
    row("below the minimum for sure", between(2.5, 2.75, 2.81), "upload.below_minimum"),
    row(
        "nothing is near enough",
        between(4.69, 4.80, 5.05, site=limits("upload", near_enough=0.0)),
        "upload.near_recommended",
    ),
    row("near the recommended, and a slow tester", between(4.5, 4.8, 5.1, tester_limited="x"), "upload.tester_limited"),
    row("near the recommended on a busy line", between(4.5, 4.8, 5.1, other_sent_mbps=1.0), "upload.line_busy"),
    row(
        "near the recommended after a burst",
        burst(4.8, lower_mbps=4.5, upper_mbps=5.1),
        "upload.near_recommended",
        "upload.burst_seen",
    ),
    row("borderline on a busy line", between(2.5, 2.75, 2.82, other_sent_mbps=1.0), "upload.line_busy"),
    row("settled below the minimum", burst(2.81), "upload.burst_then_drop"),
    row("settled at the minimum", burst(2.82), "upload.burst_then_marginal"),
    row("settled just below recommended", burst(4.69), "upload.burst_then_marginal"),
    row("settled at recommended", burst(4.70), "upload.ok", "upload.burst_seen"),
    row(
        "settled nobody knows where",
        burst(2.75, lower_mbps=2.5, upper_mbps=2.82),
        "upload.borderline",
        "upload.burst_seen",
    ),
    row("spread at the limit", case(upload=upload(9.4, spread=0.30)), "upload.ok"),
    row("spread above it", case(upload=upload(9.4, spread=0.301)), "upload.ok", "upload.unstable"),
    row("slow and unstable", case(upload=upload(2.0, spread=0.4)), "upload.below_minimum", "upload.unstable"),
    row(
        "own limit of spread", case(limits("upload", unstable_spread=0.5), upload=upload(9.4, spread=0.4)), "upload.ok"
    ),
    row("16 MB ruled out", case(upload=upload(9.4, ruled_out_bytes=16_000_000)), "upload.ok"),
    row("a little less", case(upload=upload(9.4, ruled_out_bytes=15_999_999)), "upload.ok", "upload.burst_possible"),
    row(
        "near the recommended, a little less",
        between(4.5, 4.8, 5.1, ruled_out_bytes=15_999_999),
        "upload.near_recommended",
        "upload.burst_possible",
    ),
    row("a second opinion", opinion(9.4, 12.0), "upload.ok", "upload.second_opinion"),
    row("a higher one on a slow line", opinion(2.0, 9.0), "upload.below_minimum", "upload.second_opinion"),
    row("a lower one on a fast line", opinion(9.4, 1.0), "upload.ok", "upload.second_opinion"),
    row("none", opinion(9.4, None), "upload.ok", "upload.no_second_opinion"),
    row("one beside nothing", opinion(None, 9.0), "upload.unmeasured"),
    row("all four are carried", goodput(4.0), "upload.below_recommended"),
    row("not all four are carried", goodput(3.99), "upload.marginal"),
    row("over Wi-Fi, below the minimum", by_wifi(2.0), "upload.slow_over_wifi"),
    row("over Wi-Fi, after a burst", by_wifi(2.0, burst_mbps=11.0), "upload.slow_over_wifi"),
    row("over Wi-Fi, just enough", by_wifi(3.5), "upload.marginal_over_wifi"),
    row("over Wi-Fi, enough for all", by_wifi(4.5), "upload.marginal_over_wifi"),
    row("over Wi-Fi, settled just enough", by_wifi(3.5, burst_mbps=11.0), "upload.marginal_over_wifi"),
    row("over Wi-Fi, plenty", by_wifi(9.4), "upload.ok"),
    row("over Wi-Fi, unsteady", by_wifi(9.4, spread=0.4), "upload.ok", "upload.unstable_over_wifi"),
    row("not asked of a slow line", case(upload=upload(2.0, ruled_out_bytes=0)), "upload.below_minimum"),
]


@pytest.mark.parametrize("threshold_mbps", [n / 10 for n in range(5, 500)])
def test_every_threshold_in_tenths_is_reached_by_its_own_share(threshold_mbps: float) -> None:
    """0.94 times a threshold, as a person computes it with two decimals, counts as reached."""
    reached = round(0.94 * threshold_mbps, 3)
    recommended = replace(SITE, minimum_mbps=0.1, recommended_mbps=threshold_mbps)
    assert codes_of(CHECK, goodput(reached, recommended)) == ("upload.ok",)
    minimum = replace(SITE, minimum_mbps=threshold_mbps, recommended_mbps=1000.0, users=100)
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


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (None, "measured against one server only"),
        (SecondServer("b", None, None, None, TIMEOUT), "measured against one server only"),
        (SecondServer("b", 2.1, 2.0, 2.2), "two servers agree"),
        (SecondServer("b", 1.1, 1.0, 1.2, is_slower=True), "the better of two servers"),
        (SecondServer("b", 1.1, 1.0, 1.2, tester_limited="its window"), "measured against one server only"),
    ],
)
def test_a_failure_says_how_many_servers_it_rests_on(second: SecondServer | None, words: str) -> None:
    for burst_mbps in (None, 11.0):
        (finding,) = judged(CHECK, case(upload=upload(2.2, second=second, burst_mbps=burst_mbps)))
        assert words in CHECK.codes[finding.code].summary.format_map(finding.facts)


def test_the_interval_is_told() -> None:
    (finding,) = judged(CHECK, between(2.71, 2.90, 3.0))
    assert finding.expected == "at least 2.82 Mbps goodput"
    assert finding.actual == "2.90 Mbps goodput (2.71 to 3.00)"


@pytest.mark.parametrize("their_mbps", [None, 0.1, 2.0, 100.0])
@pytest.mark.parametrize("mbps", [2.0, 4.0, 9.4])
def test_a_second_opinion_changes_nothing(mbps: float, their_mbps: float | None) -> None:
    alone = judged(CHECK, case(upload=upload(mbps)))
    beside = judged(CHECK, opinion(mbps, their_mbps))
    assert beside[:-1] == alone
    assert CHECK.codes[beside[-1].code].severity is Severity.NOTICE


@pytest.mark.parametrize(
    ("users", "workload", "people", "wanted_mbps"),
    [
        (1, "records", "", 5.0),
        (4, "text", "", 5.0),
        (4, "records", ". It carries about 2 people at once, not 4", 5.0),
        (12, "records", ". It carries about 2 people at once, not 12", 13),
        (2, "hd_video", ". It carries less than one person at once, not 2", 22),
        (2, "documents", ". It carries about 1 person at once, not 2", 5.0),
    ],
)
def test_a_slow_line_tells_how_many_it_carries_and_what_to_order(
    users: int, workload: str, people: str, wanted_mbps: float
) -> None:
    site = replace(SITE, users=users, workload=workload)
    facts = judged(CHECK, case(site, upload=upload(2.5)))[0].facts
    assert (facts["people"], facts["wanted_mbps"]) == (people, wanted_mbps)


@pytest.mark.parametrize(
    ("mbps", "site", "words"),
    [
        (2.4, replace(SITE, users=40), "at least 3 is needed, and 43 for 40 people. It carries about 2 people at once"),
        (2.4, replace(SITE, workload="text"), "at least 3 is needed. A scanned page of 2 MB takes 6.7 s."),
        (2.5, limits("capacity", scanned_page_mb=1.0), "A scanned page of 1 MB takes 3.2 s."),
        (0.04, SITE, "Upload is only 0.04 Mbps (a line of about 0.04 Mbps; "),
        (0.001, SITE, "Upload is only less than 0.01 Mbps (a line of about less than 0.01 Mbps; "),
        (4.0, replace(SITE, workload="hd_video"), "more than the least of all, but 5 is better. It carries less than"),
        (9.4, SITE, "(a line of about 10.0 Mbps); 5 is enough."),
        (9.4, replace(SITE, workload="hd_video"), "(a line of about 10.0 Mbps); the rule for any clinic, 5, is met."),
    ],
)
def test_a_sentence_does_not_contradict_itself(mbps: float, site: Site, words: str) -> None:
    finding = judged(CHECK, goodput(mbps, site))[0]
    assert words in CHECK.codes[finding.code].summary.format_map(finding.facts)


@pytest.mark.parametrize("because", ["address.proxied", "link.server_on_wifi", "link.poor_signal"])
@pytest.mark.parametrize("mbps", [2.0, 3.5, 4.5])
def test_what_stands_before_the_line_is_named_instead_of_it(mbps: float, because: str) -> None:
    """A proxy, or the Wi-Fi of a server that should not be on it: nobody is sent to the provider."""
    for each in (goodput(mbps), by_wifi(mbps), burst(mbps)):
        assert all(because in CHECK.follows[code] for code in codes_of(CHECK, each) if code != "upload.burst_seen")
