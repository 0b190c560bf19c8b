"""How is this computer connected just now, and who can be asked on the way, by which method?"""

from __future__ import annotations

import ipaddress
import math
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Failure, Mode, Site
from emrnetcheck.net import host, icmp, neighbours, routes, stun, tcp, trace
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.probes.context import Context, Ledger
from emrnetcheck.probes.together import together

TCP_PORTS = (443, 80, 53, 8443, 22)
WITNESS_PORTS = (443, 53)
BY_TTL = "udp_errors"
_WARM_UP, _WARM_UP_EVERY_S, _WARM_UP_LIMIT_S = 2, 0.1, 0.9
_HOPS = 4
_STUN_LIMIT_S = 1.0
_LEAST_SPEED_MBPS = 10
_PEERS_MAX = 3
_LOOK_LIMIT_S = 6.0
TOLD_PING = "this office's address, by packets that ask for an answer"
TOLD_STUN = "this office's address"


@dataclass(frozen=True, slots=True)
class Connection:
    """This computer's own. link_fault: "half_duplex", "slow_speed" or ""."""

    address: str | None
    interface: str | None
    gateway: str | None
    wireless: bool
    is_up: bool
    link_fault: str
    errors: int | None
    vpn: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody, and how: "icmp", "icmp_raw", "icmp_api", "tcp:PORT" or "udp_errors"."""

    address: str
    method: str


@dataclass(frozen=True, slots=True)
class Around:
    """Who is on the way. None: nobody. isp: the first router beyond this office's; isp_ttl: how far away it is."""

    connection: Connection
    router: Asked | None
    peer: Asked | None
    outside: Asked | None
    isp: Asked | None
    isp_ttl: int | None
    public: str | None


def connection() -> Connection:
    """Without sending anything."""
    way = host.way_out()
    if way.address is None:
        way = _way_by_six() or way
    facts = host.interface(way.interface) if way.interface is not None else None
    if facts is None:
        return Connection(way.address, way.interface, way.gateway, False, way.address is not None, "", None)
    # A tunnel has no cable, and Linux says 10 Mbps of every tun interface.
    slow = not facts.vpn and facts.speed_mbps is not None and facts.speed_mbps <= _LEAST_SPEED_MBPS
    fault = "half_duplex" if facts.duplex == "half" else "slow_speed" if slow else ""
    errors = None
    if facts.receive_errors is not None and facts.transmit_errors is not None:
        errors = facts.receive_errors + facts.transmit_errors
    # Whether a tunnel goes by Wi-Fi nobody tells: so much is asked of it as of Wi-Fi.
    wireless = facts.medium == "wifi" or (facts.vpn and facts.medium == "unknown")
    return Connection(way.address, way.interface, way.gateway, wireless, facts.is_up, fault, errors, facts.vpn)


def _source_of(version: int) -> str | None:
    found = routes.source_address(version=version)
    return found if isinstance(found, str) else None


def _way_by_six() -> host.WayOut | None:
    """Where there is no IPv4 at all. A tunnel keeps its address where there is nothing that it could go through."""
    source = _source_of(6)
    name = routes.own_addresses().get(source) if source is not None else None
    return host.WayOut(source, name, None) if name is not None and not host.is_tunnel(name) else None


def _source() -> str | None:
    """This computer's address, as `connection` tells it, by the cheapest way."""
    four = _source_of(4)
    if four is not None:
        return four
    six = _way_by_six()
    return None if six is None else six.address


def glance(before: Connection) -> Connection:
    """The same again, as cheaply as the system allows: this is asked every two seconds, for days."""
    if _source() != before.address or before.interface is None:
        return connection()
    is_up, errors = host.glance(before.interface)
    # Elsewhere a program would have to be started to know the router; a change of it changes the address as a rule.
    gateway = host.way_out().gateway if sys.platform == "linux" else before.gateway
    return replace(before, is_up=is_up, errors=errors, gateway=gateway)


def around(site: Site, ledger: Ledger, *, also: str | None = None) -> Around:
    """A look around: about two seconds, also where nobody answers. also: the EMR, which is no neighbour to compare."""
    own = connection()
    peers = _peers(site, own, also)
    witnesses = site.resolvers[:2]
    for witness in witnesses:
        ledger.told(witness, TOLD_PING)
    near = tuple(each for each in (own.gateway, *peers) if each is not None)
    context = Context(
        Mode.STANDARD,
        time.monotonic() + _LOOK_LIMIT_S,
        threading.Event(),
        Lookup(site.resolvers),
        ledger,
        lambda *_: None,
    )
    towards = next(iter(witnesses), routes.TOWARDS)
    tasks: list[Callable[[], _Part]] = [
        partial(_who_answers, near, witnesses),
        partial(_isp, towards, own.gateway),
        partial(_public, site, ledger),
    ]
    found = _Part()
    for part in together(tasks, context):
        found = found if part is None else found.with_(part)
    return _around(own, peers, witnesses, found)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one of those who look around at the same time found. methods, rtts_ms: of who answered, by address."""

    methods: Mapping[str, str] = field(default_factory=dict)
    rtts_ms: Mapping[str, float] = field(default_factory=dict)
    isp: Asked | None = None
    isp_ttl: int | None = None
    public: str | None = None

    def with_(self, other: _Part) -> _Part:
        """Both together."""
        return _Part(
            {**self.methods, **other.methods},
            {**self.rtts_ms, **other.rtts_ms},
            self.isp or other.isp,
            self.isp_ttl or other.isp_ttl,
            self.public or other.public,
        )


def _around(own: Connection, peers: Sequence[str], witnesses: Sequence[str], found: _Part) -> Around:
    methods = found.methods
    quick = sorted(peers, key=lambda each: found.rtts_ms.get(each, math.inf))
    outside = next((Asked(each, methods[each]) for each in witnesses if each in methods), None)
    return Around(
        connection=own,
        # A router that keeps silent is asked all the same: that it does is told, and is no fault while it forwards.
        router=Asked(own.gateway, methods.get(own.gateway, "icmp")) if own.gateway is not None else None,
        peer=next((Asked(each, methods[each]) for each in quick if each in methods), None),
        outside=outside or (Asked(witnesses[0], "icmp") if witnesses else None),
        isp=found.isp,
        isp_ttl=found.isp_ttl,
        public=found.public,
    )


def _who_answers(near: Sequence[str], witnesses: Sequence[str]) -> _Part:
    pinged = _pinged([*near, *witnesses])
    ports = dict.fromkeys(near, TCP_PORTS) | dict.fromkeys(witnesses, WITNESS_PORTS)
    connected = _ports({address: tried for address, tried in ports.items() if address not in pinged})
    by_ping = {address: method for address, (method, _) in pinged.items()}
    return _Part({**by_ping, **connected}, {address: rtt_ms for address, (_, rtt_ms) in pinged.items()})


def _isp(towards: str, gateway: str | None) -> _Part:
    ttl, address = _first_of_isp(towards, gateway)
    if address is None:
        return _Part()
    pinged = _pinged([address])
    return _Part(isp=Asked(address, pinged[address][0] if address in pinged else BY_TTL), isp_ttl=ttl)


def _public(site: Site, ledger: Ledger) -> _Part:
    return _Part(public=public_address(site, ledger))


def _peers(site: Site, own: Connection, also: str | None) -> list[str]:
    """Other computers here: from the settings, or a few that this one has talked to lately. No sweep."""
    mine = routes.own_addresses()
    named = [each for each in (*site.peers, site.lan_address) if each is not None and each != also]
    found = [each for each in dict.fromkeys(named) if each not in mine]
    table = neighbours.neighbours()
    if found or not isinstance(table, tuple):
        return found[:_PEERS_MAX]
    here = (own.interface, own.address)  # Windows names the interface by its address
    return [
        each.address
        for each in table
        if each.interface in here and each.address not in (own.gateway, own.address, also)
    ][:_PEERS_MAX]


def _pinged(addresses: Sequence[str]) -> dict[str, tuple[str, float]]:
    """Who answers a ping: by which kind of socket, and how soon at best."""
    four = [each for each in dict.fromkeys(addresses) if ":" not in each]
    seen = icmp.echo_series(four, count=_WARM_UP, interval_s=_WARM_UP_EVERY_S, timeout_s=_WARM_UP_LIMIT_S)
    if isinstance(seen, Failure):
        return {}
    came = {each.address: (each.method, [rtt for rtt in each.rtts_ms if rtt is not None]) for each in seen}
    return {address: (method, min(rtts_ms)) for address, (method, rtts_ms) in came.items() if rtts_ms}


def _ports(wanted: dict[str, tuple[int, ...]]) -> dict[str, str]:
    """Who answers a connection, on the first port that does; a refusal is an answer."""
    pairs = [(address, port) for address, ports in wanted.items() for port in ports]
    if not pairs:
        return {}
    found: dict[str, str] = {}
    for each in tcp.connect_series(pairs, count=1, interval_s=0.0, timeout_s=_WARM_UP_LIMIT_S):
        if any(rtt is not None for rtt in each.rtts_ms):
            found.setdefault(each.address, f"tcp:{each.port}")
    return found


def _first_of_isp(towards: str, gateway: str | None) -> tuple[int | None, str | None]:
    """The first router beyond the office's own. A box with an address of homes (192.168.x.x) behind it is no ISP's."""
    hops = trace.first_hops(towards, hops=_HOPS)
    if isinstance(hops, Failure):
        return None, None
    # Over a VPN the first hop is its other end, not the office's router.
    beyond = [hop for hop in hops if hop.address is not None and hop.address != gateway and hop.ttl > 1 and not hop.end]
    outer = [hop for hop in beyond if hop.address is not None and not hop.address.startswith("192.168.")]
    found = next(iter(outer or beyond), None)
    return (None, None) if found is None else (found.ttl, found.address)


def public_address(site: Site, ledger: Ledger) -> str | None:
    """As one STUN server sees it; None where none answers."""
    for server in site.stun:
        name, _, port = server.rpartition(":")
        found = Lookup(site.resolvers).resolve(name)
        if isinstance(found, Failure) or not port.isdigit():
            continue
        ledger.told(name, TOLD_STUN)
        answer = stun.ask(found.addresses[0], int(port), timeout_s=_STUN_LIMIT_S)
        if isinstance(answer, stun.StunAnswer):
            return answer.mapped.address
    return None


def is_inside(address: str, around: Around) -> bool | None:
    """Whether this address of the EMR leads into this very office: its own network, or its own public address.

    None: not known, because nobody tells the public address.
    """
    own = around.connection.address
    if address == own or ipaddress.ip_address(address).is_loopback:
        return True
    if around.connection.vpn:
        return False  # the public address, and the network, are then those of the VPN's other end
    if address == around.public:
        return True
    network = routes.own_network(own) if own is not None else None
    if network is not None and ipaddress.ip_address(address) in network:
        return True
    return None if around.public is None else False


def is_private(address: str) -> bool:
    """An address that only means something in one office."""
    return address_class(address) in (AddressClass.PRIVATE, AddressClass.LOOPBACK, AddressClass.LINK_LOCAL)
