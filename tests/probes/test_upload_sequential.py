"""When is enough counted, and is what is then said right? Simulated lines, seeded; no network, no clock.

The noise is that of throughput.md 4.4: slots of 0.5 s, AR(1), with a coefficient of variation and a correlation.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from emrnetcheck.evidence.upload import NEAR_ENOUGH, Decision, decide
from emrnetcheck.model import Mode, Site
from emrnetcheck.probes.throughput.counted import arrived_between
from emrnetcheck.probes.throughput.plan import MB, MBPS_BYTES_PER_S, Sample
from emrnetcheck.probes.throughput.sequential import (
    QUICK,
    STANDARD,
    THOROUGH,
    Drop,
    Rules,
    Sequential,
    batches_of,
    bounds,
    find_drop,
    spread_of,
)
from emrnetcheck.probes.throughput.student import quantile
from emrnetcheck.probes.throughput.verdict import rules_of

MINIMUM, RECOMMENDED = 2.82, 4.70
PACE_MBPS = 10.0
RAMP_S, TICK_S, SLOT_S = 2.0, 0.25, 0.5
GOODPUT = 0.955  # of a line's rate, measured: throughput.md 0.7
NOISE = {0.05: 0.3, 0.15: 0.5, 0.30: 0.6}
RUNS = 40

Rate = Callable[[float], float]


@dataclass(frozen=True)
class Run:
    interval: tuple[float, float] | None
    drop: Drop | None
    load_s: float
    sent_mb: float
    test: Sequential
    spread: float | None

    def says(self, threshold_mbps: float) -> Decision:
        return decide(self.interval, threshold_mbps, NEAR_ENOUGH)


def run(rate: Rate, of_mode: Rules = STANDARD) -> Run:
    """One load, as the engine makes it, on a line that carries rate(second)."""
    rules = replace(of_mode, minimum_mbps=MINIMUM, recommended_mbps=RECOMMENDED, near_enough=NEAR_ENOUGH)
    test = Sequential(rules, PACE_MBPS, 1000.0)
    samples: list[Sample] = []
    total, at_s = 0.0, 0.0
    while True:
        samples.append(Sample(at_s, int(total), 0, counted=at_s >= RAMP_S, paced=False))
        if at_s >= RAMP_S and test(samples):
            break
        total += rate(at_s) * MBPS_BYTES_PER_S * TICK_S
        at_s += TICK_S
    between = arrived_between(samples)
    drop = find_drop(between, 0.0, at_s, PACE_MBPS)
    batches = batches_of(between, RAMP_S if drop is None else drop.start_s, at_s)
    return Run(bounds(batches, len(of_mode.looks_s)), drop, at_s, total / MB, test, spread_of(batches))


def steady(line_mbps: float) -> Rate:
    return lambda at_s: line_mbps * GOODPUT * (1.0 if at_s >= SLOT_S else 0.5)


def noisy(mean_mbps: float, variation: float, seed: str) -> Rate:
    chance, correlation = random.Random(seed), NOISE[variation]
    noise = [chance.gauss(0, variation)]
    for _ in range(80):
        noise.append(correlation * noise[-1] + chance.gauss(0, variation * (1 - correlation**2) ** 0.5))
    return lambda at_s: max(0.05, mean_mbps * (1 + noise[int(at_s / SLOT_S)]))


def bucket(size_mb: float, peak_mbps: float, line_mbps: float = 2.5) -> Rate:
    """A full token bucket over a slow line."""
    tokens = size_mb * MB

    def rate(_at_s: float) -> float:
        nonlocal tokens
        tokens = min(size_mb * MB, tokens + line_mbps * MBPS_BYTES_PER_S * TICK_S)
        carried = min(tokens, peak_mbps * MBPS_BYTES_PER_S * TICK_S)
        tokens -= carried
        return carried / MBPS_BYTES_PER_S / TICK_S * GOODPUT

    return rate


@pytest.mark.parametrize(
    ("probability", "freedom", "t"),
    [
        (0.975, 1, 12.706),
        (0.975, 2, 4.303),
        (0.975, 3, 3.182),
        (0.975, 30, 2.042),
        (0.995, 4, 4.604),
        (1 - 0.05 / 3, 4, 3.186),
        (1 - 0.05 / 3, 29, 2.234),
    ],
)
def test_the_quantiles_are_those_of_the_tables(probability: float, freedom: int, t: float) -> None:
    """Abramowitz and Stegun, table 26.10; throughput.md 4.4 for the last two."""
    assert quantile(probability, freedom) == pytest.approx(t, abs=6e-4)


@pytest.mark.parametrize(("probability", "freedom"), [(0.5, 3), (1.0, 3), (0.9, 0)])
def test_there_is_no_other_quantile(probability: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="probability"):
        quantile(probability, freedom)


def outcomes(threshold_mbps: float, share: float, variation: float) -> Counter[Decision]:
    return Counter(
        run(noisy(threshold_mbps * share, variation, f"{threshold_mbps} {share} {variation} {i}")).says(threshold_mbps)
        for i in range(RUNS)
    )


@pytest.mark.parametrize("threshold_mbps", [MINIMUM, RECOMMENDED])
@pytest.mark.parametrize("variation", [0.05, 0.15])
@pytest.mark.parametrize("share", [0.7, 0.95, 1.05, 1.2, 1.5])
def test_five_percent_from_a_threshold_nothing_wrong_is_said(
    share: float, variation: float, threshold_mbps: float
) -> None:
    """800 runs: not one pass for a fail, nor the other way round. "Too close to say" is no wrong answer.

    In 12,000 runs of other seeds, with 1.1 as well, none was wrong either. Before a fail counts against the minimum, a
    second server must agree.
    """
    assert outcomes(threshold_mbps, share, variation)["pass" if share < 1 else "fail"] == 0


@pytest.mark.parametrize("share", [0.7, 0.95, 1.05, 1.5])
def test_on_a_wild_line_few_answers_are_wrong(share: float) -> None:
    """Slots that vary by 30 %: of 6,000 runs of other seeds 4 were fails for a pass and 1 a pass for a fail; one in two
    is undecided even at 1.5 times."""
    found = outcomes(MINIMUM, share, 0.30)
    assert found["pass" if share < 1 else "fail"] <= (0 if share < 1 else RUNS * 0.05)
    assert found["borderline"] < RUNS * (0.65 if share in (0.7, 1.5) else 1.01)


@pytest.mark.parametrize(("share", "right"), [(0.7, "fail"), (1.5, "pass")])
def test_far_from_the_threshold_a_line_that_wanders_is_decided(share: float, right: Decision) -> None:
    assert outcomes(MINIMUM, share, 0.15)[right] >= RUNS * 0.9


@pytest.mark.parametrize("line_mbps", [0.8, 1.0, 1.5, 2.0, 2.1, 7.5, 8.0, 10.0, 15.0, 20.0])
def test_a_clear_case_is_decided_within_8_s_and_12_mb(line_mbps: float) -> None:
    """Of both thresholds, 0.7 and 1.5 times; 1.6 s of idle delay go before the load."""
    seen = run(steady(line_mbps))
    assert seen.says(MINIMUM) == seen.says(RECOMMENDED) == ("pass" if line_mbps > 5 else "fail")
    assert seen.test.decided_s is not None
    assert seen.test.decided_s + 1.6 <= 8.0
    assert (seen.test.decided_bytes or 0) <= 12 * MB
    if line_mbps < 5:
        assert seen.load_s == seen.test.decided_s, "a failure needs nothing more"


@pytest.mark.parametrize(
    ("line_mbps", "minimum", "recommended"),
    [
        (2.5, "fail", "fail"),
        (2.8, "fail", "fail"),
        (2.96, "pass", "fail"),
        (3.0, "pass", "fail"),
        (3.3, "pass", "fail"),
        (4.5, "pass", "fail"),
        (4.93, "pass", "pass"),
        (5.0, "pass", "pass"),
    ],
)
def test_a_steady_line_near_a_threshold(line_mbps: float, minimum: Decision, recommended: Decision) -> None:
    seen = run(steady(line_mbps))
    assert (seen.says(MINIMUM), seen.says(RECOMMENDED)) == (minimum, recommended)
    assert seen.drop is None
    assert seen.load_s <= RAMP_S + 20


SEEN_BY = {
    QUICK: {2: 10, 4: 10},
    STANDARD: {2: 8, 4: 8, 8: 8, 16: 10},
    THOROUGH: {2: 8, 4: 8, 8: 8, 16: 8},
}
"""From which peak on, in Mbps, a bucket of so many MB over 2.5 Mbps is empty soon enough."""


@pytest.mark.parametrize("peak_mbps", [8, 10, 12, 15, 20, 50, 100])
@pytest.mark.parametrize("size_mb", [2, 4, 8, 16])
@pytest.mark.parametrize("mode", ["quick", "standard", "thorough"])
def test_a_burst_over_a_slow_line_is_no_pass(mode: str, size_mb: int, peak_mbps: int) -> None:
    of_mode = {"quick": QUICK, "standard": STANDARD, "thorough": THOROUGH}[mode]
    seen = run(bucket(size_mb, peak_mbps), of_mode)
    if peak_mbps >= SEEN_BY[of_mode].get(size_mb, 1000):
        assert seen.says(MINIMUM) == "fail"
        assert seen.interval is not None
        assert seen.interval[0] < 2.5 * GOODPUT < seen.interval[1]
    elif seen.says(MINIMUM) == "pass":  # what it did not wait for is known, and told: upload.burst_possible
        ruled_out = seen.sent_mb - MINIMUM * MBPS_BYTES_PER_S / MB * seen.load_s
        assert ruled_out < size_mb


def test_the_burst_itself_is_told() -> None:
    seen = run(bucket(8, 12))
    assert seen.drop is not None
    assert seen.drop.mbps == pytest.approx(12 * GOODPUT, rel=0.02)
    assert seen.drop.seconds == pytest.approx(8 * 8 / (12 - 2.5), abs=0.6)


def test_a_line_that_wanders_is_no_burst() -> None:
    drops = [run(noisy(4.0, 0.15, f"no burst {i}")).drop for i in range(100)]
    assert drops == [None] * 100


def test_the_spread_is_the_coefficient_of_variation() -> None:
    assert spread_of([1.0, 2.0]) is None
    assert spread_of([0.0, 0.0, 0.0]) is None
    assert spread_of([2.0, 4.0, 6.0]) == 0.5


def test_thorough_passes_only_at_the_end_and_fails_before() -> None:
    assert run(steady(20.0), THOROUGH).load_s == RAMP_S + 30
    assert run(steady(1.0), THOROUGH).load_s == RAMP_S + 10
    assert run(steady(20.0), QUICK).load_s == RAMP_S + 5


def test_the_test_asks_for_what_the_check_asks_for() -> None:
    rules = rules_of(Site(), Mode.STANDARD)
    assert rules.near_enough == NEAR_ENOUGH
    assert rules_of(Site(limits={"upload": {"near_enough": 0.0}}), Mode.STANDARD).near_enough == 0.0
    assert [rules.minimum_mbps, rules.recommended_mbps] == pytest.approx([2.82, 4.70])
    plain = rules_of(Site(limits={"upload": {"goodput_per_line_rate": 1.0}}), Mode.QUICK)
    assert [plain.minimum_mbps, plain.recommended_mbps] == pytest.approx([3.0, 5.0])
    assert plain.looks_s == QUICK.looks_s


def test_a_line_just_below_a_limit_for_its_first_seconds_is_watched_on() -> None:
    """7 % below the minimum for 5 s of counting, then far above: five batches alone would be a certain fail."""
    seen = run(lambda at_s: MINIMUM * (0.93 if at_s < RAMP_S + 5 else 1.6))
    assert seen.load_s > RAMP_S + 5
    assert seen.says(MINIMUM) != "fail"
