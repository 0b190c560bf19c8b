"""Evidence of a clinic where all is well, to be changed in one place per test; and how a table row is judged."""

from __future__ import annotations

import string
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.address import Address, AddressSource, Hop, agreed_address
from emrnetcheck.evidence.ddns_client import Client, ClientName, DdnsClient
from emrnetcheck.evidence.dns import Dns, ResolverHealth
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.emr import Emr, PageGet, Redirect
from emrnetcheck.evidence.exposure import Exposure, HeldBack, Listener
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.lan_load import LanLoad, LanWay
from emrnetcheck.evidence.link import CardCounters, Link
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.evidence.path import Mtu, Path, SizeTried, Trace, TraceHop
from emrnetcheck.evidence.port import Arrivals, OutsideTry, Port, PortTry, Spoken
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.tls import Certificate, Tls
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.evidence.wan import SecondBox, Told, Wan, WanAnswer
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Check, Failure, FailureKind, Finding, Site
from emrnetcheck.profiles import CONTROL_PORTS, PageKind, closed_ports

PUBLIC = "93.184.216.34"
OLD = "93.184.216.99"
ROUTER = "192.168.1.1"
SERVER = "192.168.1.10"
PEER = "192.168.1.20"
NAME = "emr.example.org"
TIMEOUT = Failure(FailureKind.TIMEOUT, "connect", "x:1")
REFUSED = Failure(FailureKind.REFUSED, "connect", "x:1")

SITE = Site(name="Elm Street Clinic", hostname=NAME, lan_address=SERVER, emr_declared=True, outside_consent=True)

LINK = Link("eth0", SERVER, ROUTER, "wired", 1000, "full", False, True, 0, 0)
TUNNEL = replace(LINK, interface="tun0", vpn=True)
WEAR = Wear("eth0", SERVER, 41.5, CardCounters(30_000, 20_000, 40_000_000, 25_000_000, 0, 0, 0, 0, 0, 0, 0, 0))


def target(role: str = "gateway", address: str = ROUTER, **changes: Any) -> LanTarget:
    """A LAN host that answered everything quickly."""
    base = LanTarget(address, role, 100, 0, 0.4, 0.9, 1.2, 0.2, "icmp")
    return replace(base, **changes)


def silent(
    role: str = "gateway", address: str = ROUTER, kind: FailureKind = FailureKind.TIMEOUT, sent: int = 20
) -> LanTarget:
    """A LAN host that answered nothing."""
    return LanTarget(address, role, sent, sent, None, None, None, None, "icmp", Failure(kind, "echo", address))


def lan(*targets: LanTarget, peers_from: str = "settings", **changes: Any) -> Lan:
    return replace(Lan(targets, peers_from), **changes)


def office_series(address: str = ROUTER, **changes: Any) -> Series:
    """A host's answer times beside a load that did not disturb them."""
    return replace(Series(address, 100, 0, 0.4, 0.9, 1.0, 1.2, 0.2, "icmp"), **changes)


def lan_way(goodput_mbps: float | None = 94.0, **changes: Any) -> LanWay:
    """One direction between two PCs on a switch of 100 Mbps; None: it failed."""
    failure = TIMEOUT if goodput_mbps is None else None
    base = LanWay(goodput_mbps, 3.0, 40_000_000, 0.4, 2.0, 0, (office_series(), office_series(PEER)), None, failure)
    return replace(base, **changes)


def lan_load(upload: LanWay | None = None, download: LanWay | None = None, **changes: Any) -> LanLoad:
    base = LanLoad(f"https://{PEER}:40123/backend/empty.php", PEER, upload or lan_way(), download or lan_way(), 0)
    return replace(base, **changes)


LAN = lan(target(), target("peer", PEER))


def witness(
    address: str | None, method: str = "https", service: str = "who.example", *, version: int = 4
) -> AddressSource:
    """One answer to "what is my address?"; None: no answer."""
    return AddressSource(
        service,
        method,
        address,
        "system",
        12.0 if address else None,
        None if address else TIMEOUT,
        version,
    )


def address(*sources: AddressSource, **changes: Any) -> Address:
    """What the witnesses say; by default three agree and the router's own word is the same."""
    told = sources or (witness(PUBLIC), witness(PUBLIC), witness(PUBLIC, "stun"))
    base = Address(
        public_v4=agreed_address(told),
        public_v6=None,
        wan_v4=PUBLIC,
        wan_source="settings",
        local_v4=SERVER,
        sources=told,
        outside_reached=("https", "stun"),
        hops=(Hop(1, ROUTER, 0.5), Hop(2, "93.184.0.1", 8.0)),
        hops_failure=None,
    )
    return replace(base, **changes)


def by_upnp(address_: str | None, state: str | None = "Connected", service: str = "WANIPConnection:1") -> WanAnswer:
    """The router's answer by UPnP; None: it has no address."""
    return WanAnswer("upnp", Told.ADDRESS if address_ else Told.NONE, address_, service, state, 0.7)


def by_natpmp(address_: str | None) -> WanAnswer:
    """The router's answer by NAT-PMP; None: result 3, it has no address."""
    told = Told.ADDRESS if address_ else Told.NONE
    return WanAnswer("natpmp", told, address_, None, "result 0" if address_ else "result 3", 0.7)


def router(*answers: WanAnswer, box: SecondBox | None = None) -> dict[str, Any]:
    """What the router said, with the outside address that follows, as changes for address()."""
    said = Wan(ROUTER, answers, second_box=box)
    agreed = said.outside(PUBLIC)
    return {"router": said, "wan_v4": agreed, "wan_source": ", ".join(said.named_by(agreed)) if agreed else None}


def resolver(server: str = ROUTER, **changes: Any) -> ResolverHealth:
    return replace(ResolverHealth(server, 3, 3, 5.0, None), **changes)


def dead_resolver(server: str = ROUTER, kind: FailureKind = FailureKind.NAME_TIMEOUT) -> ResolverHealth:
    return ResolverHealth(server, 3, 0, None, Failure(kind, "query", server))


def dns(
    *office: ResolverHealth, invented_by: tuple[str, ...] = (), public: tuple[ResolverHealth, ...] | None = None
) -> Dns:
    return Dns(office, (resolver("1.1.1.1"),) if public is None else public, invented_by)


def answer(server: str, *addresses: str, **changes: Any) -> NameAnswer:
    """A plain answer with A records, as a resolver gives it."""
    base = NameAnswer(server, None, "NOERROR", addresses, (), (), 300, False, None, 10.0, None)
    return replace(base, **changes)


def source(*addresses: str, server: str = "93.184.1.53", **changes: Any) -> NameAnswer:
    """An answer of one of the name's own servers."""
    return answer(server, *addresses, authoritative=True, server_name=f"ns-{server}", serial=7, **changes)


def no_answer(server: str, kind: FailureKind = FailureKind.NAME_TIMEOUT, **changes: Any) -> NameAnswer:
    base = NameAnswer(server, None, None, (), (), (), None, False, None, None, Failure(kind, "query", server))
    return replace(base, **changes)


RESOLVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222")


def names(
    *authoritative: NameAnswer,
    resolvers: tuple[NameAnswer, ...] | None = None,
    local: tuple[NameAnswer, ...] | None = None,
    system: tuple[str, ...] = (PUBLIC,),
    **changes: Any,
) -> Names:
    """The name as everybody sees it; by default all say the office's address."""
    base = Names(
        hostname=NAME,
        zone="example.org",
        zone_failure=None,
        authoritative=authoritative or (source(PUBLIC), source(PUBLIC, server="93.184.2.53")),
        resolvers=tuple(answer(server, PUBLIC) for server in RESOLVERS) if resolvers is None else resolvers,
        local=(answer(ROUTER, PUBLIC),) if local is None else local,
        system=system,
        system_failure=None,
        wildcard=False,
    )
    return replace(base, **changes)


def client(result: str | None = "good", **changes: Any) -> DdnsClient:
    """ddclient on this computer, which keeps the name; result: the provider's last word to it."""
    kept = ClientName(
        changes.pop("name", NAME), changes.pop("address", PUBLIC), result, 1_795_522_000.0, 1_795_522_000.0
    )
    base = Client("ddclient", True, None, 300, "web", "dyndns2", "members.example.org", (kept,), None)
    return DdnsClient((replace(base, **changes),), ("/etc/ddclient.conf",))


NO_CLIENT = DdnsClient((), ("/etc/ddclient.conf",))


UPLOAD = Upload(
    goodput_mbps=9.4,
    line_rate_mbps=10.0,
    lower_mbps=9.3,
    upper_mbps=9.5,
    confidence=0.95,
    settled=True,
    seconds=10.0,
    sent_bytes=12_000_000,
    method="tcp_info",
    back_end="cloudflare",
    server="upload.example",
    address="93.184.3.3",
    idle_rtt_ms=20.0,
    loaded_rtt_ms=40.0,
    slot_s=0.25,
    ramp_s=1.5,
    samples=(9.3, 9.4, 9.5),
    streams=4,
    confirmed_goodput_mbps=9.4,
    window_start_unix_s=1_795_522_801.0,
    window_end_unix_s=1_795_522_811.0,
    tester_limited=None,
    skipped_servers=(),
    idle_rtt_p95_ms=22.0,
    loaded_rtt_p95_ms=45.0,
    idle_probes=16,
    loaded_probes=80,
    loaded_seconds=8.0,
    rpm=1500.0,
    other_sent_mbps=0.0,
    other_received_mbps=0.0,
    other_during_mbps=0.0,
)


def upload(goodput_mbps: float | None, **changes: Any) -> Upload:
    """No interval unless it is given: what is in UPLOAD belongs to its own goodput."""
    return replace(UPLOAD, goodput_mbps=goodput_mbps, **{"lower_mbps": None, "upper_mbps": None} | changes)


DOWNLOAD = Download(
    goodput_mbps=47.0,
    line_rate_mbps=50.0,
    lower_mbps=46.0,
    upper_mbps=48.0,
    confidence=0.99,
    settled=True,
    seconds=4.0,
    received_bytes=25_000_000,
    method="received",
    back_end="cloudflare",
    server="https://upload.example/__down",
    address="93.184.3.3:443",
    idle_rtt_ms=20.0,
    loaded_rtt_ms=40.0,
    idle_rtt_p95_ms=22.0,
    loaded_rtt_p95_ms=None,
    idle_probes=16,
    loaded_probes=40,
    loaded_seconds=4.0,
    rpm=1500.0,
    slot_s=0.25,
    ramp_s=2.0,
    samples=(46.0, 47.0, 48.0),
    streams=4,
    window_start_unix_s=1_795_522_815.0,
    window_end_unix_s=1_795_522_819.0,
    tester_limited=None,
    skipped_servers=(),
    other_received_mbps=0.0,
    other_during_mbps=0.0,
)


def download(goodput_mbps: float, **changes: Any) -> Download:
    return replace(DOWNLOAD, goodput_mbps=goodput_mbps, **changes)


def tried(open_: bool | None, address_: str = SERVER, kind: FailureKind = FailureKind.TIMEOUT) -> PortTry:
    """One attempt to connect; kind: why it did not open."""
    failure = None if open_ else Failure(kind, "connect", f"{address_}:8443")
    return PortTry(address_, 8443, open_, 0.5 if open_ else None, failure)


def outside(
    reachable: bool | None,
    service: str = "echo.example",
    dialled: str | None = PUBLIC,
    kind: FailureKind | None = None,
    **changes: Any,
) -> OutsideTry:
    """What one service outside says; kind: why it says nothing."""
    base = OutsideTry(service, dialled, 8443, reachable, Failure(kind, "ask", service) if kind else None)
    return replace(base, **changes)


def spoken(*fingerprints: str, kind: FailureKind | None = None) -> Spoken:
    """What answers to TLS: certificates, or something else (kind)."""
    return Spoken(fingerprints, Failure(kind, "TLS handshake", "x:8443") if kind else None)


def port(*tries: OutsideTry, **changes: Any) -> Port:
    """The server as seen from itself: listening, and answering in the office."""
    base = Port(
        port=8443,
        is_emr_host=True,
        listening=True,
        bind=("0.0.0.0",),
        loopback=tried(True, "127.0.0.1"),
        lan=tried(True),
        hairpin=tried(True, PUBLIC),
        outside=tries,
    )
    return replace(base, **changes)


LET_IN = Arrivals(outside=1, accepted=1, finished=1, sources=1, whole=True)

DOWN: dict[str, Any] = {
    "listening": False,
    "bind": (),
    "lan": tried(False, kind=FailureKind.REFUSED),
    "loopback": tried(False, "127.0.0.1", kind=FailureKind.REFUSED),
    "hairpin": None,
}
"""The server's port, seen from itself, where the EMR does not run: as changes for port()."""


def page_get(first_byte_ms: float | None = 30.0, connect_ms: float = 0.4) -> PageGet:
    """One GET that came, or (None) one that did not."""
    if first_byte_ms is None:
        return PageGet(None, None, None, None, None, 0, Failure(FailureKind.TIMEOUT, "GET", f"{SERVER}:8443"))
    return PageGet(200, connect_ms, 3.0, first_byte_ms, first_byte_ms + 5.0, 4200)


def sent_on(host: str = NAME, port_: int = 8443, *, followed: bool = True, scheme: str = "https") -> Redirect:
    """A redirect to a page of this host."""
    return Redirect(302, scheme, host, port_, "/login", followed)


def emr(status: int | None = 200, **changes: Any) -> Emr:
    """OSCAR's log-in page, quick; status None: no answer."""
    base = Emr(
        address=SERVER,
        port=8443,
        host=NAME,
        path="/oscar/",
        scheme="https",
        status=status,
        gets=(page_get(90.0), page_get(), page_get(), page_get()),
        content_type="text/html;charset=UTF-8",
        title="OSCAR Login",
        kind=PageKind.OSCAR,
        asks_password=True,
        body_bytes=4200,
        waited_s=0.2,
    )
    return replace(base, **changes)


DOORS = tuple(each.port for each in closed_ports("oscar", 8443))
CONTROL = CONTROL_PORTS[0]


def doors(
    *open_: int,
    service: str = "echo.example",
    dialled: str | None = PUBLIC,
    unanswered: Collection[int] = (),
    kind: FailureKind = FailureKind.TIMEOUT,
) -> tuple[OutsideTry, ...]:
    """What one service says of every door and of the control port: open_ are open, unanswered gave no answer."""
    return tuple(
        OutsideTry(service, None, port_, None, Failure(kind, "ask", service))
        if port_ in unanswered
        else OutsideTry(service, dialled, port_, port_ in open_, None)
        for port_ in (*DOORS, CONTROL)
    )


def exposure(*tries: OutsideTry, held_back: HeldBack | None = None, **changes: Any) -> Exposure:
    """The doors as seen on the server itself; without more said all are shut, and only the EMR listens."""
    base = Exposure(
        ports=DOORS,
        address=None if held_back else PUBLIC,
        held_back=held_back,
        control_port=None if held_back else CONTROL,
        tries=() if held_back else tries or doors(),
        is_emr_host=True,
        listeners=(),
        seconds=None if held_back else 2.1,
    )
    return replace(base, **changes)


def listener(port_: int, *bind: str, by: str = "") -> Listener:
    return Listener(port_, bind, (by,) if by else ())


CERTIFICATE = Certificate(
    names=(NAME,),
    names_total=1,
    common_name=NAME,
    issuer="Let's Encrypt, R11",
    not_before="2026-10-26T06:00:00+00:00",
    not_after="2027-01-24T06:00:00+00:00",
    days_left=60.0,
    days_old=30.0,
    self_signed=False,
    is_authority=False,
    issuer_named=True,
    key_type="EC",
    key_bits=256,
    signature_hash="sha256",
)
FINGERPRINT = "ab" * 32


def tls(**changes: Any) -> Tls:
    """The EMR with a trusted certificate and today's TLS; what is a fact of the certificate goes there."""
    names = {item.name for item in fields(Certificate)}
    certificate = replace(CERTIFICATE, **{key: changes.pop(key) for key in [*changes] if key in names})
    base = Tls(
        address=SERVER,
        port=8443,
        server_name=NAME,
        clock="2026-11-25T06:00:00+00:00",
        failure=None,
        protocol="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        fingerprint_sha256=FINGERPRINT,
        certificate=certificate,
        chain_length=2,
        issuer_sent=True,
        trusted=True,
        name_matches=True,
        handshake_ms=4.0,
    )
    return replace(base, **changes)


OPINION = SecondOpinion(12.0, 11.0, 6_000_000, "http://speed.example.org/upload.php", 50_000_000, capped=False)
"""Not of every run: it is asked for."""


def series(address_: str, p50_ms: float | None, sent: int = 80, lost: int | None = None, **changes: Any) -> Series:
    """A host asked again and again; p50_ms None: it never answered."""
    missing = (sent if p50_ms is None else 0) if lost is None else lost
    base = Series(
        address_, sent, missing, p50_ms, p50_ms, p50_ms, p50_ms, 0.1, "icmp" if p50_ms is not None else "none"
    )
    return replace(base, **changes)


def hop(ttl: int, address_: str | None, p50_ms: float | None, **changes: Any) -> TraceHop:
    """One router on the way; asked: by default it answers as quickly when it is asked itself."""
    known = address_ or ""
    base = TraceHop(
        ttl, address_, (), series(known, p50_ms, 10), series(known, p50_ms) if address_ is not None else None, end=False
    )
    return replace(base, **changes)


RESOLVER, SECOND_SITE = "1.1.1.1", "93.184.77.7"
ISP, BACKBONE = "93.184.0.1", "93.184.0.9"


def trace(*hops: TraceHop, end: Series | None = None, **changes: Any) -> Trace:
    """The way to a public resolver: router, provider, backbone, target; without more said in 20 ms."""
    way = hops or (hop(1, ROUTER, 0.5), hop(2, ISP, 10.0), hop(3, BACKBONE, 15.0))
    there = end or series(RESOLVER, 20.0)
    last = hop(len(way) + 1, RESOLVER, there.p50_ms, asked=None, end=True)
    reached = (*way, last) if there.p50_ms is not None else way
    return replace(Trace(RESOLVER, "outside", RESOLVER, reached, there, "icmp", 10), **changes)


def second_site(*hops: TraceHop, end: Series | None = None, **changes: Any) -> Trace:
    """The same to a second site."""
    there = end or series(SECOND_SITE, 25.0)
    return trace(
        *hops, end=there, **{"towards": "site2.example.org", "role": "second_site", "address": SECOND_SITE, **changes}
    )


def mtu(*sizes: SizeTried, **changes: Any) -> Mtu:
    """Packet sizes to the resolver; by default the full one gets through at once."""
    tried_ = sizes or (SizeTried(1500, 1, 1),)
    return replace(Mtu(RESOLVER, "outside", RESOLVER, tried_, "icmp"), **changes)


def sizes(passed_bytes: int, told_by: str | None = None, *, silent: bool = False) -> tuple[SizeTried, ...]:
    """All sizes up to passed_bytes are answered; for the larger ones somebody says so, or (silent) nobody does."""
    all_ = (1500, 1492, 1480, 1472, 1460, 1400, 1280, 1000, 84)
    return tuple(
        SizeTried(size, 1, 1)
        if size <= passed_bytes
        else SizeTried(size, 5, 0)
        if silent
        else SizeTried(size, 1, 0, passed_bytes, told_by)
        for size in all_
    )


def path(*traces: Trace, mtus: tuple[Mtu, ...] | None = None, witnesses: tuple[Series, ...] | None = None) -> Path:
    """The ways out; by default one, with two more resolvers that answer as well."""
    return Path(
        traces or (trace(),),
        (mtu(),) if mtus is None else mtus,
        (series("8.8.8.8", 21.0), series("9.9.9.9", 22.0)) if witnesses is None else witnesses,
    )


PATH = path()

HEALTHY = Seen(
    link=LINK,
    lan=LAN,
    address=address(),
    dns=dns(resolver()),
    names=names(),
    port=port(outside(True), arrivals=LET_IN, syn_seen=True),
    tls=tls(),
    emr=emr(),
    exposure=exposure(),
    upload=UPLOAD,
    download=DOWNLOAD,
    path=PATH,
)


def case(site: Site = SITE, **seen: Any) -> Case:
    """The healthy clinic with some evidence exchanged."""
    return Case(site, replace(HEALTHY, **seen))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a check's table: what was seen, and exactly the codes that must come of it, in order."""

    what: str
    case: Case
    codes: tuple[str, ...]


def row(what: str, case_: Case, *codes: str) -> Row:
    return Row(what, case_, codes)


def judged(check: Check[Case, Any], case_: Case) -> list[Finding]:
    """The findings of one check alone, with the limits of the settings."""
    return check.judge(case_, replace(check.limits, **case_.site.limits.get(check.id, {})))


def holes(template: str) -> set[str]:
    """The names of the facts that a sentence needs."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}


def codes_of(check: Check[Case, Any], case_: Case) -> tuple[str, ...]:
    """The codes of one check alone; each must be declared, and its sentences must have all their facts."""
    found = judged(check, case_)
    for finding in found:
        known = check.codes[finding.code]
        for template in (known.summary, known.advice):
            template.format_map(finding.facts)
            for hole in holes(template):
                assert finding.facts[hole] is not None, f"{finding.code}: {hole} has nothing in it"
    return tuple(finding.code for finding in found)


def limits(check_id: str, **changed: float) -> Site:
    """The site with some limits set in the settings."""
    return replace(SITE, limits={check_id: changed})
