"""Which mails and which scheduled work are old enough to be forgotten? None that is still to be done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from emrnetcheck.model.mail import DeliveryState
from emrnetcheck.store.tables import claims, deliveries, outbox

_OPEN = (DeliveryState.WAITING.value, DeliveryState.SENDING.value)


def has_old(connection: Connection, before: datetime) -> bool:
    """Whether there is anything to forget. The transaction that it begins is the caller's to end."""
    asked = (select(outbox.c.id).where(_old_mails(before)), select(claims.c.site).where(_old_claims(before)))
    return any(connection.execute(each.limit(1)).first() is not None for each in asked)


def forget(connection: Connection, before: datetime) -> None:
    """Inside a transaction of the caller."""
    gone = select(outbox.c.id).where(_old_mails(before))
    connection.execute(delete(deliveries).where(deliveries.c.mail_id.in_(gone)))
    # A mail without any delivery left is one whose deliveries have just gone.
    of_mail = exists().where(deliveries.c.mail_id == outbox.c.id)
    connection.execute(delete(outbox).where(outbox.c.composed_unix_s < int(before.timestamp()), ~of_mail))
    connection.execute(delete(claims).where(_old_claims(before)))


def _old_mails(before: datetime) -> ColumnElement[bool]:
    still_open = select(deliveries.c.mail_id).where(deliveries.c.state.in_(_OPEN))
    return and_(outbox.c.composed_unix_s < int(before.timestamp()), outbox.c.id.not_in(still_open))


def _old_claims(before: datetime) -> ColumnElement[bool]:
    """But the last of each kind and site: by it, it is known what is due next."""
    other = claims.alias()
    last = (
        select(func.max(other.c.due_unix_s))
        .where(other.c.kind == claims.c.kind, other.c.site == claims.c.site)
        .scalar_subquery()
    )
    return and_(claims.c.claimed_unix_s < int(before.timestamp()), claims.c.due_unix_s < last)
