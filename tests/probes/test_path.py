"""Is the way out asked in the right order, by what is allowed, and is what nobody answers no fault?"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path import Path, Trace
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import icmp, neighbours, path_mtu, ping_programs, route_programs, route_trace, tcp
from emrnetcheck.net.hops import HopAnswers, Route
from emrnetcheck.net.lookup import Resolved
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.net.path_mtu import SizeAnswers
from emrnetcheck.net.udp_way import UDP
from emrnetcheck.probes import path
from emrnetcheck.probes.path import trace_to
from emrnetcheck.probes.path_mtu import mtu_to
from tests.checks.builders import LINK, address
from tests.probes.contexts import TableLookup, context

ROUTER, ISP, TARGET, OTHER = "192.168.1.1", "45.76.10.1", "1.1.1.1", "8.8.8.8"
V6 = "2606:4700:4700::1111"
SITE = Site(resolvers=(TARGET, V6, OTHER))


@dataclass(slots=True)
class World:
    """What the network would answer. narrow_bytes: larger packets vanish, to those in `holes` (all, if empty)."""

    pings: dict[str, float | None] = field(default_factory=lambda: {ROUTER: 1.0, ISP: 10.0, TARGET: 20.0, OTHER: 21.0})
    echo: Failure | None = None
    routes: dict[str, Route | Failure] = field(default_factory=dict)
    narrow_bytes: int = 1500
    holes: tuple[str, ...] = ()
    told_by: str | None = None
    tcp_bytes: int | Failure = 1500
    open_ports: tuple[int, ...] = (443,)
    asked: list[str] = field(default_factory=list)
    sizes: list[tuple[str, tuple[int, ...], int]] = field(default_factory=list)

    def find(self, address: str, **named: Any) -> Route | Failure:
        method = named.get("method") or "icmp"
        self.asked.append(f"find {address} {method}")
        return self.routes.get(method, route(method))

    def repeat(self, address: str, *, hops: int, rounds: int, **_: Any) -> Route | Failure:
        self.asked.append(f"repeat {address} {hops} {rounds}")
        return Route((HopAnswers(1, (ROUTER,), (1.0,) * rounds, False),), "icmp", reached=False)

    def echo_series(self, addresses: Sequence[str], *, count: int, **_: Any) -> Any:
        self.asked.append(f"echo {' '.join(addresses)} {count}")
        if self.echo is not None:
            return self.echo
        return tuple(icmp.EchoSeries(each, "icmp", (self.pings.get(each),) * count, None) for each in addresses)

    def connect_series(self, targets: Sequence[tuple[str, int]], *, count: int, **_: Any) -> Any:
        self.asked.append(f"tcp {len(targets)} {count}")
        return tuple(
            tcp.KnockSeries(each, port, (5.0 if port in self.open_ports else None,) * count, None)
            for each, port in targets
        )

    def try_sizes(self, address: str, sizes: Sequence[int], *, tries: int, ttl: int = 64, **_: Any) -> Any:
        self.sizes.append((address, tuple(sizes), ttl))
        if self.echo is not None:
            return self.echo
        least = self.narrow_bytes if not self.holes or address in self.holes else 1500
        if ttl < 2:
            least = 1500
        return tuple(
            SizeAnswers(size, 1, 1)
            if size <= least
            else SizeAnswers(size, 1, 0, least, self.told_by)
            if self.told_by
            else SizeAnswers(size, tries, 0)
            for size in sizes
        )


def route(method: str = "icmp", *, reached: bool = True) -> Route:
    hops = [HopAnswers(1, (ROUTER,), (1.0,), False), HopAnswers(2, (ISP,), (10.0,), False)]
    return Route((*hops, HopAnswers(3, (TARGET,), (20.0,), True)) if reached else tuple(hops), method, reached)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    there = World()
    monkeypatch.setattr(route_trace, "find", there.find)
    monkeypatch.setattr(route_trace, "repeat", there.repeat)
    monkeypatch.setattr(icmp, "echo_series", there.echo_series)
    monkeypatch.setattr(tcp, "connect_series", there.connect_series)
    monkeypatch.setattr(path_mtu, "try_sizes", there.try_sizes)
    monkeypatch.setattr(path_mtu, "tcp_packet_bytes", lambda _address, _port: there.tcp_bytes)
    return there


def measured(site: Site = SITE, lookup: TableLookup | None = None) -> Path:
    names = lookup or TableLookup({each: each for each in (TARGET, OTHER)})
    found = path.measure(site, Seen(), context(lookup=names, mode=Mode.STANDARD, deadline_s=60.0))
    assert isinstance(found, Path)
    return found


def traced(rounds: int = 4, probes: int = 30) -> Trace:
    found = trace_to(TARGET, rounds, context(deadline_s=60.0), probes=probes)
    assert isinstance(found, Trace)
    return found


def test_a_trace_has_its_routers_and_its_end(world: World) -> None:
    seen = traced()
    assert [(hop.address, hop.end) for hop in seen.hops] == [(ROUTER, False), (ISP, False), (TARGET, True)]
    assert (seen.hops[0].probed.sent, seen.hops[0].probed.lost) == (4, 0)
    assert seen.hops[1].asked is not None
    assert (seen.hops[1].asked.sent, seen.hops[1].asked.p50_ms) == (30, 10.0)
    assert (seen.end.sent, seen.end.lost, seen.end.p50_ms) == (30, 0, 20.0)
    assert (seen.method, seen.rounds, seen.failure) == ("icmp", 4, None)
    assert "repeat 1.1.1.1 3 3" in world.asked


def test_the_office_s_router_is_asked_even_if_it_answered_nothing_at_first(world: World) -> None:
    world.routes["icmp"] = Route((HopAnswers(1, (), (None,), False), *route().hops[1:]), "icmp", reached=True)
    found = trace_to(TARGET, 4, context(deadline_s=60.0), probes=30, gateway=ROUTER)
    assert isinstance(found, Trace)
    assert found.hops[0].asked is not None
    assert found.hops[0].asked.lost == 0


def test_one_round_is_not_repeated(world: World) -> None:
    assert traced(rounds=1).rounds == 1
    assert not any(each.startswith("repeat") for each in world.asked)


def test_a_target_that_icmp_does_not_reach_is_tried_by_udp(world: World) -> None:
    world.routes = {"icmp": route(reached=False), UDP: route(UDP)}
    assert traced().method == UDP
    world.routes[UDP] = route(UDP, reached=False)
    assert traced().method == "icmp"


def test_no_trace_at_all_still_has_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_programs, "find", lambda address, **_: Failure(FailureKind.UNSUPPORTED, "run", address))
    world.routes["icmp"] = Failure(FailureKind.UNSUPPORTED, "trace", TARGET)
    seen = traced()
    assert seen.hops == ()
    assert seen.method == "none"
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.UNSUPPORTED
    assert seen.end.p50_ms == 20.0


def test_other_systems_have_their_own_programs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unsupported = Failure(FailureKind.UNSUPPORTED, "trace", TARGET)
    world.routes["icmp"] = unsupported
    monkeypatch.setattr(route_programs, "find", lambda _address, **_: route("tracert"))
    monkeypatch.setattr(path_mtu, "try_sizes", lambda *_, **__: unsupported)
    monkeypatch.setattr(ping_programs, "try_sizes", world.try_sizes)
    assert (traced().method, traced().rounds) == ("tracert", 1)
    world.narrow_bytes = 1400
    seen = mtu_to(TARGET, context())
    assert not isinstance(seen, Failure)
    assert seen.method == "ping"
    assert [size.size_bytes for size in seen.sizes] == [1500, 1492, 1400, 84]


def test_a_route_without_an_answer_says_so(world: World) -> None:
    world.routes = {"icmp": Route((), "icmp", reached=False), UDP: Route((), "udp_errors", reached=False)}
    seen = traced()
    assert seen.failure is not None
    assert seen.failure.kind is FailureKind.TIMEOUT


def test_an_end_without_ping_is_asked_by_connections(world: World) -> None:
    world.pings[TARGET] = None
    assert (traced().end.method, traced().end.p50_ms) == ("tcp:443", 5.0)
    world.open_ports = ()
    end = traced().end
    assert (end.method, end.p50_ms) == ("none", None)
    assert end.lost == end.sent > 0


def test_without_the_right_to_ping_connections_have_to_do(world: World) -> None:
    world.echo = Failure(FailureKind.PERMISSION, "ping")
    world.open_ports = (53,)
    assert traced().end.method == "tcp:53"


def test_a_trace_that_is_stopped_at_once_is_a_failure(world: World) -> None:
    world.routes["icmp"] = Failure(FailureKind.OTHER, "trace")
    said = trace_to(TARGET, 4, context(stopped=True))
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.INTERRUPTED


def test_one_resolver_is_traced_and_the_others_are_witnesses(world: World) -> None:
    seen = measured()
    assert [(trace.towards, trace.role) for trace in seen.traces] == [(TARGET, "outside")]
    assert [witness.address for witness in seen.witnesses] == [OTHER]
    assert [mtu.towards for mtu in seen.mtus] == [TARGET]
    assert f"echo {OTHER} 80" in world.asked


def test_second_sites_are_traced_too_by_name_and_third_parties_are_told(world: World) -> None:
    run = context(
        lookup=TableLookup({TARGET: TARGET, "far.example.org": "62.4.30.40"}), mode=Mode.STANDARD, deadline_s=60.0
    )
    site = Site(resolvers=(TARGET, OTHER), path_towards=("far.example.org", "gone.example.org"))
    seen = path.measure(site, Seen(), run)
    assert isinstance(seen, Path)
    assert [(trace.towards, trace.role, trace.address) for trace in seen.traces][1:] == [
        ("far.example.org", "second_site", "62.4.30.40")
    ]
    assert [mtu.role for mtu in seen.mtus] == ["outside", "second_site"]
    assert {party.who for party in run.ledger.third_parties} >= {TARGET, OTHER, "far.example.org"}


def test_nothing_is_sent_where_nothing_outside_answers(world: World) -> None:
    said = path.measure(SITE, Seen(address=replace(address(), outside_reached=())), context())
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.NETWORK_UNREACHABLE
    assert (world.asked, world.sizes) == ([], [])


def test_nobody_to_trace_to_is_told(world: World) -> None:
    said = path.measure(Site(resolvers=()), Seen(), context())
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.NOT_CONFIGURED


def test_by_ipv6_alone_the_end_is_asked_by_connecting(world: World) -> None:
    seen = measured(Site(resolvers=(V6,)), TableLookup({V6: V6}))
    (traced_,) = seen.traces
    assert (traced_.address, traced_.end.method, len(traced_.hops)) == (V6, "tcp:443", 3)
    assert not any(asked.startswith("echo") and V6 in asked for asked in world.asked)


def test_a_second_site_with_ipv6_alone_is_traced_by_it(world: World) -> None:
    class OnlyIPv6(TableLookup):
        def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
            if host != "site2.example.org":
                return super().resolve(host, version=version)
            no_address = Failure(FailureKind.NAME_NO_ADDRESS, "look up", host)
            return Resolved((V6,), "system") if version == 6 else no_address

    seen = measured(replace(SITE, path_towards=("site2.example.org",)), OnlyIPv6({TARGET: TARGET}))
    assert [(each.towards, each.address) for each in seen.traces] == [(TARGET, TARGET), ("site2.example.org", V6)]


def test_other_systems_programs_are_not_asked_by_ipv6(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unsupported = Failure(FailureKind.UNSUPPORTED, "trace", V6)
    world.routes["icmp"] = unsupported
    monkeypatch.setattr(path_mtu, "try_sizes", lambda *_, **__: unsupported)
    found = trace_to(V6, 4, context(deadline_s=60.0))
    assert isinstance(found, Trace)
    assert (found.failure, found.end.method) == (unsupported, "tcp:443")
    assert mtu_to(V6, context()) == unsupported


def test_nothing_in_time_is_a_failure(world: World) -> None:
    said = path.measure(SITE, Seen(), context(lookup=TableLookup({TARGET: TARGET}), stopped=True))
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.INTERRUPTED


def test_a_full_packet_that_gets_through_is_all_that_is_asked(world: World) -> None:
    seen = mtu_to(TARGET, context())
    assert not isinstance(seen, Failure)
    assert [size.size_bytes for size in seen.sizes] == [1500, 84]
    assert (seen.tcp_packet_bytes, seen.lost_before) == (None, None)
    assert len(world.sizes) == 1


def test_a_size_that_is_told_is_tried_itself(world: World) -> None:
    world.narrow_bytes, world.told_by = 1420, ISP
    seen = mtu_to(TARGET, context())
    assert not isinstance(seen, Failure)
    assert {(size.size_bytes, size.answered) for size in seen.sizes} >= {(1420, 1), (1460, 0)}


def test_a_black_hole_is_looked_into(world: World) -> None:
    world.narrow_bytes = 1400
    seen = measured()
    first, second = seen.mtus
    assert (first.towards, second.towards) == (TARGET, OTHER)
    assert (first.tcp_packet_bytes, first.lost_after, first.lost_before) == (1500, ROUTER, ISP)
    assert (second.tcp_packet_bytes, second.lost_before) == (None, None)


def test_a_host_that_takes_no_large_packets_is_seen_beside_another(world: World) -> None:
    world.narrow_bytes, world.holes = 1400, (TARGET,)
    assert [mtu.sizes[0].answered for mtu in measured().mtus] == [0, 1]


def test_where_nobody_takes_a_connection_its_packets_are_not_known(world: World) -> None:
    world.narrow_bytes, world.tcp_bytes = 1400, Failure(FailureKind.TIMEOUT, "connect")
    assert measured().mtus[0].tcp_packet_bytes is None


def test_a_host_that_answers_nothing_is_not_asked_for_long(world: World) -> None:
    world.narrow_bytes = 0
    seen = mtu_to(TARGET, context())
    assert not isinstance(seen, Failure)
    assert len(world.sizes) == 1
    assert len(measured().mtus) == 1


def test_sizes_that_may_not_be_tried_are_told_as_such(world: World) -> None:
    world.echo = Failure(FailureKind.PERMISSION, "ping")
    (untried,) = measured().mtus
    assert (untried.towards, untried.sizes, untried.failure) == (TARGET, (), world.echo)
    assert [address for address, _, _ in world.sizes] == [TARGET]


def test_where_the_first_takes_no_packet_at_all_a_second_is_asked(world: World) -> None:
    world.narrow_bytes, world.holes = 0, (TARGET,)
    assert [(mtu.towards, mtu.sizes[0].answered) for mtu in measured().mtus] == [(TARGET, 0), (OTHER, 1)]


def test_traces_alone_are_a_path_sizes_that_fail_alone_are_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.echo = Failure(FailureKind.PERMISSION, "ping")
    monkeypatch.setattr(path, "_trace", lambda *_: Failure(FailureKind.OTHER, "trace"))
    names = TableLookup({TARGET: TARGET})
    assert isinstance(path.measure(SITE, Seen(), context(lookup=names, deadline_s=60.0)), Failure)


def test_who_has_the_router_s_address_meanwhile_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = LINK
    turns = itertools.cycle(["02:00:00:00:00:01", "02:00:00:00:00:02"])
    monkeypatch.setattr(
        neighbours,
        "neighbours",
        lambda: (Neighbour(ROUTER, next(turns), here.interface or ""), Neighbour(ROUTER, "02:00:00:00:00:03", "vpn0")),
    )
    monkeypatch.setattr("emrnetcheck.probes.path.TABLE_EVERY_S", 0.001)

    def slowly(address: str, **named: Any) -> Route | Failure:
        time.sleep(0.2)
        return world.repeat(address, **named)

    monkeypatch.setattr(route_trace, "repeat", slowly)
    found = path.measure(
        SITE,
        Seen(link=here),
        context(lookup=TableLookup({TARGET: TARGET, OTHER: OTHER}), mode=Mode.STANDARD, deadline_s=60.0),
    )
    assert isinstance(found, Path)
    assert set(found.router_holders) == {"02:00:00:00:00:01", "02:00:00:00:00:02"}
