"""Who is let in, and who makes room."""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.responder.gate import Admission, Gate
from emrnetcheck.responder.limits import Limits, Rate

LIMITS = replace(Limits(), connections=4, connections_address=3, connections_prefix=4)


def gate(limits: Limits = LIMITS) -> Gate:
    return Gate(limits, lambda peer: peer != "10.0.0.1", lambda: 0.0)


def entered(at: Gate, peer: str) -> Admission:
    place = at.admit(peer)
    assert place is not None
    return place


def test_who_is_not_served_does_not_get_in() -> None:
    assert gate().admit("10.0.0.1") is None


def test_an_address_has_so_many_places_and_no_more() -> None:
    at = gate()
    places = [entered(at, "8.8.8.8") for _ in range(3)]
    assert at.admit("8.8.8.8") is None
    places[0].release()
    places[0].release()
    assert len(at) == 2
    assert at.admit("8.8.8.8") is not None


def test_a_prefix_too() -> None:
    at = gate(replace(LIMITS, connections=9))
    for last in range(4):
        entered(at, f"8.8.8.{last}")
    assert at.admit("8.8.8.9") is None
    assert at.admit("8.8.9.9") is not None


def test_a_newcomer_gets_the_place_of_the_oldest_idler_of_the_address_with_most() -> None:
    at = gate()
    cut = []
    for name, peer in (("first", "9.9.9.9"), ("second", "8.8.8.8"), ("third", "8.8.8.8"), ("busy", "8.8.8.8")):
        place = entered(at, peer)
        place.cut = lambda name=name: cut.append(name)  # type: ignore[misc]
        place.busy = name == "busy"
    assert at.admit("1.1.1.1") is not None
    assert cut == ["second"]
    assert len(at) == 4


def test_who_is_being_answered_is_not_cut_for_another() -> None:
    at = gate()
    for peer in ("9.9.9.9", "8.8.8.8", "7.7.7.7", "6.6.6.6"):
        entered(at, peer).busy = True
    assert at.admit("1.1.1.1") is None


def test_many_connections_one_after_another_are_too_many() -> None:
    at = gate(replace(LIMITS, connects_address=Rate(10, 1)))
    let_in = 0
    for _ in range(100):
        place = at.admit("8.8.8.8")
        if place is not None:
            let_in += 1
            place.release()
    assert let_in == 10
    assert len(at) == 0
