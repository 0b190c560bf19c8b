"""Does the benchmark call right right and wrong wrong, and does it see a goal that is not kept? Without the lab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.model import Mode
from tests.lab import bench_columns, bench_gigabit
from tests.lab.bench_cases import PARTS, Case, cases
from tests.lab.bench_table import (
    Goal,
    Ours,
    Rival,
    Row,
    goals,
    judged,
    rival_error,
    rival_verdicts,
    rivals_in_words,
    verdicts,
    worst,
)
from tests.lab.internet.slots import Slot
from tests.lab.wire import WireSettings

OURS = Ours(
    mbps=2.39,
    window_mbps=2.40,
    lower_mbps=2.3,
    upper_mbps=2.5,
    decisions=("fail", "fail"),
    code="upload.below_minimum",
    decided_s=5.0,
    decided_mb=1.7,
    seconds=7.0,
    sent_mb=2.5,
    cpu_s=0.2,
    burst_told=False,
)


def row(ours: Ours | str = OURS, *, mode: Mode = Mode.STANDARD, settled: float | None = None, **line: float) -> Row:
    wire = WireSettings(**{"rate_mbps": 2.5, **line})  # type: ignore[arg-type]  # none of these is the one bool
    return Row(Case("rates", "2.5 Mbps", wire, settled_mbps=settled), mode, ours)


def goal(rows: list[Row], words: str) -> Goal:
    return next(each for each in goals(rows, 60.0) if words in each.text)


@pytest.mark.parametrize(
    ("decision", "truth_mbps", "verdict"),
    [
        ("pass", 2.83, "right"),
        ("pass", 2.81, "wrong"),
        ("fail", 2.81, "right"),
        ("fail", 2.83, "wrong"),
        ("borderline", 9.0, "undecided"),
        (None, 9.0, "undecided"),
    ],
)
def test_a_decision_is_held_against_the_truth(decision: str | None, truth_mbps: float, verdict: str) -> None:
    assert judged(decision, truth_mbps, 2.82) == verdict


def test_each_threshold_is_judged_on_its_own() -> None:
    fine = replace(OURS, mbps=4.2, window_mbps=4.2, decisions=("pass", "pass"))
    assert verdicts(row(fine)) == ["right", "wrong"]
    assert verdicts(row(replace(fine, decisions=("borderline", "fail")))) == ["undecided", "right"]
    assert verdicts(row("it stalled")) == ["undecided", "undecided"]


def test_a_wrong_verdict_near_its_threshold_is_only_near() -> None:
    assert verdicts(row(replace(OURS, window_mbps=2.7, decisions=("pass", "fail")))) == ["near", "right"]
    assert verdicts(row(replace(OURS, window_mbps=2.6, decisions=("pass", "fail")))) == ["wrong", "right"]


def test_a_burst_is_judged_by_what_the_line_gives_for_good() -> None:
    fooled = replace(OURS, mbps=18.0, window_mbps=18.0, decisions=("pass", "pass"))
    burst = row(fooled, mode=Mode.QUICK, settled=2.39, burst_bytes=8_000_000)
    assert verdicts(burst) == ["wrong", "wrong"]
    assert burst.error == pytest.approx(0.0)
    seen = replace(fooled, mbps=2.4, window_mbps=2.9, decisions=("fail", "fail"))
    assert replace(burst, ours=seen).error == pytest.approx(2.4 / 2.39 - 1)
    told = replace(burst, ours=replace(fooled, burst_told=True))
    assert verdicts(told) == ["told", "told"]
    assert goal([told], "bursts").kept
    assert not goal([burst], "bursts").kept
    assert not goal([replace(told, mode=Mode.STANDARD)], "bursts").kept


def test_the_others_are_read_as_people_read_them() -> None:
    line = replace(row(), speedtest_cli=Rival(3.1, 2.4, 11.0, 4.0), iperf3=Rival(2.4, 2.4, 12.0, 4.0))
    assert rival_verdicts(line, line.speedtest_cli) == ["wrong", "right"]
    assert rival_error(line, line.speedtest_cli) == pytest.approx(3.1 / 2.4 - 1)
    assert rival_verdicts(line, line.iperf3) == ["right", "right"]
    assert rival_verdicts(line, None) == []
    assert rival_error(line, Rival(None, 2.4, 1.0, 0.0, "403")) is None
    assert rivals_in_words([line]) == [
        "speedtest-cli: 1 of 2 verdicts wrong; error 29.2% in the median, 29.2% at worst",
        "iperf3: 0 of 2 verdicts wrong; error 0.0% in the median, 0.0% at worst",
    ]


def test_the_worst_of_two_is_named() -> None:
    assert worst(["right", "wrong"]) == "wrong"
    assert worst(["near", "undecided"]) == "undecided"
    assert worst(["right", "right"]) == "right"
    assert worst([]) == ""


@pytest.mark.parametrize(
    ("errors", "kept"),
    [((0.0, 0.009, 0.029), True), ((0.011, 0.011, 0.0), False), ((0.0, 0.0, 0.031), False), ((0.0, -0.031), False)],
)
def test_errors_without_loss_have_a_median_and_a_worst(errors: tuple[float, ...], kept: bool) -> None:
    rows = [row(replace(OURS, mbps=2.4 * (1 + error))) for error in errors]
    assert goal(rows, "error without loss").kept is kept


def test_a_run_without_a_figure_keeps_no_goal() -> None:
    assert not goal([row(), row("it stalled")], "error without loss").kept


def test_lines_below_the_promise_and_lines_with_loss_are_not_among_those_without() -> None:
    far_off = replace(OURS, mbps=1.0)
    found = goals([row(), row(far_off, rate_mbps=0.8), row(far_off, loss_ratio=0.02)], 60.0)
    assert [each.kept for each in found if "error" in each.text] == [True, False]


def test_wrong_verdicts_and_too_much_data_are_seen() -> None:
    wrong = row(replace(OURS, decisions=("pass", "fail"), sent_mb=60.1))
    assert not goal([row(), wrong], "wrong verdicts").kept
    assert not goal([row(), wrong], "max_mb").kept
    assert goal([row()], "wrong verdicts").kept
    assert goal([row()], "max_mb").kept


@pytest.mark.parametrize(
    ("decided_s", "decided_mb", "kept"),
    [(6.4, 12.0, True), (6.5, 1.0, False), (5.0, 12.1, False), (None, None, False)],
)
def test_a_clear_case_is_decided_soon(decided_s: float | None, decided_mb: float | None, kept: bool) -> None:
    clear = replace(OURS, mbps=0.8, window_mbps=0.8, decided_s=decided_s, decided_mb=decided_mb)
    assert goal([row(clear)], "clear cases").kept is kept


def test_what_is_not_clear_need_not_be_soon() -> None:
    late = replace(OURS, decided_s=20.0, window_mbps=2.7)
    assert not [each for each in goals([row(late)], 60.0) if "clear" in each.text]


def test_every_column_is_filled_and_the_page_holds_the_row() -> None:
    line = replace(row(), speedtest_cli=Rival(3.1, 2.4, 11.0, 4.0), iperf3=Rival(None, 2.4, 1.0, 0.0, "busy | later"))
    found = bench_columns.cells(line)
    assert len(found) == len(bench_columns.COLUMNS) == len(bench_columns.cells(row("it stalled")))
    assert {"2.390", "-0.42%", "fail/fail", "below_minimum", "5.0 s 1.7 MB", "+29.17%", "wrong"} <= set(found)
    page = bench_columns.markdown([line], "# Title", ["a remark"])
    assert "| 2.5 Mbps | standard | 2.400 | 2.390 |" in page
    assert "busy / later" in page
    assert page.endswith("- a remark\n")


def test_all_parts_have_cases_with_names_of_their_own() -> None:
    found = [case for part in PARTS if part != "gigabit" for case in cases(part)]
    assert len({(case.part, case.name) for case in found}) == len(found)
    assert {case.part for case in found} == set(PARTS) - {"gigabit"}
    assert {case.line.rate_mbps for case in cases("rates")} >= {0.8, 2.5, 3.3, 100.0}
    assert all(case.settled_mbps for case in cases("bursts") + cases("noisy"))


@pytest.mark.parametrize(
    ("mbps", "limited", "kept"),
    [(900.0, None, True), (899.0, None, False), (500.0, "this computer used 99% of a processor core", True)],
)
def test_a_gigabit_is_shown_or_the_computer_says_that_it_cannot(mbps: float, limited: str | None, kept: bool) -> None:
    window = {"window_start_unix_s": 100.0, "window_end_unix_s": 101.0}
    said = {"upload": {"goodput_mbps": mbps, "tester_limited": limited, **window}, "cpu_s": 1.0, "took_s": 7.0}
    received = [Slot(n * 0.01, 100 + n * 0.01, {"librespeed-http": int(mbps * 1250)}) for n in range(100)]
    assert bench_gigabit.judged(said, received).kept is kept
    assert not bench_gigabit.judged({"failure": "it stalled"}, received).kept
