"""When a second look is wanted before the schedule has one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from emrnetcheck.alerting import AlertState, from_json, retest_checks, step, to_json, wants_retest
from emrnetcheck.alerting.state import RETEST_AFTER
from emrnetcheck.model import Verdict
from emrnetcheck.model.alerts import USUAL, Judged, Problem
from tests.alerting.scripts import START, played, problem

HOUR = timedelta(hours=1)

ROWS = [
    ("nothing known", "", None),
    ("all is well", "...", None),
    ("a suspect", ".B", RETEST_AFTER),
    ("it was a blip", "B.", None),
    ("confirmed", "BB", None),
    ("it seems to be over", "BB.", RETEST_AFTER),
    ("it is over", "BB..", None),
    ("not over after all", "BB.B", None),
    ("a suspect that nobody could look at", "B?", 2 * RETEST_AFTER),
    ("twice", "B??", 4 * RETEST_AFTER),
    ("enough", "B???", None),
    ("a run that left it out: since the look before it is due", "B-", timedelta()),
    ("however many", "B-----", timedelta()),
    ("and one that could not tell", "B?--", timedelta()),
    ("they are not held against it", "B?--?", 4 * RETEST_AFTER),
    ("nor for it", "B?-?-?-", None),
    ("seems to be over, and is left out", "BB.-", timedelta()),
    ("it is none of this clinic's any more", "B~", 2 * RETEST_AFTER),
    ("and stays so", "B~~~", None),
    ("it is looked at again by chance", "B???B", None),
    ("a run that could not find it", "B0", 2 * RETEST_AFTER),
    ("an answer begins the count anew", "b??b", RETEST_AFTER),
    ("unsure, twice", "bb", RETEST_AFTER),
    ("accepted", "Ba", None),
]


@pytest.mark.parametrize(("what", "script", "after"), ROWS, ids=[row[0] for row in ROWS])
def test_how_long_after_the_last_look(what: str, script: str, after: timedelta | None) -> None:
    state, _ = played(script)
    last = START + HOUR * (len(script) - 1)
    wanted = wants_retest(state, last)
    assert wanted == (None if after is None else last + after)
    assert retest_checks(state) == (() if after is None else ("emr",))


def test_what_is_overdue_is_wanted_since_then() -> None:
    state, _ = played("B")
    assert wants_retest(state, START + timedelta(days=21)) == START + RETEST_AFTER


@pytest.mark.parametrize("back", [0.2, 1, 2, 3, 8, 23, 300 * 24])
def test_a_clock_that_was_set_back_does_not_put_it_off(back: float) -> None:
    state, _ = played("B")
    now = START - timedelta(hours=back)
    starts = [now + timedelta(minutes=15) * number for number in range(8)]
    wanted = [wants_retest(state, start) for start in starts]
    assert wanted[0] is not None
    assert wanted[0] <= now
    assert len(set(wanted)) <= 2, "it is taken on once: what is killed does not load the line at each start"


def test_a_clock_that_was_set_by_minutes_changes_nothing() -> None:
    state, _ = played("B")
    assert wants_retest(state, START - timedelta(minutes=10)) == START + RETEST_AFTER


def test_nor_does_one_that_was_ahead_when_it_was_asked() -> None:
    ahead = START + timedelta(days=300)
    state, _ = played("B-", times=[ahead, START])
    assert wants_retest(state, START + HOUR) == START + RETEST_AFTER


def test_what_may_not_be_asked_now_does_not_keep_the_rest_waiting() -> None:
    """The upload is suspect since the first look, the EMR since the third, an hour later each."""
    state = AlertState()
    for number, found in enumerate((("upload", "emr"), ("emr",), ("emr",))):
        at = START + HOUR * number
        bad = (problem(f"{each}.bad") for each in found if each == "upload" or number == 2)
        asked, left_out = frozenset(found), frozenset({"upload"} - {*found})
        state, _ = step(state, look(at, number, tuple(bad), asked, left_out), USUAL, at)
    last, both = START + 2 * HOUR, ("emr", "upload")
    assert retest_checks(state) == both
    assert wants_retest(state, last, ("emr",)) == last + RETEST_AFTER
    assert wants_retest(state, last, both) == wants_retest(state, last) == last, "the upload's is due since long ago"
    assert wants_retest(state, last, ()) is None


def look(
    at: datetime, number: int, bad: tuple[Problem, ...], asked: frozenset[str], left_out: frozenset[str]
) -> Judged:
    return Judged(f"run{number}", at, False, Verdict.NOT_READY, bad, frozenset(), asked, left_out=left_out)


def test_a_state_of_an_older_version_does_not_know_when_it_was_asked() -> None:
    state, _ = played("B-")
    older = json.loads(to_json(state))
    del older["checks"]["emr"]["asked_at"]
    at = START + HOUR
    assert wants_retest(from_json(json.dumps(older)), at) == wants_retest(state, at) == at


def test_on_another_network_no_second_look_is_wanted() -> None:
    state, _ = played("B")
    assert wants_retest(AlertState(checks=state.checks), START) is None
