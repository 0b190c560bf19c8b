"""Which devices are seen to have the addresses of this network while something is measured?"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterable, Iterator
from functools import partial

from emrnetcheck.evidence.link import Link
from emrnetcheck.evidence.way import Holder
from emrnetcheck.net import arp, host, neighbours
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import together

HOLDERS_EVERY_S = 0.25
TABLE_EVERY_S = 1.0  # beside a long series: elsewhere than on Linux a program has to be started for each look
_END_S = 1.0  # a table that is told by a program may be on its way
_MACS_MAX = 4
_ARP_TIMEOUT_S = 0.5


class Holders:
    """Who was seen to have which address, by this computer's own table: it believes whoever spoke last.

    interfaces: whose entries count, as the table names them; None: all.
    """

    def __init__(self, interfaces: Collection[str | None] | None = None) -> None:
        self._interfaces = interfaces
        self._macs: dict[str, dict[str, None]] = {}

    @contextlib.contextmanager
    def watched(self, every_s: float) -> Iterator[None]:
        """Look again and again meanwhile."""
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(over, every_s), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(timeout=every_s + _END_S)

    def _watch(self, until: threading.Event, every_s: float) -> None:
        self.look()
        while not until.wait(every_s):
            self.look()

    def look(self) -> None:
        """Once. Of a table that names ever new ones, the first few of each address are kept."""
        table = neighbours.neighbours()
        for entry in table if isinstance(table, tuple) else ():
            if self._interfaces is None or entry.interface in self._interfaces:
                self._note(entry.address, entry.mac)

    def ask(self, addresses: Iterable[str], link: Link | None, context: Context) -> None:
        """Whoever says by ARP that he has one of these, if this user may ask so: a table knows the last one alone."""
        if link is None or link.interface is None or link.address is None:
            return
        asked = [address for address in addresses if ":" not in address]
        ask = partial(arp.holders, own_address=link.address, interface=link.interface, timeout_s=_ARP_TIMEOUT_S)
        mine = host.own_macs()
        for address, answer in zip(asked, together([partial(ask, each) for each in asked], context), strict=True):
            for mac in answer if isinstance(answer, tuple) else ():
                if mac not in mine:
                    self._note(address, mac)

    def _note(self, address: str, mac: str) -> None:
        macs = self._macs.setdefault(address, {})
        if len(macs) < _MACS_MAX:
            macs[mac] = None

    def of(self, address: str) -> tuple[str, ...]:
        """The hardware addresses that it was seen with, in the order of their first time."""
        return tuple(self._macs.get(address, ()))

    def evidence(self, addresses: set[str]) -> tuple[Holder, ...]:
        """Of those who were asked."""
        return tuple(Holder(address, tuple(macs)) for address, macs in self._macs.items() if address in addresses)
