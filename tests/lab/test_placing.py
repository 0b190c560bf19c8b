"""Is an answer about what is slow read as it was said, and is what is no answer called wrong?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.lab.namespaces import LabError
from tests.lab.placing import _problems
from tests.lab.plan import from_table
from tests.lab.scenarios import Scenario
from tests.lab.segments import Places, Said, has_answer, kept, told, too_early, word_of


def said(*lines: Any, stderr: str = "") -> Said:
    return Said(0, "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines), stderr, 1.0)


@pytest.mark.parametrize(
    ("place", "answer", "word"),
    [
        ("run_emr", said({"segment": "lan", "verdict": "inconclusive"}), "lan"),
        ("run_emr", said({"segment": None, "verdict": "inconclusive"}), "none"),
        ("client_pc", said({"segment": "far", "verdict": "not_ready"}), "far"),
        ("client_pc", said({"segment": None, "verdict": "ready"}), "none"),
        ("client_pc", said({"segment": None, "verdict": "inconclusive"}), "unclear"),
        ("watch_pc", said({"event": "start"}, {"event": "summary", "segment": "line"}), "line"),
        ("watch_pc", said({"event": "start"}, {"event": "summary", "segment": None}), "none"),
    ],
)
def test_an_answer_is_read_as_it_was_said(place: str, answer: Said, word: str) -> None:
    assert word_of(place, answer) == word


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("run_emr", said("")),
        ("run_emr", said({"verdict": "ready"})),
        ("client_pc", said("[]")),
        ("client_pc", said({"verdict": "ready"})),
        ("watch_pc", said("")),
        ("watch_pc", said({"event": "summary", "segment": None}, {"event": "sample"})),
        ("watch_pc", said({"event": "summary", "segment": None}, stderr="Traceback (most recent call last):\n")),
    ],
)
def test_what_is_no_answer_is_no_segment_either(place: str, answer: Said) -> None:
    assert word_of(place, answer) not in Places(run_emr="|".join(("lan", "none", "unclear"))).asked()["run_emr"]


def test_an_alarm_before_anything_was_wrong_is_too_early() -> None:
    events = [{"event": "begin", "at_unix_s": at_s, "segment": "line", "fault": "loss"} for at_s in (98.9, 99.1, 101.0)]
    watched = said({"event": "start"}, *events, {"event": "summary", "segment": "line"})
    assert too_early(replace(watched, fine_until_unix_s=100.0)) == ["line"]
    assert too_early(watched) == []
    assert told("watch_pc", watched) == "line:loss line:loss line:loss"


def test_who_is_blamed_and_not_acquitted_stays_blamed() -> None:
    def event(kind: str, segment: str, *, withdrawn: bool = False) -> dict[str, Any]:
        return {"event": kind, "segment": segment, "fault": "loss", "withdrawn": withdrawn}

    taken_back = [event("begin", "name"), event("end", "name", withdrawn=True), event("begin", "line")]
    assert kept(said(*taken_back, event("end", "line"))) == ["line"]
    assert kept(said(*taken_back, event("begin", "name"), event("end", "name"))) == ["line", "name"]
    assert kept(said({"event": "start"}, "half a li")) == []


@pytest.mark.parametrize(("also", "problems"), [("", ["name, told and never taken back"]), ("name|far", [])])
def test_a_watch_that_blames_another_segment_beside_is_wrong(also: str, problems: list[str]) -> None:
    scenario = from_table(Scenario, {"title": "t", "segment": {"watch_pc": "line", "watch_also": also}}, "s")
    events = [{"event": "begin", "segment": segment, "fault": "dead", "at_unix_s": 1.0} for segment in ("name", "line")]
    assert _problems(scenario, "watch_pc", "line", said(*events)) == problems


def test_a_watch_has_answered_once_it_tells_what_it_measured() -> None:
    start, sample = (json.dumps({"event": event}) + "\n" for event in ("start", "sample"))
    assert not has_answer("")
    assert not has_answer(start)
    assert not has_answer(start + sample[:9])
    assert has_answer(start + sample)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"title": "t"}, r"neither \[expect\] nor \[segment\]"),
        ({"title": "t", "segment": {"run_emr": "slow"}}, "run_emr: 'slow' is none of computer, lan"),
        ({"title": "t", "segment": {"run_site2": "lan"}}, "unknown key 'run_site2'"),
        ({"title": "t", "segment": {"watch_pc": "lan", "watch_also": "none"}}, "watch_also: 'none' is none of"),
        ({"title": "t", "segment": {}}, "nobody is asked"),
    ],
)
def test_a_scenario_without_a_right_answer_is_refused(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(LabError, match=problem):
        from_table(Scenario, table, "s")
