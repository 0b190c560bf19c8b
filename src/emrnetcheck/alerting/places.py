"""Was this computer in the clinic when it measured, or on another network, about which a run says nothing of it?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from emrnetcheck.alerting.state import ELSEWHERE_DAYS, KEPT_ELSEWHERE, AlertState, Away
from emrnetcheck.model.alerts import Judged
from emrnetcheck.model.past import WITHOUT_A_NETWORK

_MOVED_AFTER = timedelta(hours=24)
_MOVED_AFTER_IF_IT_WANDERS = timedelta(days=7)  # longer than a weekend, and than most who are ill stay at home
_MOVED_RUNS = 3
_WANDERS_FOR = timedelta(days=60)  # who once used a phone's network while the line was down is no laptop for ever
_HOMES = 4


def placed(state: AlertState, run: Judged) -> tuple[AlertState, bool]:
    """The state with where the run was made, and whether it counts.

    A router that was never seen is another network, unless something shows that this is the clinic: then the router
    was exchanged. Where it stays so for a day and for some runs, it is the clinic's by now; but where the computer came
    back from there, it was a weekend at home, and of a computer that does so a day says nothing.
    """
    if run.place is None and _wanders(state, run) and not run.here and _is_unconnected(run):
        return replace(state, away=state.away or Away(None, run.started_at, 1)), False
    if run.place is None:
        return replace(state, away=None), True
    if run.here or not state.homes or run.place in state.homes:
        return _at_home(state, run, run.place), True
    away = state.away
    if away is None or away.place != run.place:
        away = Away(run.place, run.started_at, 0)
    away = replace(away, runs=away.runs + 1)
    moved_after = _MOVED_AFTER_IF_IT_WANDERS if _wanders(state, run) else _MOVED_AFTER
    if run.started_at - away.since >= moved_after and away.runs >= _MOVED_RUNS:
        return _moved(state, run, run.place), True
    return replace(state, away=away, elsewhere=_elsewhere(state, away, run.started_at)), False


def _wanders(state: AlertState, run: Judged) -> bool:
    return state.came_back is not None and abs(run.started_at - state.came_back) <= _WANDERS_FOR


def _is_unconnected(run: Judged) -> bool:
    """As just after waking, or with the radio off."""
    return any(each.code in WITHOUT_A_NETWORK for each in run.problems)


def _elsewhere(state: AlertState, away: Away, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    oldest = until - timedelta(days=ELSEWHERE_DAYS)
    before = [each for each in state.elsewhere if each[0] != away.since and each[1] > oldest]
    return (*before, (away.since, max(away.since, until)))[-KEPT_ELSEWHERE:]


def _not_back_from(state: AlertState, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Stays elsewhere since it was last seen to come back. Not told by `away`: a laptop that just woke up at the clinic
    had no network at first, and that counts until it is known to wander."""
    back = state.came_back if state.came_back is not None and state.came_back <= now else None
    return tuple(each for each in state.elsewhere if each[1] <= now and (back is None or each[0] > back))


def _at_home(state: AlertState, run: Judged, place: str) -> AlertState:
    """At the clinic: what only staying made the clinic's, and is another network than this, was none."""
    proven = run.here or place not in state.unproven
    dropped = {each for each in state.unproven if each != place} if proven else set()
    away = state.away
    if away is not None and away.place == place:
        state = replace(state, elsewhere=tuple(each for each in state.elsewhere if each[0] != away.since))
    came_back = bool(dropped or _not_back_from(state, run.started_at))
    return replace(
        _newest(state, place, dropped),
        unproven=() if proven else state.unproven,
        came_back=run.started_at if came_back else state.came_back,
    )


def _moved(state: AlertState, run: Judged, place: str) -> AlertState:
    were_here = _not_back_from(state, run.started_at)
    moved = _newest(state, place)
    return replace(
        moved,
        unproven=tuple(each for each in (*state.unproven, place) if each in moved.homes),
        elsewhere=tuple(each for each in state.elsewhere if each not in were_here),
    )


def _newest(state: AlertState, place: str, dropped: Collection[str] = ()) -> AlertState:
    others = tuple(each for each in state.homes if each != place and each not in dropped)
    return replace(state, homes=(*others, place)[-_HOMES:], away=None)
