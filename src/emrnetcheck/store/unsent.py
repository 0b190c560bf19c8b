"""Which mails wait or were given up, and where do the alarms stand? Without SQLAlchemy: `status` has to be quick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from emrnetcheck.model.mail import DeliveryState, Unsent
from emrnetcheck.store.packed import storable
from emrnetcheck.store.posted import reply_of
from emrnetcheck.store.reading import newest_file

_QUERY = (
    "SELECT deliveries.state, deliveries.reply, deliveries.recipient, deliveries.attempts, "
    "mails.composed_unix_s, deliveries.may_be_double "
    "FROM emrnetcheck_deliveries AS deliveries JOIN emrnetcheck_outbox AS mails ON mails.id = deliveries.mail_id "
    "WHERE mails.site = :site AND (deliveries.state IN ('waiting', 'sending') "
    "OR (deliveries.state = 'failed' AND deliveries.settled_unix_s >= :since)) "
    "ORDER BY deliveries.id DESC"
)


TOLD_FOR = timedelta(days=14)
"""How long a mail that was given up is told of."""


def unsent(where: Path | str, site: str, now: datetime) -> Unsent:
    """Of one site. NothingStoredError where there is no history, StoreError where it cannot be read."""
    values = {"site": storable(site), "since": int((now - TOLD_FOR).timestamp())}
    if isinstance(where, Path):
        with newest_file(where) as connection:
            if connection is not None:
                return _counted(connection.execute(_QUERY, values).fetchall())
    from sqlalchemy import text

    from emrnetcheck.store.history import History

    with History.opened(where) as history, history.reading():
        return _counted([tuple(row) for row in history.connection.execute(text(_QUERY), values)])


def alarm_state(where: Path | str, site: str) -> str | None:
    """What the alarms of one site remember, as `store.alerts` keeps it; the errors of `unsent`. None: nothing yet."""
    query, values = "SELECT state FROM emrnetcheck_alerts WHERE site = :site", {"site": storable(site)}
    if isinstance(where, Path):
        with newest_file(where) as connection:
            if connection is not None:
                row = connection.execute(query, values).fetchone()
                return None if row is None else str(row[0])
    from emrnetcheck.store.alerts import AlertStates
    from emrnetcheck.store.history import History

    with History.opened(where) as history:
        return AlertStates(history).load(site)[0]


def _counted(rows: Sequence[Sequence[Any]]) -> Unsent:
    failed = [row for row in rows if row[0] == DeliveryState.FAILED]
    waiting = [row for row in rows if row[0] != DeliveryState.FAILED]
    tried = [row for row in waiting if row[3]]
    why: dict[str, str] = {}
    for _, reply, recipient, *_ in failed or tried:
        why.setdefault(str(recipient), _said(reply))  # the newest comes first
    # One that may have arrived waits on purpose before it goes once more.
    oldest_unix_s = min((row[4] for row in waiting if not (row[5] and row[0] == DeliveryState.WAITING)), default=None)
    since = None if oldest_unix_s is None else datetime.fromtimestamp(oldest_unix_s, UTC)
    return Unsent(len(waiting), len(failed), why, len(tried), since)


def _said(reply: str | None) -> str:
    if reply is None:  # killed while it was being sent, or given up by hand
        return "no reply is known"
    try:
        return reply_of(reply).in_words()
    except ValueError:
        return "its last reply cannot be read"
