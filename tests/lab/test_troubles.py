"""Is a watch that tells a trouble too late, for too long, of another place or once too often called wrong?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.namespaces import LabError
from tests.lab.plan import from_table
from tests.lab.scenarios import Scenario
from tests.lab.segments import Said
from tests.lab.troubles import Told, Trouble, problems, told_by

ZERO_S = 1000.0
CABLE = Trouble(10.0, 50.0, slack_s=5.0, watch_pc="lan")
LINE = Trouble(80.0, 100.0, slack_s=5.0, watch_pc="line", watch_emr="line", watch_site2="far")
Line = dict[str, Any]


def begin(segment: str, at_s: float) -> Line:
    return {"event": "begin", "segment": segment, "at_unix_s": ZERO_S + at_s}


def end(segment: str, at_s: float, *, withdrawn: bool = False) -> Line:
    return {"event": "end", "segment": segment, "at_unix_s": ZERO_S + at_s, "withdrawn": withdrawn}


def watched(*lines: Line, **bad: tuple[int, float]) -> Said:
    """bad: by segment, how often and how long, by the summary."""
    by_segment = {segment: {"events": events, "bad_s": bad_s} for segment, (events, bad_s) in bad.items()}
    told = [{"event": "start"}, *lines, {"event": "summary", "by_segment": by_segment}]
    return Said(1, "".join(json.dumps(line) + "\n" for line in told), "", 125.0, zero_unix_s=ZERO_S)


BOTH = (begin("lan", 11.0), end("lan", 49.0), begin("line", 80.5), end("line", 99.5))
SUMS = {"lan": (1, 38.0), "line": (1, 19.0)}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (watched(*BOTH, **SUMS), []),
        (watched(begin("far", 11.0), end("far", 30.0, withdrawn=True), *BOTH, **SUMS), []),  # taken back: this was it
        (watched(*BOTH[:2], lan=(1, 38.0)), ["2 troubles, told as lan 11.0 to 49.0 s"]),
        (watched(), ["2 troubles, told as none"]),
        (
            watched(*BOTH, begin("name", 105.0), **SUMS),
            ["2 troubles, told as lan 11.0 to 49.0 s, line 80.5 to 99.5 s, name 105.0 to - s"],
        ),
        (watched(begin("router", 11.0), end("router", 49.0), *BOTH[2:], **SUMS), ["router, not lan"]),
        (watched(begin("lan", 15.1), *BOTH[1:], **SUMS), ["lan told from 15.1 s on, and it was from 10 s on"]),
        (watched(begin("lan", 8.9), *BOTH[1:], **SUMS), ["lan told from 8.9 s on, and it was from 10 s on"]),
        (watched(BOTH[0], end("lan", 55.1), *BOTH[2:], **SUMS), ["lan told until 55.1 s, and it was until 50 s"]),
        (watched(BOTH[0], end("lan", 44.9), *BOTH[2:], **SUMS), ["lan told until 44.9 s, and it was until 50 s"]),
        (watched(*BOTH[:3], **SUMS), ["line told until the end, and it was until 100 s"]),
        (watched(*BOTH, lan=(1, 38.0)), ["line was bad 1 times, 20 s, and the end says 0 times, 0 s"]),
        (
            watched(*BOTH, lan=(1, 5.2), line=(1, 19.0)),
            ["lan was bad 1 times, 40 s, and the end says 1 times, 5.2 s"],
        ),
        (
            watched(*BOTH, lan=(2, 38.0), line=(1, 19.0)),
            ["lan was bad 1 times, 40 s, and the end says 2 times, 38 s"],
        ),
    ],
)
def test_what_a_watch_tells_is_compared_with_what_was(said: Said, wrong: list[str]) -> None:
    assert problems((LINE, CABLE), "watch_pc", said) == wrong


def test_each_watch_is_asked_for_what_it_feels_only() -> None:
    line = (begin("far", 81.0), end("far", 100.0))
    assert problems((CABLE, LINE), "watch_site2", watched(*line, far=(1, 19.0))) == []
    assert problems((CABLE, LINE), "watch_emr", watched(*line, far=(1, 19.0))) == ["far, not line"]
    beside = watched(*line, begin("name", 82.0), end("name", 90.0), far=(1, 19.0), name=(1, 8.0))
    assert problems((CABLE, LINE), "watch_site2", beside, ("name",)) == []


def test_what_is_taken_back_after_its_end_was_not() -> None:
    lines = (begin("far", 11.0), end("far", 30.0), end("far", 30.0, withdrawn=True), begin("line", 11.0))
    assert told_by(watched(*lines)) == [Told("line", 11.0)]


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        ({"from_s": 50.0, "to_s": 10.0, "slack_s": 1.0}, "from_s 50 and to_s 10 are no time that passes"),
        ({"from_s": 1.0, "to_s": 10.0, "slack_s": 1.0, "watch_pc": "none"}, "watch_pc: 'none' is none of computer"),
        ({"from_s": 1.0, "to_s": 10.0, "slack_s": 1.0, "run_emr": "lan"}, "unknown key 'run_emr'"),
    ],
)
def test_a_trouble_that_cannot_be_is_refused(trouble: dict[str, Any], problem: str) -> None:
    table = {"title": "t", "segment": {"watch_pc": "lan"}, "trouble": [trouble]}
    with pytest.raises(LabError, match=problem):
        from_table(Scenario, table, "s")
