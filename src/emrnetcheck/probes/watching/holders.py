"""Do two computers take turns in having one address of this network, by this computer's own table?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from emrnetcheck.model import Failure
from emrnetcheck.net import neighbours
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.office.holders import are_rivals

WITHIN_S = 120.0
TURNS = 3
"""An address that goes from one computer to another has moved, or is a spare router's that came in; and back, and away
once more: two have it."""
_KEPT = 20
_ADDRESSES_MAX = 8


def table() -> tuple[Neighbour, ...]:
    """The system's table; nothing where it is not told."""
    found = neighbours.neighbours()
    return () if isinstance(found, Failure) else found


@dataclass(slots=True)
class Holders:
    """Who had which address when: the last changes of each. The table believes whoever spoke last."""

    _seen: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)

    def look(self, found: Iterable[Neighbour], wanted: Iterable[str], at_s: float) -> tuple[str, ...]:
        """The addresses, of those that matter, that two computers have."""
        asked = list(dict.fromkeys(wanted))[:_ADDRESSES_MAX]
        self._seen = {address: self._seen.get(address, deque(maxlen=_KEPT)) for address in asked}
        for entry in found:
            changes = self._seen.get(entry.address)
            if changes is not None and (not changes or changes[-1][1] != entry.mac):
                changes.append((at_s, entry.mac))
        return tuple(address for address in asked if self._is_shared(address, at_s))

    def _is_shared(self, address: str, at_s: float) -> bool:
        lately = [(since_s, mac) for since_s, mac in self._seen[address] if at_s - since_s <= WITHIN_S]
        macs = tuple(dict.fromkeys(mac for _, mac in lately))
        return len(lately) > TURNS and are_rivals(macs)
