"""How do the alarms stand? For `status`, for the week, and for whoever asks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from emrnetcheck.alerting.state import AlertState
from emrnetcheck.model.alerts import Standing, Trouble


def standing(state: AlertState, since: datetime) -> Standing:
    """What is open now; what ended and what came and went from `since` on."""
    open_ = [
        Trouble(
            incident_id=each.id,
            check=check,
            code=each.now.code,
            severity=each.now.severity,
            summary=each.now.summary,
            since=each.since,
            until=None,
            mailed=each.mailed,
        )
        for check, watched in state.checks.items()
        if (each := watched.incident) is not None
    ]
    blips = Counter(
        each.code for watched in state.checks.values() for each in watched.blips if each.at >= since and each.code
    )
    suspects = [
        (check, last.code)
        for check, watched in sorted(state.checks.items())
        if watched.incident is None and watched.looks
        if (last := watched.looks[-1]).counts_as_bad and last.code is not None
    ]
    return Standing(
        open=tuple(sorted(open_, key=lambda each: each.since)),
        closed=tuple(each for each in state.closed if each.until is not None and each.until >= since),
        suspects=tuple(suspects),
        blips=tuple(sorted(blips.items())),
        accepted=tuple(sorted({code for watched in state.checks.values() for code in watched.accepted})),
        elsewhere_since=None if state.away is None or state.away.place is None else state.away.since,
    )
