"""How much does the office network carry to a second PC, and who answers late meanwhile?"""

from __future__ import annotations

import ipaddress
import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan_load import LanLoad, LanWay
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import counters, host, routes
from emrnetcheck.net.failures import clean
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.lan_beside import beside_a_load, who_answers_ping
from emrnetcheck.probes.throughput import engine, reach
from emrnetcheck.probes.throughput.backends.responder import Responder
from emrnetcheck.probes.throughput.course import Hooks, enough
from emrnetcheck.probes.throughput.figures import figures
from emrnetcheck.probes.throughput.plan import MB, Load, LoadPlan
from emrnetcheck.probes.throughput.target import Source, Target

# A network of 100 Mbps carries 48 MB in 4 s, one of a gigabit is cut short by the cap; both are far above the limits.
_PLAN = LoadPlan(count_s=3.0, ramp_s=1.0, slow_ramp_s=1.0, idle_s=1.0, cap_bytes=100 * MB, pace_mbps=math.inf)
_COUNT_S: Mapping[Mode, float] = {Mode.QUICK: 3.0, Mode.STANDARD: 3.0, Mode.THOROUGH: 8.0}
_BUSY_CPU_SHARE = 0.8
_SPARE_S = 1.0
_NOT_HERE = "it is not on the same network as this computer"

_Start = Callable[[LoadPlan, Hooks], Load | Failure]


def measure(site: Site, seen: Seen, context: Context) -> LanLoad | Failure:
    """First to it, then from it; each a few seconds and at most 100 MB, over the office network alone."""
    return measure_with(site, seen, context, replace(_PLAN, count_s=_COUNT_S[context.mode]))


def measure_with(site: Site, seen: Seen, context: Context, plan: LoadPlan) -> LanLoad | Failure:
    """As measure, with the load's parameters given. Why there is no figure is told in each way."""
    back_end = Responder(site.lan_responder_token or site.responder_token)
    found = back_end.find(site.lan_responder or "", context)
    if isinstance(found, Failure):
        return _none(clean(site.lan_responder or ""), "", found)
    target = found[0]
    (source,) = back_end.sources(target)
    endpoint = _endpoint(target, context)
    if isinstance(endpoint, Failure):
        return _none(target.url, "", endpoint)
    hosts = tuple(address for address in who_answers_ping(seen.lan) if address != endpoint.address)
    trial = _Trial(context, plan, hosts)
    interface = counters.interface_towards(endpoint.address)
    damaged_from = host.error_count(interface) if interface is not None else None
    upload = trial.way(lambda plan, hooks: engine.measure(target, endpoint, plan, hooks, reach.AGENT), sends=True)
    stopped = context.stopped("LAN load")
    if stopped is not None:
        return stopped
    download = trial.way(_fetching(source, endpoint), sends=False)
    damaged_to = host.error_count(interface) if interface is not None else None
    damaged = damaged_to - damaged_from if damaged_to is not None and damaged_from is not None else None
    return LanLoad(target.url, endpoint.address, upload, download, damaged)


def _fetching(source: Source, endpoint: Endpoint) -> _Start:
    return lambda plan, hooks: engine.fetch(source, endpoint, plan, hooks, reach.AGENT)


def _endpoint(target: Target, context: Context) -> Endpoint | Failure:
    """Refused where the load would leave the office: over the line it would measure the line, and fill it. A private
    address is no proof, as other offices' have them too: it must be in a network of this computer's own."""
    address = reach.address_of(target, context)
    if isinstance(address, Failure):
        return address
    if not _is_here(address):
        return Failure(FailureKind.NOT_CONFIGURED, "LAN load", address, _NOT_HERE)
    return reach.endpoint_of(target, context, "", None)


def _is_here(address: str) -> bool:
    """Attached to this computer directly: no router between, and no tunnel."""
    there = ipaddress.ip_address(address)
    if there.is_loopback:
        return True
    attached = []
    for own, interface in routes.own_addresses().items():
        network = routes.own_network(own)
        if network is not None and there in network and not host.is_tunnel(interface):
            attached.append(own)
    return bool(attached) and routes.source_address(address, version=there.version) in attached


def _none(server: str, address: str, why: Failure) -> LanLoad:
    way = LanWay(None, 0.0, 0, failure=why)
    return LanLoad(server, address, way, way)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One run's two ways. hosts: who is asked meanwhile."""

    context: Context
    plan: LoadPlan
    hosts: tuple[str, ...]

    def way(self, start: _Start, *, sends: bool) -> LanWay:
        moved = 0

        def traffic(sent_bytes: int, received_bytes: int) -> None:
            nonlocal moved
            moved = sent_bytes if sends else received_bytes
            self.context.ledger.count(sent_bytes=sent_bytes, received_bytes=received_bytes)

        left_s = self.context.remaining_s() - self.plan.idle_s - self.plan.ramp_s - _SPARE_S
        plan = replace(self.plan, count_s=max(1.0, min(self.plan.count_s, left_s)))
        hooks = Hooks(lambda: self.context.stopped("LAN load"), self.context.progress, traffic, enough(plan.count_s))
        with beside_a_load(self.hosts) as beside:
            load = start(plan, hooks)
        if isinstance(load, Failure):
            return LanWay(None, 0.0, moved, failure=load)
        told = figures(load, plan, 1)
        if told is None:
            late = Failure(FailureKind.OUT_OF_TIME, "LAN load", detail="too little was moved to tell a rate")
            return LanWay(None, 0.0, moved, failure=late)
        counted = [sample.at_s + load.wall_ahead_s for sample in load.samples if sample.counted]
        return LanWay(
            goodput_mbps=told.goodput_mbps,
            seconds=told.end_s - told.start_s,
            moved_bytes=moved,
            idle_rtt_ms=statistics.median(load.idle_ms) if load.idle_ms else None,
            loaded_rtt_ms=statistics.median(load.loaded_ms) if load.loaded_ms else None,
            resent=load.resent if sends else None,
            hosts=beside.between(counted[0], counted[-1]),
            tester_limited=_limited(load),
        )


def _limited(load: Load) -> str | None:
    if load.cpu_share > _BUSY_CPU_SHARE:
        return f"this computer used {load.cpu_share:.0%} of a processor core"
    return None


PROBE = Probe(
    name="lan_load",
    title="Office network under load",
    measure=measure,
    deadline_s={Mode.QUICK: 20.0, Mode.STANDARD: 20.0, Mode.THOROUGH: 32.0},
    alone=True,
    in_quick=False,
    asked_for=lambda site: site.lan_responder is not None,
)
