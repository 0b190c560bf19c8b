"""PURE: which row does a measurement make, was each verdict right, and are the goals kept?"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
from emrnetcheck.model import Mode
from emrnetcheck.probes.throughput.plan import LoadPlan
from tests.lab.bench_cases import Case

MINIMUM_MBPS, RECOMMENDED_MBPS = 3.0, 5.0
NEAR = 0.05
"""A truth nearer to a threshold than this is too near to count a wrong verdict against anybody."""

_MEDIAN_ERROR, _WORST_ERROR, _LOSSY_ERROR = 0.01, 0.03, 0.05
_LEAST_MBPS = 2.5
_CLEARLY_BELOW, _CLEARLY_ABOVE = 0.7, 1.5
_IDLE_S = LoadPlan().idle_s  # delays are measured before the load
_CLEAR_S, _CLEAR_MB, _CLEAR_LINE_MBPS = 8.0, 12.0, 20.0


@dataclass(frozen=True, slots=True)
class Ours:
    """What our test said. decisions: for the minimum and the recommended rate. window_mbps: what the sink received in
    the same window. burst_told: it said which bursts it was too short to see. Sizes are in MB of 1e6 bytes."""

    mbps: float
    window_mbps: float
    lower_mbps: float | None
    upper_mbps: float | None
    decisions: tuple[str | None, str | None]
    code: str
    decided_s: float | None
    decided_mb: float | None
    seconds: float
    sent_mb: float
    cpu_s: float
    burst_told: bool


@dataclass(frozen=True, slots=True)
class Rival:
    """What another program said; None: nothing, and why. window_mbps: what got through once it had settled."""

    mbps: float | None
    window_mbps: float | None
    seconds: float
    sent_mb: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement of a case. ours: or why there is none. A rival is None where it did not run."""

    case: Case
    mode: Mode
    ours: Ours | str
    speedtest_cli: Rival | None = None
    iperf3: Rival | None = None

    @property
    def truth_mbps(self) -> float | None:
        """Goodput that the line gives for good."""
        if self.case.settled_mbps is not None:
            return self.case.settled_mbps
        return self.ours.window_mbps if isinstance(self.ours, Ours) else None

    @property
    def error(self) -> float | None:
        """Of our figure against the sink's in the same window; after a burst, if it was seen, against what the line
        gives for good: the sink's program reads late what came before the gaps of the slowing down were filled."""
        if not isinstance(self.ours, Ours):
            return None
        seen = self.case.line.burst_bytes and self.ours.decisions[0] == "fail" and self.case.settled_mbps
        return self.ours.mbps / (seen or self.ours.window_mbps) - 1


@dataclass(frozen=True, slots=True)
class Goal:
    text: str
    found: str
    kept: bool

    def __str__(self) -> str:
        return f"{'kept    ' if self.kept else 'NOT KEPT'}  {self.text}: {self.found}"


def thresholds() -> tuple[float, float]:
    """Minimum and recommended, in goodput."""
    return MINIMUM_MBPS * GOODPUT_PER_LINE_RATE, RECOMMENDED_MBPS * GOODPUT_PER_LINE_RATE


def judged(decision: str | None, truth_mbps: float, threshold_mbps: float) -> str:
    """right, wrong or undecided."""
    if decision not in ("pass", "fail"):
        return "undecided"
    return "right" if (decision == "pass") == (truth_mbps >= threshold_mbps) else "wrong"


def near(truth_mbps: float, threshold_mbps: float) -> bool:
    return abs(truth_mbps / threshold_mbps - 1) < NEAR


def verdicts(row: Row) -> list[str]:
    """Ours, for both thresholds. A wrong one near its threshold is "near"; a burst that was told of is "told"."""
    if not isinstance(row.ours, Ours) or row.truth_mbps is None:
        return ["undecided", "undecided"]
    found = _all_judged(row.ours.decisions, row.truth_mbps)
    return ["told" if each == "wrong" and row.ours.burst_told else each for each in found]


def rival_verdicts(row: Row, rival: Rival | None) -> list[str]:
    """As people read the figure: against 3 and 5 as they are. Empty where it did not run."""
    truth = row.case.settled_mbps
    if rival is None:
        return []
    truth = rival.window_mbps if truth is None else truth
    if rival.mbps is None or truth is None:
        return ["undecided", "undecided"]
    said = ["pass" if rival.mbps >= limit else "fail" for limit in (MINIMUM_MBPS, RECOMMENDED_MBPS)]
    return _all_judged(said, truth)


def rival_error(row: Row, rival: Rival | None) -> float | None:
    """Against what the line gives for good, or what got through once it had settled."""
    if rival is None or rival.mbps is None:
        return None
    truth = row.case.settled_mbps or rival.window_mbps
    return rival.mbps / truth - 1 if truth else None


def worst(found: Sequence[str]) -> str:
    """One word for both thresholds."""
    return next((word for word in ("wrong", "told", "undecided", "near") if word in found), "right") if found else ""


def goals(rows: Sequence[Row], max_mb: float) -> list[Goal]:
    """What the issue asks for, as far as these rows can tell."""
    told = [_errors(rows), _lossy_errors(rows), _wrong(rows), _bursts(rows), _clear(rows), _data(rows, max_mb)]
    return [goal for goal in told if goal is not None]


def rivals_in_words(rows: Sequence[Row]) -> list[str]:
    """How often the others were wrong where the truth is not near a threshold, and how far off."""
    lines = []
    names: dict[str, Callable[[Row], Rival | None]] = {
        "speedtest-cli": lambda row: row.speedtest_cli,
        "iperf3": lambda row: row.iperf3,
    }
    for name, of in names.items():
        found = [verdict for row in rows for verdict in rival_verdicts(row, of(row))]
        errors = [abs(error) for row in rows if (error := rival_error(row, of(row))) is not None]
        if errors:
            lines.append(
                f"{name}: {found.count('wrong')} of {len(found)} verdicts wrong; error {statistics.median(errors):.1%} "
                f"in the median, {max(errors):.1%} at worst"
            )
    return lines


def _all_judged(decisions: Iterable[str | None], truth_mbps: float) -> list[str]:
    found = []
    for decision, threshold in zip(decisions, thresholds(), strict=True):
        verdict = judged(decision, truth_mbps, threshold)
        found.append("near" if verdict == "wrong" and near(truth_mbps, threshold) else verdict)
    return found


def _errors(rows: Sequence[Row]) -> Goal | None:
    chosen = [row for row in rows if not row.case.line.loss_ratio and row.case.line.rate_mbps >= _LEAST_MBPS]
    errors = [abs(row.error) for row in chosen if row.error is not None]
    if not errors:
        return None
    middle, most = statistics.median(errors), max(errors)
    kept = middle <= _MEDIAN_ERROR and most <= _WORST_ERROR and len(errors) == len(chosen)
    text = f"error without loss, from {_LEAST_MBPS:g} Mbps: median {_MEDIAN_ERROR:.0%}, worst {_WORST_ERROR:.0%}"
    return Goal(text, f"{middle:.2%}, {most:.2%} in {len(errors)} of {len(chosen)} runs", kept)


def _lossy_errors(rows: Sequence[Row]) -> Goal | None:
    chosen = [row for row in rows if row.case.line.loss_ratio]
    errors = [abs(row.error) for row in chosen if row.error is not None]
    if not errors:
        return None
    kept = max(errors) <= _LOSSY_ERROR and len(errors) == len(chosen)
    text = f"error with loss: {_LOSSY_ERROR:.0%}"
    return Goal(text, f"{max(errors):.2%} at worst in {len(errors)} of {len(chosen)} runs", kept)


def _wrong(rows: Sequence[Row]) -> Goal | None:
    found = [verdict for row in rows for verdict in verdicts(row)]
    if not found:
        return None
    counts = ", ".join(f"{found.count(word)} {word}" for word in ("wrong", "near", "undecided", "told"))
    text = f"wrong verdicts where the truth is {NEAR:.0%} or more from the threshold: none"
    return Goal(text, f"of {len(found)}: {counts}", "wrong" not in found)


def _bursts(rows: Sequence[Row]) -> Goal | None:
    chosen = [row for row in rows if row.case.line.burst_bytes]
    if not chosen:
        return None
    right = [worst(verdicts(row)) in (("right", "told") if row.mode is Mode.QUICK else ("right",)) for row in chosen]
    text = "bursts: standard and thorough right, quick right or says what it did not wait for"
    return Goal(text, f"{sum(right)} of {len(right)}", all(right))


def _clear(rows: Sequence[Row]) -> Goal | None:
    minimum_mbps, recommended_mbps = thresholds()
    late = []
    number = 0
    for row in rows:
        truth, ours = row.truth_mbps, row.ours
        if row.mode is not Mode.STANDARD or row.case.line.rate_mbps > _CLEAR_LINE_MBPS or truth is None:
            continue
        if isinstance(ours, str) or _CLEARLY_BELOW * minimum_mbps <= truth <= _CLEARLY_ABOVE * recommended_mbps:
            continue
        number += 1
        if (ours.decided_s or 1e9) + _IDLE_S > _CLEAR_S or (ours.decided_mb or 1e9) > _CLEAR_MB:
            late.append(row.case.name)
    if not number:
        return None
    text = f"clear cases up to {_CLEAR_LINE_MBPS:g} Mbps: decided within {_CLEAR_S:g} s and {_CLEAR_MB:g} MB"
    return Goal(text, f"{number - len(late)} of {number}" + (f"; not: {', '.join(late)}" if late else ""), not late)


def _data(rows: Sequence[Row], max_mb: float) -> Goal | None:
    sent = [row.ours.sent_mb for row in rows if isinstance(row.ours, Ours)]
    if not sent:
        return None
    return Goal(f"never more than max_mb, {max_mb:g} MB", f"{max(sent):.1f} MB at most", max(sent) <= max_mb)
