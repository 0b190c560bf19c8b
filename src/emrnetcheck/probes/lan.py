"""How fast and how reliably do the router and the neighbours answer, while nothing else is going on?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import arp, host, icmp, neighbours, routes, tcp
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.together import together

PROBES_BY_MODE: Mapping[Mode, int] = {Mode.QUICK: 30, Mode.STANDARD: 60, Mode.THOROUGH: 200}
INTERVAL_S = 0.05
WARM_UP = 3  # ARP and power saving spoil the first ones (netfacts.md 5.1)
TIMEOUT_S = 0.9  # below the second after which a lost SYN is sent again, so that TCP shows a loss as one
ARP_TIMEOUT_S = 0.5
TCP_PORTS = (80, 443, 53, 8443, 22)
PEERS_MAX = 3
_P50, _P95 = 0.50, 0.95


@dataclass(frozen=True, slots=True)
class _Ask:
    """One host to be asked, and as what."""

    address: str
    role: str


@dataclass(frozen=True, slots=True)
class _Times:
    """What a series gave: RTTs by sequence number, None where lost."""

    rtts_ms: tuple[float | None, ...]
    method: str
    failure: Failure | None


def measure(site: Site, seen: Seen, context: Context) -> Lan | Failure:
    """First a warm-up by ICMP. Who did not answer it is asked by TCP. Then a series each, by what the host answers."""
    asks, peers_from = _whom_to_ask(site, seen)
    addresses = [ask.address for ask in asks]
    count = PROBES_BY_MODE[context.mode]
    context.progress(f"asking {len(asks)} hosts on the office network", count * INTERVAL_S + 1, None)
    by_icmp, no_icmp = _warm_up(addresses, context)
    silent = [address for address in addresses if address not in by_icmp]
    ports = _tcp_ports(silent, context)
    # Silent on both: the whole series all the same, because "unreachable" must not rest on three packets.
    icmp_addresses = [address for address in addresses if address not in ports]
    series = together(
        [
            partial(_icmp_series, icmp_addresses, count, no_icmp, context),
            partial(_tcp_series, ports, count, context),
        ],
        context,
    )
    times = {address: result for part in series if part is not None for address, result in part.items()}
    targets = [_target(ask, times.get(ask.address)) for ask in asks]
    return Lan(tuple(_ask_by_arp(targets, seen, context)), peers_from)


def _ask_by_arp(targets: list[LanTarget], seen: Seen, context: Context) -> list[LanTarget]:
    """For hosts that stayed silent: are they there at all? Needs a privilege; without it nothing changes."""
    silent = [target for target in targets if target.sent and target.p50_ms is None]
    if not silent or seen.link is None or seen.link.address is None or seen.link.interface is None:
        return targets
    present = partial(
        arp.present, own_address=seen.link.address, interface=seen.link.interface, timeout_s=ARP_TIMEOUT_S
    )
    answers = together([partial(present, target.address) for target in silent], context)
    by_address = {target.address: answer for target, answer in zip(silent, answers, strict=True)}
    return [
        replace(target, answers_arp=answer) if isinstance(answer := by_address.get(target.address), bool) else target
        for target in targets
    ]


def _whom_to_ask(site: Site, seen: Seen) -> tuple[list[_Ask], str]:
    way = host.way_out() if seen.link is None else None
    gateway = seen.link.gateway if seen.link is not None else way.gateway if way is not None else None
    interface = seen.link.interface if seen.link is not None else way.interface if way is not None else None
    asks = {gateway: "gateway"} if gateway is not None else {}
    own = routes.own_addresses()
    if site.lan_address is not None and site.lan_address not in own:
        asks.setdefault(site.lan_address, "emr_host")
    peers_from = "settings" if site.peers else "none"
    peers = list(site.peers)
    if not peers:
        table = neighbours.neighbours()
        entries = table if isinstance(table, tuple) else ()
        here = (interface, own_address(own, interface))  # Windows names the interface by its address
        peers = [entry.address for entry in entries if entry.interface in here and entry.address not in asks]
        peers = peers[:PEERS_MAX]
        peers_from = "neighbour table" if peers else "none"
    for peer in peers:
        if peer not in own:
            asks.setdefault(peer, "peer")
    return [_Ask(address, role) for address, role in asks.items()], peers_from


def own_address(own: Mapping[str, str], interface: str | None) -> str | None:
    """This computer's IPv4 address on the interface."""
    return next((address for address, name in own.items() if name == interface and ":" not in address), None)


def _warm_up(addresses: Sequence[str], context: Context) -> tuple[set[str], Failure | None]:
    """Who answers ICMP; and why nobody can be asked by it, where that is so."""
    series = icmp.echo_series(
        addresses, count=WARM_UP, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S, stopping=context.stopping
    )
    if isinstance(series, Failure):
        return set(), series
    return {each.address for each in series if any(rtt is not None for rtt in each.rtts_ms)}, None


def _tcp_ports(addresses: Sequence[str], context: Context) -> dict[str, int]:
    """For each address the first port of the list that answers, open or refused."""
    pairs = [(address, port) for address in addresses for port in TCP_PORTS]
    if not pairs:
        return {}
    series = tcp.connect_series(pairs, count=1, interval_s=0.0, timeout_s=TIMEOUT_S, stopping=context.stopping)
    found: dict[str, int] = {}
    for each in series:
        if any(rtt is not None for rtt in each.rtts_ms):
            found.setdefault(each.address, each.port)
    return found


def _icmp_series(addresses: Sequence[str], count: int, no_icmp: Failure | None, context: Context) -> dict[str, _Times]:
    if no_icmp is not None:
        return {address: _Times((), "none", no_icmp) for address in addresses}
    series = icmp.echo_series(
        addresses, count=count, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S, stopping=context.stopping
    )
    if isinstance(series, Failure):
        return {address: _Times((), "none", series) for address in addresses}
    return {each.address: _Times(each.rtts_ms, each.method, each.failure) for each in series}


def _tcp_series(ports: Mapping[str, int], count: int, context: Context) -> dict[str, _Times]:
    if not ports:
        return {}
    series = tcp.connect_series(
        list(ports.items()), count=count, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S, stopping=context.stopping
    )
    return {each.address: _Times(each.rtts_ms, f"tcp:{each.port}", each.failure) for each in series}


def _target(ask: _Ask, times: _Times | None) -> LanTarget:
    if times is None:
        late = Failure(FailureKind.OUT_OF_TIME, "ping", ask.address)
        return LanTarget(ask.address, ask.role, 0, 0, None, None, None, None, "none", late)
    received = sorted(rtt for rtt in times.rtts_ms if rtt is not None)
    sent = len(times.rtts_ms)
    failure = None
    if not received:
        failure = times.failure or Failure(FailureKind.TIMEOUT, "ping", ask.address)
    return LanTarget(
        address=ask.address,
        role=ask.role,
        sent=sent,
        lost=sent - len(received),
        p50_ms=percentile(received, _P50),
        p95_ms=percentile(received, _P95),
        max_ms=received[-1] if received else None,
        jitter_ms=jitter_ms(times.rtts_ms),
        method=times.method if received else "none",
        failure=failure,
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of sorted values: always a value that was seen. None of nothing."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def jitter_ms(rtts_ms: Sequence[float | None]) -> float | None:
    """Mean of |RTT(i) - RTT(i-1)| over probes received with consecutive numbers; None if no two are."""
    steps = [
        abs(later - earlier)
        for earlier, later in itertools.pairwise(rtts_ms)
        if earlier is not None and later is not None
    ]
    return sum(steps) / len(steps) if steps else None


PROBE = Probe(
    name="lan",
    title="Router and office network",
    measure=measure,
    deadline_s={Mode.QUICK: 12.0, Mode.STANDARD: 12.0, Mode.THOROUGH: 25.0},
    alone=True,
)
