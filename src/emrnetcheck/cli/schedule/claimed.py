"""What was done last of each thing that is done by the clock?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from emrnetcheck.model.claims import Claim
    from emrnetcheck.store.claims import Claims


@dataclass(frozen=True, slots=True)
class Claimed:
    """last: of each kind, as far as it tells what is due. ahead: the moments to come for which a check was made, by a
    clock that was ahead. since: nothing before it is due. worked_at: when anything was begun last, by that clock.

    unread: why nothing can be told.
    """

    last: dict[str, Claim] = field(default_factory=dict)
    ahead: frozenset[datetime] = frozenset()
    since: datetime | None = None
    worked_at: datetime | None = None
    unread: str | None = None


def claimed(where: Path | str, site: str, now: datetime) -> Claimed:
    """What the history knows of it."""
    from emrnetcheck.model.claims import Work
    from emrnetcheck.schedule.due import CLOCK_AHEAD, CLOCK_WAS_WRONG
    from emrnetcheck.store import NothingStoredError, StoreError
    from emrnetcheck.store.claims import Claims
    from emrnetcheck.store.history import History

    try:
        with History.opened(where, write=False) as history:
            claims = Claims(history)
            until = now + CLOCK_AHEAD
            last = {kind: claims.last(kind, site, until=until) for kind in (Work.CHECK, Work.LOOK)}
            last[Work.REPORT] = claims.last(Work.REPORT, site, until=now + CLOCK_WAS_WRONG)
            found = {kind.value: claim for kind, claim in last.items() if claim is not None}
            if "check" in found:
                found["check"] = _made_up_for(claims, found["check"])
            first = claims.first(site)
            return Claimed(
                last=found,
                ahead=frozenset(each.due_at for each in claims.later(Work.CHECK, site, until)),
                since=None if first is None else first.claimed_at,
                worked_at=claims.worked_at(site),
            )
    except NothingStoredError:
        return Claimed()
    except StoreError as error:
        return Claimed(unread=f"What was done so far cannot be told: {error}")


def _made_up_for(claims: Claims, check: Claim) -> Claim:
    """One that was cut off, and done once more since, is done."""
    from emrnetcheck.model.claims import Ended, Work

    if check.outcome not in (None, Ended.STOPPED):
        return check
    again = claims.known(Work.AGAIN, check.site, check.claimed_at)
    if again is None or again.outcome not in (Ended.KEPT, Ended.DONE):
        return check
    return replace(check, outcome=again.outcome, finished_at=again.finished_at, run_id=again.run_id)
