"""From when on is a watched leg bad? Each number with its source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from emrnetcheck.evidence.watch import Watched
from emrnetcheck.placing import Leg
from emrnetcheck.placing.limits import USUAL, LegLimits


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one leg. latency_ms: an answer above this is slow. jitter_ms: the median change between two answers.

    loss_ratio: a share of lost answers that is still in order; loss_chance: who loses no more shows as many lost as are
    called a loss so seldom. window_s, least: a leg is slow or quick by the answers
    of so many seconds, of at least and at most so many. dead_after: so many questions in a row without an answer. say:
    so many in a row that tell of the same fault; None: `least`. often_of, often_share, late_ms: of so many last answers
    this share above late_ms (and above what is slow) is too often, however quick the others are; None: not judged.
    """

    latency_ms: float
    jitter_ms: float | None = None
    loss_ratio: float | None = None
    window_s: float = 5.0
    least: int = 3
    most: int = 1000
    dead_after: int = 4
    say: int | None = None
    loss_chance: float = 1e-5
    often_of: int | None = None
    often_share: float = 0.1
    late_ms: float = 0.0


_Z95 = 1.645
_OFTEN_OF = 60
_LARGE = Bounds(3_600_000.0, window_s=3600.0, least=2, most=2, dead_after=2)

SLOW_SHARE, SLOW_LEAST = 0.6, 3
"""So much of the answers of a window has to be slow, and so many: three of five. Single slow ones are everywhere."""
OFTEN_LEAST = 3
"""And so many separate times for answers to be late again and again."""
CALM_SHARE = 0.2
"""And no more than that for the leg to be well again."""
BASELINE_FACTOR = 3.0
"""Where a line is usually slow, though in order, it is three times the usual that is too slow."""
MOMENT_S = 2.5
"""What is over so soon is no trouble, however often was asked meanwhile."""
DEAD_LEAST_S = 2.0
DEAD_SHARE = 0.9
"""Who leaves so much unanswered from the first to the last question of a trouble gives no answer; else it is a loss."""
SILENT_CHANCE = 1e-4
"""Who loses half of all is silent four times in a row again and again: that is no outage of its own."""
SILENT_LATELY_CHANCE = 1e-6
"""Nor is it where who lost one of ten lately is silent four or five times in a row: it is asked again and again."""
JITTER_LAST = 20
"""Answers that the change from one to the next is taken over."""
JITTER_CALM = 0.8
TURNS, TURNS_OF = 6, 60
"""A program that listens takes each connection, and one that does not, none: in an office, who takes and refuses them
by turns, so often among so many, is two computers. A program that crashes and starts again takes longer over it."""
LOSS_WINDOWS = (20, 60, 240, 1000)
SUSPECT_CHANCE = 0.15
"""Enough to ask more often: of a cable, one lost of sixty."""
SUSPECT_LEAST = 2
"""So many lost of a leg show something of when."""
LOSS_CALM, LOSS_CALM_TIMES = 20, 5.0
"""A leg that lost is well again after so many answers without a loss, and after five times as many as it lost one of:
one that still loses so gives them with a chance of 0.7 %."""


def limits_of(
    watched: Watched, *, wireless: bool, inside: bool, pace: float = 1.0, shared: LegLimits = USUAL
) -> Bounds:
    """Of this leg, as it is asked. inside: the EMR is on this office's own network. pace: by how much it is asked more
    seldom than usual. shared: the same as the client's, with the sources."""
    limits = _by_leg(shared, wireless=wireless, inside=inside)[Leg(watched.leg)]
    limits = replace(limits, window_s=limits.window_s * max(1.0, pace))
    # That packets died is told when a router has time for it: that it is not told so often is no loss.
    return replace(limits, jitter_ms=None, loss_ratio=None) if watched.method == "udp_errors" else limits


def _by_leg(shared: LegLimits, *, wireless: bool, inside: bool) -> Mapping[Leg, Bounds]:
    near = _near(shared, wireless=wireless)
    far = Bounds(shared.far_ms, shared.far_jitter_ms, shared.far_loss_ratio, window_s=9.0)  # asked every two seconds
    return {
        Leg.ROUTER: near,
        Leg.PEER: near,
        Leg.ISP: Bounds(shared.isp_ms, shared.far_jitter_ms, shared.far_loss_ratio),
        Leg.OUTSIDE: Bounds(shared.outside_ms, shared.far_jitter_ms, shared.far_loss_ratio),
        Leg.NAME: Bounds(shared.name_ms, window_s=16.0, least=3, most=4, dead_after=2),
        Leg.SERVER_TCP: replace(near, window_s=far.window_s) if inside else far,
        # As many late pages as `client` calls often, and a few more answers to know it by.
        Leg.SERVER_ANSWER: Bounds(
            shared.answer_ms, window_s=32.0, least=3, most=4, dead_after=2, often_of=12, often_share=0.25
        ),
        Leg.SERVER_BULK: _LARGE,
        Leg.PATH: replace(_LARGE, say=1),  # it was tried again and again before it was told
    }


def _near(shared: LegLimits, *, wireless: bool) -> Bounds:
    if wireless:  # there so much is in order, and a watch goes on for days
        return Bounds(
            shared.wifi_ms,
            shared.wifi_jitter_ms,
            shared.wifi_loss_ratio,
            often_of=_OFTEN_OF,
            late_ms=shared.wifi_late_ms,
        )
    return Bounds(
        shared.wired_ms,
        shared.wired_jitter_ms,
        shared.near_loss_ratio,
        loss_chance=1e-4,  # a cable that is in order loses far less than that ratio
        often_of=_OFTEN_OF,
        late_ms=shared.wired_late_ms,
    )


@lru_cache(maxsize=4 * max(LOSS_WINDOWS))
def too_many_lost(sent: int, ratio: float, chance: float) -> int:
    """The least number of lost answers that a leg losing this share would show with less than that chance."""
    term = (1.0 - ratio) ** sent
    at_least = 1.0  # the chance of `lost` or more
    for lost in range(sent + 1):
        if at_least < chance:
            return lost
        at_least -= term
        term *= (sent - lost) / (lost + 1) * ratio / (1.0 - ratio)
    return sent + 1


def loss_at_least(sent: int, lost: int) -> float:
    """The share that is lost for sure, at 95 % (Wilson and Hilferty, 1931): as evidence.series has it, within 3 %, and
    quick enough to be asked after every answer."""
    if not lost:
        return 0.0
    root: float = 1.0 - 1.0 / (9 * lost) - _Z95 / (3 * math.sqrt(lost))
    return lost * max(0.0, root) ** 3 / sent
