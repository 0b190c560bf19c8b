"""The steady questions of a watch: whom to ask when, and what came back. One thread; what blocks is sent on errands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.model import Site
from emrnetcheck.net import clocks, routes
from emrnetcheck.net.live import Answer, Live
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.net.page_session import Server
from emrnetcheck.placing import Leg
from emrnetcheck.placing.limits import limits_set
from emrnetcheck.placing.loads import is_slow_load
from emrnetcheck.probes.context import Ledger
from emrnetcheck.probes.watching import holders, survey
from emrnetcheck.probes.watching import pace as paces
from emrnetcheck.probes.watching.doubts import Doubts
from emrnetcheck.probes.watching.errands import Errand
from emrnetcheck.probes.watching.large import LargeAsker
from emrnetcheck.probes.watching.looks import NameAsker, NameLook
from emrnetcheck.probes.watching.pace import EAGER, EAGER_FIRST_S, EAGER_MOST_S, STEADY
from emrnetcheck.probes.watching.page_look import PageAsker, PageLook
from emrnetcheck.probes.watching.survey import Around, Connection
from emrnetcheck.probes.watching.target import Target
from emrnetcheck.probes.watching.whom import Found, Moved, Place, Whom

__all__ = ["Found", "Moved", "Sampler"]

_LARGE = (Leg.PATH, Leg.SERVER_BULK)
_LOADED_MOST_MS = 4000.0
_SURE_AFTER = 2
_MISSED_MOST = 6


@dataclass(slots=True)
class Sampler:
    """One watch's questions. Not for several threads."""

    site: Site
    target: Target
    pace: float = 1.0
    ledger: Ledger = field(default_factory=Ledger)
    live: Live = field(default_factory=Live)
    whom: Whom = field(init=False)
    _due_s: dict[Leg, float] = field(default_factory=dict)
    _name: NameAsker = field(init=False)
    _page: PageAsker = field(init=False)
    _large: LargeAsker = field(init=False)
    _holders: holders.Holders = field(default_factory=holders.Holders)
    _name_errand: Errand[NameLook] = field(default_factory=lambda: Errand("watch-name"))
    _page_errand: Errand[PageLook] = field(default_factory=lambda: Errand("watch-page"))
    _large_errand: Errand[tuple[Sample, ...]] = field(default_factory=lambda: Errand("watch-large"))
    _survey_errand: Errand[Around] = field(default_factory=lambda: Errand("watch-survey"))
    _own_errand: Errand[Connection] = field(default_factory=lambda: Errand("watch-own"))
    _holders_errand: Errand[tuple[Neighbour, ...]] = field(default_factory=lambda: Errand("watch-neighbours"))
    _public_errand: Errand[tuple[str | None, Place | None]] = field(default_factory=lambda: Errand("watch-public"))
    _doubts: Doubts = field(default_factory=Doubts)
    _clocks: clocks.Clocks = field(default_factory=clocks.read)
    _eager_since_s: float = 0.0
    _eager_until_s: float = 0.0
    _survey_due_s: float = 0.0
    _large_due_s: float = 0.0
    _large_slow: int = 0
    _large_missed: int = 0

    def __post_init__(self) -> None:
        self.whom = Whom(self.target)
        self._name = NameAsker(self.target.name, self.site, self.ledger, self.target.port)
        self._page = PageAsker(self.target, self.ledger)
        self._large = LargeAsker(self.site, self.ledger)

    @property
    def inside(self) -> bool | None:
        """Whether the EMR is in this office."""
        return self.whom.inside

    @property
    def wireless(self) -> bool:
        """Whether this computer is on Wi-Fi."""
        return self.whom.wireless

    @property
    def vpn(self) -> bool:
        """Whether this computer's way out is a VPN."""
        return self.whom.vpn

    def start(self) -> tuple[Watched, ...]:
        """Look around and find out whom to ask: a few seconds. The legs from near to far."""
        self.whom.begin(self._name)
        self.whom.settle(survey.around(self.site, self.ledger, also=self.whom.address))
        self._clocks = clocks.read()
        now_s = self._clocks.mono_s
        self._be_eager(now_s)
        self._survey_due_s = now_s + self.whom.survey_every_s()
        self._large_due_s = now_s + paces.LARGE_FIRST_S
        watched = self.whom.watched
        self._due_s = dict.fromkeys([leg for leg in (*watched, Leg.OWN, Leg.ADDRESSES) if leg not in _LARGE], now_s)
        return tuple(watched[leg] for leg in Leg if leg in watched)

    def turn(self, seconds: float, *, restless: bool) -> list[Found]:
        """Ask who is due, and take what comes, for about this time. restless: something may be bad now."""
        found: list[Found] = []
        began_s = clocks.read().mono_s
        while True:
            now = clocks.read()
            found += self._gap(now)
            self._ask(now.mono_s, restless=restless)
            wait_s = min([*self._due_s.values(), began_s + seconds]) - clocks.read().mono_s
            for answer in self.live.collect(max(0.0, wait_s)):
                found.append(self._sample(answer))
            found += self._errands()
            self._note()
            if clocks.read().mono_s - began_s >= seconds:
                return found

    def close(self) -> None:
        """Sockets are closed; whoever is on an errand is left behind."""
        self._large.close()
        self.live.close()

    # Asking

    def _pace_of(self, leg: Leg, now_s: float, *, restless: bool) -> float:
        if leg is Leg.ADDRESSES:
            return paces.HOLDERS_EVERY_S
        if restless and self._eager_until_s < now_s:
            ends_s = self._eager_since_s + EAGER_MOST_S
            if now_s < ends_s:
                self._eager_until_s = ends_s
            elif now_s > self._eager_until_s + 2 * EAGER_MOST_S or not self._was_long():
                self._be_eager(now_s)
        eager = now_s < self._eager_until_s or self._large.was_loading(now_s, now_s)
        every_s = (EAGER if eager else STEADY).of(leg) * self.pace
        if leg is Leg.SERVER_TCP and self.inside:
            every_s = (paces.EAGER_INSIDE_S if eager else paces.STEADY_INSIDE_S) * self.pace
        by_ttl = leg is Leg.ISP and self.whom.watched[leg].method == survey.BY_TTL
        return max(every_s, paces.TTL_LEAST_S) if by_ttl else every_s

    def _was_long(self) -> bool:
        """Whether it was eager for as long as it may: then it rests. The beginning alone is no reason to."""
        return self._eager_until_s - self._eager_since_s >= EAGER_MOST_S

    def _be_eager(self, now_s: float) -> None:
        self._eager_since_s, self._eager_until_s = now_s, now_s + EAGER_FIRST_S

    def _ask(self, now_s: float, *, restless: bool) -> None:
        for leg, due_s in self._due_s.items():
            if due_s > now_s:
                continue
            every_s = self._pace_of(leg, now_s, restless=restless)
            self._due_s[leg] = max(due_s + every_s, now_s + every_s / 2)
            self._ask_one(leg, now_s)
        if now_s >= self._survey_due_s:
            self._survey_due_s = now_s + self.whom.survey_every_s()
            self._survey_errand.send(partial(survey.around, self.site, self.ledger, also=self.whom.address), now_s)
        if self.whom.is_by_own_public() and self._doubts.is_due(now_s):
            self._public_errand.send(partial(self._public_look, self.whom.place()), now_s)
        if now_s >= self._large_due_s:
            self._large_due_s = now_s + paces.LARGE_STEADY_S * self.pace
            self._large_errand.send(self._large_look, now_s)

    def _public_look(self, place: Place | None) -> tuple[str | None, Place | None]:
        """In the errand's thread."""
        return survey.public_address(self.site, self.ledger), place

    def _large_look(self) -> tuple[Sample, ...]:
        """In the errand's thread."""
        address, target, inside = self.whom.address, self.target, bool(self.inside)
        if address is None or target.host is None:
            return self._large.look(None, (), (), inside=inside)
        server = Server(address, target.port, target.host, target.tls)
        return self._large.look(server, *self._page.belongings(address), inside=inside)

    def _ask_one(self, leg: Leg, now_s: float) -> None:
        if leg is Leg.OWN:
            before = self.whom.connection
            self._own_errand.send(survey.connection if before is None else partial(survey.glance, before), now_s)
            return
        if leg is Leg.ADDRESSES:
            self._holders_errand.send(holders.table, now_s)
            return
        watched, address = self.whom.watched.get(leg), self.whom.address
        if watched is None or not watched.target:
            return
        if leg is Leg.NAME:
            compare = self.target.host is not None and not self.inside
            shut = self.whom.is_shut()
            self._name_errand.send(partial(self._name.look, compare=compare, asked=address, shut=shut), now_s)
        elif leg is Leg.SERVER_ANSWER and address is not None:
            self._page_errand.send(partial(self._page.look, address), now_s)
        elif leg is Leg.SERVER_TCP and address is not None:
            self.live.knock(leg, address, self.target.port)
        elif watched.method == survey.BY_TTL and self.whom.around is not None and self.whom.around.isp_ttl is not None:
            self.live.expire(leg, self.whom.watched[Leg.OUTSIDE].target or routes.TOWARDS, self.whom.around.isp_ttl)
        elif watched.method.startswith("tcp:"):
            self.live.knock(leg, watched.target, int(watched.method[4:]))
        else:
            self.live.ping(leg, watched.target)

    # What came

    def _sample(self, answer: Answer) -> Sample:
        assert isinstance(answer.key, Leg)
        is_emr = answer.key is Leg.SERVER_TCP
        fault = "refused" if answer.refused and is_emr else ""
        sample = self._marked(Sample(answer.key, answer.asked_s, answer.rtt_ms, answer.failure, fault))
        self._doubts.take(sample)
        self.whom.heard(sample)
        return sample

    def _marked(self, sample: Sample) -> Sample:
        """Whether the watch itself loaded the way until the answer came."""
        until_s = sample.at_s + (_LOADED_MOST_MS if sample.rtt_ms is None else sample.rtt_ms) / 1000.0
        loaded = self._large.was_loading(sample.at_s, until_s)
        return replace(sample, loaded=True) if loaded else sample

    def _gap(self, now: clocks.Clocks) -> list[Found]:
        gap = clocks.gap(self._clocks, now)
        self._clocks = now
        found: list[Found] = []
        if gap.slept_s is not None:
            self.live.forget()
            self._due_s = dict.fromkeys(self._due_s, now.mono_s)
            self._survey_due_s = now.mono_s + 1.0  # the network is not up at once
            self._be_eager(now.mono_s)
            found.append(Happening("slept", now.mono_s, seconds=gap.slept_s))
        if gap.set_by_s is not None:
            found.append(Happening("clock_set", now.mono_s, seconds=gap.set_by_s))
        return found

    def _errands(self) -> list[Found]:
        found: list[Found] = []
        now_s = self._clocks.mono_s
        own = self._own_errand.back()
        if own is not None:
            found += self.whom.own(own, now_s)
        look = self._name_errand.back()
        if look is not None:
            found += [self._marked(each) if isinstance(each, Sample) else each for each in self.whom.named(look)]
        page = self._page_errand.back()
        if page is not None:
            fault = "wrong" if page.is_error else "no_page" if page.goes_round else ""
            sample = Sample(Leg.SERVER_ANSWER, page.at_s, page.wait_ms, page.failure, fault)
            found.append(self._marked(replace(sample, rest_ms=page.rest_ms, cut=page.cut)))
        large = self._large_errand.back()
        if large is not None:
            found += self._came(large, now_s)
        table = self._holders_errand.back()
        if table is not None:
            shared = self._holders.look(table, self.whom.neighbours(), now_s)
            found.append(Sample(Leg.ADDRESSES, now_s, None, fault="wrong" if shared else ""))
        public = self._public_errand.back()
        if public is not None and public[0] is not None:
            found += self.whom.public_now(public[0], public[1], now_s)
        around = self._survey_errand.back()
        if around is not None:
            found += self.whom.surveyed(around, now_s)
        return found

    def _note(self) -> None:
        """What is known of whom to ask has consequences here."""
        now_s = self._clocks.mono_s
        for leg in self.whom.fresh - set(_LARGE):
            self._due_s.setdefault(leg, now_s)
        self.whom.fresh.clear()
        if self.whom.stale:
            self.whom.stale = False
            self.live.forget()
            self._survey_due_s = now_s

    def _has_parts(self) -> bool:
        """Whether the EMR's page has any, or may have: it did not come yet."""
        address = self.whom.address
        if address is None or self.target.host is None:
            return False
        return not self._page.has_seen or bool(self._page.belongings(address)[0])

    def _came(self, large: tuple[Sample, ...], now_s: float) -> list[Found]:
        """What was slow is looked at again soon, to be sure of it, and of its end."""
        loads = [each for each in large if each.body_bytes is not None and each.rtt_ms is not None]
        limits = limits_set(self.site.limits)
        slow = any(is_slow_load((each.rtt_ms or 0.0) / 1000.0, each.body_bytes or 0, limits) for each in loads)
        was_slow = self._large_slow
        self._large_slow = was_slow + 1 if slow or any(each.fault for each in large) else 0
        missing = not loads and self._has_parts()
        self._large_missed = self._large_missed + 1 if missing else 0
        if missing and self._large_missed <= _MISSED_MOST:
            again_s = paces.LARGE_AGAIN_S
        elif self._large_slow > _SURE_AFTER or missing:
            again_s = paces.LARGE_IN_TROUBLE_S
        else:
            again_s = paces.LARGE_AGAIN_S if self._large_slow or was_slow else paces.LARGE_STEADY_S
        self._large_due_s = now_s + again_s * self.pace
        return list(large)
