"""How the alarms stand, for who asks."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from emrnetcheck.alerting import AlertState, standing, step
from emrnetcheck.model import Severity
from emrnetcheck.model.alerts import USUAL, Rule, Standing
from tests.alerting.scripts import START, played, problem, run

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Standing((), (), (), (), ())


def test_nothing_known_and_nothing_wrong() -> None:
    assert standing(AlertState(), START) == NOTHING
    assert standing(played("...")[0], START) == NOTHING


def test_what_is_open_is_told_with_its_newest_words() -> None:
    state, _ = played("BBS")
    [each] = standing(state, START).open
    assert (each.code, each.check, each.severity) == ("emr.starting", "emr", Severity.FAIL)
    assert (each.since, each.until, each.mailed, each.accepted) == (START, None, True, False)
    assert each.summary == "emr.starting is so."
    assert standing(state, START).suspects == ()


def test_what_is_held_is_open_and_not_mailed() -> None:
    state, _ = played("BB..BB")
    assert [each.mailed for each in standing(state, START).open] == [False]


def test_a_suspect_is_none_yet() -> None:
    shown = standing(played(".B")[0], START)
    assert (shown.open, shown.suspects) == ((), (("emr", "emr.error"),))


def test_what_ended_and_what_came_and_went_is_told_of_the_time_asked_for() -> None:
    state, _ = played("BB...S..BB..", every=DAY)
    all_of_it = standing(state, START)
    assert [(each.since, each.until) for each in all_of_it.closed] == [
        (START, START + 2 * DAY),
        (START + 8 * DAY, START + 10 * DAY),
    ]
    assert all_of_it.blips == (("emr.starting", 1),)
    late = standing(state, START + 10 * DAY)
    assert [each.since for each in late.closed] == [START + 8 * DAY]
    assert late.blips == ()
    assert standing(state, START + 11 * DAY).closed == ()


def test_what_is_accepted_is_counted_as_long_as_it_is_there() -> None:
    assert standing(played("aa")[0], START).accepted == ("emr.error",)
    assert standing(played("aa?-")[0], START).accepted == ("emr.error",)
    assert standing(played("aa.")[0], START).accepted == ()
    state, _ = played("BBa")
    shown = standing(state, START)
    assert (shown.open, shown.accepted) == ((), ("emr.error",))
    assert [each.accepted for each in shown.closed] == [True]


def test_the_oldest_trouble_comes_first() -> None:
    state, _ = played("BB", Rule(1, 1))
    late = run("B", START + 2 * HOUR, 9, check="dns")
    both = (problem("dns.resolver_down"), problem("emr.error"))
    found = type(late)(late.run_id, late.started_at, True, late.verdict, both, frozenset(), frozenset({"dns", "emr"}))
    state, _ = step(state, found, Rule(1, 1), START + 2 * HOUR)
    assert [each.check for each in standing(state, START).open] == ["emr", "dns"]
    only = type(late)("x", START, True, late.verdict, both, frozenset(), frozenset({"dns", "emr"}))
    state, _ = step(AlertState(), only, USUAL, START)
    assert standing(state, START).suspects == (("dns", "dns.resolver_down"), ("emr", "emr.error"))


def test_to_tell_how_they_stand_loads_nothing_heavy() -> None:
    """`status` does, which monitoring programs ask again and again."""
    heavy = ("pydantic", "sqlalchemy", "emrnetcheck.evidence", "emrnetcheck.checks", "emrnetcheck.net")
    code = f"import sys, emrnetcheck.alerting; sys.exit(str([each for each in {heavy!r} if each in sys.modules] or 0))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr.strip() == "0", ran.stderr
