"""Where do a site's alerts stand? What the text means, only `alerting` knows; here it is changed by one at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text, update

from emrnetcheck.store.history import History
from emrnetcheck.store.packed import storable
from emrnetcheck.store.tables import alerts

_BEGIN = (
    "INSERT INTO emrnetcheck_alerts (site, state, revision, changed_unix_s) VALUES (:site, :state, 1, :now) "
    "ON CONFLICT (site) DO NOTHING"
)


class AlertStates:
    """Those in an open history. Every method raises StoreError where it cannot do its work."""

    def __init__(self, history: History) -> None:
        self._history = history

    def load(self, site: str) -> tuple[str | None, int]:
        """The state as text, and its revision; None and 0 before there is one."""
        query = select(alerts.c.state, alerts.c.revision).where(alerts.c.site == storable(site))
        with self._history.reading():
            row = self._history.connection.execute(query).first()
        return (None, 0) if row is None else (str(row.state), int(row.revision))

    def save(self, site: str, state: str, revision: int, now: datetime) -> bool:
        """Put it in place of that of this revision. False: somebody else has changed it since."""
        values: dict[str, object] = {"site": storable(site), "state": storable(state), "now": int(now.timestamp())}
        connection = self._history.connection
        with self._history.together():
            if revision == 0:
                return connection.execute(text(_BEGIN), values).rowcount == 1
            unchanged = update(alerts).where(alerts.c.site == values["site"], alerts.c.revision == revision)
            changed = {"state": values["state"], "revision": revision + 1, "changed_unix_s": values["now"]}
            return connection.execute(unchanged.values(changed)).rowcount == 1
