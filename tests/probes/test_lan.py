"""Does the lan probe ask the right hosts, by what they answer, and count rightly?"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import Lan
from emrnetcheck.evidence.link import Link
from emrnetcheck.evidence.series import loss_lower_ratio
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import arp, host, icmp, neighbours, received, routes
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.net.received import Received
from emrnetcheck.office.faults import OfficeLimits
from emrnetcheck.probes import lan
from tests.probes.contexts import context
from tests.servers import LOOPBACK, can_bind, silent_tcp_port

SECOND, THIRD = "127.0.0.2", "127.0.0.3"
OWN_MAC, MAC, OTHER_MAC = "52:54:00:00:00:01", "00:14:bf:00:00:02", "52:54:00:00:00:03"
pytestmark = pytest.mark.skipif(not can_bind(THIRD), reason="this system has only one loopback address")


def link(gateway: str | None) -> Seen:
    return Seen(link=Link("lo", LOOPBACK, gateway, "wired", None, None, False, True, 0, 0))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lan, "INTERVAL_S", 0.002)
    monkeypatch.setattr(lan, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(routes, "own_addresses", lambda: {LOOPBACK: "lo"})
    monkeypatch.setattr(neighbours, "neighbours", lambda: ())
    monkeypatch.setattr(arp, "present", lambda *_, **__: Failure(FailureKind.PERMISSION))
    monkeypatch.setattr(arp, "holders", lambda *_, **__: Failure(FailureKind.PERMISSION))
    monkeypatch.setattr(host, "gateways", lambda: ())
    monkeypatch.setattr(received, "received", lambda _name: None)
    monkeypatch.setattr(host, "own_macs", lambda: frozenset({OWN_MAC}))


def echo(
    answers: dict[str, Sequence[float | None]], sent: list[tuple[str, ...]] | None = None, *, takes_s: float = 0.0
) -> Any:
    """In place of the ICMP exchange (which needs a privilege): each host's RTTs, over and over."""

    def series(addresses: Sequence[str], *, count: int, **_: Any) -> tuple[icmp.EchoSeries, ...]:
        time.sleep(takes_s)
        if sent is not None:
            sent.append(tuple(addresses))
        return tuple(
            icmp.EchoSeries(address, "icmp", tuple((list(answers.get(address, (None,))) * count)[:count]), None)
            for address in addresses
        )

    return series


def measure(site: Site, seen: Seen, mode: Mode = Mode.QUICK) -> Lan:
    found = lan.measure(site, seen, context(mode=mode))
    assert isinstance(found, Lan)
    return found


def test_gateway_and_peers_are_measured_by_icmp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0, 3.0), THIRD: (2.0, None)}))
    seen = measure(Site(peers=(THIRD,)), link(SECOND))
    assert seen.peers_from == "settings"
    gateway, peer = seen.targets
    assert (gateway.address, gateway.role, gateway.method) == (SECOND, "gateway", "icmp")
    assert (gateway.sent, gateway.lost, gateway.p50_ms, gateway.p95_ms, gateway.max_ms) == (300, 0, 1.0, 3.0, 3.0)
    assert gateway.jitter_ms == 2.0
    assert (peer.role, peer.sent, peer.lost, peer.jitter_ms) == ("peer", 300, 150, None)


def test_host_without_icmp_is_asked_by_tcp_where_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    with silent_tcp_port() as port:
        monkeypatch.setattr(lan, "TCP_PORTS", (port,))  # refused on THIRD: the listener is on 127.0.0.1 alone
        seen = measure(Site(peers=(THIRD,)), link(SECOND))
    assert [target.method for target in seen.targets] == ["icmp", f"tcp:{port}"]
    assert seen.targets[1].sent >= 50  # more where this busy machine's own answers are slow
    assert seen.targets[1].lost == 0


def test_without_any_icmp_socket_everybody_is_asked_by_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", lambda *_, **__: Failure(FailureKind.PERMISSION))
    with silent_tcp_port() as port:
        monkeypatch.setattr(lan, "TCP_PORTS", (port,))
        seen = measure(Site(), link(SECOND))
    assert [target.method for target in seen.targets] == [f"tcp:{port}"]


def test_silent_host_gets_the_whole_series_before_it_is_called_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({}))
    monkeypatch.setattr(lan, "TCP_PORTS", ())
    monkeypatch.setattr(arp, "present", lambda *_, **__: True)
    (gateway,) = measure(Site(), link(SECOND)).targets
    assert (gateway.sent, gateway.lost, gateway.p50_ms, gateway.method) == (100, 100, None, "none")
    assert gateway.failure is not None
    assert gateway.failure.kind is FailureKind.TIMEOUT
    assert gateway.answers_arp is True


def test_no_privilege_and_no_tcp_port_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", lambda *_, **__: Failure(FailureKind.PERMISSION))
    monkeypatch.setattr(lan, "TCP_PORTS", ())
    (gateway,) = measure(Site(), link(SECOND)).targets
    assert (gateway.sent, gateway.p50_ms) == (0, None)
    assert gateway.failure is not None
    assert gateway.failure.kind is FailureKind.PERMISSION


@pytest.mark.parametrize(
    ("lan_address", "roles"),
    [(None, ["gateway"]), (LOOPBACK, ["gateway"]), (SECOND, ["gateway"]), (THIRD, ["gateway", "emr_host"])],
)
def test_emr_host_is_asked_unless_it_is_this_computer(
    monkeypatch: pytest.MonkeyPatch, lan_address: str | None, roles: list[str]
) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,), THIRD: (1.0,)}))
    seen = measure(Site(lan_address=lan_address), link(SECOND))
    assert [target.role for target in seen.targets] == roles


def test_neighbours_on_the_same_interface_are_peers_three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = [SECOND, THIRD, *(f"127.0.0.{number}" for number in range(4, 9))]
    table = tuple(Neighbour(address, "52:54:00:00:00:01", "lo") for address in hosts)
    elsewhere = Neighbour("127.0.0.99", "52:54:00:00:00:02", "eth7")
    monkeypatch.setattr(neighbours, "neighbours", lambda: (elsewhere, *table))
    monkeypatch.setattr(icmp, "echo_series", echo(dict.fromkeys(hosts, (1.0,))))
    seen = measure(Site(), link(SECOND))
    assert seen.peers_from == "neighbour table"
    assert [target.address for target in seen.targets] == [SECOND, THIRD, "127.0.0.4", "127.0.0.5"]


def test_nobody_to_ask_is_no_failure() -> None:
    seen = measure(Site(), link(None))
    assert (seen.targets, seen.peers_from) == ((), "none")


def test_who_is_well_is_not_asked_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (2.9,)}))
    monkeypatch.setattr(lan, "TCP_PORTS", ())
    gateway, silent = measure(Site(peers=(THIRD,)), link(SECOND)).targets
    assert (gateway.sent, silent.sent) == (100, 100)


@pytest.mark.parametrize("rtts_ms", [(3.1,), (*(0.4,) * 99, None)], ids=["slow", "one lost"])
def test_who_is_not_quite_well_is_asked_longer(
    monkeypatch: pytest.MonkeyPatch, rtts_ms: tuple[float | None, ...]
) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: rtts_ms, THIRD: (0.4,)}))
    assert [target.sent for target in measure(Site(peers=(THIRD,)), link(SECOND)).targets] == [300, 300]


def loss_is_told(mode: Mode, ratio: float) -> float:
    """With which probability a host is said to lose something that does not answer this share of all probes."""
    first, more = lan.PROBES_BY_MODE[mode], lan.MORE_BY_MODE[mode]
    sent, least = first + more, OfficeLimits().loss_ratio
    wanted = next(lost for lost in range(2, sent) if (loss_lower_ratio(sent, lost) or 0.0) > least)

    def lost_at_most(lost: int, of: int) -> float:
        return sum(math.comb(of, each) * ratio**each * (1.0 - ratio) ** (of - each) for each in range(lost + 1))

    none_at_first = lost_at_most(0, first)
    too_few = sum(
        (lost_at_most(lost, first) - lost_at_most(lost - 1, first)) * lost_at_most(wanted - 1 - lost, more)
        for lost in range(1, wanted)
    )
    return 1.0 - none_at_first - too_few


@pytest.mark.parametrize("mode", [Mode.STANDARD, Mode.THOROUGH])
def test_one_percent_lost_each_way_is_found_in_999_of_1000_runs(mode: Mode) -> None:
    assert loss_is_told(mode, 1.0 - 0.99**2) > 0.999


@pytest.mark.parametrize("mode", list(Mode))
def test_a_healthy_cable_is_not_said_to_lose_anything(mode: Mode) -> None:
    assert loss_is_told(mode, 0.0001) < 0.001  # one in ten thousand, which is more than a good cable loses


def test_a_router_that_answers_pings_badly_is_asked_by_connecting_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0, None), THIRD: (1.0,)}))
    with silent_tcp_port() as port:
        monkeypatch.setattr(lan, "TCP_PORTS", (port,))  # refused on SECOND
        seen = measure(Site(peers=(THIRD,)), link(SECOND))
    assert (seen.targets[0].lost, seen.targets[0].sent) == (150, 300)
    by_tcp = seen.router_by_tcp
    assert by_tcp is not None
    assert (by_tcp.address, by_tcp.method, by_tcp.sent, by_tcp.lost) == (SECOND, f"tcp:{port}", 100, 0)


def test_a_router_without_a_port_that_answers_is_not_known_by_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0, None)}))
    monkeypatch.setattr(lan, "TCP_PORTS", ())
    assert measure(Site(), link(SECOND)).router_by_tcp is None


def test_for_a_peer_that_loses_the_router_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,), THIRD: (1.0, None)}))
    assert measure(Site(peers=(THIRD,)), link(SECOND)).router_by_tcp is None


def test_packets_a_second_are_counted_on_the_interface_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = iter([Received(1000, 0, 100, 0), Received(1500, 107_000, 103, 25_000)])
    monkeypatch.setattr(received, "received", lambda name: next(counted) if name == "lo" else None)
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    seen = measure(Site(), link(SECOND))
    assert seen.received_per_s is not None
    assert seen.sent_per_s is not None
    assert seen.received_per_s / seen.sent_per_s == pytest.approx(500 / 3)
    assert (seen.received_bytes, seen.unasked_ratio) == (214.0, 0.75)


def holders(answers: dict[str, tuple[str, ...]]) -> Any:
    return lambda address, *, own_address, **_: answers.get(address, ()) if own_address else ()


def table(*entries: tuple[str, str]) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(address, mac, "lo") for address, mac in entries)


def test_two_that_answer_for_an_address_are_both_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    monkeypatch.setattr(arp, "holders", holders({SECOND: (OTHER_MAC, MAC), LOOPBACK: (OTHER_MAC,)}))
    monkeypatch.setattr(neighbours, "neighbours", lambda: table((SECOND, MAC)))
    seen = measure(Site(), link(SECOND), Mode.STANDARD)
    (gateway,) = seen.targets
    assert (gateway.mac, gateway.holders, seen.own_holders) == (MAC, (MAC, OTHER_MAC), (OTHER_MAC,))
    assert not gateway.moved
    assert gateway.maker is not None
    assert "Linksys" in gateway.maker


def test_a_second_card_of_this_computer_is_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    monkeypatch.setattr(arp, "holders", holders({LOOPBACK: (OWN_MAC,)}))
    assert measure(Site(), link(SECOND), Mode.STANDARD).own_holders == ()


def test_this_computers_own_address_is_asked_for_without_claiming_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {}

    def note(address: str, *, own_address: str, **_: Any) -> tuple[str, ...]:
        asked[address] = own_address
        return ()

    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    monkeypatch.setattr(arp, "holders", note)
    measure(Site(), link(SECOND), Mode.STANDARD)
    assert asked == {LOOPBACK: "0.0.0.0", SECOND: LOOPBACK}


def test_without_the_privilege_a_table_that_changes_shows_two(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Neighbour(SECOND, OWN_MAC, "eth1")
    # First: whom to ask. The last stays: who was named in between, while the router was asked, is not forgotten.
    tables = [(), table((SECOND, MAC)), (elsewhere, *table((SECOND, OTHER_MAC))), table((SECOND, MAC))]
    monkeypatch.setattr(neighbours, "neighbours", lambda: tables.pop(0) if len(tables) > 1 else tables[0])
    monkeypatch.setattr(lan, "TABLE_EVERY_S", 0.01)
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}, takes_s=0.1))
    seen = measure(Site(), link(SECOND), Mode.STANDARD)
    assert seen.targets[0].holders == (MAC, OTHER_MAC)
    assert seen.targets[0].moved
    assert seen.own_holders is None


def test_a_quick_run_asks_nobody_by_arp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    monkeypatch.setattr(arp, "holders", holders({SECOND: (MAC, OTHER_MAC)}))
    seen = measure(Site(), link(SECOND))
    assert (seen.targets[0].holders, seen.own_holders) == ((), None)
