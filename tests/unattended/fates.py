"""What became of each weekly report, and was that as it may be? From what the server took and what the outbox says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from emrnetcheck.model.mail import Delivery, DeliveryState, Outcome
from emrnetcheck.store.retrying import LEAST_TRIES, concerns_the_server, too_old

Key = tuple[str, str]
"""Of a mail, and its recipient."""
_MOST_OPEN_ENDS = 2
"""So often may the program see one mail go without a word from the server: once, and once more."""


@dataclass(slots=True)
class Weeks:
    """What came of them. reports: one for each week in which the computer was on at all, and each recipient.

    once, doubled: sent, and nothing else. reported_failed: whether it arrived or not; failed_by: the same by what they
    were given up for, and whether they had arrived.
    invented: never composed, or for a week that only a wrong clock showed.
    unexplained: mails, also those of alarms, that came more often than there were moments for this very mail, or than
    such a mail may go, or twice and not marked so.
    """

    seed: int
    weeks: int = 0
    runs: int = 0
    reports: int = 0
    once: int = 0
    reported_failed: int = 0
    failed_by: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    unexplained: int = 0
    unexplained_keys: list[Key] = field(default_factory=list)
    lost: int = 0
    lost_keys: list[Key] = field(default_factory=list)
    invented: int = 0
    late: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        return self.once + self.reported_failed + self.doubled == self.reports and not (
            self.unexplained or self.lost or self.invented
        )


def count(
    told: Weeks,
    expected: Iterable[Key],
    kept: Mapping[Key, Delivery],
    accepted: Iterable[Mapping[str, str]],
    untold: Mapping[Key, int],
    untold_open_ends: Mapping[Key, int],
) -> None:
    """Fills it in. expected: reports that there have to be. accepted: what the server took, as the office's log has it.

    untold: how often a run was ended after the server took this mail and before that was written down;
    untold_open_ends: how often of these the server had not said so, either.
    """
    copies: Counter[Key] = Counter()
    open_ends: Counter[Key] = Counter()
    for each in accepted:
        key = each["key"], each["to"]
        copies[key] += 1
        open_ends[key] += bool(each["unconfirmed"])
        told.late += bool(each["late"])
    told.invented += sum(copies[key] for key in copies if key not in kept)
    for key in {*expected, *(key for key in kept if key[0].startswith("weekly"))}:
        told.reports += 1
        _count_one(told, key, kept.get(key), copies[key])
    for key in copies.keys() & kept.keys():
        seen_open_ends = open_ends[key] - untold_open_ends.get(key, 0)
        if not _is_explained(kept[key], copies[key], seen_open_ends, untold.get(key, 0)):
            told.unexplained += 1
            told.unexplained_keys.append(key)


def _count_one(told: Weeks, key: Key, delivery: Delivery | None, copies: int) -> None:
    if delivery is not None and delivery.state is DeliveryState.FAILED:
        told.reported_failed += 1
        arrived = f"arrived {copies} times" if copies else "not arrived"
        told.failed_by[f"{why_failed(delivery)}: {arrived}"] += 1
    elif delivery is None or delivery.state is not DeliveryState.SENT or not copies:
        told.lost += 1
        told.lost_keys.append(key)
    else:
        told.once += copies == 1
        told.doubled += copies > 1


def _is_explained(delivery: Delivery, copies: int, seen_open_ends: int, untold: int) -> bool:
    """Each time that the server had it, and the program did not come to know, needs a moment of its own."""
    unknown = copies - (delivery.state is DeliveryState.SENT)
    return (
        unknown <= seen_open_ends + untold
        and seen_open_ends <= _MOST_OPEN_ENDS
        and untold <= LEAST_TRIES
        and (not unknown or delivery.may_be_double)
    )


def why_failed(delivery: Delivery) -> str:
    """For which of the program's reasons it was given up."""
    reply, first, settled = delivery.last_reply, delivery.first_try_at, delivery.settled_at
    if first is None or settled is None or reply is None:
        return "cut off each time"
    if reply.outcome is Outcome.UNCONFIRMED:
        return "no word after it, twice"
    why = f"{reply.code} {reply.text}" if reply.code else "no connection"
    if reply.outcome is Outcome.REFUSED and not concerns_the_server(reply):
        return f"refused for good, {why}"
    if too_old(delivery.attempts, max(first, delivery.mail.composed_at), settled):
        return f"not for 14 days, {why}"
    return "cut off each time" if delivery.may_be_double else f"before 14 days were over, {why}"
