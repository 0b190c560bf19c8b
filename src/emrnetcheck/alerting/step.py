"""What does a run change in the alarms, and who has to be told of it? Pure: state and run in, state and notices out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from emrnetcheck.alerting.counting import followed
from emrnetcheck.alerting.machine import Taken, Turn, fault_of, silenced, took_bad, took_fine
from emrnetcheck.alerting.places import placed
from emrnetcheck.alerting.seen import Bad, Sight, sight_of
from emrnetcheck.alerting.state import KEPT_CLOSED, MANY_AT_ONCE, NERVOUS_DAYS, AlertState, Incident, Look, Watched
from emrnetcheck.model.alerts import AlertLevel, Judged, Notice, Rule, Trouble
from emrnetcheck.model.mail import MailKind

_A_DAY = timedelta(days=1)
_BLIPS_TOLD = timedelta(days=7)


def step(
    state: AlertState, run: Judged, rule: Rule, now: datetime, *, mails: bool = True
) -> tuple[AlertState, tuple[Notice, ...]]:
    """The state after this run, and what is to be mailed because of it: alerts in the order in which to act, then
    recoveries.

    A run that was counted already changes nothing. now: the clock, by which mails of a day are counted; times that it
    has not reached (the clock was wrong) are passed over. mails: somebody can be written to. Where nobody can, each
    notice is only for who reads what the run prints, and the fault counts as not mailed: what is still so once somebody
    can be written to is mailed then.
    """
    if run.run_id == state.last_run:
        return state, ()
    state = replace(state, last_run=run.run_id, last_at=run.started_at)
    state, counts = placed(state, run)
    if not counts:
        return state, ()
    sight = sight_of(run, rule)
    state = replace(state, mailed=tuple(each for each in state.mailed if abs(now - each[1]) < _A_DAY))
    many = sum(state.checks.get(check, Watched()).incident is None for check in sight.bad) >= MANY_AT_ONCE
    alerts: list[Notice] = []
    recoveries: list[Notice] = []
    for check in _in_order(state, sight):
        watched = state.checks.get(check, Watched())
        taken = _taken(watched, check, sight, run, rule, many=many)
        if taken.turn is Turn.TURNED and not _has_room(state, check, taken.watched.incident, rule):
            taken = Taken(replace(taken.watched, incident=taken.over), Turn.GOES_ON)
        state = _with(state, check, taken)
        if taken.turn in (Turn.OPENED, Turn.GOES_ON, Turn.TURNED):
            state, told = (
                _alert(state, check, rule, now) if mails else (state, _said(state, check, taken.turn, rule, now))
            )
            alerts += told
        over, until = taken.over, taken.until
        # What was mailed ends with a mail; the rest as quietly as it began.
        if taken.turn is Turn.RECOVERED and over is not None and until is not None and (over.mailed or not mails):
            recoveries += _recovery(state, check, over, until, rule, now)
    return forgotten(state, now), (*alerts, *recoveries)


def _in_order(state: AlertState, sight: Sight) -> list[str]:
    """Causes in the order in which to act, then what else is known."""
    return list(dict.fromkeys((*sight.bad, *sorted(set(state.checks) | sight.told))))


def _taken(watched: Watched, check: str, sight: Sight, run: Judged, rule: Rule, *, many: bool) -> Taken:
    if check not in sight.told and check in run.left_out:
        return Taken(watched)
    watched = replace(watched, asked_at=run.started_at)
    if check not in sight.told:
        return Taken(replace(watched, untold=watched.untold + 1))
    untold = watched.untold
    watched = replace(watched, untold=0, accepted=sight.accepted.get(check, ()))
    over = _silenced_by(watched, check, sight)
    if over and check in sight.bad:  # another cause of the same check begins anew
        hushed = silenced(watched)
        look = _look(hushed.watched, sight.bad[check], run, rule, many=many)
        begun = took_bad(hushed.watched, sight.bad[check], look, rule, run.run_id)
        return replace(hushed, watched=begun.watched)
    if over:
        return silenced(watched)
    if check in sight.bad:
        look = _look(watched, sight.bad[check], run, rule, many=many)
        return took_bad(watched, sight.bad[check], look, rule, run.run_id)
    if _looked_for(watched) & sight.blind:
        return Taken(replace(watched, untold=untold + 1))
    return took_fine(watched, Look(run.started_at, None), rule)


def _look(watched: Watched, bad: Bad, run: Judged, rule: Rule, *, many: bool) -> Look:
    """A second look asks hardly more than the suspect: of what it did not ask, the look before still tells."""
    problem, asked = bad.problem, run.answered | run.unknown
    before = followed(watched.looks, problem.code, run.started_at, rule)
    follows = dict.fromkeys((*bad.follows, *(each for each in before if each.partition(".")[0] not in asked)))
    return Look(run.started_at, problem.code, sure=problem.confirmed, many=many, follows=tuple(follows))


def _silenced_by(watched: Watched, check: str, sight: Sight) -> bool:
    """What was bad is there still, and is no alarm any more."""
    quiet = sight.silenced.get(check, ())
    if watched.incident is not None and watched.incident.first.code in quiet:
        return True
    return check not in sight.bad and bool(_looked_for(watched) & set(quiet))


def _looked_for(watched: Watched) -> set[str]:
    """Codes that a look has to be able to find before it may say that all is fine again."""
    if watched.incident is not None:
        return {watched.incident.first.code, watched.incident.now.code}
    last = watched.looks[-1] if watched.looks else None
    return {last.code} if last is not None and last.code is not None and last.counts_as_bad else set()


def _with(state: AlertState, check: str, taken: Taken) -> AlertState:
    checks = {**state.checks, check: taken.watched}
    if taken.over is None:
        return replace(state, checks=checks)
    over = taken.over
    accepted = {over.first.code, over.now.code} & set(taken.watched.accepted)
    ended = Trouble(
        incident_id=over.id,
        check=check,
        code=over.first.code,
        severity=over.first.severity,
        summary=over.now.summary,
        since=over.since,
        until=taken.until or state.last_at,
        mailed=over.mailed,
        accepted=taken.turn is Turn.SILENCED and bool(accepted),
    )
    return replace(state, checks=checks, closed=(*state.closed, ended)[-KEPT_CLOSED:])


def _alert(state: AlertState, check: str, rule: Rule, now: datetime) -> tuple[AlertState, list[Notice]]:
    """A notice of the open incident, where there was none and the day has room for one."""
    watched = state.checks[check]
    incident = watched.incident
    if incident is None or incident.mailed or not _has_room(state, check, incident, rule):
        return state, []
    # A cause that only the newest look has is none to send somebody else for.
    same = fault_of(check, incident.now) == fault_of(check, incident.first)
    mailed = replace(incident, first=incident.now if same else incident.first, mailed=True)
    checks = {**state.checks, check: replace(watched, incident=mailed)}
    notice = _notice(MailKind.ALERT, check, mailed, None, _recent_blips(watched, now))
    return replace(state, checks=checks, mailed=(*state.mailed, (fault_of(check, mailed.first), now))), [notice]


def _said(state: AlertState, check: str, turn: Turn, rule: Rule, now: datetime) -> list[Notice]:
    """Of what is new, where nobody can be written to."""
    incident = state.checks[check].incident
    if incident is None or turn is Turn.GOES_ON or rule.level is AlertLevel.OFF:
        return []
    return [_notice(MailKind.ALERT, check, incident, None, _recent_blips(state.checks[check], now))]


def _has_room(state: AlertState, check: str, incident: Incident | None, rule: Rule) -> bool:
    """Whether one more mail about this fault may be sent today."""
    if incident is None or rule.level is AlertLevel.OFF:
        return False
    fault = fault_of(check, incident.first)
    return sum(each == fault for each, _when in state.mailed) < rule.per_day


def _recovery(
    state: AlertState, check: str, over: Incident, until: datetime, rule: Rule, now: datetime
) -> list[Notice]:
    if rule.level is AlertLevel.OFF:
        return []
    given = sorted(when for each, when in state.mailed if each == fault_of(check, over.first))
    held_until = given[-rule.per_day] + _A_DAY if len(given) >= rule.per_day else None
    notice = _notice(MailKind.RECOVERY, check, over, until, _recent_blips(state.checks[check], now))
    return [replace(notice, held_until=held_until)]


def _recent_blips(watched: Watched, now: datetime) -> int:
    return sum(timedelta() <= now - each.at <= _BLIPS_TOLD for each in watched.blips)


def _notice(kind: MailKind, check: str, incident: Incident, until: datetime | None, blips: int) -> Notice:
    words = incident.first
    return Notice(
        kind=kind,
        incident_id=incident.id,
        code=words.code,
        check=check,
        since=incident.since,
        until=until,
        runs_bad=incident.bad,
        runs_seen=incident.seen,
        follows=words.follows,
        summary=words.summary,
        advice=words.advice,
        contact=words.contact,
        severity=words.severity,
        fine_at=incident.fine_at,
        before=incident.before,
        blips=blips,
        many=incident.many,
        flapping=incident.flapping,
        say=words.say,
        when=words.when,
        mails=incident.mails,
    )


def forgotten(state: AlertState, now: datetime) -> AlertState:
    """Without what nobody asks for any more: blips older than a check is nervous for."""
    oldest = now - timedelta(days=NERVOUS_DAYS)
    checks = {
        check: replace(watched, blips=tuple(each for each in watched.blips if each.at > oldest))
        for check, watched in state.checks.items()
    }
    return replace(state, checks=checks)
