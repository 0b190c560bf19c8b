"""How much may this one still have? Token buckets for any number of peers, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from emrnetcheck.responder.limits import Rate

EVERYBODY = "everybody"
"""The key of a bucket that all share."""


class Buckets:
    """A bucket for each key. The table has a fixed size: who has not come for the longest time is forgotten, which is
    to say that his bucket is full again."""

    def __init__(self, rate: Rate, entries: int) -> None:
        self._rate = rate
        self._entries = entries
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> level, and when it was that

    def __len__(self) -> int:
        return len(self._levels)

    def level(self, key: str, now_s: float) -> float:
        """What is in it now; below 0 where more was spent than there was."""
        known = self._levels.get(key)
        if known is None:
            return self._rate.burst
        level, at_s = known
        return min(self._rate.burst, level + max(0.0, now_s - at_s) * self._rate.per_s)

    def wait_s(self, key: str, cost: float, now_s: float) -> float:
        """How long until it holds the cost: 0 if it does."""
        missing = cost - self.level(key, now_s)
        return 0.0 if missing <= 0 else missing / self._rate.per_s

    def spend(self, key: str, cost: float, now_s: float) -> None:
        """Take the cost out, whether it is there or not."""
        self._levels[key] = (self.level(key, now_s) - cost, now_s)
        self._levels.move_to_end(key)
        while len(self._levels) > self._entries:
            self._levels.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A cost at one bucket."""

    buckets: Buckets
    key: str
    cost: float = 1.0


def missing_s(claims: Sequence[Claim], now_s: float) -> int:
    """0: all is there. Else whole seconds until it is."""
    longest_s = max(claim.buckets.wait_s(claim.key, claim.cost, now_s) for claim in claims)
    return max(1, math.ceil(longest_s)) if longest_s else 0


def take(claims: Sequence[Claim], now_s: float) -> int:
    """0: all was there, and is taken. Else whole seconds until it would be, and nothing is taken."""
    wait_s = missing_s(claims, now_s)
    if not wait_s:
        for claim in claims:
            claim.buckets.spend(claim.key, claim.cost, now_s)
    return wait_s


class Slots:
    """How many at once: in all, and for each key."""

    def __init__(self, total: int, each: int) -> None:
        self._total = total
        self._each = each
        self._held: dict[str, int] = {}

    def enter(self, key: str, *, more: int = 0) -> bool:
        """Whether there was room; then leave() has to follow. more: room that is kept for such as this one."""
        if sum(self._held.values()) >= self._total + more or self._held.get(key, 0) >= self._each:
            return False
        self._held[key] = self._held.get(key, 0) + 1
        return True

    def leave(self, key: str) -> None:
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
