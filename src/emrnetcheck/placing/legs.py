"""How was each leg, by the evidence of a run of `client`?"""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.path import Entry, Mtu, black_hole, where_latency_enters
from emrnetcheck.evidence.path_loss import Loss, has_less, lost_on_the_way
from emrnetcheck.evidence.series import Series, loss_lower_ratio, loss_upper_ratio
from emrnetcheck.model import FailureKind, Segment
from emrnetcheck.placing.answers import answer_state, loaded_state, own_bulk_state, server_bulk_state
from emrnetcheck.placing.few_connections import takes_few
from emrnetcheck.placing.here import addresses_state, dead_addresses, is_inside, on_wifi, own_state
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.misled import exists_nowhere, is_answered_by_router, wrong_addresses
from emrnetcheck.placing.states import ABSENT, GOOD, UNKNOWN, Fault, Health, Leg, State
from emrnetcheck.placing.trips import (
    Bounds,
    best_of,
    far_bounds,
    is_more,
    near_bounds,
    router_state,
    silence_is_unknown,
)

_OF_THE_EMR = (Leg.NAME, Leg.SERVER_TCP, Leg.SERVER_ANSWER, Leg.SERVER_BULK, Leg.SERVER_LOADED)


def legs_of(seen: Seen, limits: LegLimits) -> dict[Leg, State]:
    """The state of each leg. What was not measured is unknown; what there is not, absent."""
    way = seen.way
    wifi, inside = on_wifi(seen), is_inside(seen)
    near = near_bounds(limits, wifi=wifi)
    far = near if inside else far_bounds(limits, limits.far_ms)
    legs = {
        Leg.OWN: own_state(seen, limits),
        Leg.ADDRESSES: addresses_state(way),
        Leg.PEER: best_of(way, "peer", near),
        Leg.ROUTER: router_state(way, near),
        Leg.ISP: silence_is_unknown(best_of(way, "isp", far_bounds(limits, limits.isp_ms))),
        Leg.OUTSIDE: best_of(way, "outside", far_bounds(limits, limits.outside_ms)),
        Leg.NAME: name_state(seen, limits),
        Leg.PATH: path_state(seen, limits),
        Leg.SERVER_TCP: _server(seen, far),
        Leg.SERVER_ANSWER: answer_state(seen, limits),
        Leg.OWN_BULK: own_bulk_state(seen, limits),
        Leg.SERVER_BULK: server_bulk_state(seen.pages, limits),
        Leg.SERVER_LOADED: loaded_state(seen, limits),
    }
    # Who answered then is the router, so nothing is known of the EMR.
    return legs | dict.fromkeys(_OF_THE_EMR, UNKNOWN) if is_answered_by_router(seen) else legs


def path_state(seen: Seen, limits: LegLimits) -> State:
    """The way between the two lines, by the trace to the EMR: what begins at the EMR's own end is not of it."""
    path = seen.path
    if is_inside(seen):
        return ABSENT
    traces = [trace for trace in path.traces if trace.role != "outside"] if path is not None else []
    mtus = [mtu for mtu in path.mtus if mtu.role != "outside"] if path is not None else []
    small = seen.pages.by_small_packets if seen.pages is not None else None
    if any(_is_hole(mtu) for mtu in mtus) or (small is not None and small.total_ms is not None):
        return State(Health.BAD, Fault.SIZE)
    for trace in traces:
        slowest, loss = where_latency_enters(trace), lost_on_the_way(trace)
        if slowest is not None and _between(slowest) and (slowest.added_ms or 0.0) > limits.stretch_ms:
            return State(Health.BAD, Fault.LATENCY, slowest.added_ms)
        lossy = loss is not None and loss.lower_ratio > limits.far_loss_ratio
        if lossy and loss and loss.begins and _between(loss.begins) and not _is_whole_before_the_end(seen, loss):
            return _lossy(seen, loss.sent, loss.lost)
    early = _lost_before_the_end(seen, limits)
    if early is not None:
        return _lossy(seen, early.sent, early.lost)
    return GOOD if traces and traces[0].hops else UNKNOWN


def _lossy(seen: Seen, sent: int, lost: int) -> State:
    """So much is lost between the lines, unless this place's own network or line may lose as much."""
    # Who is reached over the line shows both; one that loses less is enough: others may answer badly by themselves.
    nearer = _answered(seen, "isp", "outside") or _answered(seen, "router")
    if nearer and not any(has_less(each.sent, each.lost, lost / sent) for each in nearer):
        return UNKNOWN
    return State(Health.BAD, Fault.LOSS, sent=sent, lost=lost)


def _answered(seen: Seen, *legs: str) -> list[Series]:
    asked = [each for leg in legs for each in (seen.way.of(leg) if seen.way is not None else ())]
    return [each for each in asked if each.p50_ms is not None]


def _lost_before_the_end(seen: Seen, limits: LegLimits) -> Series | None:
    """The last router before the EMR's own line, where it loses as the EMR does; one that loses far more only answers
    badly, and one before it that loses is none of the way.
    """
    answered = [each for each in (seen.last_routers.routers if seen.last_routers else ()) if each.p50_ms is not None]
    servers = [each for each in (seen.way.of("server") if seen.way is not None else ()) if each.lost]
    if not answered or not servers:
        return None
    last, possible = answered[-1], loss_upper_ratio(servers[0].sent, servers[0].lost) or 1.0
    is_same = (loss_lower_ratio(last.sent, last.lost) or 0.0) <= possible
    return last if is_same and is_more(last.sent, last.lost, limits.far_loss_ratio) else None


def _is_whole_before_the_end(seen: Seen, loss: Loss) -> bool:
    """Whether the last router before the EMR's own line loses less: a trace asks only the first ones often enough to
    tell, so that all that is lost behind those would seem to begin there."""
    answered = [each for each in (seen.last_routers.routers if seen.last_routers else ()) if each.p50_ms is not None]
    return bool(answered) and has_less(answered[-1].sent, answered[-1].lost, loss.lost / loss.sent)


def _between(entry: Entry) -> bool:
    """Beyond this place's line, and before the EMR's own."""
    return entry.segment is Segment.PATH and not entry.at_end


def _is_hole(mtu: Mtu) -> bool:
    """Whether packets as large as TCP's to that host vanish."""
    hole = black_hole(mtu)
    return hole is not None and (mtu.tcp_packet_bytes is None or mtu.tcp_packet_bytes >= hole.least_lost_bytes)


def name_state(seen: Seen, limits: LegLimits) -> State:
    """The look-up: wrong, missing, dead, slow or good."""
    if seen.lookups is None:
        given_by_address = seen.way is not None and seen.way.emr_address is not None
        return ABSENT if given_by_address else UNKNOWN
    found = seen.lookups
    if wrong_addresses(seen):
        return State(Health.BAD, Fault.WRONG)
    if not found.system:
        return State(Health.BAD, Fault.MISSING if exists_nowhere(found) else Fault.DEAD)
    usual_ms = median(found.system_ms) if found.system_ms else None
    if usual_ms is not None and usual_ms > limits.name_ms:
        return State(Health.BAD, Fault.LATENCY, usual_ms, late=True)
    anew_ms = found.anew_ms
    if anew_ms is not None and anew_ms > limits.name_ms:
        return State(Health.BAD, Fault.LATENCY, anew_ms)  # what is kept hides that for a minute or so
    if dead_addresses(seen):
        return State(Health.BAD, Fault.HALF_DEAD, usual_ms)
    if found.system_failure is not None:
        return State(Health.BAD, Fault.LOSS, usual_ms)  # found at times
    return replace(GOOD, median_ms=usual_ms) if usual_ms is not None else UNKNOWN


def _server(seen: Seen, far: Bounds) -> State:
    if seen.way is None or seen.way.emr_address is None:
        return UNKNOWN
    state = best_of(seen.way, "server", far)
    refused, asked = seen.way.refused("server"), sum(series.sent for series in seen.way.of("server"))
    # One of many that a server's queue had no room for, while all its pages come, is chance.
    if is_more(max(asked, refused), refused, far.loss_ratio) or _refused_a_page(seen.pages):
        return replace(state, health=Health.BAD, fault=Fault.REFUSED)
    return replace(state, health=Health.UNKNOWN, fault=None) if takes_few(seen, state) else state


def _refused_a_page(pages: Pages | None) -> bool:
    failures = [get.failure for get in pages.fresh] if pages is not None else []
    return any(each is not None and each.kind is FailureKind.REFUSED for each in failures)
