"""Buckets, claims and slots: what is left, for how many, in how much memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.responder.buckets import Buckets, Claim, Slots, take
from emrnetcheck.responder.limits import Limits, Rate


def claimed(buckets: Buckets, key: str, cost: float, now_s: float) -> int:
    return take((Claim(buckets, key, cost),), now_s)


def test_a_burst_and_then_as_much_as_comes_back() -> None:
    buckets = Buckets(Rate(3, 0.5), 10)
    assert [claimed(buckets, "a", 1, 0.0) for _ in range(4)] == [0, 0, 0, 2]
    assert claimed(buckets, "a", 1, 1.9) == 1
    assert claimed(buckets, "a", 1, 2.0) == 0
    assert claimed(buckets, "b", 3, 2.0) == 0


def test_four_runs_in_a_row_of_all_ports_and_the_emr_are_let_through() -> None:
    buckets = Buckets(Limits().dials_address, 10)
    assert [claimed(buckets, "clinic", 1, at / 100) for at in range(4 * 22)] == [0] * 4 * 22


def test_what_one_of_several_does_not_have_is_taken_from_none() -> None:
    own, shared = Buckets(Rate(5, 1), 10), Buckets(Rate(1, 0.1), 10)
    claims = (Claim(own, "a"), Claim(shared, "all"))
    assert take(claims, 0.0) == 0
    assert take(claims, 0.0) == 10
    assert own.level("a", 0.0) == 4


def test_spending_more_than_there_is_has_to_be_made_up_for() -> None:
    buckets = Buckets(Rate(10, 1), 10)
    buckets.spend("a", 15, 0.0)
    assert buckets.wait_s("a", 1, 0.0) == 6


def test_a_clock_that_steps_back_gives_nothing() -> None:
    buckets = Buckets(Rate(2, 1), 10)
    buckets.spend("a", 2, 100.0)
    assert buckets.level("a", 50.0) == 0


def test_the_table_has_an_end() -> None:
    buckets = Buckets(Rate(2, 1), 100)
    for number in range(10_000):
        buckets.spend(str(number), 1, 0.0)
    assert len(buckets) == 100
    assert buckets.level("9999", 0.0) == 1
    assert buckets.level("0", 0.0) == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.floats(0, 100))))
def test_nobody_ever_has_more_than_the_burst(steps: list[tuple[str, float, float]]) -> None:
    buckets = Buckets(Rate(5, 0.3), 2)
    for key, cost, now_s in steps:
        waits = claimed(buckets, key, cost, now_s)
        assert waits >= 0
        assert 0 <= buckets.level(key, now_s) <= 5


@pytest.mark.parametrize(("total", "each", "entered"), [(2, 5, 2), (5, 2, 2), (5, 5, 4)])
def test_slots(total: int, each: int, entered: int) -> None:
    slots = Slots(total, each)
    assert sum(slots.enter("a") for _ in range(4)) == entered
    for _ in range(entered):
        slots.leave("a")
    assert slots.enter("a")
