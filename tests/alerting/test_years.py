"""Months of a clinic, played through real judging: no false alarm, and each real fault once. More of it, and longer:
python -m tests.bench_alarms."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.alerting.years import AS_INSTALLED, Plan, Year, ordinary, real_faults, simulate

HOURLY = Plan(timedelta(hours=1))


def told(year: Year) -> list[tuple[str, int, int]]:
    return [(each.spell.name, each.alerts, each.recoveries) for each in year.faults]


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_noisy_line_nothing_is_mailed(seed: int) -> None:
    year = simulate(seed, AS_INSTALLED, faults=0, days=90)
    assert year.mails == 0
    assert year.bad_runs > 10  # a mail for each run that is not ready would have been as many
    assert year.retests > 10


@pytest.mark.parametrize("seed", [3, 4])
def test_every_fault_of_an_hour_is_mailed_once_within_two_runs_and_ends_once(seed: int) -> None:
    year = simulate(seed, AS_INSTALLED, faults=8, days=100)
    assert told(year) == [(each.spell.name, 1, 1) for each in year.faults]
    assert year.false == []
    assert all(each.alerted_after_runs is not None and each.alerted_after_runs <= 2 for each in year.faults)
    assert any(each.follows for each in year.at_retests), "what follows is told also where few checks were asked"


def test_looks_each_hour_find_what_lasts_five_quarters() -> None:
    year = simulate(5, HOURLY, faults=8, days=100, shortest_min=90.0)
    assert told(year) == [(each.spell.name, 1, 1) for each in year.faults]
    assert year.false == []


def test_without_second_looks_it_takes_longer() -> None:
    """So that the figures above are not those of faults that anybody would find."""
    year = simulate(3, Plan(timedelta(hours=1), retests=False), faults=8, days=100)
    assert sum(each.alerts == 1 for each in year.faults) < len(year.faults)


def test_the_years_are_what_they_say() -> None:
    rng = random.Random(0)
    faults = real_faults(rng, 365, 20, 60.0)
    assert len(faults) == 20
    assert len({each.spell.name for each in faults}) >= 17
    assert all(each.spell.end - each.spell.begin >= timedelta(hours=1) for each in faults)
    assert sum(each.spell.end - each.spell.begin < timedelta(minutes=75) for each in faults) >= 2
    mending = [each for each in ordinary(rng, 365) if each.table == "short"]
    assert len(mending) > 500
    assert all(each.end - each.begin < timedelta(minutes=14) for each in mending)
    by_name = sorted(mending, key=lambda each: (each.name, each.begin))
    assert all(
        later.begin - before.end >= timedelta(hours=1)
        for before, later in pairwise(by_name)
        if before.name == later.name
    )
