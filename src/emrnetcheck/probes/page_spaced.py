"""Does the page come at any moment of some seconds, or did it come between two breaks that last for seconds?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import PageGet
from emrnetcheck.evidence.series import loss_lower_ratio
from emrnetcheck.model import Failure
from emrnetcheck.net.page import Page
from emrnetcheck.net.page_session import PageSession
from emrnetcheck.probes.context import Context

FOR_S = 8.0
"""As long as the EMR's computer was asked before."""
EVERY_S = 0.5
NEW_EACH = 4
"""Every so many is on a new connection: one every two seconds, which is far less than any limit would keep out."""
_LATE_MS = 900.0  # RFC 6298: what is sent again for the first time is a second late
_LOST_RATIO = 0.1

Open = Callable[[], PageSession | Failure]
Get = Callable[[PageSession], Page | Failure]
AsGet = Callable[[Page | Failure], PageGet]


def is_doubtful(seen: Seen) -> bool:
    """Whether much of what was asked of the EMR's computer before was lost: pages that come at once may be luck."""
    asked = seen.way.of("server") if seen.way is not None else ()
    return any((loss_lower_ratio(each.sent, each.lost) or 0.0) > _LOST_RATIO for each in asked if each.lost < each.sent)


def ask_spaced(open_one: Open, get: Get, as_get: AsGet, usual_ms: float, context: Context) -> tuple[PageGet, ...]:
    """The page every EVERY_S on one connection, and now and then on a new one, until one of them is late or fails.

    usual_ms: what its first byte took before.
    """
    gets: list[PageGet] = []
    began_s, kept = time.monotonic(), None
    try:
        while (next_s := began_s + len(gets) * EVERY_S) < began_s + FOR_S > time.monotonic():
            if context.stop.wait(max(0.0, next_s - time.monotonic())) or context.stopping():
                break
            is_new = kept is None or not kept.is_open or len(gets) % NEW_EACH == 0
            if is_new:
                if kept is not None:
                    kept.close()
                opened = open_one()
                kept = None if isinstance(opened, Failure) else opened
                answer = opened if isinstance(opened, Failure) else get(opened)
            else:
                assert kept is not None
                answer = get(kept)
            one = as_get(answer)
            gets.append(one if is_new else replace(one, connect_ms=None, tls_ms=None))
            if one.total_ms is None or max(one.connect_ms or 0.0, (one.first_byte_ms or 0.0) - usual_ms) > _LATE_MS:
                break
    finally:
        if kept is not None:
            kept.close()
    return tuple(gets)
