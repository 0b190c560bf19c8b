"""When is a mail tried again, and when is it given up? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from emrnetcheck.model.mail import DeliveryState, Outcome, Reply

KILLED_AFTER = timedelta(minutes=15)
"""A mail that was being sent for so long is not any more: sending has a limit of time that is below it."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)
ONCE_MORE_AFTER = timedelta(hours=20)
"""A weekly report that may have arrived goes once more, and no third time: later than most of what makes a server say
nothing lasts, and before it has waited for a day, which is told as a trouble."""
GIVEN_UP_AFTER = timedelta(days=14)
"""Longer than the four to five days that RFC 5321 (4.5.4.1) asks of a mail server: an office may be closed for long,
and its computer off."""
LEAST_TRIES = 5
"""Fewer say nothing, however long ago the first was: the computer may have been asleep since, or its clock wrong."""

_OF_THE_SERVER = frozenset({"connect", "tls", "auth"})
_WHO_ARE_YOU = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6: not authenticated, or not well enough."""


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a delivery after a reply."""

    state: DeliveryState
    next_try_at: datetime
    may_be_double: bool


def concerns_the_server(reply: Reply) -> bool:
    """Whether any other mail would have had the same reply: no connection, no TLS, a wrong password."""
    return reply.outcome is not Outcome.SENT and (reply.stage in _OF_THE_SERVER or reply.code in _WHO_ARE_YOU)


def waits_for_the_way(reply: Reply) -> bool:
    """Whether the mail waits only because there was no way to the server, or none that held."""
    return reply.outcome is Outcome.DEFERRED and (reply.code is None or concerns_the_server(reply))


def pause(attempts: int) -> timedelta:
    """Until the next try, after so many."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def after(
    reply: Reply,
    attempts: int,
    first_try_at: datetime,
    now: datetime,
    *,
    may_have_arrived: bool = False,
    may_wait: bool = False,
) -> Next:
    """attempts: with the one that had this reply. may_have_arrived: by an earlier try, as far as anybody knows.
    may_wait: whether it is of use a day later as well, as a weekly report, and not an alarm."""
    unconfirmed = reply.outcome is Outcome.UNCONFIRMED
    if reply.outcome is Outcome.SENT:
        return Next(DeliveryState.SENT, now, may_be_double=False)
    # What a server says of the account or the way to it can be mended by somebody, and then the mail goes.
    if reply.outcome is Outcome.REFUSED and not concerns_the_server(reply):
        return Next(DeliveryState.FAILED, now, may_be_double=False)
    # A server that takes each mail and never says so would give a reader dozens of them.
    if too_old(attempts, first_try_at, now) or (unconfirmed and may_have_arrived):
        return Next(DeliveryState.FAILED, now, may_be_double=unconfirmed)
    if unconfirmed and may_wait:
        return Next(DeliveryState.WAITING, now + ONCE_MORE_AFTER, may_be_double=True)
    # A wrong password again and again is how an account gets locked.
    refused = reply.outcome is Outcome.REFUSED
    return Next(DeliveryState.WAITING, now + (LONGEST_PAUSE if refused else pause(attempts)), unconfirmed)


def is_killed_always(attempts: int, *, may_have_arrived: bool) -> bool:
    """Whether one whose sending was cut off just now is given up. A kill says little of how far it came: it may go some
    more times."""
    return may_have_arrived and attempts >= LEAST_TRIES


def first_try_unix_s(known: int | None, written: int, now: int) -> int:
    """When a mail was tried first, as far as the clock can be believed. It may have been ahead: that was not later than
    now. It may have been behind: nor before the mail was written. known: what was kept so far. All in seconds."""
    first = now if known is None else min(known, now)
    return first if written > now else max(first, written)


def too_old(attempts: int, first_try_at: datetime, now: datetime) -> bool:
    """Whether it was tried often enough, for long enough."""
    return attempts >= LEAST_TRIES and now - first_try_at >= GIVEN_UP_AFTER
