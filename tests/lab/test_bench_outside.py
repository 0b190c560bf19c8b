"""Does the benchmark of the outside test count only right answers, and call slow what is slow?"""

from __future__ import annotations

import json

import pytest

from tests.lab.bench_outside import SILENT_PORTS, Row, goal_s, told
from tests.lab.namespaces import LabError


def said(**counts: object) -> str:
    return json.dumps({"seconds": 1.5, "open": 0, "shut": 0, "untold": [], **counts})


def test_ports_that_were_all_found_as_they_are_count() -> None:
    assert told(said(shut=20), "shut", 20) == 1.5


@pytest.mark.parametrize("wrong", [{"shut": 19, "open": 1}, {"shut": 19, "untold": ["no answer"]}, {}])
def test_a_wrong_or_missing_answer_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(LabError, match="of 20 ports were found shut"):
        told(said(**wrong), "shut", 20)


@pytest.mark.parametrize(
    ("seconds", "goal_s", "within"),
    [((3.9, 3.9, 9.0), 4.0, True), ((1.0, 4.0, 4.0), 4.0, False), ((9.0,), None, True)],
)
def test_the_median_is_what_the_goal_is_for(seconds: tuple[float, ...], goal_s: float | None, within: bool) -> None:
    row = Row("echoip", "20 silent ports", goal_s, seconds)
    assert row.within_goal() is within
    assert ("TOO SLOW" in str(row)) is not within


def test_there_are_twenty_ports() -> None:
    assert len(set(SILENT_PORTS)) == 20


def test_only_globalping_is_excused() -> None:
    assert goal_s("globalping", "20 silent ports") is None
    assert goal_s("responder+https://62.4.30.40:8444", "20 silent ports") == 4.0
    assert goal_s("echoip+https://echoip.example.org", "the whole outside test") == 5.0
