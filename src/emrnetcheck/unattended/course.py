"""In which order is the work of one run done? What fails in one step does not keep the next from its own."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from emrnetcheck.model.claims import Claim, Ended, Work
from emrnetcheck.schedule.due import CLOCK_AHEAD, CLOCK_WAS_WRONG
from emrnetcheck.store import StoreError
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended.alarms import alarms
from emrnetcheck.unattended.delivering import deliver
from emrnetcheck.unattended.measuring import measured
from emrnetcheck.unattended.network import await_network
from emrnetcheck.unattended.parts import Done, Parts, Pinged, Trouble
from emrnetcheck.unattended.reporting import reported

KILLED_AFTER = timedelta(minutes=15)
"""No run takes so long (its budget is below five minutes): one without an end was killed."""
STUCK_AFTER = timedelta(days=1)
"""Mail that has waited so long is told to whoever waits to hear of this computer: it cannot be told by mail."""


def attend(parts: Parts) -> Done:
    """One run. Only what ends the whole program (a kill, Ctrl-C) ends it early; everything else is a trouble."""
    done, pings = Done(), _Pings(parts)
    with _step(done, "The history"), parts.opened() as history:
        since = parts.believed_since(history, parts.now())
        if since is None:
            done.clock_doubted = True
            return done
        with _step(done, "Measuring"):
            _measure(parts, history, since, pings, done)
        with _step(done, "Alarms"):
            _alarm(parts, history, done)
        with _step(done, "The report"):
            _report(parts, history, since, pings, done)
        with _step(done, "The mail"):
            deliver(parts, history, done)
            _tell_stuck(parts, history, done)
        with _step(done, "Tidying up"):
            if done.worked:
                parts.tidy(history)
    pings.end(done)
    return done


def send_waiting(parts: Parts, *, early: bool) -> Done:
    """Only what is in the outbox. early: also what is to wait for its next try."""
    done = Done()
    with _step(done, "The history"), parts.opened() as history, _step(done, "The mail"):
        deliver(parts, history, done, early=early)
    return done


def _measure(parts: Parts, history: History, since: datetime, pings: _Pings, done: Done) -> None:
    now = parts.now()
    Claims(history).give_back(Work.LOOK, parts.site, now + CLOCK_AHEAD)
    work = _work_due(parts, history, since, now)
    if work is None:
        return
    await_network(parts)
    if measured(parts, history, *work, begins=pings.start):
        done.worked.append(work[0])


def _work_due(parts: Parts, history: History, since: datetime, now: datetime) -> tuple[Work, datetime] | None:
    due_at = parts.due(Work.CHECK, _due_of(_last_by_now(history, Work.CHECK, parts.site, now)), now)
    if due_at is not None and due_at > since:
        return Work.CHECK, due_at  # it is a second look as well
    owed = _owed(parts, history, now)
    if owed is not None:
        return Work.AGAIN, owed
    cut_off = _cut_off(parts, history, now)
    if cut_off is not None:
        return Work.AGAIN, cut_off
    due_at = parts.due(Work.LOOK, _last_seen(parts, history, now), now)
    look = None if due_at is None or due_at <= since else (Work.LOOK, due_at)
    if look is not None and _retested_last(history, parts.site, now):
        return look
    state, _ = AlertStates(history).load(parts.site)
    again_at = parts.retest_at(state, now)
    return look if again_at is None or again_at > now else (Work.RETEST, again_at)


def _retested_last(history: History, site: str, now: datetime) -> bool:
    """Whether a look has its turn. A second look goes first, since no look loads the line; where both are due at each
    start, they take turns."""
    last = (_last_by_now(history, kind, site, now) for kind in (Work.RETEST, Work.LOOK, Work.CHECK))
    again, *others = (each if each is not None and _is_right(each, now) else None for each in last)
    return again is not None and all(each is None or each.claimed_at < again.claimed_at for each in others)


def _cut_off(parts: Parts, history: History, now: datetime) -> datetime | None:
    """When the last run was begun, where it was ended in the middle, as by a lid that was shut. It is made up for once,
    because that moment is claimed once."""
    last = _last(history, Work.CHECK, parts.site, now)
    if last is None or last.outcome not in (None, Ended.STOPPED) or now - last.claimed_at < KILLED_AFTER:
        return None
    made_up_for = Claims(history).known(Work.AGAIN, parts.site, last.claimed_at) is not None
    return None if made_up_for else last.claimed_at


def _owed(parts: Parts, history: History, now: datetime) -> datetime | None:
    """The due moment of the last check, where it came too late to load the line, and that was not made up for."""
    last = _last(history, Work.CHECK, parts.site, now)
    if last is None or not parts.owes_load(last, now):
        return None
    return None if Claims(history).known(Work.AGAIN, parts.site, last.due_at) is not None else last.due_at


def _last_seen(parts: Parts, history: History, now: datetime) -> datetime | None:
    """The last due moment of a look that is done, also by a check: it looks at the same and more, and one that is
    caught up stands for all looks until then."""
    check = _last_by_now(history, Work.CHECK, parts.site, now)
    seen = [_due_of(_last_by_now(history, Work.LOOK, parts.site, now))]
    if check is not None and _is_right(check, now):
        seen += [check.due_at, parts.due(Work.LOOK, None, min(check.claimed_at, now))]
    return max((each for each in seen if each is not None), default=None)


def _due_of(claim: Claim | None) -> datetime | None:
    return None if claim is None else claim.due_at


def _is_right(claim: Claim, now: datetime) -> bool:
    """Whether the clock was not ahead when it was made."""
    return claim.claimed_at <= now + CLOCK_AHEAD


def _last_by_now(history: History, kind: Work, site: str, now: datetime) -> Claim | None:
    """For what may be done once more without harm: what was claimed by a clock that was ahead does not keep it."""
    return Claims(history).last(kind, site, until=now + CLOCK_AHEAD)


def _last(history: History, kind: Work, site: str, now: datetime) -> Claim | None:
    # A claim from further ahead was made while the clock was wrong: it would keep everything from being due until then.
    return Claims(history).last(kind, site, until=now + CLOCK_WAS_WRONG)


def _alarm(parts: Parts, history: History, done: Done) -> None:
    """Also of what an earlier run measured that was killed before it came to this."""
    for claim in Claims(history).left(parts.site):
        with _step(done, "Alarms"):
            alarms(parts, history, claim, done)


def _report(parts: Parts, history: History, since: datetime, pings: _Pings, done: Done) -> None:
    now = parts.now()
    due_at = parts.due(Work.REPORT, _due_of(_last(history, Work.REPORT, parts.site, now)), now)
    if due_at is None or due_at <= since:
        return
    pings.start()
    if reported(parts, history, due_at, done):
        done.worked.append(Work.REPORT)


def _tell_stuck(parts: Parts, history: History, done: Done) -> None:
    since = Outbox(history, parts.site).waiting_since()
    if since is not None and parts.now() - since >= STUCK_AFTER:
        why = (
            "email outbox tells why"
            if parts.send is not None
            else "the settings name no mail server any more ([email])"
        )
        waits = f"some waits since {since.astimezone(parts.zone):%Y-%m-%d %H:%M}; {why}"
        done.troubles.append(Trouble("The mail", waits, of_mail=True))


@contextmanager
def _step(done: Done, what: str) -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        done.troubles.append(Trouble(what, str(error)))
    except Exception as error:  # noqa: BLE001 - a bug in one step must not cost the others: told at the end, status 70
        if os.environ.get("EMRNETCHECK_DEBUG"):
            traceback.print_exc()
        done.troubles.append(Trouble(what, f"an error of emrnetcheck itself ({type(error).__name__})", bug=True))


class _Pings:
    """One start, and one end."""

    def __init__(self, parts: Parts) -> None:
        self._ping: Callable[[Pinged], None] = parts.ping
        self._started = False

    def start(self) -> None:
        if not self._started:
            self._started = True
            self._ping(Pinged.START)

    def end(self, done: Done) -> None:
        # A wake-up with nothing to do is no sign of life: what is asked for is that the work gets done.
        if done.troubles:
            self._ping(Pinged.FAIL)
        elif self._started:
            self._ping(Pinged.SUCCESS)
