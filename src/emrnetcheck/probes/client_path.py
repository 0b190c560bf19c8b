"""Which routers are on the way to the EMR, where do delay and loss begin, and how large may a packet be?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path import Mtu, Path, Trace
from emrnetcheck.evidence.way import Way
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.path import trace_to
from emrnetcheck.probes.path_mtu import mtu_to
from emrnetcheck.probes.together import together
from emrnetcheck.probes.witnesses import TOLD

EMR = "emr"
_ROUNDS = 10
_PROBES = 40  # a target that answers no ping is asked by connecting as well, one after the other
_LIMIT_S = 16.0  # a target that answers no ping costs 6 s, and more where the way to it loses


def measure(site: Site, seen: Seen, context: Context) -> Path | Failure:
    """To the EMR alone; not begun where it is in this network, or nobody outside answers."""
    way = seen.way
    if way is None or way.emr_address is None:
        return Failure(FailureKind.NAME_NOT_FOUND, "trace", site.hostname or "", "its address is not known")
    address = way.emr_address
    if way.inside:
        return Failure(FailureKind.NOT_NEEDED, "trace", address, "the EMR is in this network")
    if all(series.p50_ms is None for series in way.of("outside")):
        return Failure(FailureKind.NETWORK_UNREACHABLE, "trace", detail="nothing on the Internet answers")
    context.progress("following the way to the EMR", _LIMIT_S, None)
    context.ledger.told(site.hostname or address, TOLD)
    tasks: list[Callable[[], Trace | Mtu | Failure]] = [
        partial(trace_to, address, _ROUNDS, context, probes=_PROBES),
        partial(mtu_to, address, context, site.hostname, EMR, (site.port,)),
    ]
    traced, sized = together(tasks, context, limit_s=_LIMIT_S)
    traces = (_by_the_emr(traced, site, way),) if isinstance(traced, Trace) else ()
    if not traces and not isinstance(sized, Mtu):
        return context.stopped("trace") or Failure(FailureKind.TIMEOUT, "trace", address)
    return Path(traces, (sized if isinstance(sized, Mtu) else _unsized(address, site, sized),))


def _unsized(address: str, site: Site, why: object) -> Mtu:
    """That the sizes were not found out, and why."""
    late = Failure(FailureKind.OUT_OF_TIME, "measure packet size", address)
    failure = why if isinstance(why, Failure) else late
    return Mtu(site.hostname or address, EMR, address, (), "none", failure=failure)


def _by_the_emr(trace: Trace, site: Site, way: Way) -> Trace:
    """Its end is the EMR's port: a clinic's router may answer no ping, and forward well."""
    ends = [series for series in way.of("server") if series.p50_ms is not None]
    end = ends[0] if trace.end.p50_ms is None and ends else trace.end
    return replace(trace, towards=site.hostname or trace.address, role=EMR, end=end)


PROBE = Probe(
    name="path",
    title="The way to the EMR",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 18.0),
    alone=True,
    after=("way",),
    leaves_office=True,
)
