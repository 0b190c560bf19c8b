"""Which part of the way is slow, given how each leg of it was? Pure: `client`, `compare` and `watch` ask the same."""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.model import Segment
from emrnetcheck.placing.beside import beside
from emrnetcheck.placing.kept_in import no_connection
from emrnetcheck.placing.proof import contradicts, loses_less, may_be_nearer
from emrnetcheck.placing.states import OUTWARDS, UNKNOWN, Fault, Health, Leg, Placing, State, Sure

_SERVERS = (Leg.SERVER_TCP, Leg.SERVER_ANSWER)
_ENOUGH = 20  # fewer round trips of a leg show too little of it for anybody to be certain that it is well
_Answer = tuple[Segment, Sure, tuple[Leg, ...]]


def place(
    legs: Mapping[Leg, State],
    *,
    inside: bool | None = False,
    by_router: bool = False,
    wireless: bool = False,
    vpn: bool = False,
) -> Placing:
    """The nearest bad leg that explains those behind it.

    inside: the EMR is on this computer's own network, so the line is not on the way to it; None: not known. by_router:
    and it is asked at the office's public address, so the router has to lead back. wireless: this computer is on Wi-Fi.
    vpn: its way out is a VPN. A leg that is not told counts as unknown.
    """
    return _Way(legs, inside=inside, by_router=by_router, wireless=wireless, vpn=vpn).placed()


def _may_be_inside(legs: Mapping[Leg, State]) -> bool:
    """Whether an EMR that may be here answers well where nobody on the Internet answers: that is no proof that the
    Internet works, and the way to it is fine."""
    return (
        legs.get(Leg.OUTSIDE, UNKNOWN).fault is Fault.DEAD and legs.get(Leg.SERVER_TCP, UNKNOWN).health is Health.GOOD
    )


class _Way:
    """One question, while it is thought through."""

    def __init__(
        self, legs: Mapping[Leg, State], *, inside: bool | None, by_router: bool, wireless: bool, vpn: bool
    ) -> None:
        self._legs = legs
        self._inside = _may_be_inside(legs) if inside is None else inside
        self._is_known = inside is not None
        self._by_router = by_router
        self._wireless = wireless
        self._vpn = vpn
        self._excused = tuple(leg for leg in (Leg.ROUTER, *OUTWARDS) if self._is_excused(leg))

    def placed(self) -> Placing:
        found = (self._misled(), self._near(), self._name(), self._far(), self._pages(), self._own_alone())
        answers = self._with_others([each for each in found if each is not None])
        normal = tuple(leg for leg in Leg if self._state(leg).health is Health.GOOD)
        if not answers:
            return Placing(None, self._sure_of_nothing(), normal=normal, excused=self._excused)
        segment, sure, because = answers[0]
        others = [each for each in answers if each[0] is not segment]
        also = dict.fromkeys(each[0] for each in others)
        beside_it = dict.fromkeys(leg for _, _, legs in others for leg in legs)
        return Placing(segment, sure, because, normal, self._excused, tuple(also), tuple(beside_it))

    def _with_others(self, answers: list[_Answer]) -> list[_Answer]:
        """And what the nearest does not explain: before it, where more of the wait is of that."""
        if not answers or answers[0][0] is Segment.NAME or self._bad(Leg.ADDRESSES):
            return answers  # what is behind it is another computer, or not known to be the EMR
        new = [each for each in beside(self._legs, inside=self._inside) if each.segment is not answers[0][0]]
        larger = [(each.segment, each.sure, each.because) for each in new if each.outweighs]
        return [*larger, *answers, *((each.segment, each.sure, each.because) for each in new if not each.outweighs)]

    def _state(self, leg: Leg) -> State:
        return self._legs.get(leg, UNKNOWN)

    def _good(self, leg: Leg) -> bool:
        return self._state(leg).health is Health.GOOD

    def _bad(self, leg: Leg) -> bool:
        return self._state(leg).health is Health.BAD and leg not in self._excused

    def _fault(self, leg: Leg) -> Fault | None:
        return self._state(leg).fault if self._bad(leg) else None

    def _behind(self, leg: Leg) -> tuple[Leg, ...]:
        """Those that are reached through this leg."""
        way = (*OUTWARDS, *(() if self._inside else (Leg.SERVER_TCP,)))
        return way[way.index(leg) + 1 :] if leg in way else way

    def _is_excused(self, leg: Leg) -> bool:
        """Bad, yet all goes well through it: it answers last, and forwards well."""
        state = self._state(leg)
        return state.health is Health.BAD and any(contradicts(each, state) for each in self._witnesses(leg))

    def _witnesses(self, leg: Leg) -> list[State]:
        return [self._state(each) for each in self._behind(leg) if self._good(each)]

    def _is_excused_by_chance(self, leg: Leg) -> bool:
        """Whether what is lost on it may be lost behind it as well, for all that so few probes tell."""
        return not any(loses_less(each, self._state(leg)) for each in self._witnesses(leg))

    def _near(self) -> _Answer | None:
        """This computer, its network, its router, its line, and what lies beyond for everybody."""
        if self._fault(Leg.OWN) is Fault.DEAD:
            return Segment.COMPUTER, Sure.CERTAIN, (Leg.OWN,)
        if self._bad(Leg.ADDRESSES):
            return Segment.LAN, Sure.CERTAIN, (Leg.ADDRESSES,)
        if self._bad(Leg.ROUTER) and not (self._inside and self._good(Leg.SERVER_TCP)):
            return self._before_the_router()
        if self._inside:
            return None
        return self._beyond_the_router()

    def _beyond_the_router(self) -> _Answer | None:
        beyond = tuple(leg for leg in OUTWARDS if self._bad(leg))
        if not beyond:
            return None
        if self._bad(Leg.OWN):
            return Segment.COMPUTER, Sure.LIKELY, (Leg.OWN, *beyond)
        if self._good(Leg.ISP):
            certain = self._good(Leg.ROUTER) and not may_be_nearer(self._legs, Segment.PATH)
            return Segment.PATH, Sure.CERTAIN if certain else Sure.LIKELY, beyond
        if self._vpn:
            return Segment.COMPUTER, Sure.LIKELY, beyond  # all goes through it first, wherever its other end is
        certain = self._good(Leg.ROUTER) and beyond == OUTWARDS and not may_be_nearer(self._legs, Segment.LINE)
        return Segment.LINE, Sure.CERTAIN if certain else Sure.LIKELY, beyond

    def _before_the_router(self) -> _Answer:
        peers = self._state(Leg.PEER).health
        if self._bad(Leg.OWN):
            return Segment.COMPUTER, Sure.CERTAIN, (Leg.OWN, Leg.ROUTER)
        if peers is Health.GOOD:
            return Segment.ROUTER, Sure.CERTAIN, (Leg.ROUTER,)
        both = (Leg.PEER, Leg.ROUTER) if peers is Health.BAD else (Leg.ROUTER,)
        if self._wireless:
            return Segment.COMPUTER, Sure.LIKELY, both
        if peers is Health.BAD:
            return Segment.LAN, Sure.CERTAIN, both
        dead = self._fault(Leg.ROUTER) is Fault.DEAD
        return Segment.ROUTER if dead else Segment.LAN, Sure.LIKELY, both

    def _way_is_fine(self) -> bool:
        """Nothing nearer explains what is wrong with the EMR."""
        return self._near() is None

    def _misled(self) -> _Answer | None:
        """A name that leads elsewhere is no slowness, and nothing behind it can be told from here."""
        return (Segment.NAME, Sure.CERTAIN, (Leg.NAME,)) if self._fault(Leg.NAME) is Fault.WRONG else None

    def _name(self) -> _Answer | None:
        fault = self._fault(Leg.NAME)
        if fault is None or not self._way_is_fine():
            return None
        if fault in (Fault.LATENCY, Fault.LOSS, Fault.HALF_DEAD) and any(self._bad(leg) for leg in _SERVERS):
            return None  # a slow look-up comes once; it explains no slow answer of the server
        if self._inside and fault in (Fault.LATENCY, Fault.LOSS) and (nearer := self._beyond_the_router()) is not None:
            segment, _, because = nearer
            return (
                segment,
                Sure.LIKELY,
                (*because, Leg.NAME),
            )  # the EMR is here, and its name is asked for over the line
        reached = self._good(Leg.OUTSIDE) or self._good(Leg.SERVER_TCP)
        return Segment.NAME, Sure.CERTAIN if reached and fault is not Fault.LOSS else Sure.LIKELY, (Leg.NAME,)

    def _far(self) -> _Answer | None:
        """The EMR's computer does not answer as the way here would let it."""
        if not self._way_is_fine() or self._fault(Leg.NAME) in (Fault.WRONG, Fault.MISSING, Fault.DEAD):
            return None
        stuck = any(self._bad(leg) for leg in (Leg.SERVER_ANSWER, Leg.SERVER_BULK))
        without_emr = self._state(Leg.SERVER_ANSWER).health is Health.ABSENT  # all the others of the way are asked
        if self._fault(Leg.PATH) is Fault.SIZE and (stuck or without_emr) and not self._inside:
            return Segment.PATH, Sure.CERTAIN, (Leg.PATH,)
        if self._bad(Leg.SERVER_TCP):
            return self._inside_the_office() if self._inside else self._over_the_internet()
        if self._bad(Leg.PATH) and not self._good(Leg.SERVER_TCP):
            return Segment.PATH, Sure.LIKELY, (Leg.PATH,)
        if self._bad(Leg.SERVER_ANSWER):
            # An error page, or one that leads to a port that is shut: that may be a router's of the clinic as well.
            certain = self._good(Leg.SERVER_TCP) and self._fault(Leg.SERVER_ANSWER) is not Fault.REFUSED
            return Segment.SERVER, Sure.CERTAIN if certain else Sure.LIKELY, (Leg.SERVER_ANSWER,)
        return None

    def _inside_the_office(self) -> _Answer:
        because = (Leg.SERVER_TCP,)
        fault = self._fault(Leg.SERVER_TCP)
        if fault is Fault.REFUSED:
            # Where pages come all the same, two computers may take turns with its address.
            some_came = self._state(Leg.SERVER_ANSWER).median_ms is not None
            # And a router that does not lead back inside refuses in its place, with the EMR well.
            return Segment.SERVER, Sure.LIKELY if some_came or self._by_router else Sure.CERTAIN, because
        if fault is Fault.DEAD:
            return Segment.SERVER, Sure.LIKELY, because
        if self._bad(Leg.OWN):
            return Segment.COMPUTER, Sure.LIKELY, (Leg.OWN, *because)
        near_is_fine = self._good(Leg.ROUTER) or self._good(Leg.PEER)
        if self._wireless and not near_is_fine:
            return Segment.COMPUTER, Sure.LIKELY, because
        return Segment.LAN, Sure.CERTAIN if near_is_fine else Sure.LIKELY, because

    def _over_the_internet(self) -> _Answer:
        because = (Leg.SERVER_TCP,)
        certain = self._good(Leg.OUTSIDE) and not may_be_nearer(self._legs, Segment.FAR)
        sure = Sure.CERTAIN if certain else Sure.LIKELY
        if self._bad(Leg.PATH):
            return Segment.PATH, sure, (Leg.PATH, *because)
        if not self._good(Leg.NAME) and self._fault(Leg.SERVER_TCP) in (Fault.DEAD, Fault.REFUSED):
            sure = Sure.LIKELY  # nobody knows whether this is the clinic at all
        if no_connection(self._legs):
            sure = Sure.LIKELY  # nor whether this place's own firewall lets anybody out on that port
        return Segment.FAR, sure, because

    def _pages(self) -> _Answer | None:
        """The EMR answers well, and its pages come slowly; or nothing comes fast here."""
        if not self._way_is_fine() or self._bad(Leg.NAME) or any(self._bad(leg) for leg in _SERVERS):
            return None
        if self._fault(Leg.PATH) is Fault.SIZE:
            return None  # that is why they do not come
        if not self._bad(Leg.SERVER_BULK):
            alone = self._bad(Leg.OWN_BULK) and not self._inside and not self._good(Leg.SERVER_BULK)
            return self._slow_here((Leg.OWN_BULK,)) if alone else None
        if self._bad(Leg.OWN):
            return Segment.COMPUTER, Sure.LIKELY, (Leg.OWN, Leg.SERVER_BULK)
        if self._bad(Leg.OWN_BULK) and not self._inside:
            return self._slow_here((Leg.OWN_BULK, Leg.SERVER_BULK))
        if self._good(Leg.SERVER_LOADED) or self._fault(Leg.SERVER_BULK) in (Fault.DEAD, Fault.NO_PAGE):
            return Segment.SERVER, Sure.LIKELY, (Leg.SERVER_BULK,)
        because = (Leg.SERVER_BULK, Leg.SERVER_LOADED) if self._bad(Leg.SERVER_LOADED) else (Leg.SERVER_BULK,)
        if self._inside:
            return Segment.LAN if self._bad(Leg.SERVER_LOADED) else Segment.SERVER, Sure.LIKELY, because
        certain = self._good(Leg.OWN_BULK) and self._bad(Leg.SERVER_LOADED)
        return Segment.FAR, Sure.CERTAIN if certain else Sure.LIKELY, because

    def _slow_here(self, because: tuple[Leg, ...]) -> _Answer:
        """Little comes here from anywhere, though single answers are quick."""
        if self._bad(Leg.OWN):
            return Segment.COMPUTER, Sure.LIKELY, (Leg.OWN, *because)
        if self._vpn:
            return Segment.COMPUTER, Sure.LIKELY, because
        return Segment.LINE, Sure.LIKELY if self._wireless else Sure.CERTAIN, because

    def _own_alone(self) -> _Answer | None:
        """A connection that is faulty by its own figures (half duplex, 10 Mbps) though nothing was slow just now."""
        return (Segment.COMPUTER, Sure.LIKELY, (Leg.OWN,)) if self._bad(Leg.OWN) else None

    def _sure_of_nothing(self) -> Sure:
        """How sure it is that nothing is slow."""
        if not self._is_well(Leg.SERVER_ANSWER) or self._bad(Leg.SERVER_BULK):
            return Sure.CANNOT_TELL  # nobody has seen a page come, so nobody knows whether it comes quickly
        if self._bad(Leg.SERVER_LOADED) or not self._is_well(Leg.SERVER_BULK):
            return Sure.LIKELY
        if any(self._is_excused_by_chance(leg) for leg in self._excused):
            return Sure.LIKELY
        if not self._is_known and self._fault(Leg.OUTSIDE) is Fault.DEAD:
            return Sure.LIKELY
        asked = _SERVERS if self._inside else (Leg.ROUTER, Leg.OUTSIDE, *_SERVERS)
        trips = [self._state(leg).sent for leg in asked if leg is not Leg.SERVER_ANSWER]
        if all(self._is_well(leg) for leg in asked):
            return Sure.LIKELY if any(sent is not None and sent < _ENOUGH for sent in trips) else Sure.CERTAIN
        return Sure.LIKELY if any(self._good(leg) for leg in (Leg.OUTSIDE, Leg.SERVER_TCP)) else Sure.CANNOT_TELL

    def _is_well(self, leg: Leg) -> bool:
        return self._good(leg) or leg in self._excused or self._state(leg).health is Health.ABSENT
