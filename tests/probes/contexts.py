"""A context for one probe in a test."""

from __future__ import annotations

import threading
import time

from emrnetcheck.model import Failure, FailureKind, Mode
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.probes.context import Context, Ledger
from tests.servers import LOOPBACK


class TableLookup(Lookup):
    """Names of a table; every other name does not exist."""

    def __init__(self, table: dict[str, str] | None = None) -> None:
        super().__init__(())
        self._table = {LOOPBACK: LOOPBACK, **(table or {})}

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        if host not in self._table:
            return Failure(FailureKind.NAME_NOT_FOUND, "look up", host)
        return Resolved((self._table[host],), "system")


def context(
    *, lookup: Lookup | None = None, mode: Mode = Mode.QUICK, deadline_s: float = 8.0, stopped: bool = False
) -> Context:
    """A run of its own, with a fresh ledger, that nobody listens to."""
    stop = threading.Event()
    if stopped:
        stop.set()
    ends_s = time.monotonic() + deadline_s
    return Context(mode, ends_s, stop, lookup or TableLookup(), Ledger(), lambda _text, _left, _mbps: None)
