"""An alarm lists what follows, though the second look, which confirms it, asks only what is suspect."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from emrnetcheck.alerting import AlertState, from_json, retest_checks, step, to_json
from emrnetcheck.alerting.state import RETEST_AFTER
from emrnetcheck.checks import ALL
from emrnetcheck.model import Verdict
from emrnetcheck.model.alerts import USUAL, Judged, Notice
from emrnetcheck.runner import Options
from tests.alerting.scenes import FAULTS, LOADED, WHEN, Shot, run_at
from tests.alerting.scripts import START, problem
from tests.alerting.years import LOOKING

NIGHT = WHEN + timedelta(days=3, hours=2)  # a Sunday: nothing keeps a look from loading the line


def alarm_of(name: str, *, alone: bool) -> Notice:
    """The alarm of a fault that was there at the first look, of all. alone: the next ones ask the suspects only."""
    state, asked = AlertState(), LOOKING.options((), NIGHT, light=name not in LOADED)
    mbps = 6.0 if name in LOADED else None
    for number in range(4):
        at = NIGHT + RETEST_AFTER * number
        state, notices = step(state, run_at(Shot((("fault", name),), mbps, asked=asked), at, f"run{number}"), USUAL, at)
        if notices:
            return notices[0]
        state = from_json(to_json(state))
        if alone:
            asked = LOOKING.options(retest_checks(state), at)
            assert asked.only
    raise AssertionError("it was not mailed")


@pytest.mark.parametrize("name", FAULTS)
def test_a_second_look_tells_the_same_as_a_whole_one(name: str) -> None:
    alone, whole = alarm_of(name, alone=True), alarm_of(name, alone=False)
    assert sorted(alone.follows) == sorted(whole.follows)
    assert replace(alone, follows=()) == replace(whole, follows=())


def test_without_internet_much_follows() -> None:
    """So that the ones above have something to compare."""
    assert {"path", "ddns", "port"} <= set(alarm_of("internet cut", alone=True).follows)


def look(number: int, *asked: str, code: str = "emr.error", explains: tuple[str, ...] = ()) -> Judged:
    return Judged(
        run_id=f"run{number}",
        started_at=START + RETEST_AFTER * number,
        whole=False,
        verdict=Verdict.NOT_READY,
        problems=(problem(code, explains=explains),),
        unknown=frozenset(explains),
        answered=frozenset({"emr", *asked} - {*explains}),
    )


def told_of(*looks: Judged) -> Notice:
    state, found = AlertState(), list[Notice]()
    for each in looks:
        state, notices = step(state, each, USUAL, each.started_at)
        found += notices
    return found[0]


def test_what_the_second_look_answered_by_itself_does_not_follow() -> None:
    both = look(0, explains=("tls", "port"))
    assert told_of(both, look(1)).follows == ("tls", "port")
    assert told_of(both, look(1, "tls")).follows == ("port",)


def test_what_followed_from_another_code_is_not_told() -> None:
    assert told_of(look(0, code="emr.starting", explains=("tls",)), look(1)).follows == ()


def test_what_is_mailed_later_has_it_too() -> None:
    """It was confirmed before anybody could be written to."""
    state, told = AlertState(), []
    for number in range(4):
        run = look(number, explains=("tls",)) if number == 0 else look(number)
        state, notices = step(state, run, USUAL, run.started_at, mails=number == 3)
        told += [(number, each.follows) for each in notices]
    assert told == [(1, ("tls",)), (3, ("tls",))]


def test_a_state_of_an_older_version_tells_of_none() -> None:
    run = look(0)
    state, _ = step(AlertState(), run, USUAL, run.started_at)
    older = to_json(state).replace("false,false,[]]", "false,false]")
    assert older != to_json(state)
    assert from_json(older) == state


def test_a_code_begins_with_its_check() -> None:
    """By that it is known whether a look asked what follows."""
    assert {code.partition(".")[0] == check.id for check in ALL for code in check.codes} == {True}


def test_all_is_asked_where_nothing_is_suspect() -> None:
    assert LOOKING.options((), NIGHT) == Options()
