"""How is this clinic built, and what is broken in it?"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from tests.lab.cards import Cards
from tests.lab.doors import HostFirewall, UpstreamFilter
from tests.lab.emr_page import EmrPage
from tests.lab.internet import InternetPlan
from tests.lab.isp_hops import IspHop, hop_names
from tests.lab.legs import Legs, OtherHost
from tests.lab.namespaces import LabError
from tests.lab.open_doors import WanDoor
from tests.lab.responder import ResponderPlan
from tests.lab.second_site import PC2, RemoteClinic
from tests.lab.wire import WireSettings

CLINIC = "clinic"
"""Written where the clinic's own public address is meant, whatever it is in this plan."""

ROUTER_LAN = "192.168.1.1"
EMR_LAN = "192.168.1.10"
PC_LAN = "192.168.1.20"
MODEM_LAN, MODEM_CLIENT = "192.168.100.1", "192.168.100.2"
OLD_EMR_LAN = "192.168.1.77"
"""Nobody has it: as what the EMR host was known to the router before."""
SITE2 = "62.4.30.40"
SECOND_PUBLIC = "45.76.10.21"
"""As what the clinic is seen where `other_exits` fit."""
LAN_V6 = "2a0e:5c00:10:1::"
"""The office's IPv6 network, a /64: the router is ::1 in it, the EMR host ::10, the PC ::20."""
EMR_V6 = f"{LAN_V6}10"
EMR_PORT = 8443

T = TypeVar("T")


class Hairpin(StrEnum):
    """What the router does when a LAN host connects to the public address."""

    NONE = "none"
    DNAT_WITHOUT_SNAT = "dnat_without_snat"
    """Forwarded, but the answer goes straight to the client, which does not know it: a time-out."""
    FULL = "full"


class Refusal(StrEnum):
    """What a stranger at the WAN side gets."""

    DROP = "drop"
    REJECT = "reject"


class RouterDns(StrEnum):
    """The DNS forwarder on the router."""

    OK = "ok"
    DEAD_DROP = "dead_drop"
    """Questions vanish."""
    DEAD_REFUSE = "dead_refuse"
    """Nothing listens: port unreachable."""


class Vpn(StrEnum):
    """A VPN program on the EMR host."""

    NONE = "none"
    FULL = "full"
    """The default route leaves by the tunnel."""
    HALVES = "halves"
    """Two routes, each for half of all addresses, do; the default route stays as it was."""
    TAILSCALE = "tailscale"
    """Only its own network of 100.64/10 leaves by it."""


class Upnp(StrEnum):
    """Whether and how the router tells its outside address. From SAYS on it is a program of our own."""

    OFF = "off"
    IGD1 = "igd1"
    """miniupnpd: UPnP as IGD 1, NAT-PMP and PCP."""
    IGD2 = "igd2"
    NATPMP_ONLY = "natpmp_only"
    """miniupnpd without UPnP: NAT-PMP and PCP."""
    SAYS = "says"
    """UPnP that names whatever `says` has, as old firmware names a private or a shared address."""
    CONTRADICTS = "contradicts"
    """As SAYS, while its NAT-PMP names the line's real address."""
    DOWN = "down"
    """UPnP that says that the line is down."""
    PCP_ONLY = "pcp_only"
    DDWRT_PAGE = "ddwrt_page"
    """DD-WRT's public page, and nothing else."""
    BAD_NATPMP = "bad_natpmp"
    """Answers to NAT-PMP that are none, each with the address `says` in it."""
    BOMB = "bomb"
    """A description with nested entities."""
    DTD = "dtd"
    """A right description, but for an entity of its own document type."""
    HUGE = "huge"
    """A right description after a megabyte of comment."""
    ENDLESS = "endless"
    """A description that never ends."""
    SLOW = "slow"
    """A description that comes a byte at a time."""
    REDIRECT = "redirect"
    """A description that is said to be on another host, where one is indeed. See DECOYS."""
    FOREIGN = "foreign"
    """A LOCATION on another host."""
    FOREIGN_CONTROL = "foreign_control"
    """A right description whose service is on another host."""
    CONTROL = "control"
    """Control characters in the name and in the address."""


DECOYS = (Upnp.REDIRECT, Upnp.FOREIGN, Upnp.FOREIGN_CONTROL)
"""The PC then answers as a router does, and tells DECOY_SAYS: whoever was led there is known by it."""
DECOY_SAYS = "62.4.30.98"


class InternetCut(StrEnum):
    """Where the way to the Internet ends."""

    NONE = "none"
    ROUTER = "router"
    """The router drops what it should forward, silently; its own DNS forwarder still works."""
    LINE = "line"
    """The access link is unplugged."""


class OutsideDns(StrEnum):
    """What happens to questions of the LAN to name servers outside."""

    OK = "ok"
    TAKEN = "taken"
    """The router's own forwarder answers them all, whomever they are for."""
    BLOCKED = "blocked"
    KNOWN_ONLY = "known only"
    """Only the well-known public resolvers can be asked."""


# A full queue of 50 ms: a line that does not bloat.
_UP = WireSettings(rate_mbps=10, delay_ms=10, queue_bytes=64_000)
_DOWN = WireSettings(rate_mbps=50, delay_ms=10, queue_bytes=320_000)


@dataclass(frozen=True, slots=True)
class Line:
    """An access line; without more said, 10 Mbps up, 50 down, 20 ms there and back."""

    up: WireSettings = _UP
    down: WireSettings = _DOWN
    seed: int = 1


@dataclass(frozen=True, slots=True)
class RouterPlan:
    """The router that the clinic bought."""

    forward: bool = True
    """Whether TCP 8443 is forwarded from the WAN side."""
    forward_to: str = EMR_LAN
    forward_from: tuple[str, ...] = ()
    """The only addresses outside that the forward is for; (): for everybody."""
    also_forward: tuple[int, ...] = ()
    """More TCP ports that are forwarded to where the EMR's is."""
    admin_page: bool = False
    """Whether the router itself answers on TCP 8443, from outside too, with its log-in page; nothing is forwarded."""
    open_to_wan: tuple[WanDoor, ...] = ()
    """What the router itself offers to the Internet."""
    hairpin: Hairpin = Hairpin.FULL
    loses_answers: bool = False
    """Whether what the EMR host answers to those outside gets lost, as where it takes another way out."""
    hides_callers: bool = False
    """Whether it puts its own address on what it forwards from outside."""
    wan_input: Refusal = Refusal.DROP
    dns: RouterDns = RouterDns.OK
    outside_dns: OutsideDns = OutsideDns.OK
    loses_questions: bool = False
    """Every other question for a well-known name is lost on its way into the router's DNS forwarder."""
    dnsmasq_args: tuple[str, ...] = ()
    internet_cut: InternetCut = InternetCut.NONE
    upnp: Upnp = Upnp.OFF
    says: str = ""
    """The outside address that is told, true or not; "": for miniupnpd the real one, for others an empty answer."""
    upnp_mapped: bool = False
    """Whether a program had miniupnpd forward TCP 8443 before."""
    upnp_mapped_to: str = EMR_LAN
    answers_ping: bool = True
    own_icmp: WireSettings | None = None
    """How its own answers get away, as from a router that has better to do; what it forwards knows nothing of it."""
    line_mtu: int = 1500
    """Of its line; below 1500, as with PPPoE, it tells both ends of a connection what fits."""


@dataclass(frozen=True, slots=True)
class ModemPlan:
    """A second router in the office, between the clinic's own and the line."""

    forward: bool = False
    """Whether it forwards TCP 8443 to the clinic's router."""
    has_page: bool = True
    """Whether it has a Web page for those in the office."""


class EmrCertificate(StrEnum):
    """What the EMR's certificate is like; without more said, of 90 days, 60 of them left."""

    RIGHT = "right"
    """Of the lab's authority, for the EMR's public name."""
    EXPIRED = "expired"
    EXPIRING = "expiring"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_NAME = "wrong_name"
    SELF_SIGNED = "self_signed"
    UNKNOWN_AUTHORITY = "unknown_authority"
    """Of an authority of the office's own, which nobody else knows."""
    INCOMPLETE_CHAIN = "incomplete_chain"
    """Of an intermediate authority, whose own certificate is not sent along."""
    WHOLE_CHAIN = "whole_chain"
    """Of an intermediate authority, whose own is sent along."""
    WEAK_KEY = "weak_key"
    """RSA with 1024 bits."""


class EmrSpeaks(StrEnum):
    """What the EMR's port speaks."""

    TLS = "tls"
    TLS_1_0 = "tls_1_0"
    """TLS 1.0 and nothing newer, as an old Java does."""
    OLD_TLS_TOO = "old_tls_too"
    """All from TLS 1.0 on."""
    PLAIN_HTTP = "plain_http"
    SSH = "ssh"
    """No EMR at all: something that says the name of an SSH server."""
    CUTS = "cuts"
    """TLS whose handshake is cut; plain HTTP is told that TLS is wanted. So with the next two."""
    HANGS = "hangs"
    WANTS_CERTIFICATE = "wants_certificate"
    """TLS 1.2 for those who have a certificate of their own, and for nobody else."""


@dataclass(frozen=True, slots=True)
class EmrTls:
    """What browsers check before they show a page."""

    certificate: EmrCertificate = EmrCertificate.RIGHT
    speaks: EmrSpeaks = EmrSpeaks.TLS


@dataclass(frozen=True, slots=True)
class EmrPlan:
    """The HTTPS server on the EMR host."""

    running: bool = True
    page: EmrPage = EmrPage.LOGIN
    page_s: float = 3.0
    """How long a "slow" page takes at first."""
    bind: str = "0.0.0.0"
    ipv6: bool = False
    """Whether it listens on IPv6 too."""
    certificate_names: tuple[str, ...] = ()
    """Empty: the EMR's public name."""
    firewall: HostFirewall = HostFirewall.NONE
    redirected: bool = False
    """It listens on another port, to which the host's own rules send its usual one, as Docker does."""
    redirects_itself: bool = True
    """Whether those rules hold for the host's own connections, too."""
    other_address: str = ""
    """One more address of the host, which nobody in the office uses, such as a VPN's."""
    also_listens: tuple[str, ...] = ()
    """What else takes connections on the host, such as "0.0.0.0:3306"; see listeners.py."""
    mariadb: str = ""
    """The address that a real MariaDB is bound to, at port 3306; "": there is none."""
    tls: EmrTls = EmrTls()
    front: EmrCertificate | None = None
    """The certificate of a proxy on the PC, at the EMR's port; None: there is none. It needs router.forward_to."""
    congestion: str = ""
    """How its TCP finds its pace; "": as this machine does. Some (bbr) never fill a long queue, as most systems do."""


class DdnsProgram(StrEnum):
    """A real DDNS client."""

    DDCLIENT = "ddclient"
    INADYN = "inadyn"


class AddressFrom(StrEnum):
    """Where a DDNS client takes the address from that it publishes."""

    WEB = "web"
    """The provider's page."""
    INTERFACE = "if"
    """Its own network card: in an office that is an inside address."""


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """The DDNS client on the EMR host; it has tried once before the program runs."""

    program: DdnsProgram = DdnsProgram.DDCLIENT
    password_right: bool = True
    address_from: AddressFrom = AddressFrom.WEB
    interval_s: int = 300
    """ddclient takes at least 60, inadyn at least 30."""
    tls: bool = False
    """inadyn only: Debian's ddclient has TLS by a package of its own."""
    stays: bool = True
    """Whether it still runs when the program does."""


_CARDS = Cards()
_LEGS = Legs()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole clinic with its Internet; the default is a healthy one."""

    line: Line = Line()
    cards: Cards = _CARDS
    """The network cards of the computers."""
    vpn: Vpn = Vpn.NONE
    other_exits: tuple[str, ...] = ()
    """What the ISP sends out from SECOND_PUBLIC instead, as nftables matches: a second line, a pool, a proxy."""
    own_address: str = ""
    """Another address that the EMR host's packets have inside, such as 192.0.0.4 (464XLAT); the router is told."""
    ipv4: bool = True
    """Whether the router sends IPv4 of the office on to the Internet; its own questions for names still get out."""
    ipv6_pinhole: bool = True
    """Whether the router lets IPv6 in to the EMR's port."""
    may_ping: bool = True
    """Whether programs without a capability may send echo requests."""
    cgnat: bool = False
    """Whether the ISP gives the router an address of 100.64/10 and shares one public address."""
    isp_private: bool = False
    """As cgnat, but the ISP gives the router an address of 10/8."""
    modem: ModemPlan | None = None
    """None: the clinic's router is on the line itself."""
    upstream_filter: UpstreamFilter = UpstreamFilter.NONE
    ipv6: bool = False
    router: RouterPlan = RouterPlan()
    emr: EmrPlan = EmrPlan()
    name_servers: tuple[str, ...] = (ROUTER_LAN,)
    """What the computers of the office are set to ask, in this order."""
    hosts: tuple[str, ...] = ()
    """More lines of the EMR host's hosts file."""
    ddns_client: ClientPlan | None = None
    """None: there is none. One that is there needs internet.ddns, which it updates the name at."""
    legs: Legs = _LEGS
    """The cables of the office."""
    others: tuple[OtherHost, ...] = ()
    """More boxes at the switch."""
    isp_hops: tuple[IspHop, ...] = ()
    """Routers between the ISP and the rest of the Internet."""
    site2: RemoteClinic | None = None
    """None: the second site is one host, without a router of its own."""
    site2_line: Line | None = None
    """None: the second site is on the Internet without a wire."""
    responder: ResponderPlan = ResponderPlan.NONE
    """At the second site."""
    internet: InternetPlan = field(default_factory=lambda: InternetPlan(address=CLINIC))

    def __post_init__(self) -> None:
        if self.ddns_client is not None and self.internet.ddns is None:
            raise ValueError("ddns_client: there is no internet.ddns that it could update the name at")
        if self.ipv6 and self.isp_hops:
            raise ValueError("isp_hops: they carry no IPv6")
        if self.cards.pc2 is not None and self.site2 is None:
            raise ValueError("cards.pc2: there is no PC at the second site")

    @property
    def more_hosts(self) -> tuple[str, ...]:
        """Those that a simple clinic does not have."""
        modem, remote = ("modem",) if self.modem else (), (PC2,) if self.site2 else ()
        return (*modem, *hop_names(self.isp_hops), *remote, *(other.name for other in self.others))

    @property
    def shared(self) -> bool:
        """Whether the ISP shares one public address."""
        return self.cgnat or self.isp_private

    @property
    def wan_address(self) -> str:
        """What the router has at its WAN side."""
        return MODEM_CLIENT if self.modem is not None else self.line_address

    @property
    def line_address(self) -> str:
        """What the box at the line has at its WAN side."""
        return "100.64.7.2" if self.cgnat else "10.64.7.2" if self.isp_private else "45.76.10.20"

    @property
    def wan_gateway(self) -> str:
        """The ISP's end of the access link."""
        return "100.64.0.1" if self.cgnat else "10.64.0.1" if self.isp_private else "45.76.10.1"

    @property
    def wan_prefix_length(self) -> int:
        """Of the network that both are in."""
        return 10 if self.shared else 24

    @property
    def public_address(self) -> str:
        """As what the clinic is seen from the Internet."""
        return "45.76.99.7" if self.shared else self.line_address


def from_table(kind: type[T], table: Mapping[str, Any], where: str, over: T | None = None) -> T:
    """Build a dataclass out of a TOML table; an unknown key or a wrong type is an error that names it.

    What the table leaves out is as in `over`, or else as the class has it: at every depth, so that a scenario
    says only what differs from a healthy clinic.
    """
    hints = typing.get_type_hints(kind)
    known = {each.name: each for each in fields(typing.cast("Any", kind))}
    values = {}
    for key, value in table.items():
        if key not in known:
            raise LabError(f"{where}: unknown key {key!r}; known: {', '.join(sorted(known))}")
        default = _default(known[key]) if over is None else getattr(over, key)
        values[key] = _value(hints[key], value, f"{where}.{key}", default)
    try:
        return kind(**values) if over is None else typing.cast("T", replace(typing.cast("Any", over), **values))
    except (TypeError, ValueError) as error:
        raise LabError(f"{where}: {error}") from error


def _default(of: Field[Any]) -> Any:
    if of.default is not MISSING:
        return of.default
    return of.default_factory() if of.default_factory is not MISSING else None


def _value(hint: Any, value: Any, where: str, default: Any) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return (
            None
            if value is None
            else _value(next(each for each in inner if each is not type(None)), value, where, default)
        )
    if origin is tuple and isinstance(value, list):
        return tuple(_value(inner[0], each, where, None) for each in value)
    if origin is Mapping and isinstance(value, dict):
        return {key: _value(inner[1], each, f"{where}.{key}", None) for key, each in value.items()}
    if is_dataclass(hint) and isinstance(value, dict):
        return from_table(typing.cast("type[Any]", hint), value, where, default)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, str):
        if value not in list(hint):
            raise LabError(f"{where}: {value!r} is none of {', '.join(hint)}")
        return hint(value)
    if (origin is dict and isinstance(value, dict)) or (isinstance(hint, type) and _is(hint, value)):
        return value
    raise LabError(f"{where}: {value!r} is not of the right type")


def _is(kind: type[Any], value: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
