"""What came through the router while the line was idle: how quickly, and how much of it was lost? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.series import Series

_LEAST_ANSWERS = 5  # of a series that is to prove something
_RESENT_AFTER_MS = 900.0  # a lost SYN is sent again after a second (RFC 6298): a connection below was not lost


@dataclass(frozen=True, slots=True)
class Beyond:
    """Round trips to somebody behind the router. lost None: not counted. tried_again: a connection took so long that
    its first packet must have been lost. router: it is one, or asked as one, and answers when it has the time:
    that it answers well shows something, that it answers badly nothing."""

    p50_ms: float
    p95_ms: float
    sent: int
    lost: int | None
    tried_again: bool = False
    router: bool = False


def beyond_of(seen: Seen) -> list[Beyond]:
    """What came through the router while the line was idle: connections to the servers of the speed tests, and the
    answers of routers and hosts on the way."""
    found = []
    for load in (seen.upload, seen.download):
        if load is None or load.idle_rtt_ms is None or load.idle_rtt_p95_ms is None or not load.idle_probes:
            continue
        # None of 16 was lost where even the slowest needed no second try; of more, the slowest are not known.
        all_known = load.idle_probes < 20 and load.idle_rtt_p95_ms < _RESENT_AFTER_MS  # noqa: PLR2004 - p95 is the last
        lost = 0 if all_known else None
        again = load.idle_rtt_p95_ms >= _RESENT_AFTER_MS > load.idle_rtt_ms
        found.append(Beyond(load.idle_rtt_ms, load.idle_rtt_p95_ms, load.idle_probes, lost, again))
    for series, router in _on_the_way(seen):
        if series.p50_ms is not None and series.p95_ms is not None and series.sent - series.lost >= _LEAST_ANSWERS:
            found.append(Beyond(series.p50_ms, series.p95_ms, series.sent, series.lost, router=router))
    return found


def _on_the_way(seen: Seen) -> list[tuple[Series, bool]]:
    """Each with whether a router, or a host asked as one, answered."""
    if seen.path is None:
        return []
    hops = [hop for trace in seen.path.traces for hop in trace.hops if hop.ttl > 1]
    asked = [(series, True) for hop in hops for series in (hop.probed, hop.asked) if series is not None]
    ends = (*(trace.end for trace in seen.path.traces), *seen.path.witnesses)
    return [*asked, *((end, False) for end in ends)]


def single_ms(seen: Seen) -> float:
    """The quickest single answer from behind the router."""
    times = [hop.rtt_ms for hop in seen.address.hops if hop.ttl > 1] if seen.address is not None else []
    return min((ms for ms in times if ms is not None), default=float("inf"))
