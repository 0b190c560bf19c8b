"""What does the week's report say? Rows of the history and the two newest reports in, a Week out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from emrnetcheck.model import Cause, Mode, Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.model.schedule import LOADING_CHECKS
from emrnetcheck.reports.week.seven import Seven, seven
from emrnetcheck.reports.week.told import Problem, Told

_MOMENT = timedelta(microseconds=1)
_KEPT_TO = timedelta(seconds=1)
_UNTOLD = frozenset({Status.UNKNOWN, Status.SKIPPED})
_WHERE_IT_BEGINS = ("link", "router")


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest run that asked the whole question. causes: what to do; () too where its report cannot be read.

    all_but_load: it asked all but what loads the line, as the settings want it. no_fault: such a run found nothing
    broken, and could tell of all that it asked.
    """

    id: str
    started_at: datetime
    verdict: Verdict
    headline: str
    causes: tuple[Cause, ...]
    all_but_load: bool = False
    no_fault: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """By their codes, from the newest whole run before this week to the newest of it. What was accepted is in none.

    open: was wrong, and the newest run could not tell whether it still is.
    """

    new: tuple[Problem, ...]
    gone: tuple[Problem, ...]
    same: tuple[Problem, ...]
    open: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """A check that failed in `failed` of the week's whole runs, and no longer does."""

    id: str
    title: str
    failed: int


@dataclass(frozen=True, slots=True)
class Unloaded:
    """The settings say that no check loads the line. measured_at, upload_mbps: what is known of it, from a run that
    somebody started; None: no such run is kept."""

    measured_at: datetime | None = None
    upload_mbps: float | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """Everything that the week's report says.

    planned, planned_before: how many runs should have been made in this week until now, and in the one before; None:
    nobody planned any. latest None: no whole run in this week.
    changed None: there is nothing to compare, or a report cannot be read. rows: the runs of both weeks, the oldest
    first, for pictures. unloaded: without a whole run, a look at all but the upload is the answer; None: the settings
    do not have it so.
    """

    site: str
    now: datetime
    planned: int | None
    this: Seven
    last: Seven
    latest: Latest | None
    changed: Changed | None
    passed: tuple[Passed, ...]
    accepted: tuple[Problem, ...]
    rows: tuple[PastRun, ...] = ()
    unloaded: Unloaded | None = None
    planned_before: int | None = None


def starts(now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the week before and this week began. A week is today and the six days before it, from midnight on by the
    clock on the wall: what comes every week on the same day tells each day once."""
    today = now.astimezone(zone).date()
    first, second = (datetime.combine(today - timedelta(days=days), time.min, zone) for days in (13, 6))
    return first, second


def compared(
    rows_this: Sequence[PastRun], rows_last: Sequence[PastRun], *, unloaded: bool = False
) -> tuple[str | None, str | None]:
    """The ids of the two runs whose reports `summarise` needs: the newest whole one of each week."""
    newest, older = (_newest(rows, unloaded=unloaded) for rows in (rows_this, rows_last))
    return newest.id if newest is not None else None, older.id if older is not None else None


def made_elsewhere(
    rows: Iterable[PastRun], elsewhere: Sequence[tuple[datetime, datetime]]
) -> tuple[list[PastRun], list[PastRun]]:
    """The runs that say something of the clinic, and those that were made on another network. elsewhere: from which run
    to which that was so."""
    here: list[PastRun] = []
    there: list[PastRun] = []
    for row in rows:
        away = any(since - _KEPT_TO < row.started_at <= until for since, until in elsewhere)
        (there if away else here).append(row)
    return here, there


def summarise(
    rows_this: Sequence[PastRun],
    rows_last: Sequence[PastRun],
    *,
    now: datetime,
    zone: tzinfo = UTC,
    site: str = "this clinic",
    planned: int | None = None,
    planned_before: int | None = None,
    before: PastRun | None = None,
    reports: Mapping[str, Told] | None = None,
    unloaded: Unloaded | None = None,
    elsewhere: Sequence[PastRun] = (),
) -> Week:
    """The two weeks before now, in any order; all runs of one site. before: the last run before both.

    reports: what the runs named by `compared` told. site: where no row names it. planned, planned_before: see Week.
    elsewhere: runs of both weeks that are left out, because they were made on another network.
    """
    first, second = starts(now, zone)
    last = _within(rows_last, first, second - _MOMENT)
    this = _within(rows_this, second, now)
    newest, older = (_newest(rows, unloaded=unloaded is not None) for rows in (this, last))
    reports = reports or {}
    told = reports.get(newest.id) if newest is not None else None
    told_before = reports.get(older.id) if older is not None else None
    all_rows = [*last, *this]
    around = [*([before] if before is not None else []), *all_rows]
    return Week(
        site=all_rows[-1].site if all_rows else site,
        now=now,
        planned=planned,
        planned_before=planned_before,
        this=replace(seven(around, second, now), elsewhere=len(_within(elsewhere, second, now))),
        last=replace(
            seven(around, first, second - _MOMENT), elsewhere=len(_within(elsewhere, first, second - _MOMENT))
        ),
        latest=_latest(newest, told) if newest is not None else None,
        changed=_changed(newest, told, told_before) if newest and told and told_before else None,
        passed=_passed(this, newest, told) if newest is not None else (),
        accepted=tuple(each for each in told.problems if each.accepted) if told is not None else (),
        rows=tuple(all_rows),
        unloaded=unloaded,
    )


def _within(rows: Sequence[PastRun], since: datetime, until: datetime) -> list[PastRun]:
    return sorted((row for row in rows if since <= row.started_at <= until), key=lambda row: (row.started_at, row.id))


def _newest(rows: Sequence[PastRun], *, unloaded: bool) -> PastRun | None:
    """A whole one, if there is any: it has the whole answer. One without a network has none."""
    rows = [row for row in rows if not row.unconnected]
    whole = [row for row in rows if row.whole] or [row for row in rows if unloaded and _is_all_but_load(row)]
    return max(whole, key=lambda row: (row.started_at, row.id), default=None)


def _is_all_but_load(row: PastRun) -> bool:
    """Nobody asked for a part: where the way begins, was asked, and nothing that loads the line was."""
    begun = any(row.statuses.get(each, Status.SKIPPED) is not Status.SKIPPED for each in _WHERE_IT_BEGINS)
    loads = {row.statuses.get(each, Status.SKIPPED) for each in LOADING_CHECKS}
    return row.mode is Mode.STANDARD and begun and loads == {Status.SKIPPED}


def _latest(run: PastRun, told: Told | None) -> Latest:
    causes = told.causes if told is not None else ()
    without_load = not run.whole
    asked = {status for check, status in run.statuses.items() if check not in LOADING_CHECKS}
    no_fault = without_load and told is not None and asked.isdisjoint({Status.FAIL, Status.UNKNOWN})
    return Latest(run.id, run.started_at, run.verdict, run.headline, causes, without_load, no_fault)


def _changed(newest: PastRun, now: Told, before: Told) -> Changed:
    were, are = ({each.code for each in told.problems} for told in (before, now))
    not_accepted = [each for each in now.problems if not each.accepted]
    no_more = [each for each in before.problems if each.code not in are]
    untold = {id_ for id_, status in newest.statuses.items() if status in _UNTOLD}
    return Changed(
        new=_once(each for each in not_accepted if each.code not in were),
        gone=_once(each for each in no_more if each.check not in untold),
        same=_once(each for each in not_accepted if each.code in were),
        open=_once(each for each in no_more if each.check in untold),
    )


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """One for each code: that two computers are slow is one thing that is wrong."""
    return tuple({each.code: each for each in reversed(tuple(problems))}.values())[::-1]


def _passed(rows: Sequence[PastRun], newest: PastRun, told: Told | None) -> tuple[Passed, ...]:
    failed = {
        id_: sum(row.whole and not row.unconnected and row.statuses.get(id_) is Status.FAIL for row in rows)
        for id_, status in newest.statuses.items()
        if status is not Status.FAIL and status not in _UNTOLD
    }
    titles = told.titles if told is not None else {}
    return tuple(Passed(id_, titles.get(id_, id_), count) for id_, count in failed.items() if count)
