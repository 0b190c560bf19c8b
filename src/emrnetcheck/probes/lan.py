"""How fast and how reliably do the router and the neighbours answer, while nothing else is going on?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import arp, host, icmp, received, tcp
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.holders import TABLE_EVERY_S, Holders
from emrnetcheck.probes.lan_holders import ARP_TIMEOUT_S, with_holders
from emrnetcheck.probes.lan_whom import Ask, Whom, whom_to_ask
from emrnetcheck.probes.series import percentile, series_of
from emrnetcheck.probes.together import together

PROBES_BY_MODE: Mapping[Mode, int] = {Mode.QUICK: 100, Mode.STANDARD: 400, Mode.THOROUGH: 600}
MORE_BY_MODE: Mapping[Mode, int] = {Mode.QUICK: 200, Mode.STANDARD: 200, Mode.THOROUGH: 600}
"""So many on top where the first were not quite well. Where a cable loses 1 % each way, 2 % of the answers are missing:
of 400 then one at least in 99.97 of 100 cases, and of these 600 three at least (what `office` wants) in 99.92. A quick
look finds it in 86 of 100."""
ODD_MS, ODD_WIFI_MS = 3.0, 20.0  # below what is told of as slow (checks), so that nothing is told of after a short look
INTERVAL_S = 0.015
CONNECT_EVERY = 2  # connections are made half as often, and half as many: they cost a small device more than pings
WARM_UP = 3  # ARP and power saving spoil the first ones (netfacts.md 5.1)
WARM_UP_INTERVAL_S = 0.03
TIMEOUT_S = 0.9  # below the second after which a lost SYN is sent again, so that TCP shows a loss as one
TCP_PORTS = (80, 443, 53, 8443, 22)
_P95 = 0.95


@dataclass(frozen=True, slots=True)
class _Times:
    """What a series gave: RTTs by sequence number, None where lost."""

    rtts_ms: tuple[float | None, ...]
    method: str
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _Traffic:
    """What the interface in use had counted at this moment of time.monotonic()."""

    at_s: float
    counted: received.Received | None


def measure(site: Site, seen: Seen, context: Context) -> Lan | Failure:
    """First a warm-up by ICMP. Who did not answer it is asked by TCP. Then a series each, by what the host answers; and
    a longer one where the first one was not quite well: a few probes tell no small loss, and a busy moment passes."""
    whom = whom_to_ask(site, seen)
    count = PROBES_BY_MODE[context.mode]
    context.progress(f"asking {len(whom.asks)} hosts on the office network", count * INTERVAL_S + 1, None)
    by_icmp, no_icmp = _warm_up(whom.addresses, context)
    ports = _tcp_ports([address for address in whom.addresses if address not in by_icmp], context)
    holders = Holders((whom.interface, whom.own_address))
    asked = _Asked(whom.addresses, ports, no_icmp, context)
    traffic_from = _traffic(whom)
    with holders.watched(TABLE_EVERY_S):
        times, by_tcp = _series(asked, whom, seen, context)
    traffic_to = _traffic(whom)
    targets = [_target(ask, times.get(ask.address)) for ask in whom.asks]
    found, own_holders = with_holders(_ask_by_arp(targets, seen, context), whom, holders, context)
    seen_lan = Lan(found, whom.peers_from, host.gateways(), own_holders, router_by_tcp=by_tcp)
    return _with_traffic(seen_lan, traffic_from, traffic_to)


def _series(asked: _Asked, whom: Whom, seen: Seen, context: Context) -> tuple[dict[str, _Times], Series | None]:
    """The answers of each, and the router's own by TCP where it was looked at more closely."""
    times = asked.series(PROBES_BY_MODE[context.mode])
    on_wifi = seen.link is not None and seen.link.medium == "wifi"
    odd_ms = ODD_WIFI_MS if on_wifi else ODD_MS
    if not any(_is_odd(each, odd_ms) for each in times.values()):
        return times, None
    more = MORE_BY_MODE[context.mode]
    context.progress("not all is well there: looking closer", more * INTERVAL_S + 1, None)
    router = next((ask.address for ask in whom.asks if ask.role == "gateway"), None)
    is_odd = router is not None and router in times and _is_odd(times[router], odd_ms)
    longer, by_tcp = asked.closer(more, router if is_odd else None)
    return {address: _joined(each, longer.get(address)) for address, each in times.items()}, by_tcp


def _is_odd(times: _Times, odd_ms: float) -> bool:
    """Some were lost, or slow; of one that answers nothing more cannot be learned."""
    received = sorted(rtt for rtt in times.rtts_ms if rtt is not None)
    slow_ms = percentile(received, _P95)
    return slow_ms is not None and (len(received) < len(times.rtts_ms) or slow_ms > odd_ms)


def _joined(first: _Times, then: _Times | None) -> _Times:
    if then is None:
        return first
    return _Times((*first.rtts_ms, *then.rtts_ms), first.method, first.failure or then.failure)


def _with_traffic(lan: Lan, before: _Traffic, after: _Traffic) -> Lan:
    """What came in and went out in between, whoever it was for."""
    seconds = after.at_s - before.at_s
    if before.counted is None or after.counted is None or seconds <= 0:
        return lan
    packets = after.counted.packets - before.counted.packets
    n_bytes = after.counted.n_bytes - before.counted.n_bytes
    return replace(
        lan,
        received_per_s=packets / seconds,
        sent_per_s=(after.counted.sent_packets - before.counted.sent_packets) / seconds,
        received_bytes=n_bytes / packets if packets > 0 else None,
        unasked_ratio=received.unasked_ratio(before.counted, after.counted),
    )


def _traffic(whom: Whom) -> _Traffic:
    return _Traffic(time.monotonic(), received.received(whom.interface) if whom.interface is not None else None)


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


def _warm_up(addresses: Sequence[str], context: Context) -> tuple[set[str], Failure | None]:
    """Who answers ICMP; and why nobody can be asked by it, where that is so."""
    series = icmp.echo_series(
        addresses, count=WARM_UP, interval_s=WARM_UP_INTERVAL_S, timeout_s=TIMEOUT_S, stopping=context.stopping
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everybody, and by what each answers: the TCP port, else ICMP. Who is silent on both is asked all the same,
    because "unreachable" must not rest on three packets."""

    addresses: Sequence[str]
    ports: Mapping[str, int]
    no_icmp: Failure | None
    context: Context

    def closer(self, count: int, router: str | None) -> tuple[dict[str, _Times], Series | None]:
        """Once more; and in the same seconds connections to a router that answers pings badly: many
        answer those last, or only so many a second, and are well."""
        if router is None or router in self.ports:
            return self.series(count), None
        ports = _tcp_ports([router], self.context)
        tasks: list[Callable[[], dict[str, _Times]]] = [
            partial(self.series, count),
            partial(_tcp_series, ports, count, self.context),
        ]
        pinged, connected = (part or {} for part in together(tasks, self.context))
        times = connected.get(router)
        by_tcp = series_of(router, times.rtts_ms, times.method, times.failure, "connect") if times is not None else None
        return pinged, by_tcp

    def series(self, count: int) -> dict[str, _Times]:
        icmp_addresses = [address for address in self.addresses if address not in self.ports]
        parts = together(
            [
                partial(_icmp_series, icmp_addresses, count, self.no_icmp, self.context),
                partial(_tcp_series, self.ports, count, self.context),
            ],
            self.context,
        )
        return {address: times for part in parts if part is not None for address, times in part.items()}


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
        list(ports.items()),
        count=count // CONNECT_EVERY,
        interval_s=CONNECT_EVERY * INTERVAL_S,
        timeout_s=TIMEOUT_S,
        stopping=context.stopping,
    )
    return {each.address: _Times(each.rtts_ms, f"tcp:{each.port}", each.failure) for each in series}


def _target(ask: Ask, times: _Times | None) -> LanTarget:
    if times is None:
        late = Failure(FailureKind.OUT_OF_TIME, "ping", ask.address)
        return LanTarget(ask.address, ask.role, 0, 0, None, None, None, None, "none", late)
    seen = series_of(ask.address, times.rtts_ms, times.method, times.failure)
    return LanTarget(
        address=ask.address,
        role=ask.role,
        sent=seen.sent,
        lost=seen.lost,
        p50_ms=seen.p50_ms,
        p95_ms=seen.p95_ms,
        max_ms=seen.max_ms,
        jitter_ms=seen.jitter_ms,
        method=seen.method,
        failure=seen.failure,
        p99_ms=seen.p99_ms,
    )


PROBE = Probe(
    name="lan",
    title="Router and office network",
    measure=measure,
    deadline_s={Mode.QUICK: 16.0, Mode.STANDARD: 21.0, Mode.THOROUGH: 36.0},
    alone=True,
)
