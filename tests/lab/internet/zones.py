"""PURE: the texts of the zones, and of the configurations of the four BIND servers, as BIND reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.internet import addresses as at
from tests.lab.internet.plan import InternetPlan, Resolver, ZoneServer

KEY_NAME = "ddns"
_STATIC_TTL_S = 3600
_NEGATIVE_TTL_S = 60
_OTHER_TOPS = ("com", "net", "io")


@dataclass(frozen=True, slots=True)
class NameServer:
    """One named process: its configuration file and the zone files beside it."""

    name: str
    configuration: str
    files: Mapping[str, str]


def zone_text(
    origin: str,
    server: str,
    records: list[str],
    *,
    ttl_s: int = _STATIC_TTL_S,
    negative_ttl_s: int = _NEGATIVE_TTL_S,
    serial: int = 1,
) -> str:
    """A zone whose NS records and glue are among `records`, or are the one `server` (name, address)."""
    soa = f"@ {ttl_s} IN SOA {server} hostmaster.{server} {serial} 3600 600 604800 {negative_ttl_s}"
    return "\n".join([f"$ORIGIN {origin}", f"$TTL {ttl_s}", soa, *records, ""])


def dynamic_zone(plan: InternetPlan, *, serial: int = 1) -> str:
    records = ["@ IN NS ns1", "@ IN NS ns2", f"ns1 IN A {at.NS1}", f"ns2 IN A {at.NS2}"]
    if plan.provider:
        records = [f"@ IN NS {name}." for name in at.PROVIDER_SERVERS[plan.provider]]
    if plan.address is not None:
        records.append(f"{plan.hostname}. {plan.ttl_s} IN A {plan.address}")
    records += plan.records
    primary = at.PROVIDER_SERVERS[plan.provider][0] if plan.provider else f"ns1.{at.ZONE}"
    return zone_text(f"{at.ZONE}.", f"{primary}.", records, negative_ttl_s=plan.negative_ttl_s, serial=serial)


def world_zones(plan: InternetPlan) -> dict[str, str]:
    """Root, top level and the services' zones, as zone name -> text."""
    zones = {".": _root_zone()}
    delegations: dict[str, list[str]] = {top: [] for top in ("org", *_OTHER_TOPS)}
    for zone, hosts in at.NAMES.items():
        top = zone.rpartition(".")[2]
        address = at.ORG_SERVER if top == "org" else at.COM_SERVER
        if top != zone:
            delegations[top] += [f"{zone}. IN NS ns.{zone}.", f"ns.{zone}. IN A {address}"]
        records = ["@ IN NS ns", f"ns IN A {address}", *(f"{label} 300 IN A {host}" for label, host in hosts.items())]
        if plan.ipv6:
            records += [f"{label} 300 IN AAAA {host}" for label, host in at.NAMES_V6.get(zone, {}).items()]
        if zone == "example.org":
            records += [*_dynamic_delegation(plan), *plan.org_records]
        zones[zone] = zone_text(f"{zone}.", f"ns.{zone}.", records)
    for top, records in delegations.items():
        server, address = _top_server(top)
        zones[top] = zone_text(f"{top}.", server, [f"@ IN NS {server}", f"{server} IN A {address}", *records])
    return zones


def _dynamic_delegation(plan: InternetPlan) -> list[str]:
    label = at.ZONE.removesuffix(".example.org")
    if plan.provider:
        return [f"{label} IN NS {name}." for name in at.PROVIDER_SERVERS[plan.provider]]
    addresses = {"ns1": at.NS1, "ns2": at.NS2}
    servers = [(f"{name}.{label}", addresses[name]) for name in plan.delegated_to]
    return [line for name, address in servers for line in (f"{label} IN NS {name}", f"{name} IN A {address}")]


def _top_server(top: str) -> tuple[str, str]:
    return f"a.nic.{top}.", at.COM_SERVER if top in _OTHER_TOPS else at.ORG_SERVER


def _root_zone() -> str:
    records = ["@ IN NS a.root-servers.net.", f"a.root-servers.net. IN A {at.ROOT_SERVER}"]
    for top in ("org", *_OTHER_TOPS):
        server, address = _top_server(top)
        records += [f"{top}. IN NS {server}", f"{server} IN A {address}"]
    for top in [zone for zone in at.NAMES if "." not in zone]:  # a company's own top-level domain
        records += [f"{top}. IN NS ns.{top}.", f"ns.{top}. IN A {at.COM_SERVER}"]
    return zone_text(".", "a.root-servers.net.", records)


def world_server(plan: InternetPlan, folder: Path) -> NameServer:
    zones = world_zones(plan)
    files = {f"{zone.strip('.') or 'root'}.zone": text for zone, text in zones.items()}
    blocks = [_primary(zone, f"{zone.strip('.') or 'root'}.zone") for zone in zones]
    listen = (at.ROOT_SERVER, at.ORG_SERVER, at.COM_SERVER)
    return NameServer("named-world", _options(folder, listen, "recursion no;") + "".join(blocks), files)


def dynamic_servers(plan: InternetPlan, secret: str, folder: Path) -> list[NameServer]:
    """ns1 takes the updates and notifies ns2, which transfers them; those the plan calls dead are left out."""
    zone = {"dyn.zone": dynamic_zone(plan)}
    # BIND waits 5 s before it notifies unless told otherwise; providers are faster.
    extra = f"recursion no; notify-delay 0; notify explicit; also-notify {{ {at.NS2}; }}; notify-source {at.NS1};"
    policy = f"update-policy {{ grant {KEY_NAME} zonesub A AAAA TXT; }}; allow-transfer {{ any; }};"
    primary = (
        key_text(secret) + _options(folder / "named-ns1", (at.NS1,), extra) + _primary(at.ZONE, "dyn.zone", policy)
    )
    # The secondary starts with a copy, so that it serves at once, and also where ns1 is dead.
    follows = f"type secondary; primaries {{ {at.NS1}; }}; masterfile-format text; allow-notify {{ {at.NS1}; }};"
    body = "type primary;" if plan.ns2 in (ZoneServer.LAGGING, ZoneServer.SERIAL) else follows
    second = {"dyn.zone": dynamic_zone(plan, serial=9)} if plan.ns2 is ZoneServer.SERIAL else zone
    secondary = _options(folder / "named-ns2", (ns2_listens_at(plan),), "recursion no; notify no;")
    if plan.ns2 is not ZoneServer.LAME:
        secondary += f'zone "{at.ZONE}" {{ {body} file "dyn.zone"; }};\n'
    servers = []
    if plan.ns1 is not ZoneServer.DEAD:
        servers.append(NameServer("named-ns1", primary, zone))
    if plan.ns2 not in (ZoneServer.DEAD, ZoneServer.NOT_AUTHORITATIVE):
        servers.append(NameServer("named-ns2", secondary, second))
    return servers


def ns2_listens_at(plan: InternetPlan) -> str:
    """Its own address, unless something stands before it."""
    return at.NS2_BEHIND if plan.ns2 in (ZoneServer.CUTS, ZoneServer.CUTS_WITHOUT_TCP) else at.NS2


def recursive_server(plan: InternetPlan, folder: Path) -> NameServer:
    """One process with a view, and so a cache, for each resolver."""
    listen = list(at.RESOLVER_CACHES.values())
    if served_by_bind(plan.resolver(at.ISP_RESOLVER)):
        listen.append(at.ISP_RESOLVER)
    extra = "recursion yes; allow-recursion { any; }; allow-query-cache { any; }; servfail-ttl 0;"
    views = []
    for resolver, cache in at.RESOLVER_CACHES.items():
        mine = f"{cache}; {resolver};" if resolver == at.ISP_RESOLVER else f"{cache};"
        hint = 'zone "." { type hint; file "hints"; };'
        views.append(f'view "of-{resolver}" {{ match-destinations {{ {mine} }}; {hint} }};\n')
    hints = f". 3600000 IN NS a.root-servers.net.\na.root-servers.net. 3600000 IN A {at.ROOT_SERVER}\n"
    return NameServer("named-recursive", _options(folder, listen, extra) + "".join(views), {"hints": hints})


def served_by_bind(resolver: Resolver) -> bool:
    """The ISP's resolver is BIND itself, unless the plan gives it arguments that only dnsmasq has."""
    return resolver.alive and not resolver.dnsmasq_args and not resolver.delay_ms


def key_text(secret: str) -> str:
    return f'key "{KEY_NAME}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'


def _primary(zone: str, file: str, extra: str = "") -> str:
    return f'zone "{zone}" {{ type primary; file "{file}"; {extra} }};\n'


def _options(folder: Path, listen: tuple[str, ...] | list[str], extra: str) -> str:
    """No control channel, no pid, session key or lock file: nothing that two labs could fight for."""
    listening = " ".join(f"{address};" for address in listen)
    return (
        "controls { };\n"
        "options {\n"
        f'  directory "{folder}";\n'
        f"  listen-on {{ {listening} }};\n"
        "  listen-on-v6 { none; };\n"
        "  pid-file none; session-keyfile none; lock-file none;\n"
        "  interface-interval 0; automatic-interface-scan no;\n"
        # The lab's root is not signed, and private reverse zones are its root's to deny.
        "  dnssec-validation no; empty-zones-enable no;\n"
        f"  allow-query {{ any; }}; minimal-responses no; {extra}\n"
        "};\n"
    )
