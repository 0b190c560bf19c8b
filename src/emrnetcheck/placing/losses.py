"""Where is it lost, given what each leg lost? Pure: numbers in, the likeliest explanation out.

Each place where packets may be lost is an explanation, and says which legs lose, all of them the same share (or twice
that, where a leg goes through it twice); so are two such places. Of each: how likely is what was lost of every leg?
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Segment
from emrnetcheck.placing.states import Leg

ASKED = (Leg.PEER, Leg.ROUTER, Leg.ISP, Leg.OUTSIDE, Leg.PATH, Leg.SERVER_TCP)
"""Leg.PATH: the last router before the EMR's own line, where one was asked."""
PLACE_COSTS = 4.0
"""A second place has to make what was seen e^4 = 55 times as likely: one broken thing is commoner than two."""
ALONE_COSTS = {Leg.PEER: 6.0, Leg.ROUTER: 4.5, Leg.ISP: 6.0, Leg.OUTSIDE: 6.0, Leg.PATH: 4.5}
"""Somebody who passes all on, and only answers badly himself, is rarer still; but routers do so."""
ALSO_GAINS = 6.0
"""It is told beside the other where it makes what was seen e^6 = 400 times as likely still, all that taken off: a watch
looks at it every second, and chance would find one."""
DOUBT = 3.0
"""An explanation that is less than e^3 = 20 times as likely as another is no answer yet."""

RETURNS_GAINS = 4.0
"""What lost until a while ago is e^4 = 55 times as likely to lose again as another place is to begin."""
OVER = 7.0
"""Who loses no longer made what was seen since then e^7 = 1100 times as likely."""

_NOBODY: frozenset[Leg] = frozenset()
_NEVER: tuple[float, Segment | None] = (-math.inf, None)


@dataclass(frozen=True, slots=True)
class Lost:
    """Of one leg, over the same time as of the others."""

    sent: int
    lost: int


@dataclass(frozen=True, slots=True)
class Explained:
    """losing: the legs that go through a place where packets are lost. also: the farther place, where there are two.
    open: another explanation is nearly as likely; early: one of these is that it is lost nearer, or nowhere."""

    losing: frozenset[Leg]
    also: Segment | None
    open: bool
    early: bool


def likeliest(
    seen: Mapping[Leg, Lost],
    usual: Mapping[Leg, float],
    before: frozenset[Leg] = frozenset(),
    *,
    inside: bool,
    by_router: bool = False,
    by_chance: bool = True,
    nearer: float = 0.0,
    returns: frozenset[Leg] = frozenset(),
) -> Explained:
    """usual: the share that is in order. before: who lost by the last answer, which holds until another is clearly
    likelier. inside: the EMR is on this office's own network. by_router: even so, this computer reaches it through the
    router (reached_by_router). by_chance: it may be that nobody loses more than is in order. nearer: by how much a
    place may be less likely (a logarithm) than one that is farther away, and yet be the answer. returns: who lost until
    a while ago."""
    one, two = _scores(seen, usual, inside=inside, by_router=by_router)
    nobody = one[_NOBODY]
    if not by_chance:
        one[_NOBODY] = -math.inf
    lately = frozenset(returns & seen.keys())
    if lately and lately in one:
        one[lately] += RETURNS_GAINS
    scores = {losing: max(one.get(losing, -math.inf), two.get(losing, _NEVER)[0]) for losing in (*one, *two)}
    best = max(scores, key=lambda losing: scores[losing])
    near = [losing for losing, score in scores.items() if losing > best and score > scores[best] - nearer]
    best = max(near, key=len) if near and best else best
    held = frozenset(before & seen.keys())
    if before and scores.get(held, -math.inf) > scores[best] - DOUBT:
        best = held
    others = [losing for losing, score in scores.items() if losing != best and score > scores[best] - DOUBT]
    early = any(not losing or losing > best for losing in others)
    pair, also = two.get(best, _NEVER)
    are_two = pair - ALSO_GAINS > one.get(best, -math.inf)
    chance = not by_chance and nobody > scores[best] - DOUBT
    return Explained(best, also if are_two else None, bool(others) or chance, early or chance)


def is_over(
    seen: Mapping[Leg, Lost],
    usual: Mapping[Leg, float],
    losing: frozenset[Leg],
    ratio: float,
    *,
    inside: bool,
    by_router: bool = False,
) -> bool:
    """Whether who lost at least this share until then loses no longer: all that was seen since is clearly likelier if
    so. Who goes through the same place may lose elsewhere now, or nowhere."""
    legs = [(seen[leg], 1) for leg in losing if leg in seen]
    others = (_well(seen[leg], usual[leg]) for leg in seen if leg not in losing)
    goes_on = _alike(legs, ratio) + sum(others)
    one, two = _scores(seen, usual, inside=inside, by_router=by_router)
    return max(*one.values(), *(score for score, _ in two.values()), -math.inf) - goes_on >= OVER


_Scores = tuple[dict[frozenset[Leg], float], dict[frozenset[Leg], tuple[float, Segment | None]]]


def _scores(seen: Mapping[Leg, Lost], usual: Mapping[Leg, float], *, inside: bool, by_router: bool) -> _Scores:
    """By who loses: how likely, if there is one such place; and if there are two, with the farther of them."""
    well = {leg: _well(each, usual[leg]) for leg, each in seen.items()}
    one: dict[frozenset[Leg], float] = {_NOBODY: sum(well.values())}
    two: dict[frozenset[Leg], tuple[float, Segment | None]] = {}
    for each in _explanations(tuple(seen), inside=inside, by_router=by_router):
        if any(
            _lost_share(seen, each.together[near]) > _lost_share(seen, each.together[far]) for near, far in each.adds
        ):
            continue  # who goes through one place more loses no less
        score = sum(well[leg] for leg in seen if leg not in each.bad) - each.costs
        score += sum(
            _alike([(seen[leg], times) for leg, times in legs], max(usual[leg] for leg, _ in legs))
            for legs in each.together
        )
        if each.also is None:
            one[each.losing] = max(score, one.get(each.losing, -math.inf))
        elif score > two.get(each.losing, _NEVER)[0]:
            two[each.losing] = (score, each.also)
    return one, two


@dataclass(frozen=True, slots=True)
class _Places:
    """losing: who goes through them; bad: and who only answers badly. together: the legs that go through the same of
    them lose the same share, each with how often it goes through. adds: which of these go through what others go
    through, and one more. also: the farther place, where there are two."""

    losing: frozenset[Leg]
    bad: frozenset[Leg]
    costs: float
    together: tuple[tuple[tuple[Leg, int], ...], ...]
    adds: tuple[tuple[int, int], ...]
    also: Segment | None


def reached_by_router(address: str) -> bool:
    """Whether an EMR in this office is reached by the router and over its cable, though it is near: at its public IPv4
    address. With IPv6 every computer has one, and neighbours talk to each other."""
    return ":" not in address and address_class(address) is AddressClass.PUBLIC


_Place = tuple[frozenset[Leg], frozenset[Leg], Segment | None]


def _through(asked: tuple[Leg, ...], *, inside: bool, by_router: bool) -> tuple[_Place, ...]:
    """Who goes through each place, from near to far, and who of these goes through it twice: with by_router, over the
    router's cable; and over this computer's own, where it is the EMR's server itself, which nobody says here."""
    emr: frozenset[Leg] = frozenset() if inside else frozenset({Leg.PATH, Leg.SERVER_TCP})
    served = emr | {Leg.SERVER_TCP} if by_router else emr
    twice: frozenset[Leg] = frozenset({Leg.SERVER_TCP}) if by_router else frozenset()
    once: frozenset[Leg] = frozenset()
    return (
        (frozenset(ASKED), once, None),  # this computer's own connection, or the switch
        *([(frozenset(ASKED), twice, None)] if by_router else []),
        (frozenset({Leg.ROUTER, Leg.ISP, Leg.OUTSIDE}) | served, twice, Segment.ROUTER),  # or its cable
        (frozenset({Leg.ISP, Leg.OUTSIDE}) | emr, once, Segment.LINE),
        (frozenset({Leg.OUTSIDE}) | emr, once, Segment.PATH),
        *([(emr, once, Segment.PATH)] if Leg.PATH in asked else []),  # where nobody else's way leads
        (frozenset({Leg.SERVER_TCP}), once, None if inside else Segment.FAR),
    )


@lru_cache(maxsize=64)
def _explanations(asked: tuple[Leg, ...], *, inside: bool, by_router: bool) -> tuple[_Places, ...]:
    """Each place, and each two."""
    # The nearest of those that the same legs go through: nobody can tell them apart.
    places: dict[tuple[frozenset[Leg], frozenset[Leg]], Segment | None] = {}
    for legs, twice, segment in _through(asked, inside=inside, by_router=by_router):
        places.setdefault((legs & frozenset(asked), twice & frozenset(asked)), segment)
    places = {each: segment for each, segment in places.items() if each[0]}
    whole = {legs for legs, _ in places}
    alone = [
        (legs, frozenset[Leg]()) for leg in ALONE_COSTS if leg in asked and (legs := frozenset({leg})) not in whole
    ]
    one = [(each,) for each in (*places, *alone)]
    two = (pair for pair in combinations((*places, *alone), 2) if pair[0][0] != pair[1][0])
    found = []
    for chosen in (*one, *two):
        real = [each for each in chosen if each in places]
        groups: dict[tuple[bool, ...], list[tuple[Leg, int]]] = {}
        for leg in asked:
            times = 2 if any(leg in twice for _, twice in chosen) else 1
            groups.setdefault(tuple(leg in legs for legs, _ in chosen), []).append((leg, times))
        costs = sum(PLACE_COSTS if each in places else ALONE_COSTS[min(each[0])] for each in chosen)
        through_any = [goes for goes in groups if any(goes)]
        together = tuple(tuple(groups[goes]) for goes in through_any)
        adds = tuple(
            (near, far)
            for near, goes in enumerate(through_any)
            for far, all_ in enumerate(through_any)
            if all(all_) and goes != all_
        )
        also = places[real[1]] if len(real) > 1 else None
        losing, bad = (frozenset[Leg]().union(*(legs for legs, _ in each)) for each in (real, chosen))
        found.append(_Places(losing, bad, costs, together, adds, also))
    return tuple(found)


def _well(lost: Lost, usual: float) -> float:
    """How likely is what it lost, if it loses no more than is in order?"""
    return _binomial(lost, min(_share(lost), usual))


def _alike(together: Sequence[tuple[Lost, int]], usual: float) -> float:
    """How likely is what these lost, if all lose the same share as often as they go through, and no less than is in
    order?"""
    share = max(_once(together), usual)
    return sum(_binomial(each, times * share) for each, times in together)


def _lost_share(seen: Mapping[Leg, Lost], legs: Sequence[tuple[Leg, int]]) -> float:
    return _once([(seen[leg], times) for leg, times in legs])


def _once(together: Sequence[tuple[Lost, int]]) -> float:
    """What is lost of all that goes through: of a small share, twice through is as good as two that go through once."""
    went = sum(each.sent * times for each, times in together)
    return sum(each.lost for each, _ in together) / went if went else 0.0


def _share(lost: Lost) -> float:
    return lost.lost / lost.sent if lost.sent else 0.0


def _binomial(lost: Lost, share: float) -> float:
    """The logarithm of the chance, but for the number of ways, which is the same for every share."""
    if lost.lost == 0 and share == 0.0:
        return 0.0
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    return lost.lost * math.log(share) + (lost.sent - lost.lost) * math.log(1.0 - share)
