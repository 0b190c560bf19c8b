"""Who takes on a piece of scheduled work? One, and once, whatever is killed when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, text, update

from emrnetcheck.model.claims import AHEAD, CLOCK, Claim, Ended
from emrnetcheck.store.faults import UnreadableError
from emrnetcheck.store.history import History
from emrnetcheck.store.packed import storable
from emrnetcheck.store.tables import claims

__all__ = ["Claim", "Claims", "Ended"]

_TAKE = (
    "INSERT INTO emrnetcheck_claims (kind, site, due_unix_s, claimed_unix_s) VALUES (:kind, :site, :due, :now) "
    "ON CONFLICT (kind, site, due_unix_s) DO NOTHING"
)


class Claims:
    """Those in an open history. Every method raises StoreError where it cannot do its work.

    Times are given with a time zone, and kept to the second.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def claim(self, kind: str, site: str, due_at: datetime, now: datetime) -> bool:
        """Take on what is due at that moment: of all who ever ask, one is told True."""
        values = {
            "kind": kind,
            "site": storable(site),
            "due": int(due_at.timestamp()),
            "now": int(now.timestamp()),
        }
        with self._history.together():
            return self._history.connection.execute(text(_TAKE), values).rowcount == 1

    def last(self, kind: str, site: str, *, until: datetime | None = None) -> Claim | None:
        """That of the latest due moment. until: of none later, for a clock that was years ahead for an hour."""
        wanted = and_(claims.c.kind == kind, claims.c.site == storable(site))
        if until is not None:
            wanted = and_(wanted, claims.c.due_unix_s <= int(until.timestamp()))
        query = select(claims).where(wanted).order_by(claims.c.due_unix_s.desc()).limit(1)
        with self._history.reading():
            row = self._history.connection.execute(query).first()
            return None if row is None else _claim(row)

    def known(self, kind: str, site: str, due_at: datetime) -> Claim | None:
        """That of this moment."""
        with self._history.reading():
            row = self._history.connection.execute(select(claims).where(_is(kind, site, due_at))).first()
            return None if row is None else _claim(row)

    def later(self, kind: str, site: str, than: datetime) -> list[Claim]:
        """Those of later due moments, the earliest first."""
        wanted = and_(claims.c.kind == kind, claims.c.site == storable(site))
        query = select(claims).where(wanted, claims.c.due_unix_s > int(than.timestamp())).order_by(claims.c.due_unix_s)
        with self._history.reading():
            return [_claim(row) for row in self._history.connection.execute(query)]

    def give_back(self, kind: str, site: str, later_than: datetime) -> None:
        """Those of later due moments can be claimed once more. When the last of them was claimed stays known.

        Not of what is at work, or of what the alarms have not been told yet.
        """
        over = [each for each in self.later(kind, site, later_than) if each.outcome not in (None, Ended.KEPT)]
        if not over:
            return
        with self._history.together():
            self.claim(AHEAD, site, over[-1].due_at, over[-1].claimed_at)
            for each in over:
                self._history.connection.execute(delete(claims).where(_is(kind, site, each.due_at)))

    def first(self, site: str) -> Claim | None:
        """The oldest one of the site that is still known: since when there is a schedule."""
        query = select(claims).where(claims.c.site == storable(site)).order_by(claims.c.claimed_unix_s).limit(1)
        with self._history.reading():
            row = self._history.connection.execute(query).first()
            return None if row is None else _claim(row)

    def forget_after(self, kind: str, site: str, moment: datetime) -> None:
        """All of this kind whose due moment is later."""
        later = claims.c.due_unix_s > int(moment.timestamp())
        with self._history.together():
            self._history.connection.execute(
                delete(claims).where(claims.c.kind == kind, claims.c.site == storable(site), later)
            )

    def worked_at(self, site: str) -> datetime | None:
        """When work was taken on last, by the clock that was furthest ahead; None: never."""
        query = select(func.max(claims.c.claimed_unix_s)).where(claims.c.site == storable(site), claims.c.kind != CLOCK)
        with self._history.reading():
            found = self._history.connection.execute(query).scalar()
        try:
            return None if found is None else datetime.fromtimestamp(found, UTC)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            raise UnreadableError(str(error)) from error

    def finish(
        self, kind: str, site: str, due_at: datetime, outcome: Ended, now: datetime, *, run_id: str | None = None
    ) -> None:
        """How it ended. run_id None: what is written there stays."""
        values: dict[str, object] = {"outcome": outcome.value, "finished_unix_s": int(now.timestamp())}
        if run_id is not None:
            values["run_id"] = run_id
        with self._history.together():
            self._history.connection.execute(update(claims).where(_is(kind, site, due_at)).values(values))

    def left(self, site: str) -> list[Claim]:
        """Runs that are in the history and that alerts were never told of, the oldest first."""
        wanted = and_(claims.c.site == storable(site), claims.c.outcome == Ended.KEPT.value)
        query = select(claims).where(wanted).order_by(claims.c.claimed_unix_s, claims.c.due_unix_s)
        with self._history.reading():
            return [_claim(row) for row in self._history.connection.execute(query)]


def _is(kind: str, site: str, due_at: datetime) -> ColumnElement[bool]:
    return and_(claims.c.kind == kind, claims.c.site == storable(site), claims.c.due_unix_s == int(due_at.timestamp()))


def _claim(row: Row[Any]) -> Claim:
    try:
        return Claim(
            kind=row.kind,
            site=row.site,
            due_at=datetime.fromtimestamp(row.due_unix_s, UTC),
            claimed_at=datetime.fromtimestamp(row.claimed_unix_s, UTC),
            finished_at=None if row.finished_unix_s is None else datetime.fromtimestamp(row.finished_unix_s, UTC),
            outcome=None if row.outcome is None else Ended(row.outcome),
            run_id=row.run_id,
        )
    except (ValueError, TypeError, OverflowError, OSError) as error:  # SQLite keeps any type anywhere
        raise UnreadableError(str(error)) from error
