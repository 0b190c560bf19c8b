"""How were the round trips of a leg: quick, steady and whole?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from emrnetcheck.evidence.series import Series, loss_lower_ratio, loss_upper_ratio
from emrnetcheck.evidence.way import Way
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.proof import contradicts
from emrnetcheck.placing.states import UNKNOWN, Fault, Health, State

_SURE = 0.99
_LEAST_LOST = 2  # one lost probe is chance, of however many


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when on a series of round trips is bad. late_ms: of its 95th percentile; None: not judged."""

    slow_ms: float
    jitter_ms: float
    loss_ratio: float
    late_ms: float | None = None


def near_bounds(limits: LegLimits, *, wifi: bool) -> Bounds:
    """Within the office network."""
    if wifi:
        return Bounds(limits.wifi_ms, limits.wifi_jitter_ms, limits.wifi_loss_ratio, limits.wifi_late_ms)
    return Bounds(limits.wired_ms, limits.wired_jitter_ms, limits.near_loss_ratio, limits.wired_late_ms)


def far_bounds(limits: LegLimits, slow_ms: float) -> Bounds:
    """Beyond it."""
    return Bounds(slow_ms, limits.far_jitter_ms, limits.far_loss_ratio)


def series_state(series: Series, bounds: Bounds) -> State:
    """How a series of round trips was. Its figures go with it, good or bad."""
    if series.sent == 0:
        return UNKNOWN
    figures = State(Health.GOOD, None, series.p50_ms, series.jitter_ms, series.sent, series.lost)
    if series.p50_ms is None:
        return replace(figures, health=Health.BAD, fault=Fault.DEAD)
    if is_more(series.sent, series.lost, bounds.loss_ratio):
        return replace(figures, health=Health.BAD, fault=Fault.LOSS, late=series.p50_ms > bounds.slow_ms)
    if series.p50_ms > bounds.slow_ms:
        return replace(figures, health=Health.BAD, fault=Fault.LATENCY, late=True)
    return replace(figures, health=Health.BAD, fault=Fault.JITTER) if _is_uneven(series, bounds) else figures


def is_more(sent: int, lost: int, ratio: float) -> bool:
    """Whether more than this share is lost for sure."""
    return lost >= _LEAST_LOST and (loss_lower_ratio(sent, lost) or 0.0) > ratio


def _loses_less(by_tcp: State, state: State) -> bool:
    """By 99 %: at 95 %, in one case of forty a router whose cable loses 5 % each way would pass for well."""
    if state.fault is not Fault.LOSS or not state.sent or state.lost is None or by_tcp.lost is None:
        return True
    possible = loss_upper_ratio(by_tcp.sent or 0, by_tcp.lost, _SURE)
    return possible is not None and possible < state.lost / state.sent


def _is_uneven(series: Series, bounds: Bounds) -> bool:
    """Whether answers are late again and again. One stall, up to its height and down again, is this computer's own:
    it adds twice its height to the sum of the changes, and that is taken off before they are judged.
    """
    if series.jitter_ms is None or series.p50_ms is None:
        return False
    height_ms = (series.max_ms or series.p50_ms) - series.p50_ms
    again_ms = series.jitter_ms - 2 * height_ms / max(1, series.sent - series.lost - 1)
    if again_ms > bounds.jitter_ms:
        return True
    late = bounds.late_ms is not None and series.p95_ms is not None and series.p95_ms > bounds.late_ms
    return late and again_ms > bounds.jitter_ms / 2


def best_of(way: Way | None, leg: str, bounds: Bounds) -> State:
    """The best of those who stand for this leg: one of them may be slow or silent by itself."""
    states = [series_state(each, bounds) for each in (way.of(leg) if way is not None else ())]
    return min(states, key=_badness, default=UNKNOWN)


def _badness(state: State) -> tuple[int, float]:
    order = {Health.GOOD: 0, Health.BAD: 1, Health.UNKNOWN: 3, Health.ABSENT: 3}
    dead = state.fault is Fault.DEAD
    return 2 if dead else order[state.health], state.median_ms or 0.0


def silence_is_unknown(state: State) -> State:
    """A provider's router that answers nobody is no sign of anything."""
    return UNKNOWN if state.fault is Fault.DEAD else state


def router_state(way: Way | None, bounds: Bounds) -> State:
    """By ping, or by connecting where that is better for sure: many routers answer ping last."""
    if way is None:
        return UNKNOWN
    state = min((series_state(each, bounds) for each in way.of("router")), key=_badness, default=UNKNOWN)
    by_tcp = series_state(way.router_by_tcp, bounds) if way.router_by_tcp is not None else UNKNOWN
    # 30 connections of which one was lost do not acquit a router that loses a tenth of all.
    is_better = by_tcp.health is Health.BAD or (contradicts(by_tcp, state) and _loses_less(by_tcp, state))
    if state.health is not Health.GOOD and _badness(by_tcp) < _badness(state) and is_better:
        state = by_tcp
    beyond = any(series.p50_ms is not None for leg in ("isp", "outside", "server") for series in way.of(leg))
    return UNKNOWN if state.fault is Fault.DEAD and beyond else state
