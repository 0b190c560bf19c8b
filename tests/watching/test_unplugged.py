"""watch: a cable that is pulled and plugged in again accuses nobody else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from emrnetcheck.evidence.watch import Happening, Moment, Sample
from tests.watching.test_watching import LEGS, LOST, USUAL_MS, Course, Simulated

ALL_LEGS = ("peer", *LEGS)
BACK_LATE_S = 3.0


def silent(pulled_s: float, plugged_s: float) -> Course:
    """Meanwhile, and for some seconds after it, as ARP and old sockets are."""
    return lambda leg, at_s: LOST if pulled_s <= at_s < plugged_s + BACK_LATE_S else USUAL_MS[leg]


@dataclass
class Unplugged(Simulated):
    """The system is looked at every two seconds: it is known late that the cable is out, and that it is back."""

    pulled_s: float = 0.0
    plugged_s: float = 0.0
    is_dead: bool = False

    def moment(self) -> Moment:
        """Asked for at each look."""
        if self.now_s % 2.0 == 0.0:
            self.own()
        return super().moment()

    def own(self) -> None:
        was_dead, self.is_dead = self.is_dead, self.pulled_s <= self.now_s < self.plugged_s
        if self.now_s == 0.0:
            return
        self.watching.take(Sample("own", self.now_s, None, fault="dead" if self.is_dead else ""))
        if self.is_dead is not was_dead:
            kind = "no_connection" if self.is_dead else "connection_back"
            self.events += self.watching.happened(Happening(kind, self.now_s), super().moment())


def pulled(length_s: float, pulled_s: float) -> Unplugged:
    seen = Unplugged(legs=ALL_LEGS, pulled_s=pulled_s, plugged_s=pulled_s + length_s)
    seen.run(300.0, silent(pulled_s, pulled_s + length_s))
    return seen


@pytest.mark.parametrize("length_s", [8.0, 15.0, 40.0])
@pytest.mark.parametrize("pulled_s", [100.1, 100.9, 101.7])
def test_a_cable_that_is_pulled_and_back_is_this_computers_and_told_once(length_s: float, pulled_s: float) -> None:
    seen = pulled(length_s, pulled_s)
    summary = seen.finish()
    assert [(event.kind, event.segment) for event in seen.events] == [("begin", "computer"), ("end", "computer")]
    assert seen.events[0].fault == "dead"
    assert list(summary.by_segment) == ["computer"]
    assert abs(summary.by_segment["computer"].bad_s - length_s) <= 3.0
    assert sum(leg.lost for leg in summary.legs) == 0
    assert sum(leg.unsent for leg in summary.legs) >= 4 * length_s


def test_one_that_is_out_for_a_moment_is_told_when_it_is_back() -> None:
    seen = pulled(2.0, 99.1)
    summary = seen.finish()
    assert [event.kind for event in seen.events] == ["no_connection", "connection_back"]
    assert summary.by_segment == {}


def test_a_router_that_falls_silent_long_after_is_no_cable() -> None:
    seen = pulled(15.0, 100.1)
    from_s = seen.now_s
    seen.run(from_s + 60.0, lambda leg, at_s: LOST if at_s < from_s + 30.0 else USUAL_MS[leg])
    assert list(seen.finish().by_segment) == ["computer", "lan"]
