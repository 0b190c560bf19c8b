"""Does the lan probe ask the right hosts, by what they answer, and count rightly?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import Lan
from emrnetcheck.evidence.link import Link
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import arp, icmp, neighbours, routes
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.probes import lan
from tests.probes.contexts import context
from tests.servers import LOOPBACK, can_bind, silent_tcp_port

SECOND, THIRD = "127.0.0.2", "127.0.0.3"
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


def echo(answers: dict[str, Sequence[float | None]], sent: list[tuple[str, ...]] | None = None) -> Any:
    """In place of the ICMP exchange (which needs a privilege): each host's RTTs, over and over."""

    def series(addresses: Sequence[str], *, count: int, **_: Any) -> tuple[icmp.EchoSeries, ...]:
        if sent is not None:
            sent.append(tuple(addresses))
        return tuple(
            icmp.EchoSeries(address, "icmp", tuple((list(answers.get(address, (None,))) * count)[:count]), None)
            for address in addresses
        )

    return series


def measure(site: Site, seen: Seen) -> Lan:
    found = lan.measure(site, seen, context())
    assert isinstance(found, Lan)
    return found


def test_gateway_and_peers_are_measured_by_icmp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0, 3.0), THIRD: (2.0, None)}))
    seen = measure(Site(peers=(THIRD,)), link(SECOND))
    assert seen.peers_from == "settings"
    gateway, peer = seen.targets
    assert (gateway.address, gateway.role, gateway.method) == (SECOND, "gateway", "icmp")
    assert (gateway.sent, gateway.lost, gateway.p50_ms, gateway.p95_ms, gateway.max_ms) == (30, 0, 1.0, 3.0, 3.0)
    assert gateway.jitter_ms == 2.0
    assert (peer.role, peer.sent, peer.lost, peer.jitter_ms) == ("peer", 30, 15, None)


def test_host_without_icmp_is_asked_by_tcp_where_a_refusal_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "echo_series", echo({SECOND: (1.0,)}))
    with silent_tcp_port() as port:
        monkeypatch.setattr(lan, "TCP_PORTS", (port,))  # refused on THIRD: the listener is on 127.0.0.1 alone
        seen = measure(Site(peers=(THIRD,)), link(SECOND))
    assert [target.method for target in seen.targets] == ["icmp", f"tcp:{port}"]
    assert (seen.targets[1].sent, seen.targets[1].lost) == (30, 0)


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
    assert (gateway.sent, gateway.lost, gateway.p50_ms, gateway.method) == (30, 30, None, "none")
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


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([1.0], 0.95, 1.0), ([1.0, 2.0], 0.5, 1.0), (list(map(float, range(1, 101))), 0.95, 95.0)],
)
def test_percentile_is_a_value_that_was_seen(values: list[float], share: float, expected: float | None) -> None:
    assert lan.percentile(values, share) == expected


@pytest.mark.parametrize(
    ("rtts_ms", "expected"),
    [([], None), ([1.0], None), ([1.0, None, 9.0], None), ([1.0, 2.0, None, 9.0, 6.0], 2.0)],
)
def test_jitter_skips_what_was_lost(rtts_ms: list[float | None], expected: float | None) -> None:
    assert lan.jitter_ms(rtts_ms) == expected
