"""Is what is lost on the way to the EMR lost before its own line begins? The last routers there are asked, and long."""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.last_routers import LastRouters
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import icmp, route_trace
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.series import series_of

PROBES, INTERVAL_S = 200, 0.05  # of 200 probes, 5 % each way shows with all but 0.01 % probability; 20 a second: way.py
_TIMEOUT_S = 0.9
_ROUTERS_MAX = 3
_BEHIND, _ROUNDS, _ROUND_S = 2, 4, 0.3
_LOST_LEAST = 3  # fewer are chance, of the 80 connections that were tried


def measure(site: Site, seen: Seen, context: Context) -> LastRouters | Failure:  # noqa: ARG001 - the shape of every probe
    """NOT_NEEDED where hardly anything was lost, or no router was seen to answer."""
    lost = max((each.lost for each in seen.way.of("server") if each.p50_ms is not None), default=0) if seen.way else 0
    if lost < _LOST_LEAST:
        return Failure(FailureKind.NOT_NEEDED, "ping", detail="hardly anything was lost on the way to the EMR")
    here = seen.link.gateway if seen.link is not None else None
    last = [address for address in _on_the_way(seen, context) if address != here][-_ROUTERS_MAX:]
    if not last:
        return Failure(FailureKind.NOT_NEEDED, "ping", detail="no router on the way answers")
    context.progress("asking the last routers before the EMR", PROBES * INTERVAL_S, None)
    told = icmp.echo_series(last, count=PROBES, interval_s=INTERVAL_S, timeout_s=_TIMEOUT_S, stopping=context.stopping)
    if isinstance(told, Failure):
        return told
    series = tuple(series_of(each.address, each.rtts_ms, each.method, each.failure) for each in told)
    context.ledger.probed(series)
    return LastRouters(series)


def _on_the_way(seen: Seen, context: Context) -> list[str]:
    """By the trace, and by what a few more rounds of it show behind: its first answer from there may have been lost."""
    traces = seen.path.traces if seen.path is not None else ()
    hops = traces[0].hops if traces else ()
    known = [hop.address for hop in hops if hop.address is not None and not hop.end]
    if not known or any(hop.end for hop in hops):
        return list(dict.fromkeys(known))
    again = route_trace.repeat(
        traces[0].address,
        hops=min(len(hops) + _BEHIND, route_trace.HOPS_MAX),
        rounds=_ROUNDS,
        interval_s=_ROUND_S,
        timeout_s=_TIMEOUT_S,
        stopping=context.stopping,
    )
    seen_again = [] if isinstance(again, Failure) else [hop.addresses[0] for hop in again.hops if hop.addresses]
    return list(dict.fromkeys((*known, *seen_again)))


PROBE = Probe(
    name="last_routers",
    title="The last routers before the EMR",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 18.0),
    alone=True,
    after=("link", "way", "path"),
    leaves_office=True,
)
