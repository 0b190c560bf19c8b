"""Which mails are on their way, and what came of each? Composed once, claimed by one, sent once as far as is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, not_, or_, select, text, update

from emrnetcheck.model.mail import Composed, Delivery, DeliveryState, MailKind, Outcome, Reply
from emrnetcheck.store import posted, retrying
from emrnetcheck.store.faults import UnreadableError, told
from emrnetcheck.store.history import History
from emrnetcheck.store.packed import storable
from emrnetcheck.store.tables import deliveries, outbox

_COLUMNS = ("key", "kind", "site", "message_id", "subject", "sender", "composed_unix_s", "message")
_COMPOSE = (
    f"INSERT INTO emrnetcheck_outbox ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) "
    "ON CONFLICT (key) DO NOTHING"
)
_ADDRESS = (
    "INSERT INTO emrnetcheck_deliveries (mail_id, recipient, state, attempts, next_try_unix_s, may_be_double) "
    "SELECT id, :recipient, 'waiting', 0, :now, :no FROM emrnetcheck_outbox WHERE key = :key "
    "ON CONFLICT (mail_id, recipient) DO NOTHING"
)
_WITH_MAIL = select(deliveries, outbox.c.kind, outbox.c.composed_unix_s).join(outbox)
_LOCKED_WITH_MAIL = _WITH_MAIL.with_for_update(of=deliveries)
_CLOCK_SLACK_S = 60
_DAMAGED = Reply(Outcome.REFUSED, None, "not sent: it is damaged in the history", "")
MOST_AT_ONCE = 100


class Outbox:
    """The mails of one site in an open history. Every method raises StoreError where it cannot do its work.

    Times are given with a time zone, and kept to the second.
    """

    def __init__(self, history: History, site: str) -> None:
        self._history = history
        self._site = storable(site)

    def compose(self, mail: Composed) -> bool:
        """Put it in, to go to each of its recipients. False: it was there already, and stays as it is."""
        with self._history.together():
            made = self._history.connection.execute(text(_COMPOSE), posted.mail_columns(mail)).rowcount == 1
            if made:
                self.address(mail)
        return made

    def address(self, mail: Composed) -> tuple[str, ...]:
        """Have the mail of this key, as it was composed, go to those of its recipients who have none of it; to whom."""
        connection, key = self._history.connection, storable(mail.key)
        values = {"key": key, "now": int(mail.composed_at.timestamp()), "no": False}
        with self._history.together():
            return tuple(
                each
                for each in mail.recipients
                if connection.execute(text(_ADDRESS), {**values, "recipient": storable(each)}).rowcount == 1
            )

    def has(self, key: str) -> bool:
        """Whether a mail of this key was composed."""
        with self._history.reading():
            query = select(outbox.c.id).where(outbox.c.key == storable(key))
            return self._history.connection.execute(query).first() is not None

    def due(self, now: datetime, *, early: bool = False) -> list[Delivery]:
        """What is to be sent now, the longest waiting first; also what was being sent when a program was killed.

        early: also what is to wait for its next try, but not what somebody else is sending.
        """
        order = (deliveries.c.next_try_unix_s, deliveries.c.id)
        damaged: list[int] = []
        found = self._asked(self._is_due(now, early=early), order, MOST_AT_ONCE, damaged)
        for delivery_id in damaged:  # it cannot be sent, and must not hold up the others
            self._give_up(delivery_id, _DAMAGED, now)
        return found

    def claim(self, delivery_id: int, now: datetime, *, early: bool = False) -> bool:
        """Take it on: of all who ask, one is told True, and nobody else until it counts as killed.

        One that was being sent when a program was killed may have arrived: from then on it is marked so.
        """
        connection, is_it = self._history.connection, deliveries.c.id == delivery_id
        with self._history.together():
            query = _WITH_MAIL.where(is_it, self._is_due(now, early=early))
            found = connection.execute(query).first()
            if found is None:
                return False
            now_unix_s = int(now.timestamp())
            was_killed = found.state == DeliveryState.SENDING
            first_unix_s = retrying.first_try_unix_s(found.first_try_unix_s, found.composed_unix_s, now_unix_s)
            first_try_at = datetime.fromtimestamp(first_unix_s, UTC)
            doubtful = bool(found.may_be_double)
            if was_killed and (
                retrying.too_old(found.attempts, first_try_at, now)
                or retrying.is_killed_always(found.attempts, may_have_arrived=doubtful)
            ):
                changed = {"state": DeliveryState.FAILED.value, "settled_unix_s": now_unix_s, "may_be_double": True}
                connection.execute(update(deliveries).where(is_it).values(changed))
                return False
            attempts = found.attempts + 1
            again_at = now + max(retrying.KILLED_AFTER, retrying.pause(attempts))
            taken = {
                "state": DeliveryState.SENDING.value,
                "attempts": attempts,
                "first_try_unix_s": first_unix_s,
                "next_try_unix_s": int(again_at.timestamp()),
                "may_be_double": doubtful or was_killed,
            }
            # Once more the number of tries: where reading took no lock (PostgreSQL), somebody may have been quicker.
            unchanged = and_(is_it, deliveries.c.attempts == found.attempts, deliveries.c.state == found.state)
            return connection.execute(update(deliveries).where(unchanged).values(taken)).rowcount == 1

    def settle(self, delivery_id: int, reply: Reply, now: datetime) -> DeliveryState | None:
        """What the server said to the one who claimed it; what became of it. None: another has settled it since."""
        connection, is_it = self._history.connection, deliveries.c.id == delivery_id
        with self._history.together():
            found = connection.execute(_LOCKED_WITH_MAIL.where(is_it)).first()
            if found is None or found.state == DeliveryState.SENT:
                return None
            # Who was slow and is told after all that it was taken, is right whatever became of it meanwhile.
            if found.state != DeliveryState.SENDING and reply.outcome is not Outcome.SENT:
                return None
            return self._replied(found, reply, found.attempts, now)

    def tried_with_another(self, delivery_ids: Iterable[int], reply: Reply, now: datetime) -> dict[int, DeliveryState]:
        """What a server said to one mail counts for these as well, which wait; what became of each.

        It concerns the server: each of them would have had the same reply.
        """
        connection, ids = self._history.connection, list(delivery_ids)
        waits = deliveries.c.state == DeliveryState.WAITING.value
        with self._history.together():
            query = _LOCKED_WITH_MAIL.where(deliveries.c.id.in_(ids), waits, self._of_site())
            found = connection.execute(query.order_by(deliveries.c.id)).all()
            return {row.id: self._replied(row, reply, row.attempts + 1, now) for row in found}

    def _replied(self, found: Row[Any], reply: Reply, attempts: int, now: datetime) -> DeliveryState:
        now_unix_s = int(now.timestamp())
        first_unix_s = retrying.first_try_unix_s(found.first_try_unix_s, found.composed_unix_s, now_unix_s)
        first_try_at = datetime.fromtimestamp(first_unix_s, UTC)  # by a local clock summer time would take an hour
        doubtful = bool(found.may_be_double)
        may_wait = found.kind == MailKind.WEEKLY
        then = retrying.after(reply, attempts, first_try_at, now, may_have_arrived=doubtful, may_wait=may_wait)
        changed = {
            "state": then.state.value,
            "attempts": attempts,
            "first_try_unix_s": first_unix_s,
            "next_try_unix_s": int(then.next_try_at.timestamp()),
            "settled_unix_s": None if then.state is DeliveryState.WAITING else now_unix_s,
            "reply": posted.as_json(reply),
            "may_be_double": doubtful or then.may_be_double,
        }
        self._history.connection.execute(update(deliveries).where(deliveries.c.id == found.id).values(changed))
        return then.state

    def postpone(self, until: datetime) -> None:
        """Nothing that waits is tried before: the server takes no mail at all just now."""
        until_unix_s = int(until.timestamp())
        waits = and_(deliveries.c.state == DeliveryState.WAITING.value, deliveries.c.next_try_unix_s < until_unix_s)
        change = update(deliveries).where(waits, self._of_site()).values(next_try_unix_s=until_unix_s)
        with self._history.together():
            self._history.connection.execute(change)

    def listed(self, *, states: Iterable[DeliveryState] = DeliveryState, most: int = MOST_AT_ONCE) -> list[Delivery]:
        """The newest first."""
        wanted = deliveries.c.state.in_([each.value for each in states])
        return self._asked(wanted, (deliveries.c.id.desc(),), most)

    def waiting_since(self) -> datetime | None:
        """When the oldest mail that is not sent and not given up was composed; without those that wait on purpose, to
        go once more after nobody knew whether they arrived."""
        waits = and_(deliveries.c.state == DeliveryState.WAITING.value, not_(deliveries.c.may_be_double))
        still_open = or_(waits, deliveries.c.state == DeliveryState.SENDING.value)
        oldest = select(func.min(outbox.c.composed_unix_s)).select_from(deliveries).join(outbox)
        with self._history.reading():
            unix_s = self._history.connection.execute(oldest.where(still_open, self._of_site())).scalar()
        return None if unix_s is None else datetime.fromtimestamp(unix_s, UTC)

    def retry(self, delivery_id: int, now: datetime) -> bool:
        """Try one again that was given up, or that waits, as if it were new. False: there is no such one."""
        fresh = {
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "first_try_unix_s": None,
            "settled_unix_s": None,
            "next_try_unix_s": int(now.timestamp()),
        }
        return self._change_one(delivery_id, (DeliveryState.FAILED, DeliveryState.WAITING), fresh)

    def drop(self, delivery_id: int, now: datetime) -> bool:
        """Give one up that waits. False: there is no such one. Its last reply stays."""
        given_up = {"state": DeliveryState.FAILED.value, "settled_unix_s": int(now.timestamp())}
        return self._change_one(delivery_id, (DeliveryState.WAITING,), given_up)

    def _change_one(self, delivery_id: int, states: Iterable[DeliveryState], values: dict[str, Any]) -> bool:
        allowed = deliveries.c.state.in_([each.value for each in states])
        change = update(deliveries).where(deliveries.c.id == delivery_id, allowed, self._of_site())
        with self._history.together():
            return self._history.connection.execute(change.values(values)).rowcount == 1

    def _give_up(self, delivery_id: int, reply: Reply, now: datetime) -> None:
        values = {
            "state": DeliveryState.FAILED.value,
            "settled_unix_s": int(now.timestamp()),
            "reply": posted.as_json(reply),
        }
        with self._history.together():
            change = update(deliveries).where(deliveries.c.id == delivery_id, self._of_site())
            self._history.connection.execute(change.values(values))

    def _is_due(self, now: datetime, *, early: bool) -> ColumnElement[bool]:
        now_unix_s = int(now.timestamp())
        # Further away than any pause: the clock was set back since.
        longest_s = case(
            (deliveries.c.may_be_double, int(retrying.ONCE_MORE_AFTER.total_seconds())),
            else_=int(retrying.LONGEST_PAUSE.total_seconds()),
        )
        next_unix_s = deliveries.c.next_try_unix_s
        time_has_come = or_(next_unix_s <= now_unix_s, next_unix_s > now_unix_s + longest_s + _CLOCK_SLACK_S)
        waits = deliveries.c.state == DeliveryState.WAITING.value
        killed = and_(deliveries.c.state == DeliveryState.SENDING.value, time_has_come)
        return and_(or_(waits if early else and_(waits, time_has_come), killed), self._of_site())

    def _of_site(self) -> ColumnElement[bool]:
        return deliveries.c.mail_id.in_(select(outbox.c.id).where(outbox.c.site == self._site))

    def _asked(
        self, wanted: ColumnElement[bool], order: tuple[Any, ...], most: int, damaged: list[int] | None = None
    ) -> list[Delivery]:
        mails = [outbox.c[name] for name in _COLUMNS]
        query = select(deliveries, *mails).join(outbox).where(wanted, outbox.c.site == self._site)
        connection = self._history.connection
        with self._history.reading(), told(self._history.name):
            rows = connection.execute(query.order_by(*order).limit(most)).all()
            ids = {row.mail_id for row in rows}
            all_of = select(deliveries.c.mail_id, deliveries.c.recipient).where(deliveries.c.mail_id.in_(ids))
            recipients: dict[int, list[str]] = {}
            for mail_id, recipient in connection.execute(all_of.order_by(deliveries.c.id)):
                recipients.setdefault(mail_id, []).append(recipient)
            found = []
            for row in rows:
                try:
                    found.append(posted.delivery_of(row._asdict(), tuple(recipients[row.mail_id])))
                except UnreadableError:
                    if damaged is None:
                        raise
                    damaged.append(int(row.id))
            return found
