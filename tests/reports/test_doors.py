"""Are the doors that must be shut told as they were seen?"""

from __future__ import annotations

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.exposure import Exposure, HeldBack
from emrnetcheck.evidence.port import HowShut, OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports.doors import exposure_lines
from tests.checks.builders import CONTROL, PUBLIC, doors, exposure, listener


def told(seen: Exposure | None) -> list[str]:
    return [f"{line.lead}{line.text}" for line in exposure_lines(Seen(exposure=seen))]


def test_nothing_is_told_of_what_was_not_measured() -> None:
    assert told(None) == []


def test_open_shut_and_unanswered_doors_are_told_apart() -> None:
    refused = OutsideTry("echo.example", PUBLIC, 9, False, None, HowShut.REFUSED)
    (line, here) = told(exposure(*doors(3306, unanswered=(53,)), refused))
    assert f"by echo.example to {PUBLIC}, control port {CONTROL}: open 3306; refused 9; shut 5432" in line
    assert "no answer for 53 (no answer in time" in line
    assert here == "exposure: of these doors the EMR server itself holds open: none"


def test_each_service_has_its_line() -> None:
    assert len(told(exposure(*doors(), *doors(service="two"), listeners=None))) == 2


def test_why_nobody_was_asked_is_told() -> None:
    (line,) = told(exposure(held_back=HeldBack.NO_CONSENT, listeners=None))
    assert line == "exposure: 19 doors, nobody outside was asked: no consent"


@pytest.mark.parametrize("by", ["docker-proxy", ""])
def test_who_holds_a_door_open_is_told(by: str) -> None:
    line = told(exposure(listeners=(listener(3306, "0.0.0.0", "::", by=by),)))[-1]
    assert ("3306 on 0.0.0.0, ::" + (f" by {by}" if by else "")) in line


def test_a_table_that_may_not_be_read_is_told() -> None:
    line = told(exposure(listeners=None, listeners_failure=Failure(FailureKind.PERMISSION)))[-1]
    assert "a privilege that the program does not have" in line
