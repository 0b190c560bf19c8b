"""In which mails was a fault told? What is mailed of it later answers them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from emrnetcheck.alerting.state import KEPT_MAILS, AlertState, Watched
from emrnetcheck.model.alerts import Posted


def with_mail(state: AlertState, incident_ids: Collection[str], mail: Posted) -> AlertState:
    """The state, which knows that this mail is about those of its open incidents."""

    def told(watched: Watched) -> Watched:
        incident = watched.incident
        if incident is None or incident.id not in incident_ids:
            return watched
        return replace(watched, incident=replace(incident, mails=(*incident.mails, mail)[-KEPT_MAILS:]))

    return replace(state, checks={check: told(watched) for check, watched in state.checks.items()})
