"""Do exchanges side by side end in time, in order, and with their bugs?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from emrnetcheck.probes.together import as_they_come, together
from tests.probes.contexts import context


def test_results_come_in_the_order_of_the_tasks() -> None:
    gate = threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "slow"

    def quick() -> str:
        gate.set()
        return "quick"

    assert together([slow, quick], context()) == ["slow", "quick"]


def test_the_quickest_comes_first() -> None:
    gate = threading.Event()
    results = as_they_come([lambda: gate.wait(5), lambda: False], context())
    assert next(results) == (1, False)
    gate.set()
    assert list(results) == [(0, True)]


@pytest.mark.parametrize("limit_s", [0.05, None])
def test_late_task_is_none_and_does_not_hold_the_others(limit_s: float | None) -> None:
    gate = threading.Event()
    started_s = time.monotonic()
    results = together([partial(gate.wait, 5.0), partial(bool, 1)], context(deadline_s=0.2), limit_s=limit_s)
    assert time.monotonic() - started_s < 2
    gate.set()
    assert results == [None, True]


def test_stop_ends_the_waiting() -> None:
    gate, stop = threading.Event(), threading.Event()
    tasks: list[Callable[[], object]] = [partial(gate.wait, 5), stop.set]
    assert together(tasks, replace(context(), stop=stop)) == [None, None]
    gate.set()


def test_after_a_stop_nothing_is_begun() -> None:
    begun: list[int] = []
    assert together([partial(begun.append, 1)], context(stopped=True)) == [None]
    assert begun == []


def test_bug_is_raised() -> None:
    def bug() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together([bug], context())


def test_nothing_to_do() -> None:
    assert together([], context()) == []
