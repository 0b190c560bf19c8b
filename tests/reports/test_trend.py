"""A trend tells figures that were measured, and weeks in which nobody measured."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from emrnetcheck.model import Verdict
from emrnetcheck.model.past import PastFigures
from emrnetcheck.reports import trend
from emrnetcheck.reports.spark import spark
from emrnetcheck.reports.terminal_lines import laid_out

MONDAY = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
RUN = PastFigures("Elm", "host", int(MONDAY.timestamp()), "ready", True, 9.53, 18.2, 44.0)


def after(
    days: float, rate: float | None = 10.0, verdict: Verdict = Verdict.READY, *, whole: bool = True
) -> PastFigures:
    when = int((MONDAY + timedelta(days=days)).timestamp())
    return RUN._replace(started_unix_s=when, goodput_mbps=rate, verdict=verdict.value, whole=whole)


def test_a_week_is_the_median_of_its_runs_with_what_was_lowest_and_highest() -> None:
    rows = trend.by_week([after(0, 9.0), after(1, 2.0), after(2, 10.0), after(6.7, 8.0)], last=date(2026, 11, 8))
    [row] = rows
    assert (row.label, row.runs) == ("2026-11-02", 4)
    assert (row.goodput_mbps, row.lowest_mbps, row.highest_mbps) == (8.5, 2.0, 10.0)
    assert (row.idle_rtt_ms, row.loaded_rtt_ms) == (18.2, 44.0)


def test_a_week_without_a_run_is_a_row_of_its_own() -> None:
    rows = trend.by_week([after(0), after(15)], last=date(2026, 11, 24))
    assert [(row.label, row.runs) for row in rows] == [
        ("2026-11-02", 1),
        ("2026-11-09", 0),
        ("2026-11-16", 1),
        ("2026-11-23", 0),
    ]
    assert (rows[1].goodput_mbps, rows[1].verdicts) == (None, {})


def test_a_run_belongs_to_the_week_that_the_clinic_was_in() -> None:
    early = RUN._replace(started_unix_s=int(datetime(2026, 11, 9, 2, 0, tzinfo=UTC).timestamp()))
    [row] = trend.by_week([early], last=date(2026, 11, 8), zone=timezone(timedelta(hours=-5)))
    assert (row.label, row.runs) == ("2026-11-02", 1)


def test_parts_have_figures_but_no_verdict() -> None:
    [row] = trend.by_week([after(0, 4.0, Verdict.NOT_READY, whole=False), after(1, 6.0)], last=date(2026, 11, 8))
    assert row.verdicts == {"READY": 1}
    assert row.goodput_mbps == 5.0


def test_what_went_through_a_vpn_is_another_lines() -> None:
    tunnel = after(1, 1.1)._replace(by_tunnel=True, idle_rtt_ms=200.0, loaded_rtt_ms=300.0)
    [row] = trend.by_week([after(0), tunnel], last=date(2026, 11, 8))
    assert (row.runs, row.by_tunnel, row.goodput_mbps, row.lowest_mbps) == (2, 1, 10.0, 10.0)
    assert (row.idle_rtt_ms, row.loaded_rtt_ms) == (18.2, 44.0)


LINES = {
    "through a VPN": (
        [after(0)._replace(by_tunnel=True)],
        "measured through a VPN or a proxy; 1 READY",
    ),
    "one through a VPN": (
        [after(0), after(1, 1.1)._replace(by_tunnel=True)],
        "10.0 Mbps; 18 ms, busy 44; without 1 through a VPN or a proxy; all 2 READY",
    ),
    "all alike": ([after(0), after(1)], "10.0 Mbps; 18 ms, busy 44; all 2 READY"),
    "one": ([after(0)], "10.0 Mbps; 18 ms, busy 44; 1 READY"),
    "good before bad": (
        [after(0, 4.0, Verdict.NOT_READY), after(1, 6.0), after(2, None, Verdict.INCONCLUSIVE), after(3, 8.0)],
        "6.0 Mbps (4.0 to 8.0); 18 ms, busy 44; 2 READY, 1 NOT READY, 1 UNSURE",
    ),
    "not measured": ([after(0, None)._replace(idle_rtt_ms=None)], "upload not measured; 1 READY"),
    "not under load": ([after(0)._replace(loaded_rtt_ms=None)], "10.0 Mbps; 18 ms; 1 READY"),
    "parts": ([after(0, whole=False)], "10.0 Mbps; 18 ms, busy 44; only parts were asked"),
    "none": ([], "no data: no run in this week"),
}


@pytest.mark.parametrize(("runs", "words"), LINES.values(), ids=LINES)
def test_a_row_is_told_in_words(runs: list[PastFigures], words: str) -> None:
    rows = trend.by_week(runs, last=date(2026, 11, 8))
    *_, line = trend.trend_page(rows, site="Elm", others=(), week=True)
    assert line.text == words


def test_the_graph_is_as_long_as_the_figure_and_empty_without_one() -> None:
    runs = [after(0, 10.0), after(7, 5.0), after(14, 0.01), after(21, None)]
    rows = trend.by_week(runs, last=date(2026, 12, 6))
    text = laid_out(trend.trend_page(rows, site="Elm", others=("Oak",), week=True), plain=True)
    assert text.isascii()
    assert "Not in it: Oak. Choose with --site.\nA full bar of # is an upload of 10.0 Mbps.\n" in text
    bars = [line.split()[1] for line in text.splitlines()[4:] if line[:2] == "20"]
    assert bars == ["#" * 16, "#" * 8 + "." * 8, "#" + "." * 15, "." * 16, "." * 16]


def test_by_run_each_has_its_own_verdict() -> None:
    rows = trend.by_run([after(0), after(1, 2.0, Verdict.NOT_READY), after(2, whole=False)])
    lines = list(trend.trend_page(rows, site="Elm", others=(), week=False))[-3:]
    assert [line.text.split("; ")[-1] for line in lines] == ["READY", "NOT READY", "only a part was asked"]
    assert lines[1].lead.startswith("2026-11-03 06:30  ###")


def test_nothing_measured_at_all_is_told() -> None:
    lines = list(trend.trend_page(trend.by_run([after(0, None)]), site="Elm", others=(), week=False))
    assert lines[1].text == "The upload was never measured."


def test_json_has_null_where_nothing_was_measured() -> None:
    rows = trend.by_week([after(0)], last=date(2026, 11, 9))
    found = json.loads(trend.render_json(rows, site="Elm", week=True))
    assert (found["schema"], found["site"], found["by"]) == ("emrnetcheck/trend/1", "Elm", "week")
    assert [(row["runs"], row["goodput_mbps"]) for row in found["rows"]] == [(1, 10.0), (0, None)]


def test_the_course_of_upload_and_answer_time_is_a_line_each() -> None:
    runs = [after(0, 8.0), after(7, 4.0)._replace(idle_rtt_ms=36.4), after(21, 1.0)]
    rows = trend.by_week(runs, last=date(2026, 11, 23))
    lines = trend.trend_page(rows, site="Elm", others=(), week=True)
    text = laid_out(lines)
    assert "Upload:      █▅?▂ 1.0 to 8.0 Mbps (?: no data)\n" in text
    assert "Answer time: ▅█?▅ 18.2 to 36.4 ms, line idle (?: no data)\n" in text
    plain = laid_out(trend.trend_page(rows, site="Elm", others=(), week=True), plain=True)
    assert plain.isascii()
    assert "Upload:      #+?. 1.0 to 8.0 Mbps" in plain


def test_one_figure_is_no_course() -> None:
    rows = trend.by_week([after(0), after(7, None)._replace(idle_rtt_ms=None)], last=date(2026, 11, 9))
    assert "Answer time:" not in laid_out(trend.trend_page(rows, site="Elm", others=(), week=True))


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([None], ""),
        ([0.0, 0.0], "▁▁"),
        ([1.0, None, 2.0], "▅?█"),
        ([0.01, 100.0], "▁█"),
        ([87.4, 87.6, 100.0], "▇██"),
    ],
)
def test_a_course_is_drawn_from_nothing_on(values: list[float | None], drawn: str) -> None:
    assert spark(values) == drawn
