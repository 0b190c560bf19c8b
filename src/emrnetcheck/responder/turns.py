"""May this one have a port tried now? Nobody's many questions take another's turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from emrnetcheck.responder.answers import Refused
from emrnetcheck.responder.buckets import EVERYBODY, Buckets, Claim, Slots, missing_s, take
from emrnetcheck.responder.limits import Limits
from emrnetcheck.responder.peers import Keys, keys

_BUSY_S = 3


class DialTurns:
    """Limits for the address, its prefix and its site, and for all. A site that asked little lately is a newcomer: for
    such there is room that all the others together cannot take."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._slots = Slots(limits.dials, limits.dials_site_at_once)
        self._address = Buckets(limits.dials_address, limits.table_entries)
        self._prefix = Buckets(limits.dials_prefix, limits.table_entries)
        self._site = Buckets(limits.dials_site, limits.table_entries)
        self._all = Buckets(limits.dials_all, 1)
        self._new = Buckets(limits.dials_new, 1)

    @contextmanager
    def turn(self, peer: str) -> Iterator[None]:
        """While it lasts, a port is tried; or Refused."""
        whose = keys(peer)
        newcomer = self._is_new(whose)
        self._take(whose, newcomer=newcomer)
        if not self._slots.enter(whose.site, more=self._limits.dials_new_at_once if newcomer else 0):
            raise Refused(429, "Too many ports are being tried at once.", retry_s=_BUSY_S)
        try:
            yield
        finally:
            self._slots.leave(whose.site)

    def _is_new(self, whose: Keys) -> bool:
        spent = self._limits.dials_site.burst - self._site.level(whose.site, self._clock())
        return spent < self._limits.dials_new_each

    def _take(self, whose: Keys, *, newcomer: bool) -> None:
        now_s = self._clock()
        own = (Claim(self._address, whose.address), Claim(self._prefix, whose.prefix), Claim(self._site, whose.site))
        if wait_s := missing_s(own, now_s):
            raise Refused(429, "Too many ports were asked for from your address.", retry_s=wait_s)
        wait_s = take((*own, Claim(self._all, EVERYBODY)), now_s)
        if wait_s and newcomer:
            wait_s = take((*own, Claim(self._new, EVERYBODY)), now_s)
        if wait_s:
            raise Refused(429, "This responder has too much to do for others just now.", retry_s=wait_s)
