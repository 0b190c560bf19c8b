"""A laptop that is taken home says nothing of the clinic there; and which runs were made on another network is
remembered: so long as a week's report asks for it, and no longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emrnetcheck.alerting import AlertState, from_json, standing, step, to_json, wants_retest
from emrnetcheck.alerting.state import KEPT_ELSEWHERE
from emrnetcheck.model.alerts import USUAL
from emrnetcheck.model.mail import MailKind
from tests.alerting.scenes import OTHER_MAC, ROUTER_MAC, WHEN, Shot, run_at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLINIC, AT_HOME = Shot((), None), Shot((), None, elsewhere=True)
UNPLUGGED = Shot((("fault", "cable unplugged"),), None)
THURSDAY, FRIDAY, MONDAY = (datetime(2026, 1, day, tzinfo=WHEN.tzinfo) for day in (1, 2, 5))

Told = list[tuple[datetime, MailKind, str]]


def after(*runs: tuple[datetime, bool], state: AlertState | None = None) -> AlertState:
    """Runs at these times, each at the clinic or (True) elsewhere."""
    state = state or AlertState()
    for at, elsewhere in runs:
        state, _ = step(state, run_at(Shot((), None, elsewhere=elsewhere), at, f"{at:%Y%m%dT%H%M}"), USUAL, at)
    return state


def test_each_stay_is_kept_from_its_first_run_to_its_last() -> None:
    runs = [(WHEN + number * HOUR, number in (1, 2, 3, 6)) for number in range(8)]
    state = after(*runs)
    assert state.elsewhere == ((WHEN + HOUR, WHEN + 3 * HOUR), (WHEN + 6 * HOUR, WHEN + 6 * HOUR))
    assert from_json(to_json(state)) == state


def test_a_state_of_an_older_version_knows_of_none() -> None:
    written = to_json(after((WHEN, False), (WHEN + HOUR, True)))
    older = written.replace('"elsewhere":', '"unknown":')
    assert older != written
    assert from_json(older).elsewhere == ()


def test_where_it_stays_was_the_clinic_all_along() -> None:
    state = after((WHEN, False), *((WHEN + each * HOUR, True) for each in (1, 10, 20)))
    assert len(state.elsewhere) == 1
    assert after((WHEN + 26 * HOUR, True), state=state).elsewhere == ()


def test_what_no_week_asks_for_is_forgotten() -> None:
    days = timedelta(days=1)
    runs = [(WHEN + number * days / 2, bool(number % 2)) for number in range(1, 60)]
    kept = after((WHEN, False), *runs).elsewhere
    assert min(since for since, _ in kept) > runs[-1][0] - 15 * days
    assert len(kept) == 15
    often = [(WHEN + number * HOUR / 2, bool(number % 2)) for number in range(1, 3 * KEPT_ELSEWHERE)]
    assert len(after((WHEN, False), *often).elsewhere) == KEPT_ELSEWHERE


# A laptop that is taken home.


def taken(state: AlertState, runs: Iterable[tuple[datetime, Shot]]) -> tuple[AlertState, Told]:
    """The runs one after the other, each time with the state as it was written down, and what was mailed."""
    told: Told = []
    for at, shot in runs:
        state, notices = step(from_json(to_json(state)), run_at(shot, at, f"{at:%Y%m%dT%H%M}"), USUAL, at)
        told += [(at, each.kind, each.code) for each in notices]
    return state, told


def laptop(first: datetime, until: datetime) -> Iterator[tuple[datetime, Shot]]:
    """Each hour from 8 to 23: from Monday to Friday from 9 to 18 at the clinic, else at home."""
    at = first
    while at < until:
        if 8 <= at.hour < 23:
            yield at, CLINIC if at.weekday() < 5 and 9 <= at.hour < 18 else AT_HOME
        at += HOUR


def each_hour(shot: Shot, since: datetime, hours: int) -> list[tuple[datetime, Shot]]:
    return [(since + number * HOUR, shot) for number in range(hours)]


def test_a_first_weekend_at_home_makes_home_no_clinic() -> None:
    state, first = taken(AlertState(), laptop(FRIDAY + 9 * HOUR, MONDAY + 9 * HOUR))
    assert {kind for _, kind, _ in first} == {MailKind.ALERT}  # of a day and more elsewhere: it could be the router
    assert state.unproven == (OTHER_MAC,)
    state, monday = taken(state, laptop(MONDAY + 9 * HOUR, MONDAY + 18 * HOUR))
    assert {kind for _, kind, _ in monday} == {MailKind.RECOVERY}
    assert (state.homes, state.unproven, state.came_back) == ((ROUTER_MAC,), (), MONDAY + 9 * HOUR)
    # Each evening after it, and two weekends more.
    state, after_it = taken(state, laptop(MONDAY + 18 * HOUR, MONDAY + 17 * DAY))
    assert after_it == []
    assert state.homes == (ROUTER_MAC,)


def test_a_clinic_without_an_emr_is_known_by_its_router() -> None:
    """The first network is the clinic's: who comes back there was away for the weekend."""
    state = after((WHEN, False), *((WHEN + each * HOUR, True) for each in (1, 13, 26)))
    assert state.unproven == (OTHER_MAC,)
    at = WHEN + 40 * HOUR
    state, _ = step(state, replace(run_at(CLINIC, at, "back"), here=False), USUAL, at)
    assert (state.homes, state.unproven, state.came_back) == ((ROUTER_MAC,), (), at)


def test_who_was_at_home_for_an_evening_stays_there_for_a_weekend() -> None:
    state, told = taken(AlertState(), laptop(THURSDAY + 9 * HOUR, MONDAY + 12 * HOUR))
    assert told == []
    assert len(state.elsewhere) == 2


def test_where_a_laptop_stays_for_a_week_is_the_clinic() -> None:
    state, _ = taken(AlertState(), laptop(THURSDAY + 9 * HOUR, FRIDAY + 18 * HOUR))
    moved = FRIDAY + 18 * HOUR
    state, told = taken(state, each_hour(AT_HOME, moved, 9 * 24))
    assert told[0][:2] == (moved + 7 * DAY + HOUR, MailKind.ALERT)
    assert (state.homes, state.unproven) == ((ROUTER_MAC, OTHER_MAC), (OTHER_MAC,))


def test_an_exchanged_router_is_the_clinics_after_a_day() -> None:
    state, _ = taken(AlertState(), each_hour(CLINIC, THURSDAY, 9))
    state, told = taken(state, each_hour(AT_HOME, THURSDAY + 9 * HOUR, 30))
    assert told[0][:2] == (FRIDAY + 10 * HOUR, MailKind.ALERT)
    assert state.came_back is None


def test_a_laptop_that_wakes_up_without_a_network_came_back_all_the_same() -> None:
    woke = [(WHEN, CLINIC), (WHEN + HOUR, AT_HOME), (WHEN + 2 * HOUR, UNPLUGGED), (WHEN + 3 * HOUR, CLINIC)]
    state, _ = taken(AlertState(), woke)
    assert state.came_back == WHEN + 3 * HOUR
    state, _ = taken(state, each_hour(CLINIC, WHEN + 4 * HOUR, 3))
    assert state.came_back == WHEN + 3 * HOUR


def test_an_exchanged_router_without_a_network_in_between_is_no_coming_back() -> None:
    state, _ = taken(AlertState(), [(WHEN, CLINIC), (WHEN + HOUR, AT_HOME), (WHEN + 2 * HOUR, UNPLUGGED)])
    state, told = taken(state, each_hour(AT_HOME, WHEN + 3 * HOUR, 30))
    assert told[0][:2] == (WHEN + 28 * HOUR, MailKind.ALERT)
    assert (state.came_back, state.elsewhere) == (None, ())


def test_an_exchanged_router_at_which_the_emr_answers_later_is_no_coming_back() -> None:
    state = after((WHEN, False), (WHEN + HOUR, True))
    for number in (2, 3):
        at = WHEN + number * HOUR
        state, _ = step(state, replace(run_at(CLINIC, at, f"found{number}"), place=OTHER_MAC), USUAL, at)
    assert (state.homes, state.came_back, state.elsewhere) == ((ROUTER_MAC, OTHER_MAC), None, ())


def test_a_clock_that_was_ahead_makes_no_computer_wander_for_ever() -> None:
    ahead = WHEN + 1000 * DAY
    state = after((WHEN, False), (ahead, True), (ahead + HOUR, False), (WHEN + HOUR, False))
    assert after((WHEN + 2 * HOUR, False), state=state).came_back == ahead + HOUR
    stayed = after(*((WHEN + each * HOUR, True) for each in (3, 15, 27)), state=state)
    assert stayed.homes == (ROUTER_MAC, OTHER_MAC)
    again = after((WHEN + 3 * HOUR, True), (WHEN + 4 * HOUR, False), state=state)
    assert again.came_back == WHEN + 4 * HOUR


def test_who_came_back_long_ago_wanders_no_more() -> None:
    state = after((WHEN, False), (WHEN + HOUR, True), (WHEN + 2 * HOUR, False))
    runs = [(WHEN + (70 * 24 + each) * HOUR, True) for each in (0, 12, 24)]
    assert after(*runs, state=state).homes == (ROUTER_MAC, OTHER_MAC)


def test_where_the_emr_answers_is_proven() -> None:
    state, _ = taken(AlertState(), each_hour(CLINIC, THURSDAY, 2))
    state, _ = taken(state, each_hour(AT_HOME, THURSDAY + 2 * HOUR, 26))
    assert state.unproven == (OTHER_MAC,)
    at = FRIDAY + 5 * HOUR
    found = replace(run_at(CLINIC, at, "found"), place=OTHER_MAC)
    state, _ = step(state, found, USUAL, at)
    assert state.unproven == ()
    state, _ = taken(state, each_hour(CLINIC, at + HOUR, 1))  # both routers are the clinic's
    assert (state.homes, state.came_back) == ((OTHER_MAC, ROUTER_MAC), None)


def test_a_laptop_without_a_network_says_nothing_of_the_clinic() -> None:
    state, _ = taken(AlertState(), laptop(THURSDAY + 9 * HOUR, FRIDAY + 18 * HOUR))
    began = FRIDAY + 18 * HOUR
    state, told = taken(state, each_hour(UNPLUGGED, began, 6))
    assert told == []
    assert wants_retest(state, began + 6 * HOUR) is None
    assert standing(state, THURSDAY).elsewhere_since is None  # on another network it is not either
    assert state.elsewhere == ((THURSDAY + 18 * HOUR, FRIDAY + 8 * HOUR),)
    back, _ = taken(state, [(began + 6 * HOUR, CLINIC)])
    assert (back.away, back.came_back) == (None, FRIDAY + 9 * HOUR)  # it came from nowhere else
    # Nor does it end a stay, or begin one anew.
    state, _ = taken(state, [(began + 6 * HOUR, AT_HOME), (began + 7 * HOUR, UNPLUGGED), (began + 8 * HOUR, AT_HOME)])
    assert state.elsewhere[-1] == (began + 6 * HOUR, began + 8 * HOUR)
    assert standing(state, THURSDAY).elsewhere_since == began + 6 * HOUR


@pytest.mark.parametrize("before", [CLINIC, AT_HOME])
def test_the_cable_of_a_computer_that_stays_is_told_of(before: Shot) -> None:
    state, _ = taken(AlertState(), [(THURSDAY, CLINIC), (THURSDAY + HOUR, before)])
    _, told = taken(state, each_hour(UNPLUGGED, THURSDAY + 2 * HOUR, 3))
    assert [each[1:] for each in told] == [(MailKind.ALERT, "link.none")]


def test_a_laptop_on_which_the_emr_runs_is_told_of_without_a_network() -> None:
    state, _ = taken(AlertState(), laptop(THURSDAY + 9 * HOUR, FRIDAY + 18 * HOUR))
    told = []
    for number in range(3):
        at = FRIDAY + (18 + number) * HOUR
        state, notices = step(state, replace(run_at(UNPLUGGED, at, f"unplugged{number}"), here=True), USUAL, at)
        told += [each.code for each in notices]
    assert told == ["link.none"]


def test_no_more_networks_are_kept_than_are_the_clinics() -> None:
    state = after((WHEN, False))
    for number in range(3, 24):
        at = WHEN + number * HOUR * 13
        run = replace(run_at(AT_HOME, at, f"run{number}"), place=f"02:00:00:00:01:{number // 3:02}")
        state, _ = step(state, run, USUAL, at)
    assert len(state.homes) == 4
    assert set(state.unproven) <= set(state.homes)


def test_homes_of_an_older_version_are_proven() -> None:
    written = to_json(after((WHEN, False), *((WHEN + each * HOUR, True) for each in (1, 13, 26))))
    older = written.replace('"unproven":', '"unknown":').replace('"came_back":', '"unheard":')
    assert from_json(older) == replace(from_json(written), unproven=(), came_back=None)
    assert from_json(written).unproven == (OTHER_MAC,)
