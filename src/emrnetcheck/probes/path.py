"""Where on the way out do delay and loss begin, and how large may a packet be?

It runs beside probes that send little: nothing loads the line meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path import Mtu, Path, Trace, TraceHop
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import icmp, route_programs, route_trace, tcp
from emrnetcheck.net.hops import HopAnswers, Route, merged
from emrnetcheck.net.udp_way import UDP
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.holders import TABLE_EVERY_S, Holders
from emrnetcheck.probes.path_mtu import confirmed, mtu_to
from emrnetcheck.probes.series import series_of
from emrnetcheck.probes.together import together
from emrnetcheck.probes.witnesses import TOLD

OUTSIDE, SECOND_SITE = "outside", "second_site"
WITNESSES_MAX = 2
TCP_PORTS = (443, 53, 80, 8443)
_TIMEOUT_S = 0.9
_INTERVAL_S = 0.05
_TCP_INTERVAL_S = 0.2
_ROUND_S = 0.3
_SPARE_S = 1.0
_HOPS_ASKED = 3
_ECHO = ("icmp", "icmp_raw")


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each router is asked with packets that die there, and each end as any host is."""

    rounds: int
    probes: int


# 80 probes to the ends and to the first routers tell 5 % of loss from none; Linux routers answer ten rounds in 3 s.
EFFORT_BY_MODE: Mapping[Mode, Effort] = {
    Mode.QUICK: Effort(4, 30),
    Mode.STANDARD: Effort(10, 80),
    Mode.THOROUGH: Effort(20, 200),
}


def measure(site: Site, seen: Seen, context: Context) -> Path | Failure:
    """To one public resolver and to the second sites: first the packet sizes, then the traces. More resolvers are asked
    at the same time, as witnesses. Nothing but a Failure where none of these can be asked."""
    if seen.address is not None and not seen.address.outside_reached:
        return Failure(FailureKind.NETWORK_UNREACHABLE, "trace", detail="nothing on the Internet answers")
    outside = [address for address in site.resolvers if ":" not in address] or list(site.resolvers)
    targets = [(address, address, OUTSIDE) for address in outside[:1]]
    targets += [(name, name, SECOND_SITE) for name in site.path_towards]
    if not targets:
        return Failure(FailureKind.NOT_CONFIGURED, "trace", detail="no host on the Internet to trace to")
    effort, witnesses = EFFORT_BY_MODE[context.mode], outside[1 : 1 + WITNESSES_MAX]
    for witness in witnesses:
        context.ledger.told(witness, TOLD)
    context.progress("finding out how large a packet may be", None, None)
    found = _looked_up(targets, context)
    mtus = together([partial(mtu_to, each.address, context, each.towards, each.role) for each in found], context)
    late = Failure(FailureKind.OUT_OF_TIME, "measure packet size")
    mtus_seen = [
        mtu if isinstance(mtu, Mtu) else Mtu(each.towards, each.role, each.address, (), "none", failure=mtu or late)
        for each, mtu in zip(found, mtus, strict=True)
    ]
    mtus_seen += confirmed(mtus_seen, witnesses, context)
    context.progress("following the way out", effort.probes * _INTERVAL_S + _TIMEOUT_S, None)
    gateway = seen.link.gateway if seen.link is not None else None
    tasks: list[Callable[[], Trace | Failure | dict[str, Series]]] = [
        partial(_trace, each, effort, gateway, context) for each in found
    ]
    tasks.append(partial(_asked, witnesses, effort.probes, context))
    holders = Holders((seen.link.interface, seen.link.address)) if seen.link is not None else Holders()
    with holders.watched(TABLE_EVERY_S):
        parts = together(tasks, context)
    traces = [part for part in parts if isinstance(part, Trace)]
    series: dict[str, Series] = next((part for part in parts if isinstance(part, dict)), {})
    _count(traces, series.values(), mtus_seen, context)
    if not traces and all(mtu.failure is not None for mtu in mtus_seen):
        return context.stopped("trace") or Failure(FailureKind.TIMEOUT, "trace")
    return Path(tuple(traces), tuple(mtus_seen), tuple(series.values()), holders.of(gateway or ""))


def _count(traces: Sequence[Trace], witnesses: Iterable[Series], mtus: Sequence[Mtu], context: Context) -> None:
    """What was put on the line; what comes back has the same size."""
    asked = [*witnesses, *(trace.end for trace in traces)]
    asked += [each for trace in traces for hop in trace.hops for each in (hop.probed, hop.asked) if each is not None]
    large = [(size.size_bytes, size.sent, size.answered) for mtu in mtus for size in mtu.sizes]
    context.ledger.probed(asked)
    context.ledger.count(
        sent_bytes=sum(size * sent for size, sent, _ in large),
        received_bytes=sum(size * answered for size, _, answered in large),
    )


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to trace to, with the address that the name has."""

    towards: str
    address: str
    role: str


def _looked_up(targets: Sequence[tuple[str, str, str]], context: Context) -> list[Target]:
    """Those whose name has an address, IPv4 before IPv6; a name that has none is for other checks."""
    found = []
    for towards, host, role in targets:
        resolved = context.lookup.resolve(host)
        if isinstance(resolved, Failure) and resolved.kind is FailureKind.NAME_NO_ADDRESS:
            resolved = context.lookup.resolve(host, version=6)
        if not isinstance(resolved, Failure):
            context.ledger.told(towards, TOLD)
            found.append(Target(towards, resolved.addresses[0], role))
    return found


def _trace(target: Target, effort: Effort, gateway: str | None, context: Context) -> Trace | Failure:
    traced = trace_to(target.address, effort.rounds, context, probes=effort.probes, gateway=gateway)
    return traced if isinstance(traced, Failure) else replace(traced, towards=target.towards, role=target.role)


def trace_to(
    address: str, rounds: int, context: Context, *, probes: int = 80, gateway: str | None = None
) -> Trace | Failure:
    """The way to an address: each router asked `rounds` times, the target and the first routers `probes` times.

    gateway: the office's router, if it is known. About 2 s, and 50 ms for each probe. A target that answers nothing
    still gives a Trace, with its routers. Failure: only where the context says stop before anything is known.
    """
    route = _found(address, context)
    if context.stopping() and isinstance(route, Failure):
        return context.stopped("trace") or route
    hops = route.hops if isinstance(route, Route) else ()
    seen = [hop.addresses[0] for hop in hops if hop.addresses and not hop.end]
    # The gateway may have been too busy to answer at first.
    near = list(dict.fromkeys([gateway, *seen] if gateway is not None and hops else seen))[:_HOPS_ASKED]
    tasks: list[Callable[[], Route | Failure | dict[str, Series]]] = [
        partial(_asked, [address, *near], probes, context)
    ]
    if isinstance(route, Route) and hops and rounds > 1 and route.method in (*_ECHO, UDP):
        tasks.append(
            partial(
                route_trace.repeat,
                address,
                hops=len(hops),
                rounds=rounds - 1,
                interval_s=_ROUND_S,
                timeout_s=_TIMEOUT_S,
                method=route.method,
                stopping=context.stopping,
            )
        )
    parts = together(tasks, context)
    for part in parts:
        if isinstance(part, Route) and isinstance(route, Route):
            route = merged(route, part)
    asked = next((part for part in parts if isinstance(part, dict)), {})
    late = Failure(FailureKind.OUT_OF_TIME, "ping", address)
    end = asked.get(address) or series_of(address, (), "none", late)
    return _told(address, route, end, asked)


def _told(address: str, route: Route | Failure, end: Series, asked: Mapping[str, Series]) -> Trace:
    if isinstance(route, Failure):
        return Trace(address, OUTSIDE, address, (), end, "none", 0, route)
    hops = tuple(_hop(hop, route.method, asked) for hop in route.hops)
    rounds = max((hop.probed.sent for hop in hops), default=0)
    nobody = None if hops else Failure(FailureKind.TIMEOUT, "trace", address)
    return Trace(address, OUTSIDE, address, hops, end, route.method if hops else "none", rounds, nobody)


def _hop(hop: HopAnswers, method: str, asked: Mapping[str, Series]) -> TraceHop:
    address = hop.addresses[0] if hop.addresses else None
    probed = series_of(address or "", hop.rtts_ms, method, None, "trace")
    return TraceHop(hop.ttl, address, hop.addresses[1:], probed, None if hop.end else asked.get(address or ""), hop.end)


def _found(address: str, context: Context) -> Route | Failure:
    """By ICMP, if that is allowed; a target not reached so is tried by UDP, and the better of the two counts. Where the
    system lets no normal user do either, by its own program."""
    route = route_trace.find(address, timeout_s=_TIMEOUT_S, stopping=context.stopping)
    if isinstance(route, Failure) and route.kind is FailureKind.UNSUPPORTED and ":" not in address:
        allowed_s = min(route_programs.DEADLINE_S, context.remaining_s() / 2)
        return route_programs.find(address, deadline_s=allowed_s, stopping=context.stopping)
    if isinstance(route, Failure) or route.reached or route.method == UDP or context.stopping():
        return route
    other = route_trace.find(address, timeout_s=_TIMEOUT_S, method=UDP, stopping=context.stopping)
    better = isinstance(other, Route) and (other.reached or len(other.hops) > len(route.hops))
    return other if better else route


def _asked(addresses: Sequence[str], probes: int, context: Context) -> dict[str, Series]:
    """Each host asked as any host is: by echo requests, and all once more where one lost some, to tell where from
    chance; one that does not answer them by connections, fewer of them. By IPv6 there are no echo requests here: the
    first is asked by connections, and the others not."""
    if addresses and ":" in addresses[0]:
        unsupported = Failure(FailureKind.UNSUPPORTED, "ping", addresses[0], "by IPv6")
        return {addresses[0]: _by_tcp(addresses[0], probes, unsupported, context)}
    told = _echoed(addresses, probes, context)
    if isinstance(told, Failure):
        return {address: _by_tcp(address, probes, told, context) for address in addresses[:1]}
    again = _echoed(addresses, probes, context) if _may_ask_again(told, probes, context) else ()
    more = {each.address: each.rtts_ms for each in again} if not isinstance(again, Failure) else {}
    found = {
        each.address: series_of(each.address, (*each.rtts_ms, *more.get(each.address, ())), each.method, each.failure)
        for each in told
    }
    first = addresses[0] if addresses else None
    if first is not None and found[first].lost == found[first].sent and not context.stopping():
        found[first] = _by_tcp(first, probes, found[first].failure, context)
    return found


def _echoed(addresses: Sequence[str], probes: int, context: Context) -> tuple[icmp.EchoSeries, ...] | Failure:
    return icmp.echo_series(
        addresses, count=probes, interval_s=_INTERVAL_S, timeout_s=_TIMEOUT_S, stopping=context.stopping
    )


def _may_ask_again(told: Sequence[icmp.EchoSeries], probes: int, context: Context) -> bool:
    """Whether somebody who answers lost some, and there is time enough."""
    lost = any(None in each.rtts_ms and any(rtt is not None for rtt in each.rtts_ms) for each in told)
    takes_s = probes * _INTERVAL_S + _TIMEOUT_S
    return lost and not context.stopping() and context.remaining_s() > takes_s + _SPARE_S


def _by_tcp(address: str, probes: int, no_echo: Failure | None, context: Context) -> Series:
    """By the first port that answers, open or refused."""
    once = tcp.connect_series(
        [(address, port) for port in TCP_PORTS],
        count=1,
        interval_s=0.0,
        timeout_s=_TIMEOUT_S,
        stopping=context.stopping,
    )
    port = next((each.port for each in once if each.rtts_ms and each.rtts_ms[0] is not None), None)
    if port is None:
        return series_of(address, (None,) * len(TCP_PORTS), "none", no_echo)
    count = max(5, int(probes * _INTERVAL_S / _TCP_INTERVAL_S))
    (series,) = tcp.connect_series(
        [(address, port)], count=count, interval_s=_TCP_INTERVAL_S, timeout_s=_TIMEOUT_S, stopping=context.stopping
    )
    return series_of(address, series.rtts_ms, f"tcp:{port}", series.failure, "connect")


PROBE = Probe(
    name="path",
    title="The way out",
    measure=measure,
    deadline_s={Mode.QUICK: 10.0, Mode.STANDARD: 20.0, Mode.THOROUGH: 30.0},
    after=("link", "address"),
    leaves_office=True,
)
