"""PURE: which rules hold for this site, what do a load and its test say, and which of two servers' results counts?"""

from __future__ import annotations

import statistics
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
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput import figures
from emrnetcheck.probes.throughput.figures import Figures, held_by_the_window, waited_for_answers
from emrnetcheck.probes.throughput.plan import Load, LoadPlan
from emrnetcheck.probes.throughput.sequential import (
    CONFIDENCE,
    QUICK,
    STANDARD,
    THOROUGH,
    Rules,
    Sequential,
)
from emrnetcheck.probes.throughput.target import BackEnd, Target

_BUSY_CPU_SHARE = 0.8
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
    """Which of two results counts, with the other beside it. A server may be slower than the line, never faster: so
    the second counts where it is certainly faster, or where the first is only an "at least" and less. Else they agree,
    and the first stays: it saw how the line began.
    """
    if first.tester_limited is not None:
        takes = (second.goodput_mbps or 0.0) > (first.goodput_mbps or 0.0)
    else:
        takes = _least_mbps(second) > _most_mbps(first)
    best, other = (second, first) if takes else (first, second)
    kept = SecondServer(
        server=other.server,
        goodput_mbps=other.goodput_mbps,
        lower_mbps=other.lower_mbps,
        upper_mbps=other.upper_mbps,
        sent_bytes=other.sent_bytes,
        burst_mbps=other.burst_mbps,
        samples=other.samples,
        is_slower=_most_mbps(other) < _least_mbps(best),
        tester_limited=other.tester_limited,
    )
    return replace(best, second=kept)


def _least_mbps(seen: Upload) -> float:
    return (seen.goodput_mbps or 0.0) if seen.lower_mbps is None else seen.lower_mbps


def _most_mbps(seen: Upload) -> float:
    return (seen.goodput_mbps or 0.0) if seen.upper_mbps is None else seen.upper_mbps


def evidence(
    back_end: BackEnd, target: Target, endpoint: Endpoint, plan: LoadPlan, load: Load, found: Figures
) -> Upload:
    """One load as evidence, not yet tested."""
    limited = load.limited
    if limited is None and load.cpu_share > _BUSY_CPU_SHARE:
        limited = f"this computer used {load.cpu_share:.0%} of a processor core"
    elif limited is None and waited_for_answers(load, found):
        limited = "its requests were too short for this line's delay"
    elif limited is None and held_by_the_window(load):
        limited = "the test server takes too little at a time for this line's delay"
    return Upload(
        goodput_mbps=found.goodput_mbps,
        line_rate_mbps=found.goodput_mbps / figures.GOODPUT_PER_LINE_RATE,
        lower_mbps=found.lower_mbps,
        upper_mbps=found.upper_mbps,
        confidence=None if found.lower_mbps is None else CONFIDENCE,
        settled=found.settled,
        seconds=found.end_s - found.start_s,
        sent_bytes=load.sent_bytes,
        method="server_report" if load.by_server else found.method,
        back_end=back_end.name,
        server=target.url,
        address=endpoint.text(),
        idle_rtt_ms=statistics.median(load.idle_ms) if load.idle_ms else None,
        loaded_rtt_ms=statistics.median(load.loaded_ms) if load.loaded_ms else None,
        slot_s=load.slot_s or plan.slot_s,
        ramp_s=found.ramp_s,
        samples=found.samples,
        streams=load.streams,
        confirmed_goodput_mbps=found.confirmed_goodput_mbps,
        window_start_unix_s=found.start_s + load.wall_ahead_s,
        window_end_unix_s=found.end_s + load.wall_ahead_s,
        tester_limited=limited,
        skipped_servers=(),
    )


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
