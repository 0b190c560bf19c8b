"""How does what waits get to the mail server: claimed before, settled after, one recipient at a time?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from emrnetcheck.model.mail import Delivery, DeliveryState, MailKind, Outcome, Reply
from emrnetcheck.store import StoreError
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.retrying import LONGEST_PAUSE, concerns_the_server, waits_for_the_way
from emrnetcheck.unattended.late import late_after, marked_late
from emrnetcheck.unattended.parts import Done, Parts, Trouble

AT_MOST = timedelta(minutes=30)
"""What is left then goes with the next run: nothing of ours may run into the clinic's hours."""
_SETTLE_TRIES = 5
_SETTLE_PAUSE_S = 2.0


def deliver(parts: Parts, history: History, done: Done, *, early: bool = False) -> None:
    """All that is due. early: also what is to wait for its next try."""
    if parts.send is None:
        return
    outbox = Outbox(history, parts.site)
    began = parts.now()
    left = outbox.due(began, early=early)
    if not left:
        return
    waiting = outbox.due(began, early=True)
    left = _in_order(left, waiting)
    alarms = {each.id: each for each in waiting if _incidents(each)}
    while left:
        delivery = left.pop(0)
        now = parts.now()
        if not timedelta() <= now - began <= AT_MOST:
            break
        if _is_held(delivery, alarms.values()) or not outbox.claim(
            delivery.id, now, early=early or delivery.next_try_at > now
        ):
            continue
        reply = parts.send(delivery, _message(delivery, parts, now))
        state = _settled(outbox, delivery, reply, parts)
        if state is not DeliveryState.WAITING:
            alarms.pop(delivery.id, None)
        _note(done, parts, delivery, reply, state)
        if concerns_the_server(reply):  # no other mail would fare better now
            _left_alone(outbox, left, reply, done, parts)
            break


def _in_order(due: list[Delivery], waiting: list[Delivery]) -> list[Delivery]:
    """The oldest first. Where anything goes, so does what only waits for the network: after a day without it the end of
    an alarm would else come hours before the alarm."""
    ids = {each.id for each in due}
    also = [each for each in waiting if each.id not in ids and each.last_reply and waits_for_the_way(each.last_reply)]
    return sorted([*due, *also], key=lambda each: each.id)


def _is_held(delivery: Delivery, alarms: Iterable[Delivery]) -> bool:
    """Whether an older mail about the same incident has to reach the same recipient before."""
    own = _incidents(delivery)
    older = [each for each in alarms if each.id < delivery.id and each.recipient == delivery.recipient]
    return any(own & _incidents(each) for each in older)


def _incidents(delivery: Delivery) -> frozenset[str]:
    mail = delivery.mail
    if mail.kind not in (MailKind.ALERT, MailKind.RECOVERY):
        return frozenset()
    return frozenset(mail.key.partition(":")[2].split("+"))


def _left_alone(outbox: Outbox, left: list[Delivery], reply: Reply, done: Done, parts: Parts) -> None:
    """What becomes of those that were not tried, since the server takes none."""
    if reply.outcome is Outcome.REFUSED:
        outbox.postpone(parts.now() + LONGEST_PAUSE)  # a wrong password tried on and on locks the account
        return
    # Else the oldest alone would grow old, and each of the others have its own weeks after that.
    states = outbox.tried_with_another([each.id for each in left], reply, parts.now())
    for delivery in left:
        if states.get(delivery.id) is DeliveryState.FAILED:
            _note(done, parts, delivery, reply, DeliveryState.FAILED)


def _note(done: Done, parts: Parts, delivery: Delivery, reply: Reply, state: DeliveryState | None) -> None:
    done.sent.append((delivery.id, state))
    if state is DeliveryState.FAILED:
        done.troubles.append(Trouble(f"{_named(delivery)} is given up", reply.in_words(), of_mail=True))
    else:
        parts.tell(in_words(delivery, reply, state))


def _message(delivery: Delivery, parts: Parts, now: datetime) -> bytes:
    mail = delivery.mail
    again = delivery.may_be_double or delivery.state is DeliveryState.SENDING  # as it was before it was claimed now
    if now - mail.composed_at < late_after(mail.kind) and not again:
        return mail.message
    return marked_late(mail.message, mail.composed_at, now, parts.zone, may_be_double=again)


def _settled(outbox: Outbox, delivery: Delivery, reply: Reply, parts: Parts) -> DeliveryState | None:
    """A mail that went and of which that is not written down goes a second time: so it is tried hard."""
    for left in reversed(range(_SETTLE_TRIES)):
        try:
            return outbox.settle(delivery.id, reply, parts.now())
        except StoreError:
            if not left:
                raise
            parts.wait_s(_SETTLE_PAUSE_S)
    raise AssertionError("unreachable")


def in_words(delivery: Delivery, reply: Reply, state: DeliveryState | None) -> str:
    """One sentence for who reads what the run printed."""
    if state is DeliveryState.SENT:
        twice = ", and may have arrived before as well" if delivery.may_be_double else ""
        return f"{_named(delivery)} was sent{twice}."
    return f"{_named(delivery)} is tried again later: {reply.in_words()}."


def _named(delivery: Delivery) -> str:
    return f"The mail to {delivery.recipient} ({delivery.mail.kind})"
