"""Whose port is tried next? Each of the attacks that took another's turn, and the other has it all the same."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import pytest

from emrnetcheck.responder.answers import Refused
from emrnetcheck.responder.limits import MIB, Limits
from emrnetcheck.responder.transfers import Budget
from emrnetcheck.responder.turns import DialTurns

CLINIC = "93.184.216.34"
RUN = 22


def turns() -> DialTurns:
    return DialTurns(Limits(), lambda: 0.0)


def asked(of: DialTurns, peer: str, count: int) -> int:
    """How many of them were had."""
    had = 0
    for _ in range(count):
        with suppress(Refused), of.turn(peer):
            had += 1
    return had


def neighbours(count: int) -> list[str]:
    """Each in a /56 of its own, all of one /48."""
    return [f"2a0e:5c00:10:{number:x}00::5" for number in range(count)]


def test_four_runs_within_a_moment() -> None:
    of = turns()
    assert [asked(of, CLINIC, RUN) for _ in range(5)] == [RUN] * 4 + [96 - 4 * RUN]


def test_a_whole_48_has_the_limits_of_one_site() -> None:
    of = turns()
    assert sum(asked(of, peer, RUN) for peer in neighbours(16)) == Limits().dials_site.burst
    assert asked(of, CLINIC, RUN) == RUN


def test_many_sites_leave_room_for_one_that_comes_anew() -> None:
    of = turns()
    sites = [f"45.{number}.0.1" for number in range(5)]
    assert sum(asked(of, peer, 96) for peer in sites * 2) == Limits().dials_all.burst
    assert asked(of, CLINIC, RUN) == RUN


def test_what_all_together_asked_is_not_said_to_be_from_that_address() -> None:
    of = turns()
    for peer in (f"45.{number}.0.1" for number in range(20)):
        asked(of, peer, 47)
    with pytest.raises(Refused, match="for others") as everybody, of.turn(CLINIC):
        pass
    assert everybody.value.retry_s == 1
    alone = turns()
    asked(alone, CLINIC, 96)
    with pytest.raises(Refused, match="your address") as own, alone.turn(CLINIC):
        pass
    assert own.value.retry_s == 15


def test_places_that_are_held_leave_some_for_a_newcomer() -> None:
    of = turns()
    with ExitStack() as held:
        for peer in (f"45.{number}.0.1" for number in range(5)):
            asked(of, peer, Limits().dials_new_each)
            for _ in range(24):
                with suppress(Refused):
                    held.enter_context(of.turn(peer))
        assert asked(of, CLINIC, RUN) == RUN


def test_one_48_does_not_hold_all_transfers() -> None:
    budget = Budget(Limits(), lambda: 0.0)
    had = 0
    for peer in neighbours(50):
        with suppress(Refused):
            budget.open(peer, 1)
            had += 1
    assert had == Limits().transfers_site_at_once
    assert budget.open(CLINIC, 1).site == "93.184.216.0/24"


def test_one_48_does_not_use_up_the_hour() -> None:
    budget = Budget(Limits(), lambda: 0.0)
    for peer in neighbours(50):
        with suppress(Refused):
            account = budget.open(peer, 64 * MIB)
            account.spend(64 * MIB)
            account.close()
    with pytest.raises(Refused) as told:
        budget.open(neighbours(1)[0], 64 * MIB)
    assert told.value.retry_s == 900  # a quarter of its hour
    assert budget.open(CLINIC, 64 * MIB).site == "93.184.216.0/24"
