"""What is read of many runs is, byte for byte, what somebody has found right: week, history, trend, comparison."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from emrnetcheck.model.past import PastFigures
from emrnetcheck.reports import changes, history, trend
from emrnetcheck.reports.formats import WEEK_FORMATS, How
from emrnetcheck.reports.terminal_lines import laid_out
from emrnetcheck.reports.week import summarise
from emrnetcheck.store.extract import past_run
from tests.reports import golden
from tests.reports.stored import report_of
from tests.reports.week.rows import NOW, TWO_WEEKS, heard

HOW = How(zone=UTC, pictures=False)
ROWS = tuple(past_run(each) for each in TWO_WEEKS)
WEEK = summarise(ROWS, ROWS, now=NOW, reports={each.id: heard(each) for each in TWO_WEEKS})
CLINIC = ZoneInfo("America/Vancouver")

# Ready, then a slow line, then a tunnel in between: a day after the other.
BEGAN = NOW - timedelta(days=3)
STORED = tuple(
    report_of(name, started_at=BEGAN + timedelta(days=day))
    for day, name in enumerate(("healthy", "upload_2_5", "vpn_on"))
)


def figures() -> list[PastFigures]:
    runs = [past_run(each) for each in (*TWO_WEEKS, *STORED)]
    return [
        PastFigures(
            run.site,
            run.vantage,
            int(run.started_at.timestamp()),
            run.verdict.value,
            run.whole,
            run.goodput_mbps,
            run.idle_rtt_ms,
            run.loaded_rtt_ms,
        )
        for run in sorted(runs, key=lambda each: each.started_at)
    ]


def history_text() -> str:
    runs = [past_run(each) for each in reversed(STORED)]
    return laid_out(history.history_page(runs, more=True, all_wanted=True, zone=CLINIC))


def trend_text(*, week: bool) -> str:
    last = NOW.astimezone(CLINIC).date()
    rows = trend.by_week(figures(), last=last, zone=CLINIC) if week else trend.by_run(figures(), zone=CLINIC)
    return laid_out(trend.trend_page(rows, site="Elm Street Clinic", others=("Oak Street Clinic",), week=week))


def changes_text() -> str:
    before, after, _ = STORED
    return laid_out(changes.changes_page(changes.changes(before, after), before, after, zone=CLINIC))


TEXTS: dict[str, Callable[[], str]] = {
    "history.txt": history_text,
    "history.json": lambda: history.render_json([past_run(each) for each in STORED]),
    "trend_by_run.txt": lambda: trend_text(week=False),
    "trend_by_week.txt": lambda: trend_text(week=True),
    "changes.txt": changes_text,
    "changes.json": lambda: changes.render_json(changes.changes(*STORED[:2]), *STORED[:2]),
}


@pytest.mark.parametrize("format_", WEEK_FORMATS)
def test_golden_week(format_: str) -> None:
    made = WEEK_FORMATS[format_]
    text = made.render(WEEK, HOW)
    golden.same(f"history/week.{made.ending}", golden.without_style(text) if format_ == "html" else text)


@pytest.mark.parametrize("name", TEXTS)
def test_golden_history(name: str) -> None:
    text = TEXTS[name]()
    if name.endswith(".json"):
        json.loads(text)
    golden.same(f"history/{name}", text)
