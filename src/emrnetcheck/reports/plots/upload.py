"""How did the upload go, second by second, and against what the clinic needs?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.reports.plots.beside import spread
from emrnetcheck.reports.plots.picture import Picture
from emrnetcheck.reports.plots.sheet import WIDTH_PX, Colours, Sheet, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "upload"
TITLE = "Upload, second by second"
_HEIGHT_PX = 300
_LEAST_SAMPLES = 4
_ROOM_ABOVE = 1.12
_MARK = 1.015  # of the graph's width: just behind it
_LINE_HEIGHT = 0.105  # of the axes: what a line of words takes


@dataclass(frozen=True, slots=True)
class Needed:
    """What the line has to carry, as programs see it (goodput_mbps) and as providers sell it (line_mbps)."""

    word: str
    goodput_mbps: float
    line_mbps: float


def upload_picture(report: ClinicReport, *, dark: bool = False) -> Picture | None:
    """None: too few samples, or some that are no rates."""
    seen = report.evidence.upload
    if seen is None or not _is_drawable(seen):
        return None
    needed = needed_of(report)
    with sheet(_HEIGHT_PX, dark=dark) as drawn:
        _draw(drawn, seen, needed)
        png = drawn.png()
    return Picture(NAME, TITLE, _in_words(seen, needed), png, WIDTH_PX, _HEIGHT_PX)


def _is_drawable(seen: Upload) -> bool:
    lasts_s = len(seen.samples) * seen.slot_s
    return (
        len(seen.samples) >= _LEAST_SAMPLES
        and all(math.isfinite(rate) and rate >= 0 for rate in seen.samples)
        and seen.slot_s > 0
        and 0 <= seen.ramp_s < lasts_s
        and seen.goodput_mbps is not None
        and math.isfinite(seen.goodput_mbps)
    )


def needed_of(report: ClinicReport) -> tuple[Needed, ...]:
    """The clinic's thresholds, as the upload's own finding tells them; () where nothing was judged."""
    for check in report.checks:
        for finding in check.findings if check.id == "upload" else ():
            facts = [finding.facts.get(name) for name in ("goodput_mbps", "line_rate_mbps")]
            limits = [(word, finding.facts.get(f"{word}_mbps")) for word in ("minimum", "recommended")]
            match facts:
                case [float(goodput_mbps), float(line_mbps)] if line_mbps > 0:
                    share = goodput_mbps / line_mbps
                    return tuple(Needed(word, m * share, m) for word, m in limits if isinstance(m, float | int))
    return ()


def _draw(drawn: Sheet, seen: Upload, needed: tuple[Needed, ...]) -> None:
    axes, colours = drawn.axes(), drawn.colours
    lasts_s = len(seen.samples) * seen.slot_s
    drawn.share(72, 204, 16, 60)
    edges = [number * seen.slot_s for number in range(len(seen.samples) + 1)]
    rate = seen.goodput_mbps or 0.0
    axes.set_xlim(0, lasts_s)
    sure = _sure(seen)
    highest = max(*seen.samples, rate, *(sure or ()), *(each.goodput_mbps for each in needed))
    axes.set_ylim(0, highest * _ROOM_ABOVE or 1.0)
    axes.set_xlabel("seconds of the test" + (" (grey: not counted)" if seen.ramp_s else ""))
    axes.set_ylabel("Mbps")
    # Its beginning, or all before the rate fell for good.
    axes.axvspan(0, seen.ramp_s, color=colours.grid, alpha=0.7, lw=0)
    axes.stairs(seen.samples, edges, color=colours.measured, lw=1.3, baseline=None)
    if sure is not None:
        _interval(axes, colours, seen.ramp_s, lasts_s, sure)
    for each, style in zip(needed, ("-", "--"), strict=False):
        axes.axhline(each.goodput_mbps, color=colours.limit, lw=2, ls=style)
    _words_beside(axes, colours, seen, needed)


def _sure(seen: Upload) -> tuple[float, float] | None:
    """The interval that the rate is in; None: not told, or no rates."""
    ends = (seen.lower_mbps, seen.upper_mbps)
    match ends:
        case (float(lower), float(upper)) if math.isfinite(lower) and math.isfinite(upper) and 0 <= lower <= upper:
            return lower, upper
    return None


def _interval(axes: Axes, colours: Colours, since_s: float, until_s: float, sure: tuple[float, float]) -> None:
    """Over the samples, with an edge on either side, and as a mark behind the graph: a narrow one shows, too."""
    axes.fill_between([since_s, until_s], *sure, color=colours.measured, alpha=0.35, lw=0, zorder=3)
    for end in sure:
        axes.plot([since_s, until_s], [end, end], color=colours.measured, lw=1.6, zorder=3)
    behind = axes.get_yaxis_transform()  # across: a share of the graph; upwards: Mbps
    (mark,) = axes.plot([_MARK, _MARK], sure, transform=behind, color=colours.measured, lw=6, clip_on=False)
    mark.set_solid_capstyle("butt")  # no longer than the interval


def _words_beside(axes: Axes, colours: Colours, seen: Upload, needed: tuple[Needed, ...]) -> None:
    top = axes.get_ylim()[1]
    rate = seen.goodput_mbps or 0.0
    words = [(rate, f"measured {rate:.1f}", colours.measured)]
    words += [(each.goodput_mbps, f"{each.word} {each.goodput_mbps:.1f}", colours.limit) for each in needed]
    places = spread([at / top for at, _, _ in words], _LINE_HEIGHT, 0.0, 1.0)
    for (_, text, colour), place in zip(words, places, strict=True):
        axes.text(1.03, place, text, transform=axes.transAxes, va="center", color=colour, fontweight="bold")


def _in_words(seen: Upload, needed: tuple[Needed, ...]) -> str:
    counted = seen.samples[math.ceil(seen.ramp_s / seen.slot_s) :] or seen.samples[-1:]
    lasts_s = len(seen.samples) * seen.slot_s
    parts = [f"A graph of the upload over {lasts_s:.0f} seconds. Measured: {seen.goodput_mbps or 0.0:.1f} Mbps"]
    if seen.lower_mbps is not None and seen.upper_mbps is not None:
        sure = f" ({seen.confidence * 100:.0f} % sure)" if seen.confidence is not None else ""
        parts.append(f", between {seen.lower_mbps:.1f} and {seen.upper_mbps:.1f}{sure}")
    parts.append(f". From moment to moment it went from {min(counted):.1f} to {max(counted):.1f} Mbps.")
    if seen.ramp_s:
        parts.append(f" The first {seen.ramp_s:.1f} seconds are not counted.")
    for each in needed:
        what = "least that is needed" if each.word == "minimum" else "recommended rate"
        parts.append(f" The {what} is {each.goodput_mbps:.1f} Mbps ({each.line_mbps:g} as providers count).")
    return "".join(parts)
