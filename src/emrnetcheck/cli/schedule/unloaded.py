"""Has how fast the line is not been measured for long, since this computer is on in the clinic's hours only?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emrnetcheck.cli.schedule.looking import Looking

if TYPE_CHECKING:
    from pathlib import Path

    from emrnetcheck.cli.schedule.planning import Clock
    from emrnetcheck.cli.zone import Here
    from emrnetcheck.model import Site
    from emrnetcheck.model.claims import Claim

LONG = timedelta(days=8)
"""A week without it is a weekly report without an answer."""
_TOLD = (
    "How fast the line is has not been measured for {days} days or more: at each check the clinic was open. Leave this "
    "computer on until an hour after closing now and then, set another time ([schedule] check), or allow it in the "
    'clinic\'s hours ([schedule] load_tests = "always").'
)


def unloaded(
    where: Path | str, site: Site, clock: Clock, zone: Here, *, check: Claim | None, since: datetime, now: datetime
) -> str | None:
    """A sentence where it is so. check: the last one; since: when it was installed. StoreError as the history."""
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.reading import kept_runs

    if check is None or now - since < LONG or not Looking(site, clock.hours, zone).too_late(check.claimed_at):
        return None
    wanted = Wanted(site=site.name, vantage="host", whole=True, since=now - LONG)
    return None if kept_runs(where, wanted, most=1, left_out=lambda _: None) else _TOLD.format(days=LONG.days)
