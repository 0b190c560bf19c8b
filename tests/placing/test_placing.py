"""Which part of the way is named, for every way in which its legs can be."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from emrnetcheck.model import Segment
from emrnetcheck.placing import ABSENT, GOOD, UNKNOWN, Fault, Health, Leg, Placing, State, Sure, place

NEAR, FAR = (Leg.OWN, Leg.ROUTER, Leg.ISP, Leg.OUTSIDE), (Leg.SERVER_TCP, Leg.SERVER_ANSWER, Leg.SERVER_BULK)
FINE = {leg: GOOD for leg in Leg} | {Leg.PEER: UNKNOWN, Leg.PATH: ABSENT}


def bad(fault: Fault = Fault.LATENCY, **figures: Any) -> State:
    return State(Health.BAD, fault, **figures)


def good(**figures: Any) -> State:
    return State(Health.GOOD, **figures)


def placed(*, inside: bool = False, wireless: bool = False, **legs: State) -> Placing:
    return place(FINE | {Leg(name): state for name, state in legs.items()}, inside=inside, wireless=wireless)


SLOW, LOSSY, UNEVEN, DEAD = bad(), bad(Fault.LOSS), bad(Fault.JITTER), bad(Fault.DEAD)
WRONG, REFUSED, FEW = bad(Fault.WRONG), bad(Fault.REFUSED), bad(Fault.RATE)
ALL_SLOW = {"router": SLOW, "isp": SLOW, "outside": SLOW, "server_tcp": SLOW}
ALL_DEAD = {"isp": DEAD, "outside": DEAD, "name": DEAD, "server_tcp": UNKNOWN, "server_answer": UNKNOWN}

FROM_ELSEWHERE = [
    ("nothing is slow", {}, None, Sure.CERTAIN),
    ("all but the computer is slow", ALL_SLOW, Segment.LAN, Sure.LIKELY),
    ("and a peer too", ALL_SLOW | {"peer": SLOW}, Segment.LAN, Sure.CERTAIN),
    ("and a peer not", ALL_SLOW | {"peer": GOOD}, Segment.ROUTER, Sure.CERTAIN),
    ("and the computer itself", ALL_SLOW | {"own": FEW}, Segment.COMPUTER, Sure.CERTAIN),
    ("everything is lossy", dict.fromkeys(ALL_SLOW, LOSSY), Segment.LAN, Sure.LIKELY),
    ("the router is dead", ALL_DEAD | {"router": DEAD}, Segment.ROUTER, Sure.LIKELY),
    ("no connection at all", ALL_DEAD | {"own": DEAD, "router": UNKNOWN}, Segment.COMPUTER, Sure.CERTAIN),
    ("no page was seen", {"server_answer": UNKNOWN, "server_bulk": UNKNOWN}, None, Sure.CANNOT_TELL),
    ("the end of no page was seen", {"server_bulk": UNKNOWN}, None, Sure.LIKELY),
    ("each page is cut off", {"server_bulk": DEAD}, Segment.SERVER, Sure.LIKELY),
    ("the page has no end", {"server_bulk": bad(Fault.NO_PAGE)}, Segment.SERVER, Sure.LIKELY),
    ("it sends on to a port that is shut", {"server_answer": REFUSED}, Segment.SERVER, Sure.LIKELY),
    ("three probes", {"server_tcp": good(median_ms=40.0, sent=3, lost=0)}, None, Sure.LIKELY),
    ("twenty probes", {"server_tcp": good(median_ms=40.0, sent=20, lost=0)}, None, Sure.CERTAIN),
    ("only the router is slow", {"router": SLOW}, None, Sure.CERTAIN),
    ("the router is slow, what is behind it was not measured", {"router": SLOW, "isp": UNKNOWN, "outside": UNKNOWN,
     "server_tcp": UNKNOWN, "server_answer": UNKNOWN, "server_bulk": UNKNOWN}, Segment.LAN, Sure.LIKELY),
    ("only the provider's first hop is slow", {"isp": SLOW}, None, Sure.CERTAIN),
    ("only the witness is slow", {"outside": SLOW}, None, Sure.CERTAIN),
    ("the line", {"isp": SLOW, "outside": SLOW, "server_tcp": SLOW}, Segment.LINE, Sure.CERTAIN),
    ("the line, by the witness alone", {"isp": UNKNOWN, "outside": SLOW, "server_tcp": SLOW}, Segment.LINE,
     Sure.LIKELY),
    ("the line is cut", ALL_DEAD, Segment.LINE, Sure.CERTAIN),
    ("the line, on a faulty card", {"own": FEW, "outside": SLOW, "isp": SLOW, "server_tcp": SLOW}, Segment.COMPUTER,
     Sure.LIKELY),
    ("beyond the line", {"outside": SLOW, "server_tcp": SLOW}, Segment.PATH, Sure.CERTAIN),
    ("the name is slow", {"name": SLOW}, Segment.NAME, Sure.CERTAIN),
    ("the name is dead", {"name": DEAD, "server_tcp": UNKNOWN, "server_answer": UNKNOWN, "server_bulk": UNKNOWN},
     Segment.NAME, Sure.CERTAIN),
    ("the name leads elsewhere", {"name": WRONG, "server_tcp": DEAD, "server_answer": UNKNOWN}, Segment.NAME,
     Sure.CERTAIN),
    ("the name leads elsewhere, and the line is lossy", {"name": WRONG, "isp": LOSSY, "outside": LOSSY}, Segment.NAME,
     Sure.CERTAIN),
    ("a slow name behind a slow line", {"name": SLOW, "isp": SLOW, "outside": SLOW, "server_tcp": SLOW}, Segment.LINE,
     Sure.CERTAIN),
    ("a slow name beside a slow server", {"name": SLOW, "server_answer": SLOW}, Segment.SERVER, Sure.CERTAIN),
    ("the clinic's side", {"server_tcp": SLOW}, Segment.FAR, Sure.CERTAIN),
    ("the clinic's side loses", {"server_tcp": LOSSY, "server_answer": SLOW}, Segment.FAR, Sure.CERTAIN),
    ("the clinic is silent, or this place keeps it in", {"server_tcp": DEAD, "server_answer": UNKNOWN}, Segment.FAR,
     Sure.LIKELY),
    ("the clinic refuses, or this place does", {"server_tcp": REFUSED, "server_answer": UNKNOWN}, Segment.FAR,
     Sure.LIKELY),
    ("the clinic refuses at times", {"server_tcp": REFUSED, "server_answer": good(median_ms=20.0)}, Segment.FAR,
     Sure.CERTAIN),
    ("the clinic is silent, by an unsure name", {"name": UNKNOWN, "server_tcp": DEAD, "server_answer": UNKNOWN},
     Segment.FAR, Sure.LIKELY),
    ("the clinic's side, no witness", {"isp": UNKNOWN, "outside": UNKNOWN, "server_tcp": SLOW}, Segment.FAR,
     Sure.LIKELY),
    ("a hop between the lines", {"server_tcp": SLOW, "path": SLOW}, Segment.PATH, Sure.CERTAIN),
    ("a hop that is slow itself", {"path": SLOW}, None, Sure.CERTAIN),
    ("the server", {"server_answer": SLOW}, Segment.SERVER, Sure.CERTAIN),
    ("the server never answers", {"server_answer": DEAD, "server_bulk": UNKNOWN}, Segment.SERVER, Sure.CERTAIN),
    ("the server, its round trip unknown", {"server_tcp": UNKNOWN, "server_answer": SLOW}, Segment.SERVER,
     Sure.LIKELY),
    ("pages come slowly, and so does all", {"server_bulk": FEW, "own_bulk": FEW}, Segment.LINE, Sure.CERTAIN),
    ("pages come slowly, and so does all, over Wi-Fi", {"server_bulk": FEW, "own_bulk": FEW, "wireless": True},
     Segment.LINE, Sure.LIKELY),
    ("all comes slowly on a faulty card", {"server_bulk": FEW, "own_bulk": FEW, "own": FEW}, Segment.COMPUTER,
     Sure.LIKELY),
    ("pages come slowly, and the way to the clinic fills", {"server_bulk": FEW, "server_loaded": SLOW}, Segment.FAR,
     Sure.CERTAIN),
    ("pages come slowly, and the way stays quick", {"server_bulk": FEW}, Segment.SERVER, Sure.LIKELY),
    ("pages come slowly, the way meanwhile unknown", {"server_bulk": FEW, "server_loaded": UNKNOWN}, Segment.FAR,
     Sure.LIKELY),
    ("little comes from elsewhere, and pages are quick", {"own_bulk": FEW}, None, Sure.CERTAIN),
    ("little comes from elsewhere, pages unknown", {"own_bulk": FEW, "server_bulk": UNKNOWN}, Segment.LINE,
     Sure.CERTAIN),
    ("the card is faulty, and nothing was slow", {"own": FEW}, Segment.COMPUTER, Sure.LIKELY),
    ("nothing could be measured", dict.fromkeys([leg.value for leg in Leg], UNKNOWN), None, Sure.CANNOT_TELL),
    ("only the server was measured", dict.fromkeys(["router", "isp", "outside"], UNKNOWN), None, Sure.LIKELY),
    ("no address of an EMR", dict.fromkeys(["server_tcp", "server_answer", "server_bulk", "name"], ABSENT), None,
     Sure.CERTAIN),
]  # fmt: skip

FROM_THE_OFFICE = [
    ("nothing is slow", {}, None, Sure.CERTAIN),
    ("the line is not on the way", {"isp": SLOW, "outside": SLOW, "own_bulk": FEW}, None, Sure.CERTAIN),
    ("the line is cut", {"isp": DEAD, "outside": DEAD}, None, Sure.CERTAIN),
    ("the router alone", {"router": SLOW, "isp": SLOW, "outside": SLOW}, None, Sure.CERTAIN),
    ("a slow look-up over a slow line", {"isp": SLOW, "outside": SLOW, "name": SLOW}, Segment.LINE, Sure.LIKELY),
    ("a slow look-up, and all is slow beyond the line", {"outside": SLOW, "name": SLOW}, Segment.PATH, Sure.LIKELY),
    ("a slow look-up over a good line", {"name": SLOW}, Segment.NAME, Sure.CERTAIN),
    ("a slow look-up over a slow line, and a slow server", {"isp": SLOW, "outside": SLOW, "name": SLOW,
     "server_answer": SLOW}, Segment.SERVER, Sure.CERTAIN),
    ("the EMR is refused at times", {"server_tcp": REFUSED, "server_answer": good(median_ms=20.0)}, Segment.SERVER,
     Sure.LIKELY),
    ("the server's cable", {"server_tcp": LOSSY}, Segment.LAN, Sure.CERTAIN),
    ("the server's cable, the router silent", {"server_tcp": LOSSY, "router": UNKNOWN}, Segment.LAN, Sure.LIKELY),
    ("the server's cable, a peer quick", {"server_tcp": SLOW, "router": UNKNOWN, "peer": GOOD}, Segment.LAN,
     Sure.CERTAIN),
    ("all of the office", ALL_SLOW | {"peer": SLOW}, Segment.LAN, Sure.CERTAIN),
    ("router and server", {"router": SLOW, "server_tcp": SLOW, "isp": SLOW, "outside": SLOW}, Segment.LAN, Sure.LIKELY),
    ("over Wi-Fi", {"router": SLOW, "server_tcp": SLOW, "isp": SLOW, "outside": SLOW, "wireless": True},
     Segment.COMPUTER, Sure.LIKELY),
    ("over Wi-Fi, router unknown", {"router": UNKNOWN, "server_tcp": SLOW, "wireless": True}, Segment.COMPUTER,
     Sure.LIKELY),
    ("over Wi-Fi, router quick", {"server_tcp": SLOW, "wireless": True}, Segment.LAN, Sure.CERTAIN),
    ("a faulty card", {"own": FEW, "server_tcp": SLOW}, Segment.COMPUTER, Sure.LIKELY),
    ("the EMR does not run", {"server_tcp": REFUSED, "server_answer": UNKNOWN}, Segment.SERVER, Sure.CERTAIN),
    ("the server is off", {"server_tcp": DEAD, "server_answer": UNKNOWN}, Segment.SERVER, Sure.LIKELY),
    ("the server's program", {"server_answer": SLOW}, Segment.SERVER, Sure.CERTAIN),
    ("pages come slowly, and the way fills", {"server_bulk": FEW, "server_loaded": SLOW}, Segment.LAN, Sure.LIKELY),
    ("pages come slowly, and the way stays quick", {"server_bulk": FEW}, Segment.SERVER, Sure.LIKELY),
    ("pages come slowly, the way unknown", {"server_bulk": FEW, "server_loaded": UNKNOWN}, Segment.SERVER, Sure.LIKELY),
]  # fmt: skip


@pytest.mark.parametrize(("what", "legs", "segment", "sure"), FROM_ELSEWHERE, ids=[row[0] for row in FROM_ELSEWHERE])
def test_the_segment_from_elsewhere(what: str, legs: dict[str, Any], segment: Segment | None, sure: Sure) -> None:
    answer = placed(**legs)
    assert (answer.segment, answer.sure) == (segment, sure)


@pytest.mark.parametrize(("what", "legs", "segment", "sure"), FROM_THE_OFFICE, ids=[row[0] for row in FROM_THE_OFFICE])
def test_the_segment_from_the_office(what: str, legs: dict[str, Any], segment: Segment | None, sure: Sure) -> None:
    answer = placed(inside=True, **legs)
    assert (answer.segment, answer.sure) == (segment, sure)


@pytest.mark.parametrize(("by_router", "sure"), [(False, Sure.CERTAIN), (True, Sure.LIKELY)])
def test_a_refusal_at_the_own_public_address_may_be_the_routers(by_router: bool, sure: Sure) -> None:
    legs = FINE | {Leg.SERVER_TCP: REFUSED, Leg.SERVER_ANSWER: UNKNOWN}
    assert place(legs, inside=True, by_router=by_router).sure is sure


SLOW_20 = bad(median_ms=20.0)
UNEVEN_10 = bad(Fault.JITTER, jitter_ms=10.0)
LOSSY_5 = bad(Fault.LOSS, sent=100, lost=5)
LOSSY_AND_SLOW = bad(Fault.LOSS, sent=100, lost=5, median_ms=20.0, late=True)

EXCUSED = [
    ("what is behind is quicker", SLOW_20, good(median_ms=12.0), True),
    ("what is behind is as quick", SLOW_20, good(median_ms=20.0), True),
    ("what is behind is slower", SLOW_20, good(median_ms=20.1), False),
    ("what is behind has no figure", SLOW_20, GOOD, True),
    ("steadier behind", UNEVEN_10, good(jitter_ms=7.0), True),
    ("as uneven behind", UNEVEN_10, good(jitter_ms=7.1), False),
    ("no loss of a hundred behind", LOSSY_5, good(sent=100, lost=0), True),
    ("no loss of twenty behind, which may be chance", LOSSY_5, good(sent=20, lost=0), False),
    ("lossy and slow, and slower behind", LOSSY_AND_SLOW, good(median_ms=40.0, sent=100, lost=0), False),
    ("lossy and slow, and quicker behind", LOSSY_AND_SLOW, good(median_ms=12.0, sent=100, lost=0), True),
    ("dead, and all goes through it", DEAD, GOOD, True),
]


@pytest.mark.parametrize(("what", "router", "outside", "excused"), EXCUSED, ids=[row[0] for row in EXCUSED])
def test_a_router_that_only_answers_badly_is_no_fault(what: str, router: State, outside: State, excused: bool) -> None:
    answer = placed(router=router, isp=UNKNOWN, outside=outside, server_tcp=UNKNOWN)
    assert (answer.segment is None) is excused
    assert (Leg.ROUTER in answer.excused) is excused


def test_a_slow_router_beside_a_quick_peer_is_the_routers_fault_if_nobody_behind_it_is_quicker() -> None:
    answer = placed(router=SLOW_20, peer=GOOD, outside=good(median_ms=40.0), isp=UNKNOWN, server_tcp=UNKNOWN)
    assert (answer.segment, answer.sure) == (Segment.ROUTER, Sure.CERTAIN)


def test_two_computers_with_one_address_come_before_all_that_follows_from_it() -> None:
    answer = placed(addresses=WRONG, outside=LOSSY, server_tcp=DEAD, name=DEAD, own=FEW)
    assert (answer.segment, answer.sure) == (Segment.LAN, Sure.CERTAIN)


@pytest.mark.parametrize("stuck", ["server_answer", "server_bulk"])
def test_large_packets_that_vanish_explain_pages_that_do_not_come(stuck: str) -> None:
    hole = bad(Fault.SIZE)
    assert placed(path=hole).segment is None, "nothing that matters was lost"
    legs = FINE | {Leg.PATH: hole, Leg(stuck): DEAD}
    assert place(legs).segment is Segment.PATH
    assert place(legs, inside=True).segment is not Segment.PATH


def test_two_faults_of_their_own_are_both_told() -> None:
    answer = placed(name=WRONG, isp=LOSSY, outside=LOSSY, server_tcp=UNKNOWN)
    assert (answer.segment, answer.also) == (Segment.NAME, (Segment.LINE,))


def test_what_was_good_and_what_it_rests_on_is_told() -> None:
    answer = placed(isp=SLOW, outside=SLOW, server_tcp=SLOW)
    assert answer.because == (Leg.ISP, Leg.OUTSIDE)
    assert Leg.ROUTER in answer.normal


STATES = (GOOD, UNKNOWN, SLOW, DEAD)
WAY = (Leg.ROUTER, Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP, Leg.SERVER_ANSWER)


@pytest.mark.parametrize("inside", [False, True, None], ids=["elsewhere", "office", "not known"])
def test_every_way_the_legs_can_be_keeps_the_promises(inside: bool | None) -> None:
    for states in itertools.product(STATES, repeat=len(WAY)):
        answer = place(FINE | dict(zip(WAY, states, strict=True)), inside=inside)
        told = dict(zip(WAY, states, strict=True))
        if answer.segment is not None:
            assert answer.because
            assert answer.sure is not Sure.CANNOT_TELL
            assert all(told.get(leg, FINE[leg]).health is Health.BAD for leg in answer.because)
        if not any(state.health is Health.BAD for state in states):
            assert answer.segment is None
        if inside:
            assert answer.segment not in (Segment.LINE, Segment.PATH, Segment.FAR)
        if told[Leg.SERVER_TCP].health is Health.GOOD and told[Leg.SERVER_ANSWER].health is Health.GOOD:
            assert answer.segment is None, "all goes well to the EMR itself"
        if told[Leg.SERVER_ANSWER].health is Health.BAD:
            assert answer.segment is not None


@pytest.mark.parametrize(("inside", "sure", "excused"), [
    (False, Sure.CERTAIN, (Leg.OUTSIDE,)), (None, Sure.LIKELY, ()), (True, Sure.CERTAIN, ()),
])  # fmt: skip
def test_an_emr_that_may_be_here_is_no_proof_that_a_silent_internet_works(
    inside: bool | None, sure: Sure, excused: tuple[Leg, ...]
) -> None:
    answer = place(FINE | {Leg.ISP: UNKNOWN, Leg.OUTSIDE: DEAD}, inside=inside)
    assert (answer.segment, answer.sure, answer.excused) == (None, sure, excused)


@pytest.mark.parametrize(("legs", "segment"), [
    ({Leg.OUTSIDE: DEAD, Leg.SERVER_TCP: DEAD, Leg.SERVER_ANSWER: DEAD}, Segment.LINE),
    ({Leg.OUTSIDE: SLOW, Leg.SERVER_TCP: SLOW}, Segment.LINE),
    ({Leg.SERVER_TCP: SLOW}, Segment.FAR),
    ({Leg.OUTSIDE: DEAD, Leg.SERVER_ANSWER: SLOW}, Segment.SERVER),
])  # fmt: skip
def test_where_nobody_knows_whether_the_emr_is_here_what_is_bad_is_still_named(
    legs: dict[Leg, State], segment: Segment
) -> None:
    assert place(FINE | {Leg.ISP: UNKNOWN} | legs, inside=None).segment is segment


def test_a_loss_that_may_be_a_nearer_legs_is_placed_beyond_it_without_being_certain() -> None:
    def lossy(nearer_sent: int) -> Placing:
        figures = State(Health.GOOD, median_ms=20.0, sent=nearer_sent, lost=0)
        lost = State(Health.BAD, Fault.LOSS, median_ms=40.0, sent=54, lost=7)
        return place({Leg.ROUTER: GOOD, Leg.ISP: GOOD, Leg.OUTSIDE: figures, Leg.NAME: GOOD, Leg.SERVER_TCP: lost})

    assert (lossy(20).segment, lossy(20).sure) == (Segment.FAR, Sure.LIKELY)
    assert (lossy(200).segment, lossy(200).sure) == (Segment.FAR, Sure.CERTAIN)


@pytest.mark.parametrize(("lost", "sure"), [(18, Sure.LIKELY), (40, Sure.CERTAIN)])
def test_a_router_that_may_lose_what_it_passes_on_leaves_no_certainty(lost: int, sure: Sure) -> None:
    router = bad(Fault.LOSS, median_ms=4.3, sent=400, lost=lost)
    outside, server = good(median_ms=4.4, sent=160, lost=2), good(median_ms=25.0, sent=80, lost=0)
    answer = placed(router=router, isp=UNKNOWN, outside=outside, server_tcp=server)
    assert (answer.segment, answer.sure, answer.excused) == (None, sure, (Leg.ROUTER,))
