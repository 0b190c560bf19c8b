"""Is every leg asked, by what it answers, and is loss told from chance by a second round?"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.way import Way
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import arp, host, icmp, neighbours, routes, stun, tcp, trace
from emrnetcheck.net.neighbours import Neighbour
from emrnetcheck.net.trace import TracedHop
from emrnetcheck.probes import way, way_asking, way_whom
from emrnetcheck.probes.holders import Holders
from tests.checks.builders import PUBLIC
from tests.checks.client_builders import CLIENT_LINK, HERE, HERE_PEER, HERE_ROUTER, ISP, lookups
from tests.probes.contexts import context

SITE = Site(hostname="emr.example.org", port=8443, resolvers=("1.1.1.1", "8.8.8.8"), stun=())
SEEN = Seen(link=CLIENT_LINK, lookups=lookups())
OWN_MAC = "00:14:bf:00:00:20"
NO_PING = Failure(FailureKind.PERMISSION, "ping")
Times = Callable[[str, int], float | None]


def quick(address: str, number: int) -> float | None:
    return 1.0


class Network:
    """Who answers what, and what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ping: Times | Failure = quick
        self.knock: Callable[[str, int, int], float | None] = lambda _address, _port, _number: 1.0
        self.refused = 0
        self.pinged: list[tuple[str, int]] = []
        self.knocked: list[tuple[str, int, int]] = []
        self.macs: list[str] = ["00:14:bf:00:00:01"]
        monkeypatch.setattr(icmp, "echo_series", self._echo)
        monkeypatch.setattr(tcp, "connect_series", self._connect)
        monkeypatch.setattr(neighbours, "neighbours", self._neighbours)
        monkeypatch.setattr(trace, "first_hops", lambda *_args, **_more: self.hops)
        monkeypatch.setattr(routes, "source_address", lambda *_args, **_more: HERE)
        monkeypatch.setattr(routes, "own_network", lambda _address: ipaddress.IPv4Network("192.168.2.0/24"))
        monkeypatch.setattr(stun, "ask_several", lambda *_args, **_more: ())
        monkeypatch.setattr(way_asking, "HOLDERS_EVERY_S", 0.01)
        monkeypatch.setattr(arp, "holders", self._holders)
        monkeypatch.setattr(host, "own_macs", lambda: (OWN_MAC,))
        self.by_arp: tuple[str, ...] | Failure = ("00:14:bf:00:00:02", "00:14:bf:00:00:77", OWN_MAC)
        self.asked_by_arp: list[tuple[str, str, str]] = []
        self.hops: Any = (TracedHop(1, HERE_ROUTER, 0.4, False), TracedHop(2, ISP, 9.0, False))

    def _echo(self, addresses: Sequence[str], *, count: int, **_more: Any) -> Any:
        self.pinged += [(address, count) for address in addresses]
        if isinstance(self.ping, Failure):
            return self.ping
        return tuple(
            icmp.EchoSeries(address, "icmp", tuple(self.ping(address, n) for n in range(count)), None)
            for address in addresses
        )

    def _connect(self, targets: Sequence[tuple[str, int]], *, count: int, **_more: Any) -> Any:
        self.knocked += [(address, port, count) for address, port in targets]
        return tuple(
            tcp.KnockSeries(
                address, port, tuple(self.knock(address, port, n) for n in range(count)), None, self.refused
            )
            for address, port in targets
        )

    def _holders(self, address: str, *, own_address: str, interface: str, timeout_s: float) -> Any:
        self.asked_by_arp.append((address, own_address, interface))
        return self.by_arp

    def _neighbours(self) -> tuple[Neighbour, ...]:
        mac = self.macs.pop(0) if len(self.macs) > 1 else self.macs[0]
        return (
            Neighbour(HERE_ROUTER, mac, "eth0"),
            Neighbour(HERE_PEER, "00:14:bf:00:00:02", "eth0"),
            Neighbour("10.0.0.9", "00:14:bf:00:00:03", "wlan0"),
        )


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


def measured(site: Site = SITE, seen: Seen = SEEN) -> Way:
    found = way.measure(site, seen, context(deadline_s=60.0))
    assert isinstance(found, Way)
    return found


def legs(found: Way) -> list[tuple[str, str, str]]:
    return [(each.leg, each.series.address, each.series.method) for each in found.targets]


def test_each_leg_is_asked_once_all_is_well(network: Network) -> None:
    found = measured()
    assert legs(found) == [
        ("router", HERE_ROUTER, "icmp"),
        ("peer", HERE_PEER, "icmp"),
        ("isp", ISP, "icmp"),
        ("outside", "1.1.1.1", "icmp"),
        ("outside", "8.8.8.8", "icmp"),
        ("server", PUBLIC, "tcp:8443"),
    ]
    assert (found.inside, found.emr_address, found.router_by_tcp) == (None, PUBLIC, None)
    sent = {each.leg: each.series.sent for each in found.targets}
    assert (sent["router"], sent["outside"], sent["server"]) == (400, 160, 80)
    assert found.duplicates == ()


def test_pings_and_connections_are_counted(network: Network) -> None:
    run = context(deadline_s=60.0)
    found = way.measure(SITE, SEEN, run)
    assert isinstance(found, Way)
    sent = sum(target.series.sent for target in found.targets)
    assert sent >= 400
    assert run.ledger.sent_bytes == run.ledger.received_bytes == 56 * sent


def test_a_loss_is_asked_about_again(network: Network) -> None:
    network.ping = lambda address, number: None if address == ISP and number == 7 else 1.0
    found = measured()
    (isp,) = found.of("isp")
    assert (isp.sent, isp.lost) == (320, 2)


def test_who_does_not_answer_ping_is_asked_by_connecting(network: Network) -> None:
    network.ping = lambda address, _number: None if address in (HERE_ROUTER, "1.1.1.1") else 1.0
    found = measured()
    assert ("router", HERE_ROUTER, "tcp:53") in legs(found)
    assert ("outside", "1.1.1.1", "tcp:53") in legs(found)


def test_without_the_right_to_ping_all_are_asked_by_connecting(network: Network) -> None:
    network.ping = NO_PING
    found = measured()
    methods = {(leg, method) for leg, _, method in legs(found)}
    assert {("router", "tcp:53"), ("outside", "tcp:53"), ("server", "tcp:8443")} <= methods
    (isp,) = found.of("isp")
    assert (isp.sent, isp.failure) == (0, NO_PING)


def test_who_answers_nothing_is_dead(network: Network) -> None:
    network.ping = lambda address, _number: None if address == HERE_PEER else 1.0
    network.knock = lambda address, _port, _number: None if address == HERE_PEER else 1.0
    found = measured()
    (peer,) = found.of("peer")
    assert (peer.p50_ms, peer.sent == peer.lost, peer.method) == (None, True, "none")


def test_a_router_that_is_slow_to_answer_ping_is_asked_by_connecting_too(network: Network) -> None:
    network.ping = lambda address, _number: 60.0 if address == HERE_ROUTER else 1.0
    network.knock = lambda _address, port, _number: None if port == 53 else 0.5
    found = measured()
    assert found.router_by_tcp is not None
    assert (found.router_by_tcp.method, found.router_by_tcp.p50_ms) == ("tcp:80", 0.5)


def test_refused_connections_are_counted(network: Network) -> None:
    network.refused = 3
    assert measured().refused("server") == 3


def test_two_computers_with_the_routers_address_are_seen(network: Network) -> None:
    holders = Holders()
    for mac in ("00:14:bf:00:00:01", "00:14:bf:00:00:77", "00:14:bf:00:00:01"):
        network.macs = [mac]
        holders.look()
    (router,) = holders.evidence({HERE_ROUTER})
    assert router.macs == ("00:14:bf:00:00:01", "00:14:bf:00:00:77")


def test_a_neighbour_with_ever_new_addresses_is_bounded(network: Network) -> None:
    holders = Holders()
    for number in range(100):
        network.macs = [f"00:14:bf:00:00:{number:02x}"]
        holders.look()
    (router,) = holders.evidence({HERE_ROUTER})
    assert len(router.macs) == 4


def test_the_table_is_looked_at_while_everybody_is_asked(network: Network) -> None:
    assert [each.address for each in measured().holders] == [HERE_ROUTER, HERE_PEER]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.168.2.10", True),
        (PUBLIC, None),
        ("10.9.0.7", False),
        ("127.0.0.1", True),
        ("2001:db8::1", False),
    ],
)
def test_where_the_emr_is_while_nobody_tells_the_own_address(
    network: Network, address: str, inside: bool | None
) -> None:
    found = measured(replace(SITE, hostname=address), replace(SEEN, lookups=None))
    assert (found.emr_address, found.inside) == (address, inside)


@pytest.mark.parametrize(("public", "inside"), [(PUBLIC, True), ("198.51.100.77", False), (None, None)])
def test_an_emr_at_the_own_public_address_is_here(network: Network, public: str | None, inside: bool | None) -> None:
    assert way_whom.is_inside(PUBLIC, public) is inside


def test_by_a_vpn_into_the_clinic_its_public_address_is_not_here(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "public_v4", lambda *_args: PUBLIC)
    assert link_of(vpn=False).inside is True
    assert link_of(vpn=True).inside is False


def link_of(*, vpn: bool) -> Way:
    return measured(seen=replace(SEEN, link=replace(CLIENT_LINK, vpn=vpn)))


@pytest.mark.parametrize(
    ("interface", "emr", "inside"),
    [("wg0", "192.168.2.10", False), ("eth0", "192.168.2.10", True), ("wg0", HERE, True)],
    ids=["the other end of a tunnel", "a cable", "this computer"],
)
def test_what_a_tunnel_leads_to_is_not_here(
    network: Network, monkeypatch: pytest.MonkeyPatch, interface: str, emr: str, inside: bool
) -> None:
    monkeypatch.setattr(routes, "own_addresses", lambda: {HERE: interface})
    monkeypatch.setattr(host, "is_tunnel", lambda name: name == "wg0")
    assert way_whom.is_inside(emr, PUBLIC) is inside


def test_an_emr_here_that_refuses_at_times_may_be_two(network: Network) -> None:
    network.refused = 40
    found = measured(replace(SITE, hostname="192.168.2.10"))
    assert network.asked_by_arp == [(HERE_PEER, HERE, "eth0")]
    assert found.duplicates == (HERE_PEER,)
    assert {each.address: each.macs for each in found.holders}[HERE_PEER] == network.by_arp[:2]  # type: ignore[index]


@pytest.mark.parametrize(("hostname", "refused"), [("192.168.2.10", 0), (PUBLIC, 40)], ids=["never", "elsewhere"])
def test_nobody_is_asked_by_arp_without_need(network: Network, hostname: str, refused: int) -> None:
    network.refused = refused
    assert measured(replace(SITE, hostname=hostname)).duplicates == ()
    assert network.asked_by_arp == []


def test_who_may_not_ask_by_arp_has_the_table(network: Network) -> None:
    network.refused, network.by_arp = 40, Failure(FailureKind.PERMISSION, "ask by ARP")
    assert measured(replace(SITE, hostname="192.168.2.10")).duplicates == ()


def test_in_its_own_network_the_emr_is_asked_more_often(network: Network) -> None:
    found = measured(replace(SITE, hostname="192.168.2.10"), replace(SEEN, lookups=None))
    (server,) = found.of("server")
    assert server.sent == 400


def test_without_an_address_the_rest_is_asked(network: Network) -> None:
    found = measured(seen=replace(SEEN, lookups=None))
    assert (found.emr_address, found.inside, found.of("server")) == (None, None, ())
    assert found.of("outside")


@pytest.mark.parametrize("second", [HERE_ROUTER, "192.168.100.1", "172.16.0.1", None])
def test_a_second_box_of_the_office_is_not_the_provider(network: Network, second: str | None) -> None:
    network.hops = (TracedHop(1, HERE_ROUTER, 0.4, False), TracedHop(2, second, 0.8, False))
    assert measured().of("isp") == ()


def test_a_trace_that_fails_is_told(network: Network) -> None:
    network.hops = Failure(FailureKind.UNSUPPORTED, "trace")
    found = measured()
    assert (found.hops, found.hops_failure) == ((), network.hops)


def test_a_stop_ends_it_with_what_was_seen(network: Network) -> None:
    found = way.measure(SITE, SEEN, context(stopped=True))
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.INTERRUPTED


def test_a_connection_is_waited_for_less_than_until_its_first_packet_is_sent_again() -> None:
    """A second after the first (RFC 6298, 2.1): else a loss would look like a slow answer."""
    assert way_asking.TIMEOUT_S < 1.0
