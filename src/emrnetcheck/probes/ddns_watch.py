"""Who says what of the EMR's name now, and which address has the office? One look after the other."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial

from emrnetcheck.evidence.address import AddressSource, agreed_address
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net import dns
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.probes import witnesses
from emrnetcheck.probes import zone as zones
from emrnetcheck.probes.context import Context, Ledger
from emrnetcheck.probes.source_view import TOLD, source_view
from emrnetcheck.probes.together import together
from emrnetcheck.probes.zone import Recursive

INTERVAL_MIN_S, ADDRESS_INTERVAL_MIN_S = 2.0, 10.0
_LOOK_LIMIT_S = 4.0
_SOURCE_LIMIT_S = 8.0
_SOURCE_AGAIN_S = 600.0  # name servers change seldom, and aliases too
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody to be asked. kind: "source", "resolver" or "office". name: what he is asked for (an alias may lead
    elsewhere); server_name: a name server's own name, or ""."""

    kind: str
    server: str
    server_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Answered:
    """addresses () and ttl_s None: the name is not there, or has no IPv4 address."""

    addresses: tuple[str, ...]
    ttl_s: int | None


@dataclass(frozen=True, slots=True)
class Round:
    """One look. at_unix_s: when it began. public: None where it was not asked this time, or the witnesses tell none.
    answers: None for somebody who did not answer, or only with an error."""

    at_unix_s: float
    public: str | None
    answers: tuple[tuple[Asked, Answered | None], ...]


@dataclass(slots=True)
class Watcher:
    """The looks of one watch. ledger: who was told what.

    The office's address is asked for once an address_interval_s, and at once when the name's own servers begin to say
    something else: services that tell it are not to be asked every few seconds (netfacts.md 1).
    """

    site: Site
    hostname: str
    address_interval_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    ledger: Ledger = field(default_factory=Ledger)
    _lookup: Lookup = field(init=False)
    _asked: tuple[Asked, ...] = ()
    _found_s: float = -_SOURCE_AGAIN_S
    _address_s: float = float("-inf")
    _source_said: frozenset[tuple[str, ...]] = frozenset()

    def __post_init__(self) -> None:
        self._lookup = Lookup(self.site.resolvers)

    def look(self) -> Round:
        """One look at everybody. Takes as long as the slowest answer, and a few seconds at most."""
        now_s = self._now_s()
        if now_s - self._found_s >= _SOURCE_AGAIN_S or not any(each.kind == "source" for each in self._asked):
            self._asked, self._found_s = self._everybody(), now_s
        at_unix_s = time.time()
        said = together([partial(self._ask, each) for each in self._asked], self._context(_LOOK_LIMIT_S))
        source_said = frozenset(
            answer.addresses
            for each, answer in zip(self._asked, said, strict=True)
            if each.kind == "source" and answer is not None
        )
        moved = bool(self._source_said and source_said) and source_said != self._source_said
        self._source_said = source_said or self._source_said
        public = None
        if moved or now_s - self._address_s >= self.address_interval_s:
            self._address_s = now_s
            public = self._public()
        return Round(at_unix_s, public, tuple(zip(self._asked, said, strict=True)))

    def _now_s(self) -> float:
        return time.monotonic()

    def _context(self, limit_s: float) -> Context:
        deadline_s = time.monotonic() + limit_s
        return Context(Mode.STANDARD, deadline_s, self.stop, self._lookup, self.ledger, lambda *_: None)

    def _everybody(self) -> tuple[Asked, ...]:
        configured = dns.system_resolvers()
        office = configured if isinstance(configured, tuple) else ()
        view = source_view(self.hostname, Recursive((self.site.resolvers, office), self._context(_SOURCE_LIMIT_S)))
        name, servers = self.hostname, view.answers
        if view.aliases:
            name, servers = view.aliases[-1].name, view.aliases[-1].authoritative
        for server in self.site.resolvers:
            self.ledger.told(server, TOLD)
        return (
            *(Asked("source", each.server, each.server_name or "", name) for each in servers),
            *(Asked("resolver", server, "", self.hostname) for server in self.site.resolvers),
            *(Asked("office", server, "", self.hostname) for server in office if server not in self.site.resolvers),
        )

    def _ask(self, asked: Asked) -> Answered | None:
        answer = dns.query(
            asked.server,
            asked.name,
            "A",
            timeout_s=zones.TIMEOUT_S,
            tries=_TRIES,
            recursion_desired=asked.kind != "source",
        )
        if isinstance(answer, Failure):
            return None
        self.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        return None if dns.failure_of(answer) is not None else Answered(answer.values, answer.ttl_s)

    def _public(self) -> str | None:
        context = self._context(_LOOK_LIMIT_S)
        asked = witnesses.tasks(replace(self.site, whoami=()), context, versions=(4,))
        parts = together([each.ask for each in asked], context)
        sources: tuple[AddressSource, ...] = tuple(source for part in parts if part is not None for source in part)
        return agreed_address(sources)
