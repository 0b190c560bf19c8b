"""One look-up of the name, as whoever uses this computer waits for it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from emrnetcheck.model import NO_SUCH_NAME, Failure, FailureKind, Site
from emrnetcheck.net import dns, tcp
from emrnetcheck.net.clock import ms_since
from emrnetcheck.net.lookup import system_addresses
from emrnetcheck.net.routes import is_v6_only
from emrnetcheck.placing.limits import limits_set
from emrnetcheck.probes.context import Ledger
from emrnetcheck.probes.watching.survey import is_private

RESOLVER_LIMIT_S = 2.0
SYSTEM_LIMIT_S = 4.0
COMPARE_EVERY_S = 30.0
FETCH_EVERY_S = 60.0
CHANGE_SPREADS_S = 300.0  # the longest time to live that is in order for such a name (netfacts.md 5.2)
_RESOLVERS_MAX = 2
_PUBLIC_ASKED = 2
_TRIED_MAX = 3
_TRY_EVERY_S = 30.0
FOUR, SIX = "A", "AAAA"
TOLD_NAME = "the EMR's name"


@dataclass(frozen=True, slots=True)
class NameLook:
    """ms: until an answer came, None without one. addresses: what it said. wrong: public resolvers, asked for it at the
    same time, agree on other ones. by: "system", or the resolver's address. opens: that one of several addresses at
    which the EMR's port was just found open; None: none, or nobody tried."""

    at_s: float
    ms: float | None
    addresses: tuple[str, ...]
    failure: Failure | None
    by: str
    wrong: bool = False
    opens: str | None = None


@dataclass(slots=True)
class _View:
    """What was said of one kind of address (A, AAAA), here and by others, when both were last asked."""

    said: frozenset[str] = frozenset()
    changed_s: float = float("-inf")
    compared_s: float = float("-inf")
    public: set[str] | None = None
    astray: bool = True


@dataclass(slots=True)
class NameAsker:
    """The resolvers that this computer is set to use, asked directly: its own memory of answers would hide that they
    are slow. Where none is known, or the name is not theirs (hosts file), the system.

    Programs here connect to the IPv4 address if there is one; a browser may prefer that of IPv6, so that is compared
    as well.
    """

    name: str
    site: Site
    ledger: Ledger
    port: int = 0
    _by_system: bool = False
    _kind: str = FOUR
    _fetched_s: float = float("-inf")
    _fetch_ms: float = 0.0
    _views: dict[str, _View] = field(default_factory=lambda: {FOUR: _View(), SIX: _View()})
    _tried_s: float = float("-inf")
    _opened: str | None = None

    def look(self, *, compare: bool, asked: str | None = None, shut: bool = False) -> NameLook:
        """One look; a few seconds at most. compare: also ask public resolvers, now and then. asked: at which address
        the EMR is asked now. shut: its port does not open there, so the name's others are tried, now and then."""
        at_s = time.monotonic()
        found = self._system(at_s) if self._by_system else self._resolvers(at_s)
        if shut or asked not in found.addresses:
            found = replace(found, opens=self._one_that_opens(found.addresses, asked, at_s))
        if not compare or not found.addresses or found.by == "system":
            return found
        kind = SIX if ":" in found.addresses[0] else FOUR
        wrong = self._is_wrong(found.addresses, kind, at_s)
        if kind == FOUR:
            wrong = self._six_is_wrong(found.by, at_s) or wrong
        return replace(found, wrong=wrong)

    def _one_that_opens(self, addresses: tuple[str, ...], asked: str | None, at_s: float) -> str | None:
        """Of several; as was found lately, or by trying: the one that is asked now first, it may be well again."""
        if len(addresses) < 2 or not self.port:  # noqa: PLR2004
            return None
        if at_s - self._tried_s >= _TRY_EVERY_S:
            self._tried_s = at_s
            self._opened = self._first_open(sorted(addresses, key=lambda each: each != asked))
        return self._opened if self._opened in addresses else None

    def _first_open(self, addresses: Sequence[str]) -> str | None:
        return next((each for each in addresses[:_TRIED_MAX] if self._opens((each,))), None)

    def _six_is_wrong(self, server: str, at_s: float) -> bool:
        view = self._views[SIX]
        if at_s - view.compared_s < COMPARE_EVERY_S:
            return bool(view.said) and self._is_wrong(tuple(view.said), SIX, at_s)
        answer = dns.query(server, self.name, SIX, timeout_s=RESOLVER_LIMIT_S)
        if isinstance(answer, Failure) or not answer.values:
            self._views[SIX] = _View(compared_s=at_s)
            return False
        return self._is_wrong(answer.values, SIX, at_s)

    def _is_wrong(self, addresses: tuple[str, ...], kind: str, at_s: float) -> bool:
        """Whether others agree on other addresses. Just after a change others may only not know it yet."""
        said, view = frozenset(addresses), self._views[kind]
        if said != view.said:
            view.changed_s = at_s if view.said else float("-inf")
            view.said = said
            view.compared_s = float("-inf")
        if at_s - view.compared_s >= COMPARE_EVERY_S:
            view.compared_s = at_s
            view.public = self._public(kind)
            view.astray = self._is_astray(addresses, view.public)
        if at_s - view.changed_s < CHANGE_SPREADS_S or any(is_private(each) for each in addresses):
            return False
        return view.astray and view.public is not None and not view.public & said

    def _is_astray(self, own: Sequence[str], public: set[str] | None) -> bool:
        """Whether the EMR answers at none of its addresses as found here, and at one that others name.

        Other addresses than others have are in order where a name server answers each place as suits it best.
        """
        if not public or public & set(own) or not self.port:
            return True
        return not self._opens(own) and self._opens(sorted(public))

    def _opens(self, addresses: Sequence[str]) -> bool:
        tried = (tcp.connect(each, self.port, RESOLVER_LIMIT_S) for each in addresses[:_PUBLIC_ASKED])
        return any(isinstance(each, tcp.Answered) and each.refusal is None for each in tried)

    def _resolvers(self, at_s: float) -> NameLook:
        configured = dns.system_resolvers()
        servers = configured[:_RESOLVERS_MAX] if isinstance(configured, tuple) else ()
        if not servers:
            return self._system(at_s)
        started_s = time.perf_counter()
        failure: Failure | None = None
        for server in servers:
            found = self._ask(server)
            if isinstance(found, tuple):
                took_ms = ms_since(started_s)
                return NameLook(at_s, max(took_ms, self._slow_fetch_ms(server, at_s)), found, None, server)
            failure = found
            if failure.kind in NO_SUCH_NAME:
                return self._not_theirs(at_s, NameLook(at_s, None, (), failure, server))
        return NameLook(at_s, None, (), failure, servers[0])

    def _ask(self, server: str) -> tuple[str, ...] | Failure:
        """The kind of address that it had last time is asked for first; the other only where there is none of it."""
        failure: Failure | None = None
        only_six = is_v6_only()
        for kind in (SIX, FOUR) if only_six or self._kind == SIX else (FOUR, SIX):
            answer = dns.query(server, self.name, kind, timeout_s=RESOLVER_LIMIT_S)
            if isinstance(answer, Failure):
                return answer
            self.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
            nothing = dns.nothing_in(answer, self.name)
            if nothing is None:
                self._kind = self._kind if only_six else kind
                return answer.values
            failure = failure or nothing
            if nothing.kind is not FailureKind.NAME_NO_ADDRESS:
                return nothing
        assert failure is not None
        return failure

    def _slow_fetch_ms(self, server: str, at_s: float) -> float:
        """How long the resolver takes for what it cannot have kept, where that is long; else 0.

        What is kept for a minute hides a slow server behind the one that keeps it. So a name below the EMR's that
        nobody has asked for is asked for once a minute, and each time while that is slow. What is lost says nothing.
        """
        if at_s - self._fetched_s >= FETCH_EVERY_S or self._fetch_ms > limits_set(self.site.limits).name_ms:
            self._fetched_s = at_s
            name = f"{secrets.token_hex(10)}.{self.name}"
            answer = dns.query(server, name, FOUR, timeout_s=RESOLVER_LIMIT_S)
            told = not isinstance(answer, Failure) and dns.failure_of(answer) is None
            self._fetch_ms = answer.rtt_ms if told and not isinstance(answer, Failure) else 0.0
        return self._fetch_ms if self._fetch_ms > limits_set(self.site.limits).name_ms else 0.0

    def _not_theirs(self, at_s: float, said_no: NameLook) -> NameLook:
        """The system may know more: a hosts file, mDNS, an IPv6 address."""
        by_system = self._system(at_s)
        self._by_system = bool(by_system.addresses)
        return by_system if self._by_system else said_no

    def _system(self, at_s: float) -> NameLook:
        started_s = time.perf_counter()
        found = self.addresses()
        if isinstance(found, Failure):
            self._by_system = False
            return NameLook(at_s, None, (), found, "system")
        return NameLook(at_s, ms_since(started_s), found, None, "system")

    def addresses(self) -> tuple[str, ...] | Failure:
        """As the system looks it up, IPv4 before IPv6, where there is any IPv4: this is what programs connect to."""
        first, other = (6, 4) if is_v6_only() else (4, 6)
        found = system_addresses(self.name, version=first, deadline_s=SYSTEM_LIMIT_S)
        if isinstance(found, Failure) and found.kind in NO_SUCH_NAME:
            rest = system_addresses(self.name, version=other, deadline_s=SYSTEM_LIMIT_S)
            return rest if isinstance(rest, tuple) else found
        return found

    def first(self) -> str | None:
        """Whom to connect to: of several addresses one at which the port opens, as a browser ends up there."""
        found = self.addresses()
        if isinstance(found, Failure):
            return None
        tried = found if len(found) > 1 and self.port else ()
        return self._first_open(tried) or found[0]

    def _public(self, kind: str) -> set[str] | None:
        """What two public resolvers agree on; None where they do not, or one does not answer."""
        said: list[set[str]] = []
        for server in self.site.resolvers[:_PUBLIC_ASKED]:
            self.ledger.told(server, TOLD_NAME)
            answer = dns.query(server, self.name, kind, timeout_s=RESOLVER_LIMIT_S)
            if isinstance(answer, Failure) or not answer.values:
                return None
            said.append(set(answer.values))
        return said[0] if said and all(each == said[0] for each in said) else None
