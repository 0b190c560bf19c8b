"""What is broken, and what is not, in the lab's Internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.lab.internet.addresses import ISP_RESOLVER, PROVIDER_SERVERS, PUBLIC_RESOLVERS, ZONE


class ZoneServer(StrEnum):
    OK = "ok"
    DEAD = "dead"
    LAGGING = "lagging"
    """Keeps serving what the plan said, whatever is updated later."""
    SERIAL = "serial"
    """Has another version of the zone with the same content."""
    LAME = "lame"
    """Is there, and refuses: it does not have the zone."""
    NOT_AUTHORITATIVE = "not authoritative"
    """Has the right answers from somebody else, and does not say that they are its own (no AA)."""
    CUTS = "cuts"
    """Every answer over UDP is cut, so that it is asked over TCP."""
    CUTS_WITHOUT_TCP = "cuts without tcp"


class AddressServices(StrEnum):
    OK = "ok"
    ONE_WRONG = "one wrong"
    ONE_DOWN = "one down"
    ALL_DOWN = "all down"


class Service(StrEnum):
    OK = "ok"
    DEAD = "dead"


class SinkMode(StrEnum):
    OK = "ok"
    REJECT_413 = "reject413"
    """Every upload is answered 413 as soon as its head is read."""
    EARLY_200 = "early200"
    """Every upload is answered 200 before its body is read."""
    STALL = "stall"
    """Reading stops after STALL_AFTER_BYTES of a body."""
    RESET = "reset"
    """The connection is reset after STALL_AFTER_BYTES of a body."""
    DEAD = "dead"
    SMALL_WINDOW = "small window"
    """Its receive buffer holds 4 KiB: each connection carries little for each round trip."""


class EchoIp(StrEnum):
    OK = "ok"
    DEAD = "dead"
    LYING = "lying"
    """Says the opposite of what its dial found."""
    RATE_LIMITED = "rate limited"
    """429 to whoever asks for a port, with Retry-After."""
    DOWN_500 = "down 500"


class Globalping(StrEnum):
    """How the service that asks its probes answers."""

    OK = "ok"
    DEAD = "dead"
    RATE_LIMITED = "rate limited"
    """429 to every order, with the headers that tell when it may be asked again."""
    OFFLINE = "offline"
    """All its probes went away."""
    INTERNAL = "internal"
    """All its probes have a fault of their own."""
    ONE_FAILING = "one failing"
    """One of three has."""
    ONE_NETWORK = "one network"
    """All its probes are in the same network."""
    LYING = "lying"
    """Says the opposite of what its probes found."""
    ENDLESS = "endless"
    """Its measurements are never finished."""
    HUGE = "huge"
    MALFORMED = "malformed"
    CONTROL = "control"
    """Control characters in the names of networks and in errors."""


@dataclass(frozen=True, slots=True)
class DdnsServer:
    """The provider's update service, by the dyndns2 protocol at members.example.org, over HTTP and HTTPS."""

    up: Service = Service.OK
    says: str = ""
    """A return code that it gives to everybody, whatever was asked, and nothing is updated; "": the right one."""
    abuse_after: int = 0
    """So many `nochg` in a row are allowed, and then all is `abuse`; 0: any number."""
    unauthorized: bool = False
    """Whether `badauth` comes with the status 401, as some providers do it."""


@dataclass(frozen=True, slots=True)
class Resolver:
    alive: bool = True
    dnsmasq_args: tuple[str, ...] = ()
    """More arguments for dnsmasq, such as --address=/#/21.66.0.1 (hijack) or --stop-dns-rebind."""
    delay_ms: float = 0.0
    """How much later it answers; instead of dnsmasq then."""


@dataclass(frozen=True, slots=True)
class InternetPlan:
    hostname: str = f"emr.{ZONE}"
    address: str | None = None
    """The A record of `hostname`; None: the name does not exist."""
    ttl_s: int = 60
    negative_ttl_s: int = 60
    """How long the zone lets a resolver remember that a name is not there."""
    records: tuple[str, ...] = ()
    """More of the zone, such as "*.dyn.example.org. 60 IN A 21.66.0.2"."""
    org_records: tuple[str, ...] = ()
    """More of example.org, the zone above; relative to it."""
    provider: str = ""
    """Whose names ns1 and ns2 have, of PROVIDER_SERVERS; "": names in the zone itself."""
    delegated_to: tuple[str, ...] = ("ns1", "ns2")
    """Whom the zone above names, of ns1 and ns2."""
    doh: Service = Service.OK
    ddns: DdnsServer | None = None
    """None: there is nobody to update a name at."""
    ns1: ZoneServer = ZoneServer.OK
    ns2: ZoneServer = ZoneServer.OK
    resolvers: Mapping[str, Resolver] = field(default_factory=dict)
    """By address, the ISP's included; what is not named is well."""
    address_services: AddressServices = AddressServices.OK
    stun: Service = Service.OK
    whoami: Service = Service.OK
    ipv6: bool = False
    """Whether some services can be reached by IPv6 too; the clinic's own plan says so."""
    sink: SinkMode = SinkMode.OK
    echoip: EchoIp = EchoIp.OK
    globalping: Globalping = Globalping.OK
    mail: Service = Service.DEAD
    """A mail server at smtp.example.org; it wants root."""
    congestion: str = ""
    """How the TCP of its servers finds its pace; "": as this machine does. Some (bbr) never fill a long queue."""

    def __post_init__(self) -> None:
        if not self.hostname.endswith(f".{ZONE}"):
            raise ValueError(f"hostname {self.hostname!r} is not in {ZONE}, the zone that can be updated")
        if self.ns1 not in (ZoneServer.OK, ZoneServer.DEAD):
            raise ValueError("ns1 is the primary: it takes the updates, so it is ok or dead")
        if self.provider and self.provider not in PROVIDER_SERVERS:
            raise ValueError(f"provider {self.provider!r} is none of {', '.join(PROVIDER_SERVERS)}")
        for address in self.resolvers:
            if address not in (ISP_RESOLVER, *PUBLIC_RESOLVERS):
                raise ValueError(f"{address} is no resolver of the lab")

    def resolver(self, address: str) -> Resolver:
        return self.resolvers.get(address, Resolver())
