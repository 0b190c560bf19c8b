"""What does a scheduled run look at: all of it, all but what loads the line, or only what is suspect?"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from emrnetcheck.model import Mode, Status
from emrnetcheck.model.alerts import AlertLevel
from emrnetcheck.model.schedule import LOADING_CHECKS, LoadTests
from emrnetcheck.schedule.hours import Hours, may_load

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Site
    from emrnetcheck.runner import Options
    from emrnetcheck.unattended import Measured

ONCE_MORE_AFTER_S = 45.0
LOADING_PROBES = frozenset({"upload", "download", "second_opinion", "lan_load"})
"""What others in the office feel."""


class Looking:
    """How these settings have it. hours: of the clinic, by the clock of the zone."""

    def __init__(self, site: Site, hours: Hours, zone: tzinfo) -> None:
        self._site = site
        self._hours = hours
        self._zone = zone

    def askable(self, checks: Iterable[str], now: datetime) -> tuple[str, ...]:
        """Those of them that a second look may ask now."""
        return _without_load(checks) if not self._may_load(now) else tuple(checks)

    def owes(self, meant_at: datetime, begun_at: datetime, now: datetime) -> bool:
        """Whether a check that was to load the line, began only when it could not any more, and could now."""
        return self._may_load(meant_at) and self.too_late(begun_at) and self._may_load(now)

    def too_late(self, at: datetime) -> bool:
        """Whether a check of that moment could not load the line because of the hour."""
        outside = self._site.schedule.load_tests is LoadTests.OUTSIDE_CLINIC_HOURS
        return outside and not self._may_load(at)

    def options(self, suspects: Collection[str], now: datetime, *, light: bool = False) -> Options:
        """How such a run is made (see `look`)."""
        from emrnetcheck.runner import Options

        quiet = self._is_quiet(now, light=light)
        return Options(
            mode=Mode.STANDARD,  # a second look by a quick run would not see all that the first one saw
            only=self._second_look(_without_load(suspects) if quiet else suspects),
            skip=tuple(sorted(LOADING_CHECKS)) if quiet else (),
        )

    @staticmethod
    def _second_look(suspects: Collection[str]) -> tuple[str, ...]:
        """And what they may follow from, as far as that loads nothing: else another fault that breaks out by now would
        confirm them. What tells which network this is, too: a laptop may be elsewhere by now."""
        from emrnetcheck.checks import ALL

        if not suspects:
            return ()
        causes = {cause for check in ALL if check.id in suspects for codes in check.follows.values() for cause in codes}
        beside = {cause.partition(".")[0] for cause in causes} | {"router"}
        return tuple(check.id for check in ALL if check.id in suspects or check.id in beside - LOADING_CHECKS)

    def look(self, suspects: Collection[str], now: datetime, *, light: bool = False) -> Measured:
        """A run of these checks, or of all where none is named. light: of none that loads the line, at no hour.

        Where a second look finds them bad again, it looks once more soon after and tells that: two hiccups of some
        seconds, by chance a quarter of an hour apart, are no fault. KeyboardInterrupt where somebody stopped it.
        """
        report = self._report(suspects, now, light=light)
        made = self._measured(report)
        if not self._is_doubted(report, suspects):
            return made
        time.sleep(ONCE_MORE_AFTER_S)
        return replace(self._measured(self._report(suspects, now, light=light)), doubted=made)

    def _measured(self, report: ClinicReport) -> Measured:
        from emrnetcheck.cli.keeping import settings_text
        from emrnetcheck.reports.json import render
        from emrnetcheck.store.extract import past_run
        from emrnetcheck.unattended import Measured

        return Measured(past_run(report), render(report), settings_text(self._site))

    def _report(self, suspects: Collection[str], now: datetime, *, light: bool) -> ClinicReport:
        from emrnetcheck import runner
        from emrnetcheck.checks import ALL
        from emrnetcheck.probes import PROBES

        quiet = self._is_quiet(now, light=light)
        probes = [probe for probe in PROBES if not (quiet and probe.name in LOADING_PROBES)]
        report = runner.run(self._site, self.options(suspects, now, light=light), probes=probes, checks=ALL)
        if report.interrupted:
            raise KeyboardInterrupt
        return report

    def _is_doubted(self, report: ClinicReport, suspects: Collection[str]) -> bool:
        """Whether a suspect is bad again, and nothing was loaded to see it, which is not done twice."""
        bad = (Status.FAIL, Status.WARN) if self._site.alerts.level is AlertLevel.WARN else (Status.FAIL,)
        if any(each.id in LOADING_CHECKS and each.skipped_because is None for each in report.checks):
            return False
        return any(each.id in suspects and each.status in bad for each in report.checks)

    def _is_quiet(self, now: datetime, *, light: bool) -> bool:
        return light or not self._may_load(now)

    def _may_load(self, now: datetime) -> bool:
        from emrnetcheck.runner import BUDGET_S

        wish = self._site.schedule.load_tests
        return may_load(wish, self._hours, self._zone, now, lasting_s=BUDGET_S[Mode.STANDARD])


def _without_load(checks: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in checks if each not in LOADING_CHECKS)
