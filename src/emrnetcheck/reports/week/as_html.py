"""How does a week look as one page, for a browser or to print?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from emrnetcheck.reports.html.base import Shown
from emrnetcheck.reports.html.letters import as_html
from emrnetcheck.reports.letter import Letter
from emrnetcheck.reports.week.page import closing, opening, subject
from emrnetcheck.reports.week.summary import Week
from emrnetcheck.reports.week.table import rows


def html(week: Week, pictures: Sequence[Shown] = (), *, zone: tzinfo = UTC, command: str = "emrnetcheck") -> str:
    """One page without script, with its pictures in it."""
    answer, *rest = opening(week, zone)
    letter = Letter(
        subject=subject(week),
        answer=answer,
        opening=rest,
        rows=tuple(rows(week)),
        pictures=pictures,
        closing=tuple(closing(week, command=command)),
    )
    return as_html(letter)
