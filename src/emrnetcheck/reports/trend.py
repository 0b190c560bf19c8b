"""How did the line do over the weeks, in figures and as a small graph?"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

from emrnetcheck.model import Verdict
from emrnetcheck.model.past import PastFigures
from emrnetcheck.reports.history import short_word
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.spark import spark

SCHEMA = "emrnetcheck/trend/1"
_GRAPH_CHARS = 16
_SPARK_CHARS = 30
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A run, or all of a week. Figures are medians; None: not measured.

    runs 0: nobody measured anything in that week, which is neither good nor bad. by_tunnel: those through a VPN or a
    proxy; what they measured is another line's, and in none of the figures. verdicts: of those runs that asked the
    whole question, by their words in a list of runs.
    """

    label: str
    runs: int
    goodput_mbps: float | None
    lowest_mbps: float | None
    highest_mbps: float | None
    idle_rtt_ms: float | None
    loaded_rtt_ms: float | None
    by_tunnel: int
    verdicts: dict[str, int]


def by_run(runs: Sequence[PastFigures], *, zone: tzinfo = UTC) -> list[Row]:
    """A row each, in the order given."""
    return [_row(f"{datetime.fromtimestamp(run.started_unix_s, zone):%Y-%m-%d %H:%M}", [run]) for run in runs]


def by_week(runs: Sequence[PastFigures], *, last: date, zone: tzinfo = UTC) -> list[Row]:
    """A row for each week from that of the first run to the last, those without runs too. runs: the oldest first.

    A week is named by its Monday.
    """
    began = [run.started_unix_s for run in runs]
    first = datetime.fromtimestamp(began[0], zone).date() if began else last
    monday, rows = _monday(first), []
    while monday <= _monday(last):
        # There may be tens of thousands of runs: each week is cut out, and no run is looked at for its day.
        start, end = (bisect_left(began, _midnight_unix_s(day, zone)) for day in (monday, monday + _WEEK))
        rows.append(_row(monday.isoformat(), runs[start:end]))
        monday += _WEEK
    return rows


def _midnight_unix_s(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time.min, zone).timestamp()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _row(label: str, runs: Sequence[PastFigures]) -> Row:
    own = [run for run in runs if not run.by_tunnel]
    rates = [run.goodput_mbps for run in own if run.goodput_mbps is not None]
    verdicts = Counter((run.verdict, run.vantage) for run in runs if run.whole)
    good_first = sorted(verdicts.items(), key=lambda each: list(Verdict).index(Verdict(each[0][0])))
    return Row(
        label=label,
        runs=len(runs),
        goodput_mbps=_middle(rates),
        lowest_mbps=min(rates, default=None),
        highest_mbps=max(rates, default=None),
        idle_rtt_ms=_middle(run.idle_rtt_ms for run in own),
        loaded_rtt_ms=_middle(run.loaded_rtt_ms for run in own),
        by_tunnel=len(runs) - len(own),
        verdicts={short_word(Verdict(verdict), vantage): count for (verdict, vantage), count in good_first},
    )


def _middle(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return median(there) if there else None


def trend_page(rows: Sequence[Row], *, site: str, others: Sequence[str], week: bool) -> Iterator[Line]:
    """The course of upload and answer time; then a line a row: graph and figures, round trips, verdicts."""
    yield Line(f"{site}, by {'week (the day is its Monday)' if week else 'run'}.", style="strong")
    if others:
        yield Line(f"Not in it: {', '.join(others)}. Choose with --site.")
    most = max((row.highest_mbps or 0.0 for row in rows), default=0.0)
    yield Line(f"A full bar of # is an upload of {most:.1f} Mbps." if most else "The upload was never measured.")
    yield from _courses(rows)
    yield Line()
    for row in rows:
        yield Line(_figures(row, week=week), lead=f"{row.label}  {_bar(row.goodput_mbps, most)}  ", style=_style(row))


def _courses(rows: Sequence[Row]) -> Iterator[Line]:
    """The newest in a line each, where there is a course at all."""
    shown = rows[-_SPARK_CHARS:]
    figures = (
        ("Upload:      ", "Mbps", [row.goodput_mbps for row in shown]),
        ("Answer time: ", "ms, line idle", [row.idle_rtt_ms for row in shown]),
    )
    for lead, unit, values in figures:
        known = [value for value in values if value is not None]
        if len(known) > 1:
            gap = " (?: no data)" if len(known) < len(values) else ""
            yield Line(f"{spark(values)} {min(known):.1f} to {max(known):.1f} {unit}{gap}", lead=lead)


def _bar(rate: float | None, most: float) -> str:
    length = 0 if rate is None or not most else max(1, round(rate / most * _GRAPH_CHARS))
    return ("#" * length).ljust(_GRAPH_CHARS, ".")


def _style(row: Row) -> str:
    if not row.runs:
        return "unsure"
    return "bad" if any(word in row.verdicts for word in ("NOT READY", "SLOW")) else ""


def _figures(row: Row, *, week: bool) -> str:
    if not row.runs:
        return "no data: no run in this week"
    parts = []
    if row.goodput_mbps is None:
        parts.append("measured through a VPN or a proxy" if row.by_tunnel == row.runs else "upload not measured")
    else:
        spread = row.lowest_mbps != row.highest_mbps
        between = f" ({row.lowest_mbps:.1f} to {row.highest_mbps:.1f})" if spread else ""
        parts.append(f"{row.goodput_mbps:.1f} Mbps{between}")
    if row.idle_rtt_ms is not None:
        busy = f", busy {row.loaded_rtt_ms:.0f}" if row.loaded_rtt_ms is not None else ""
        parts.append(f"{row.idle_rtt_ms:.0f} ms{busy}")
    if 0 < row.by_tunnel < row.runs:
        parts.append(f"without {row.by_tunnel} through a VPN or a proxy")
    parts.append(_verdicts(row, week=week))
    return "; ".join(parts)


def _verdicts(row: Row, *, week: bool) -> str:
    if not row.verdicts:
        return "only parts were asked" if week else "only a part was asked"
    if not week:
        return next(iter(row.verdicts))
    if len(row.verdicts) == 1:
        word, count = next(iter(row.verdicts.items()))
        return f"all {count} {word}" if count > 1 else f"1 {word}"
    return ", ".join(f"{count} {word}" for word, count in row.verdicts.items())


def render_json(rows: Sequence[Row], *, site: str | None, week: bool) -> str:
    """One JSON document in ASCII; ends with a newline."""
    made = {"schema": SCHEMA, "site": site, "by": "week" if week else "run", "rows": [asdict(row) for row in rows]}
    return json.dumps(made, indent=2, allow_nan=False) + "\n"
