"""What stands in the subject: the clinic, the answer, and in a few words what it is about and since when?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from emrnetcheck.model import Cause, Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports import wording
from emrnetcheck.reports.mail.short import in_few_words
from emrnetcheck.reports.week.page import NO_RUN, in_short
from emrnetcheck.reports.week.seven import DAYS
from emrnetcheck.reports.week.summary import Latest, Week

_SITE_CHARS = 60
_OLD = timedelta(days=2)
_WEEK_DAYS = 7
_LEAST_SHARE = 0.5
"""Of the days: with fewer, it is told before anything else that was fine."""
_GOOD = (Verdict.READY, Verdict.READY_WITH_WARNINGS)


def subject_of(site: str, said: str) -> str:
    """One line, safe as a header: "[emrnetcheck] Elm St Clinic: NOT READY - upload too slow"."""
    name = wording.clean(site)
    name = name if len(name) <= _SITE_CHARS else f"{name[:_SITE_CHARS].rstrip()}..."
    return f"[emrnetcheck] {name}: {said}"


def of_week(week: Week, open_codes: Sequence[str] = ()) -> str:
    """The verdict, and what one has to know with it. open_codes: of the alarms that are open."""
    if alarm := untold_alarm(week, open_codes):
        return f"{in_short(week)} - but an alarm is open: {alarm}"
    if week.latest is None:
        return NO_RUN
    about = _about(week, week.latest)
    return f"{in_short(week)} - {about}" if about else in_short(week)


def untold_alarm(week: Week, open_codes: Sequence[str]) -> str:
    """An open alarm that the verdict does not speak of, in a few words; "": there is none.

    The verdict is that of the last whole run, and looks in between find what broke since.
    """
    if not open_codes or (week.latest is not None and week.latest.verdict is Verdict.NOT_READY):
        return ""
    first, *others = open_codes
    return in_few_words(first) + (f", and {len(others)} more" if others else "")


def _about(week: Week, latest: Latest) -> str:
    age = week.now - latest.started_at
    if age > _OLD:
        return f"but last measured {age.days} days ago"
    if latest.verdict in _GOOD or latest.no_fault:
        if week.this.days < DAYS * _LEAST_SHARE:
            return f"but measured on only {week.this.days} of {DAYS} days"
        if bad := week.this.verdicts.get(Verdict.NOT_READY):
            return f"but was not ready in {bad} of {week.this.whole} runs"
    return _causes(week, latest)


def _causes(week: Week, latest: Latest) -> str:
    if not latest.causes:
        return ""
    first, *others = latest.causes
    said = in_few_words(first.code, known=latest.verdict is not Verdict.INCONCLUSIVE)
    how_long = lasting(week.rows, first, latest)
    more = f", and {len(others)} more" if others else ""
    return f"{said}{f' ({how_long})' if how_long else ''}{more}"


def lasting(rows: tuple[PastRun, ...], cause: Cause, latest: Latest) -> str:
    """Since when the cause is there without a run that did not find it: "new", "3 days", "2 weeks"; "": not known.

    rows: of two weeks, the oldest first. What could not tell, or measured another line, is neither.
    """
    check = cause.code.partition(".")[0]
    began: datetime | None = None
    before_it = False
    for row in reversed(rows):
        if cause.code in row.codes:
            began = row.started_at
        elif _could_tell(row, check):
            before_it = True
            break
    if began is None:
        return ""
    days = (latest.started_at.date() - began.date()).days + 1
    if days == 1:
        return "new" if before_it else ""
    if days > _WEEK_DAYS and not before_it:
        return "2 weeks"
    return f"{days} days"


def _could_tell(row: PastRun, check: str) -> bool:
    return not row.by_tunnel and row.statuses.get(check) not in (None, Status.UNKNOWN, Status.SKIPPED)
