"""How did this week go beside the one before, day by day: upload, answer time, verdicts?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import median
from typing import TYPE_CHECKING

from emrnetcheck.model import Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.plots.picture import Picture
from emrnetcheck.reports.plots.sheet import WIDTH_PX, Colours, Sheet, sheet
from emrnetcheck.reports.week.page import WEEKDAYS
from emrnetcheck.reports.week.seven import DAYS, days_of
from emrnetcheck.reports.week.summary import starts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "weeks"
TITLE = "This week and the week before, day by day"
_GRAPH_PX, _STRIP_PX, _AROUND_PX = 130, 84, 70
_ROOM_ABOVE = 1.15
_GRAVITY = (Verdict.READY, Verdict.READY_WITH_WARNINGS, Verdict.INCONCLUSIVE, Verdict.NOT_READY)
_SIGNS = {
    Verdict.READY: "ok",
    Verdict.READY_WITH_WARNINGS: "warn",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_READY: "NO",
}
_WORDS = {
    Verdict.READY: "ready",
    Verdict.READY_WITH_WARNINGS: "with warnings",
    Verdict.INCONCLUSIVE: "could not tell",
    Verdict.NOT_READY: "not ready",
}


@dataclass(frozen=True, slots=True)
class Day:
    """Medians of a day, and the worst verdict of its whole runs; None: no data."""

    upload_mbps: float | None
    idle_rtt_ms: float | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Graph:
    """What is drawn of both weeks against one scale."""

    label: str
    unit: str
    value: Callable[[Day], float | None]


_GRAPHS = (
    Graph("Upload", "Mbps", lambda day: day.upload_mbps),
    Graph("Answer time", "ms", lambda day: day.idle_rtt_ms),
)


def weeks_picture(rows: Sequence[PastRun], *, now: datetime, zone: tzinfo = UTC, dark: bool = False) -> Picture | None:
    """rows: of two weeks and more, of one site. None: no run in either week."""
    first, second = starts(now, zone)
    last, this = _week(rows, first, second - timedelta(microseconds=1)), _week(rows, second, now)
    if not any(day != _EMPTY for day in (*last, *this)):
        return None
    graphs = [graph for graph in _GRAPHS if any(graph.value(day) is not None for day in (*last, *this))]
    names = [WEEKDAYS[(second.weekday() + number) % DAYS] for number in range(DAYS)]
    height_px = _GRAPH_PX * len(graphs) + _STRIP_PX + _AROUND_PX
    with sheet(height_px, dark=dark) as drawn:
        _draw(drawn, graphs, this, last, names)
        png = drawn.png()
    words = _in_words(graphs, this, last, names)
    if any(row.by_tunnel for row in rows):
        words += " What was measured through a VPN or a proxy is not in the graphs."
    return Picture(NAME, TITLE, words, png, WIDTH_PX, height_px)


_EMPTY = Day(None, None, None)


def _week(rows: Sequence[PastRun], since: datetime, until: datetime) -> list[Day]:
    within = [row for row in rows if since <= row.started_at <= until]
    return [_day(day) for day in days_of(within, since)]


def _day(rows: Sequence[PastRun]) -> Day:
    own = [row for row in rows if not row.by_tunnel]
    uploads = [row.goodput_mbps for row in own if row.goodput_mbps is not None]
    delays = [row.idle_rtt_ms for row in own if row.idle_rtt_ms is not None]
    verdicts = [row.verdict for row in rows if row.whole and not row.unconnected]
    return Day(
        median(uploads) if uploads else None,
        median(delays) if delays else None,
        max(verdicts, key=_GRAVITY.index, default=None),
    )


def _draw(
    drawn: Sheet, graphs: Sequence[Graph], this: Sequence[Day], last: Sequence[Day], names: Sequence[str]
) -> None:
    *plots, strip = drawn.stack([*(_GRAPH_PX for _ in graphs), _STRIP_PX])
    drawn.share(120, 14, 34, 36)
    for graph, axes in zip(graphs, plots, strict=True):
        _graph(axes, drawn.colours, graph, this, last)
    if plots:
        plots[0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, borderaxespad=0)
    _strip(strip, drawn.colours, this, last)
    strip.set_xlim(-0.5, DAYS - 0.5)
    strip.set_xticks(range(DAYS), names)


def _graph(axes: Axes, colours: Colours, graph: Graph, this: Sequence[Day], last: Sequence[Day]) -> None:
    lines = ((last, "the week before", colours.faint, "--", "s"), (this, "this week", colours.measured, "-", "o"))
    highest = 0.0
    for days, label, colour, style, marker in lines:
        values = [graph.value(day) for day in days]
        # A gap in the line is a day without data: NaN is what matplotlib leaves out.
        heights = [float("nan") if value is None else value for value in values]
        axes.plot(range(DAYS), heights, color=colour, ls=style, lw=2, marker=marker, ms=7, label=label)
        highest = max([highest, *(value for value in values if value is not None)])
    axes.set_ylim(0, highest * _ROOM_ABOVE or 1.0)
    axes.set_ylabel("\n".join([*graph.label.split(), graph.unit]), rotation=0, ha="right", va="center", labelpad=10)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.locator_params(axis="y", nbins=3)


def _strip(axes: Axes, colours: Colours, this: Sequence[Day], last: Sequence[Day]) -> None:
    axes.grid(visible=False)
    axes.set_ylim(1.5, -0.5)
    axes.set_yticks((0, 1), ("this week", "before"))
    axes.tick_params(axis="both", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    for place, days in enumerate((this, last)):
        for number, day in enumerate(days):
            bad = day.verdict is Verdict.NOT_READY
            text = "-" if day.verdict is None else _SIGNS[day.verdict]
            colour = colours.faint if day.verdict is None else colours.limit if bad else colours.ink
            axes.text(
                number, place, text, ha="center", va="center", color=colour, fontweight="bold" if bad else "normal"
            )


def _in_words(graphs: Sequence[Graph], this: Sequence[Day], last: Sequence[Day], names: Sequence[str]) -> str:
    said = [f"Two weeks day by day, from {names[0]} to {names[-1]}."]
    for days, name in ((this, "This week"), (last, "The week before")):
        said.extend(_of_week(graphs, days, name, names))
    return " ".join(said)


def _of_week(graphs: Sequence[Graph], days: Sequence[Day], name: str, names: Sequence[str]) -> Iterator[str]:
    if all(day == _EMPTY for day in days):
        yield f"{name}: no data."
        return
    for graph in graphs:
        values = [graph.value(day) for day in days]
        cells = ["no data" if value is None else f"{value:.1f}" for value in values]
        yield f"{name}, {graph.label.lower()} in {graph.unit}: {', '.join(cells)}."
    words = ("no data" if day.verdict is None else _WORDS[day.verdict] for day in days)
    yield f"{name}, verdicts: {', '.join(f'{day} {word}' for day, word in zip(names, words, strict=True))}."
