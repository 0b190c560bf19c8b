"""Is a router that is late now and then also late with what it passes on?"""

from __future__ import annotations

from collections.abc import Iterable

from emrnetcheck.watching.leg import LegWatch

_ENOUGH = 20


def forwards_better(router: LegWatch, behind: Iterable[LegWatch]) -> bool:
    """Whether somebody behind it is late less than half as often, since it is; and so until there is enough to tell."""
    if not router.now_and_then:
        return False
    since_s, late_ms = router.bad_since_s, router.late_ms()
    own = router.recent.late_share(late_ms, since_s, 1)
    waiting = False
    for leg in behind:
        quiet_ms = leg.quiet_ms()
        if quiet_ms is None:
            continue
        share = leg.recent.late_share(quiet_ms + late_ms / 2, since_s, _ENOUGH)
        waiting = waiting or share is None
        if share is not None and own is not None and share < own / 2:
            return True
    return waiting
