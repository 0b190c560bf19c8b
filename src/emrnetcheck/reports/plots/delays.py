"""How long do answers take while the line is idle, and while it is busy?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.reports.plots.picture import Picture
from emrnetcheck.reports.plots.sheet import WIDTH_PX, Sheet, sheet

NAME = "delays"
TITLE = "Time until an answer comes, line idle and busy"
_BAR_PX = 44
_AROUND_PX = 72
_ROOM_FOR_WORDS = 1.42  # of the longest bar: the figure behind it


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: the median, and below what 95 % of the answers were; None: not known."""

    word: str
    median_ms: float
    p95_ms: float | None
    busy: bool


def delays_picture(report: ClinicReport, *, dark: bool = False) -> Picture | None:
    """None: the line was never seen both idle and full."""
    bars = list(_bars(report))
    if not bars:
        return None
    height_px = _BAR_PX * len(bars) + _AROUND_PX
    with sheet(height_px, dark=dark) as drawn:
        _draw(drawn, bars)
        png = drawn.png()
    return Picture(NAME, TITLE, _in_words(bars), png, WIDTH_PX, height_px)


def _bars(report: ClinicReport) -> Iterator[Bar]:
    seen = report.evidence
    for load, word in ((seen.upload, "sending"), (seen.download, "receiving")):
        if load is None or not _filled_the_line(load) or _is_not_judged(report, word):
            continue
        idle_ms, loaded_ms = load.idle_rtt_ms, load.loaded_rtt_ms
        if idle_ms is None or loaded_ms is None or not (math.isfinite(idle_ms) and math.isfinite(loaded_ms)):
            continue
        yield Bar(f"before {word}", idle_ms, load.idle_rtt_p95_ms, busy=False)
        yield Bar(f"while {word}", loaded_ms, load.loaded_rtt_p95_ms, busy=True)


def _filled_the_line(load: Upload | Download) -> bool:
    return load.goodput_mbps is not None and load.tester_limited is None


def _is_not_judged(report: ClinicReport, word: str) -> bool:
    """Whether the check said that this direction tells nothing: the line was not full, or not for long enough."""
    findings = [finding for check in report.checks if check.id == "bufferbloat" for finding in check.findings]
    fact = "upload_increase_ms" if word == "sending" else "download_increase_ms"
    return any(finding.code == "bufferbloat.unmeasured" or finding.facts.get(fact, 0.0) is None for finding in findings)


def _draw(drawn: Sheet, bars: list[Bar]) -> None:
    axes, colours = drawn.axes(), drawn.colours
    drawn.share(172, 12, 10, 62)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    longest_ms = max(bar.median_ms for bar in bars)
    longest_ms = max([longest_ms, *(bar.p95_ms for bar in bars if bar.p95_ms is not None)])
    axes.set_xlim(0, longest_ms * _ROOM_FOR_WORDS or 1.0)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_yticks(range(len(bars)), [bar.word for bar in bars])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("milliseconds (line: 95 of 100)")
    for place, bar in enumerate(bars):
        colour = colours.limit if bar.busy else colours.measured
        axes.barh(place, bar.median_ms, height=0.55, color=colour)
        end_ms = bar.median_ms
        if bar.p95_ms is not None and bar.p95_ms > bar.median_ms:
            end_ms = bar.p95_ms
            axes.plot([bar.median_ms, end_ms], [place, place], color=colours.ink, lw=1.5)
            axes.plot([end_ms], [place], color=colours.ink, marker="|", ms=12, mew=1.5)
        axes.annotate(
            f"{bar.median_ms:.0f} ms",
            (end_ms, place),
            (8, 0),
            textcoords="offset points",
            va="center",
            fontweight="bold",
        )


def _in_words(bars: list[Bar]) -> str:
    said = []
    for bar in bars:
        most = "" if bar.p95_ms is None else f" (95 of 100 within {bar.p95_ms:.0f})"
        said.append(f"{bar.word} {bar.median_ms:.0f} ms{most}")
    return f"Bars for the time until an answer comes, in the middle: {'; '.join(said)}."
