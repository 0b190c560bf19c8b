"""What do the settings say about runs that nobody starts?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LoadTests(StrEnum):
    """When a scheduled run may load the line. A run that may not, looks at all the rest."""

    OUTSIDE_CLINIC_HOURS = "outside_clinic_hours"
    ALWAYS = "always"
    NEVER = "never"


LOADING_CHECKS = frozenset({"upload", "download", "bufferbloat", "capacity"})
"""What cannot be answered without loading the line."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """[schedule]. check, look, report, clinic_hours: as they were written, such as "daily 06:30".

    `schedule/` reads them. look: when it is checked without loading the line; as often as the alarms need it that
    nothing which lasts an hour is missed (docs/alerts.md).
    spread_minutes: within so many minutes after a due time each computer has its own. ping_url: an address that is
    told of each run, or where it is kept ("env:NAME", "file:PATH"); None: nobody is told.
    """

    check: tuple[str, ...] = ("daily 06:30",)
    look: tuple[str, ...] = ("every 30 minutes",)
    report: tuple[str, ...] = ("monday 07:00",)
    clinic_hours: tuple[str, ...] = ("mon-fri 08:00-18:00",)
    load_tests: LoadTests = LoadTests.OUTSIDE_CLINIC_HOURS
    spread_minutes: int = 20
    ping_url: str | None = None
