"""Which number the program ends with (DESIGN section 4)."""

from __future__ import annotations

import pytest

from emrnetcheck.exit_status import ExitStatus, exit_status_of
from emrnetcheck.model import Verdict


@pytest.mark.parametrize(
    ("verdict", "strict", "status"),
    [
        (Verdict.READY, False, 0),
        (Verdict.READY, True, 0),
        (Verdict.READY_WITH_WARNINGS, False, 0),
        (Verdict.READY_WITH_WARNINGS, True, 1),
        (Verdict.NOT_READY, False, 1),
        (Verdict.NOT_READY, True, 1),
        (Verdict.INCONCLUSIVE, False, 3),
        (Verdict.INCONCLUSIVE, True, 3),
    ],
)
def test_each_verdict_has_its_status(verdict: Verdict, strict: bool, status: int) -> None:
    assert exit_status_of(verdict, strict=strict, interrupted=False) == status


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("strict", [False, True])
def test_an_interrupted_run_says_so_whatever_it_found(verdict: Verdict, strict: bool) -> None:
    assert exit_status_of(verdict, strict=strict, interrupted=True) == 130


def test_the_numbers_are_the_promised_ones() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "READY": 0,
        "NOT_READY": 1,
        "USAGE": 2,
        "COULD_NOT_TELL": 3,
        "INTERNAL_ERROR": 70,
        "HUNG_UP": 129,
        "INTERRUPTED": 130,
        "OUTPUT_CLOSED": 141,
        "TERMINATED": 143,
    }
