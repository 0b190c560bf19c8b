"""What a nearer fault does not explain is told as well, or first where it costs more."""

from __future__ import annotations

from typing import Any

import pytest

from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Health, Leg, Placing, State, Sure
from tests.placing.test_placing import good, placed


def slow(median_ms: float, **figures: Any) -> State:
    return State(Health.BAD, Fault.LATENCY, median_ms, **{"late": True, **figures})


def lossy(lost: int, sent: int, median_ms: float, **figures: Any) -> State:
    return State(Health.BAD, Fault.LOSS, median_ms, sent=sent, lost=lost, **figures)


PROGRAM, DEAD, ERROR = slow(3000.0), State(Health.BAD, Fault.DEAD, late=True), State(Health.BAD, Fault.WRONG, late=True)
AT_TIMES = State(Health.BAD, Fault.DEAD, 20.0)
LATE_LINE = {"isp": slow(190.0), "outside": slow(210.0), "server_tcp": slow(310.0)}
LATE_CABLE = {
    "router": slow(20.2, sent=400, lost=0),
    "isp": good(median_ms=40.6, sent=160, lost=0),
    "outside": good(median_ms=40.5, sent=160, lost=0),
    "server_tcp": slow(20.1, sent=400, lost=0),
}
WIFI = {
    "wireless": True,
    "router": lossy(2, 30, 75.0, jitter_ms=25.0),
    "isp": State(Health.UNKNOWN),
    "outside": lossy(12, 160, 89.0, jitter_ms=18.0),
    "server_tcp": lossy(6, 80, 114.0, jitter_ms=16.0),
}
OFFICE_CABLE = {"router": lossy(7, 400, 0.1), "server_tcp": lossy(10, 400, 0.1)}
LOSSY_LINE = {"isp": State(Health.UNKNOWN), "outside": lossy(13, 160, 200.0), "server_tcp": lossy(3, 80, 221.0)}
TWO_LINES = {
    "wireless": True,
    "router": slow(68.0, jitter_ms=17.0, sent=30, lost=0),
    "isp": State(Health.UNKNOWN),
    "outside": good(median_ms=82.0, jitter_ms=19.0, sent=160, lost=0),
    "server_tcp": lossy(23, 80, 616.0, jitter_ms=24.0, late=True),
}
ROWS = [
    ("a late line, a slow program", LATE_LINE | {"server_answer": PROGRAM}, Segment.SERVER, (Segment.LINE,)),
    ("a late line, a program that never answers", LATE_LINE | {"server_answer": DEAD}, Segment.SERVER,
     (Segment.LINE,)),
    ("a late line, a program that answers with an error", LATE_LINE | {"server_answer": ERROR}, Segment.SERVER,
     (Segment.LINE,)),
    ("a late line, a program that fails at times", LATE_LINE | {"server_answer": AT_TIMES}, Segment.LINE, ()),
    ("a late line costs more than the program", LATE_LINE | {"server_answer": slow(1200.0)}, Segment.LINE,
     (Segment.SERVER,)),
    ("a line so late that it explains it", LATE_LINE | {"outside": slow(600.0), "server_tcp": slow(700.0),
     "server_answer": slow(1200.0)},
     Segment.LINE, ()),
    ("a late line, and everything well behind it", LATE_LINE, Segment.LINE, ()),
    ("a bad Wi-Fi, a slow program", WIFI | {"server_answer": PROGRAM}, Segment.SERVER, (Segment.COMPUTER,)),
    ("a bad Wi-Fi, answers late at times", WIFI | {"server_answer": slow(3000.0, late=False)}, Segment.COMPUTER, ()),
    ("a Wi-Fi that loses a quarter, a slow program", WIFI | {"server_tcp": lossy(20, 80, 114.0),
     "server_answer": PROGRAM}, Segment.COMPUTER, ()),
    ("a lossy line, a slow resolver", LOSSY_LINE | {"name": slow(1704.0)}, Segment.LINE, (Segment.NAME,)),
    ("a lossy line, a look-up that it explains", LOSSY_LINE | {"name": slow(800.0)}, Segment.LINE, ()),
    ("a line that loses a tenth, a slow look-up", LOSSY_LINE | {"outside": lossy(16, 160, 200.0),
     "name": slow(1704.0)}, Segment.LINE, ()),
    ("a bad Wi-Fi, and the clinic's line is full", TWO_LINES, Segment.FAR, (Segment.COMPUTER,)),
    ("a bad Wi-Fi that loses, and the clinic is late", TWO_LINES | {"router": lossy(3, 30, 68.0),
     "outside": lossy(9, 160, 82.0)}, Segment.COMPUTER,
     (Segment.FAR,)),
    ("a bad Wi-Fi, and the clinic no later than that", TWO_LINES | {"server_tcp": slow(310.0)}, Segment.COMPUTER, ()),
    ("nobody knows how late the line is", TWO_LINES | {"outside": State(Health.UNKNOWN)}, Segment.COMPUTER, ()),
    ("vanishing packets explain that nothing came", LATE_CABLE | {"path": State(Health.BAD, Fault.SIZE),
     "server_answer": DEAD}, Segment.LAN, ()),
    ("two computers with one address", LATE_CABLE | {"addresses": State(Health.BAD, Fault.WRONG),
     "server_answer": PROGRAM}, Segment.LAN, ()),
]  # fmt: skip


@pytest.mark.parametrize(("what", "legs", "segment", "also"), ROWS, ids=[row[0] for row in ROWS])
def test_a_second_fault_from_elsewhere(
    what: str, legs: dict[str, Any], segment: Segment, also: tuple[Segment, ...]
) -> None:
    answer = placed(**legs)
    assert (answer.segment, answer.also) == (segment, also)


def office(legs: dict[str, Any]) -> Placing:
    return placed(inside=True, **legs)


def test_20_ms_of_a_cable_explain_nothing_of_3_seconds() -> None:
    answer = office(LATE_CABLE | {"server_answer": PROGRAM})
    assert (answer.segment, answer.sure, answer.also) == (Segment.SERVER, Sure.CERTAIN, (Segment.LAN,))
    assert (answer.because, answer.also_because) == ((Leg.SERVER_ANSWER,), (Leg.ROUTER,))


@pytest.mark.parametrize("router", [OFFICE_CABLE["router"], good(median_ms=0.1, sent=400, lost=1)])
def test_a_cable_that_loses_a_fiftieth_makes_no_program_slow(router: State) -> None:
    answer = office(OFFICE_CABLE | {"router": router, "server_answer": PROGRAM})
    assert (answer.segment, answer.sure, answer.also) == (Segment.SERVER, Sure.LIKELY, (Segment.LAN,))
