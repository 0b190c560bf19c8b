"""PURE: which rules hold for this site, what does the sequential test say, and which of two servers' results counts?"""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.evidence.upload import (
    GOODPUT_PER_LINE_RATE,
    NEAR_ENOUGH,
    SecondServer,
    Upload,
    against,
    goodput_thresholds,
)
from emrnetcheck.model import Mode, Site
from emrnetcheck.probes.throughput.figures import Figures
from emrnetcheck.probes.throughput.sequential import QUICK, STANDARD, THOROUGH, Rules, Sequential

_RULES = {Mode.QUICK: QUICK, Mode.STANDARD: STANDARD, Mode.THOROUGH: THOROUGH}


def rules_of(site: Site, mode: Mode) -> Rules:
    """The sequential test of a mode, with the site's thresholds."""
    limits = site.limits.get("upload", {})
    share = limits.get("goodput_per_line_rate", GOODPUT_PER_LINE_RATE)
    minimum_mbps, recommended_mbps = goodput_thresholds(site, share)
    return replace(
        _RULES[mode],
        minimum_mbps=minimum_mbps,
        recommended_mbps=recommended_mbps,
        near_enough=limits.get("near_enough", NEAR_ENOUGH),
    )


def wants_another(seen: Upload, rules: Rules) -> bool:
    """Whether a second server is to be asked: the line seems certainly too slow, or the test was the limit."""
    if seen.goodput_mbps is None:
        return False
    if seen.tester_limited is not None:
        return against(seen, rules.recommended_mbps, rules.near_enough) != "pass"
    return against(seen, rules.minimum_mbps, rules.near_enough) == "fail"


def better(first: Upload, second: Upload) -> Upload:
    """A line is as fast as the fastest that was seen of it; a server may be slower."""
    best, other = (first, second) if (first.goodput_mbps or 0.0) >= (second.goodput_mbps or 0.0) else (second, first)
    kept = SecondServer(other.server, other.goodput_mbps, other.lower_mbps, other.upper_mbps)
    return replace(best, second=kept)


def tested(seen: Upload, found: Figures, test: Sequential) -> Upload:
    """With what the sequential test says of it."""
    interval = None if found.lower_mbps is None or found.upper_mbps is None else (found.lower_mbps, found.upper_mbps)
    return replace(
        seen,
        burst_mbps=found.drop.mbps if found.drop else None,
        burst_seconds=found.drop.seconds if found.drop else None,
        decision_minimum=test.rules.says(interval, test.rules.minimum_mbps),
        decision_recommended=test.rules.says(interval, test.rules.recommended_mbps),
        looks=test.looks,
        decided_seconds=test.decided_s,
        decided_bytes=test.decided_bytes,
        ruled_out_bytes=found.ruled_out_bytes,
        spread=found.spread,
    )
