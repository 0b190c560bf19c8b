"""May this connection in? Who is let in holds a place until he leaves, and idlers make room for those who ask."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from emrnetcheck.responder.buckets import Buckets, Claim, take
from emrnetcheck.responder.limits import Limits
from emrnetcheck.responder.peers import keys

Clock = Callable[[], float]


class Admission:
    """A place that one connection holds. busy: it has asked something that is not yet answered."""

    def __init__(self, gate: Gate, peer: str, address: str, prefix: str) -> None:
        self._gate = gate
        self.peer = peer
        self.address = address
        self.prefix = prefix
        self.busy = False
        self.cut: Callable[[], None] = lambda: None
        """Ends the connection at once; set by who has it."""

    def release(self) -> None:
        """Give the place back; once is enough."""
        self._gate.forget(self)


class Gate:
    """Counts connections. When all places are taken, a newcomer gets that of one who waits for no answer:
    the oldest of the address that has the most of them. Who is being answered is never cut for another."""

    def __init__(self, limits: Limits, served: Callable[[str], bool], clock: Clock = time.monotonic) -> None:
        self._limits = limits
        self._served = served
        self._clock = clock
        self.admitted = 0
        """Since it began."""
        self._held: dict[Admission, None] = {}  # in the order in which they came
        self._addresses: Counter[str] = Counter()
        self._prefixes: Counter[str] = Counter()
        self._connects_address = Buckets(limits.connects_address, limits.table_entries)
        self._connects_prefix = Buckets(limits.connects_prefix, limits.table_entries)

    def __len__(self) -> int:
        return len(self._held)

    def admit(self, peer: str) -> Admission | None:
        """A place, or None: the connection is to be reset."""
        if not self._served(peer):
            return None
        whose = keys(peer)
        address, prefix = whose.address, whose.prefix
        claims = (Claim(self._connects_address, address), Claim(self._connects_prefix, prefix))
        if take(claims, self._clock()):
            return None
        limits = self._limits
        if self._addresses[address] >= limits.connections_address:
            return None
        if self._prefixes[prefix] >= limits.connections_prefix:
            return None
        if len(self._held) >= limits.connections and not self._make_room():
            return None
        admission = Admission(self, peer, address, prefix)
        self._held[admission] = None
        self.admitted += 1
        self._addresses[address] += 1
        self._prefixes[prefix] += 1
        return admission

    def forget(self, admission: Admission) -> None:
        if admission not in self._held:
            return
        del self._held[admission]
        for counter, key in ((self._addresses, admission.address), (self._prefixes, admission.prefix)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]

    def cut_all(self) -> None:
        """The responder ends."""
        for admission in list(self._held):
            admission.cut()

    def _make_room(self) -> bool:
        idle = [each for each in self._held if not each.busy]
        if not idle:
            return False
        most = Counter(each.address for each in idle).most_common(1)[0][0]
        oldest = next(each for each in idle if each.address == most)
        oldest.cut()
        self.forget(oldest)
        return True
