"""Which pictures belong to a report?

matplotlib is loaded by what draws one, and only where there is something to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.plots.delays import delays_picture
from emrnetcheck.reports.plots.picture import Picture
from emrnetcheck.reports.plots.timeline import timeline_picture
from emrnetcheck.reports.plots.upload import upload_picture
from emrnetcheck.reports.plots.weeks import weeks_picture

__all__ = ["Picture", "pictures_of", "pictures_of_week"]


def pictures_of(report: ClinicReport, *, dark: bool = False) -> tuple[Picture, ...]:
    """Those for which enough was measured: none is better than one that shows something else. dark: for dark pages."""
    drawn = (upload_picture(report, dark=dark), delays_picture(report, dark=dark))
    return tuple(picture for picture in drawn if picture is not None)


def pictures_of_week(
    rows: Sequence[PastRun], *, now: datetime, zone: tzinfo = UTC, dark: bool = False
) -> tuple[Picture, ...]:
    """rows: of the two weeks before now, of one site, the oldest first."""
    drawn = (draw(rows, now=now, zone=zone, dark=dark) for draw in (weeks_picture, timeline_picture))
    return tuple(picture for picture in drawn if picture is not None)
