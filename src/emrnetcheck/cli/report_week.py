"""emrnetcheck report week: the last seven days beside the seven before, from what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.delivering import deliver_as, formats_of, targets_of
from emrnetcheck.cli.history.asking import here, kept_settings, leaving_out
from emrnetcheck.cli.keeping import place
from emrnetcheck.cli.options import Writing
from emrnetcheck.cli.run import settings
from emrnetcheck.cli.sharing import share_week
from emrnetcheck.model.schedule import LoadTests
from emrnetcheck.reports.formats import WEEK_FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.reports.week import Told, Unloaded, Week


Planned = Callable[[datetime, datetime], int | None]


def nobody_planned(_since: datetime, _until: datetime) -> None:
    """As far as is known: who asks by hand may have any settings."""


def week(how: Writing, *, site: str | None, redacted: bool) -> None:
    """Of one site: that of the settings, or this one. redacted: a copy for strangers."""
    chosen = formats_of(how.formats or ["text"], how.output, WEEK_FORMATS)
    # What must not be in a copy may stand anywhere in the settings.
    clinic = settings(how.config) if redacted else kept_settings(how.config)
    where = place(clinic)
    # By the clock on the wall a copy would tell where in the world that is.
    never_loads = clinic.schedule.load_tests is LoadTests.NEVER
    zone = UTC if redacted else here()
    told = week_of(where, site or clinic.name, datetime.now(UTC), zone, never_loads=never_loads)
    if redacted:
        share_week(told, list(_whole(where, told)), clinic, chosen, how.output)
    else:
        deliver_as(WEEK_FORMATS, told, targets_of(chosen, how.output, stem="emrnetcheck-week"), plain=how.plain)


def week_of(
    where: Path | str,
    site: str,
    now: datetime,
    zone: tzinfo | None = None,
    *,
    never_loads: bool = False,
    planned: Planned = nobody_planned,
) -> Week:
    """The seven days until now. A week without any run is a week, too: that nobody measured is what it tells.

    zone: by which clock a day begins, that of this computer if not told. never_loads: so the settings have it.
    planned: how many runs should have been made from one moment to another.
    """
    from emrnetcheck.reports.week import Unloaded, compared, made_elsewhere, starts, summarise
    from emrnetcheck.store import NothingStoredError
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.reading import kept_runs

    zone = zone or here()
    first, second = starts(now, zone)
    due, due_before = planned(second, now), planned(first, second)
    of_week = Wanted(site=site, vantage="host", since=second)
    try:
        with leaving_out() as left_out:
            this = kept_runs(where, of_week, left_out=left_out.append)
            last = kept_runs(where, replace(of_week, since=first, before=second), left_out=left_out.append)
            before = kept_runs(where, replace(of_week, since=None, before=first), most=1, left_out=left_out.append)
            unloaded = _unloaded(where, site) if never_loads else None
    except NothingStoredError:
        none = Unloaded() if never_loads else None
        return summarise([], [], now=now, zone=zone, site=site, planned=due, planned_before=due_before, unloaded=none)
    away = _elsewhere(where, site)
    (this, this_away), (last, last_away) = (made_elsewhere(each, away) for each in (this, last))
    ids = compared(this, last, unloaded=never_loads)
    reports = {id_: each for id_ in ids if id_ is not None and (each := _told(where, id_)) is not None}
    older = before[0] if before else None
    return summarise(
        this,
        last,
        now=now,
        zone=zone,
        site=site,
        planned=due,
        planned_before=due_before,
        before=older,
        reports=reports,
        unloaded=unloaded,
        elsewhere=[*this_away, *last_away],
    )


def _elsewhere(where: Path | str, site: str) -> tuple[tuple[datetime, datetime], ...]:
    """When this computer was on another network than the clinic's, as the alarms have it; where they cannot tell,
    every run counts."""
    from emrnetcheck.alerting import from_json
    from emrnetcheck.store import StoreError
    from emrnetcheck.store.unsent import alarm_state

    try:
        return from_json(alarm_state(where, site)).elsewhere
    except (StoreError, ValueError):
        return ()


def _unloaded(where: Path | str, site: str) -> Unloaded:
    """What is known of the upload all the same: somebody may have started a run."""
    from emrnetcheck.reports.week import Unloaded
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.reading import kept_runs

    wanted = Wanted(site=site, vantage="host", whole=True)
    for run in kept_runs(where, wanted, most=1, left_out=lambda _: None):
        if run.goodput_mbps is not None:
            return Unloaded(run.started_at, run.goodput_mbps)
    return Unloaded()


def _told(where: Path | str, id_: str) -> Told | None:
    """None where the report is damaged: what its row says still counts."""
    from emrnetcheck.reports.week import told
    from emrnetcheck.store import DamagedRunError
    from emrnetcheck.store.reading import kept_report

    try:
        return told(kept_report(where, id_))
    except DamagedRunError:
        return None


def _whole(where: Path | str, week: Week) -> Iterator[ClinicReport]:
    """The reports that its sentences come from, without one that this version cannot read as a whole."""
    from emrnetcheck.reports.json import NotAReportError, parse
    from emrnetcheck.reports.week import compared
    from emrnetcheck.store import DamagedRunError
    from emrnetcheck.store.reading import kept_report

    this = [row for row in week.rows if row.started_at >= week.this.starts_at]
    last = [row for row in week.rows if row.started_at < week.this.starts_at]
    for id_ in compared(this, last, unloaded=week.unloaded is not None):
        try:
            if id_ is not None:
                yield parse(kept_report(where, id_))
        except (DamagedRunError, NotAReportError):
            pass  # what its row says is replaced all the same
