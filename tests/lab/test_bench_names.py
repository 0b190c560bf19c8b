"""Does the benchmark of the names count every run, and call slow what is slow?"""

from __future__ import annotations

import json

import pytest

from tests.lab.bench_names import CHECKS, Case, Times, row, times_of, within_goal
from tests.lab.namespaces import LabError
from tests.lab.scenarios import Outcome

CASE = Case("healthy", 2.0)


def outcome(**durations_s: float) -> Outcome:
    checks = [
        {"id": name, "status": "skipped", "duration_s": seconds, "findings": []}
        for name, seconds in durations_s.items()
    ]
    return Outcome(1, json.dumps({"verdict": "not_ready", "duration_s": 1.5, "checks": checks}), "", 2.5)


def times(*together_s: float) -> list[Times]:
    return [Times(each, (0.1, 0.2, 0.3), each + 1) for each in together_s]


def test_what_was_asked_counts_also_where_it_is_not_judged() -> None:
    assert times_of(outcome(ddns=3.0, address=1.0, dns=2.0)) == Times(1.5, (1.0, 2.0, 3.0), 2.5)


@pytest.mark.parametrize("missing", CHECKS)
def test_a_check_that_asked_nothing_is_an_error(missing: str) -> None:
    with pytest.raises(LabError, match=f"not run: {missing}$"):
        times_of(outcome(**{name: 0.0 if name == missing else 1.0 for name in CHECKS}))


def test_no_report_is_an_error_that_says_what_was_said() -> None:
    with pytest.raises(LabError, match="out of cheese"):
        times_of(Outcome(70, "", "out of cheese", 1.0))


@pytest.mark.parametrize(
    ("together_s", "within"), [((2.0, 2.0, 9.0), True), ((1.0, 2.01, 2.01), False), ((2.0,), True)]
)
def test_the_median_is_what_the_goal_is_for(together_s: tuple[float, ...], within: bool) -> None:
    found = times(*together_s)
    assert within_goal(CASE, found) is within
    assert ("TOO SLOW" in row(CASE, found)) is not within


def test_a_row_tells_the_median_the_worst_and_each_check() -> None:
    assert row(CASE, times(1.0, 1.2, 1.9)).split(maxsplit=5) == [
        "healthy",
        "2.0",
        "1.20",
        "1.90",
        "2.20",
        "address 0.10, dns 0.20, ddns 0.30",
    ]
