"""What do a name's own servers say of it, along its aliases, and what does the zone above say of those servers?"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence.names import Alias, Delegation, NameAnswer
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import dns, dns_transport
from emrnetcheck.probes import zone as zones
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import together
from emrnetcheck.probes.zone import NameServer, Recursive, Zone

TOLD = "the EMR's name"
_TRIES = 2
_ALIASES_MAX = 4
_SPARE_S = 1.5  # kept of the deadline for what is asked after this

_Part = NameAnswer | Delegation | bool


@dataclass(frozen=True, slots=True)
class SourceView:
    """What the zone's own servers say; see evidence.names.Names for each."""

    zone: str | None = None
    failure: Failure | None = None
    answers: tuple[NameAnswer, ...] = ()
    wildcard: bool = False
    delegation: Delegation | None = None
    aliases: tuple[Alias, ...] = ()


def source_view(hostname: str, recursive: Recursive) -> SourceView:
    """The zone's servers, as the zone and as the zone above name them, each asked; then where an alias leads."""
    found = zones.find_zone(hostname, recursive)
    if isinstance(found, Failure):
        return SourceView(failure=found)
    parts = _ask_all(
        [
            partial(zones.find_delegation, found.name, recursive),
            *(partial(_knows_anything, server, found.name, recursive.context) for server in found.servers),
        ],
        found,
        hostname,
        recursive.context,
    )
    answers = tuple(part for part in parts if isinstance(part, NameAnswer))
    delegation = next((part for part in parts if isinstance(part, Delegation)), None)
    if delegation is not None:
        answers = _with_the_parents_servers(answers, found, delegation, hostname, recursive)
    return SourceView(
        zone=found.name,
        answers=answers,
        wildcard=any(part is True for part in parts),
        delegation=delegation,
        aliases=_aliases(hostname, found.name, answers, recursive),
    )


def _ask_all(
    also: list[Callable[[], _Part]], zone: Zone, hostname: str, context: Context
) -> list[NameAnswer | Delegation | bool | None]:
    """Every server of the zone, and what else there is to do meanwhile; the servers' answers first."""
    for server in zone.servers:
        context.ledger.told(server.name, TOLD)
    asks: list[Callable[[], _Part]] = [
        partial(ask, server, hostname, context, zone=zone.name) for server in zone.servers
    ]
    limit_s = max(0.0, context.remaining_s() - _SPARE_S)
    parts = together([*asks, *also], context, limit_s=limit_s)
    late = [
        part if part is not None else failed(server, Failure(FailureKind.OUT_OF_TIME, "ask", server.name))
        for server, part in zip(zone.servers, parts, strict=False)
    ]
    return [*late, *parts[len(late) :]]


def _with_the_parents_servers(
    answers: tuple[NameAnswer, ...], zone: Zone, delegation: Delegation, hostname: str, recursive: Recursive
) -> tuple[NameAnswer, ...]:
    """Resolvers go where the zone above sends them: servers that only it names are asked too, and glue is followed."""
    glue = dict(entry.split(" ", 1) for entry in delegation.glue)
    unknown = tuple(name for name in delegation.name_servers if name not in zone.all_names)[: zones.SERVERS_MAX]
    more = [
        NameServer(server.name, server.address or glue.get(server.name))
        for server in (zones.with_addresses(unknown, recursive) if unknown else ())
    ]
    lost = [
        NameServer(server.name, glue[server.name])
        for server in zone.servers
        if server.address is None and server.name in glue
    ]
    if not more and not lost:
        return answers
    asked = _ask_all([], Zone(zone.name, (*more, *lost)), hostname, recursive.context)
    names_found = {server.name for server in lost}
    kept = [answer for answer in answers if answer.server_name not in names_found]
    return (*kept, *(part for part in asked if isinstance(part, NameAnswer)))


def _aliases(hostname: str, zone: str, answers: tuple[NameAnswer, ...], recursive: Recursive) -> tuple[Alias, ...]:
    """The zones that the name is led into, one after the other. A server of one zone does not know another's names."""
    steps: list[Alias] = []
    passed = {hostname}
    while len(steps) < _ALIASES_MAX and not recursive.context.stopping():
        target = _leaves_at(answers)
        if target is None or target in passed:
            break
        passed.add(target)
        found = zones.find_zone(target, recursive)
        if isinstance(found, Zone) and found.name == zone:  # not by its ending: a zone can hand on a part of itself
            break
        if isinstance(found, Failure):
            steps.append(Alias(target, None, found, ()))
            break
        parts = _ask_all([], found, target, recursive.context)
        zone, answers = found.name, tuple(part for part in parts if isinstance(part, NameAnswer))
        steps.append(Alias(target, zone, None, answers))
    return tuple(steps)


def _leaves_at(answers: tuple[NameAnswer, ...]) -> str | None:
    """The name at the end of the aliases, where the servers give no address for it."""
    led = [answer for answer in answers if answer.authoritative and answer.cname]
    if not led or any(answer.addresses or answer.addresses_v6 for answer in led):
        return None
    return led[0].cname[-1]


def _knows_anything(server: NameServer, zone: str, context: Context) -> bool:
    """Whether a random name in the zone has an address too."""
    if server.address is None:
        return False
    name = f"{secrets.token_hex(10)}.{zone}"
    answer = dns.query(server.address, name, "A", timeout_s=zones.TIMEOUT_S, recursion_desired=False)
    if isinstance(answer, Failure):
        return False
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return bool(answer.values or answer.cname)


def ask(server: NameServer, hostname: str, context: Context, *, zone: str | None = None) -> NameAnswer:
    """A, then AAAA and, of a server of the zone, SOA and NS, at once; without an A answer no further question."""
    if server.address is None:
        return failed(server, Failure(FailureKind.NAME_NO_ADDRESS, "look up", server.name))
    query = partial(dns.query, server.address, timeout_s=zones.TIMEOUT_S, tries=_TRIES, recursion_desired=zone is None)
    v4 = query(hostname, "A")
    if isinstance(v4, Failure):
        return failed(server, v4)
    more = [partial(query, hostname, "AAAA")]
    more += [partial(query, zone, rdtype) for rdtype in ("SOA", "NS")] if zone is not None else []
    rest = together(more, context, limit_s=_TRIES * zones.TIMEOUT_S + 0.2)
    v6, soa, ns = (*rest, None, None)[:3]
    for answer in (v4, *rest):
        if isinstance(answer, dns.DnsAnswer):
            context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    negative_ttl_s = soa.negative_ttl_s if isinstance(soa, dns.DnsAnswer) else None
    return named(
        v4,
        v6,
        server,
        serial=soa.serial if isinstance(soa, dns.DnsAnswer) else None,
        negative_ttl_s=v4.negative_ttl_s if negative_ttl_s is None and not v4.values else negative_ttl_s,
        name_servers=ns.values if isinstance(ns, dns.DnsAnswer) else (),
    )


def named(
    v4: dns.DnsAnswer,
    v6: dns.DnsAnswer | Failure | None,
    server: NameServer,
    *,
    serial: int | None = None,
    negative_ttl_s: int | None = None,
    name_servers: tuple[str, ...] = (),
) -> NameAnswer:
    """The evidence of a server that answered."""
    return NameAnswer(
        server=v4.server,
        server_name=server.name or None,
        rcode=v4.rcode,
        addresses=v4.values,
        addresses_v6=v6.values if isinstance(v6, dns.DnsAnswer) else (),
        cname=v4.cname,
        ttl_s=v4.ttl_s,
        authoritative=v4.authoritative,
        serial=serial,
        rtt_ms=v4.rtt_ms,
        failure=dns.failure_of(v4),
        cname_ttls_s=v4.cname_ttls_s,
        negative_ttl_s=negative_ttl_s,
        name_servers=name_servers,
        cut=v4.over_tcp,
    )


def failed(server: NameServer, failure: Failure) -> NameAnswer:
    """The evidence of a server that did not."""
    return NameAnswer(
        server=server.address or server.name,
        server_name=server.name or None,
        rcode=None,
        addresses=(),
        addresses_v6=(),
        cname=(),
        ttl_s=None,
        authoritative=False,
        serial=None,
        rtt_ms=None,
        failure=failure,
        cut=failure.operation == dns_transport.OVER_TCP,
    )
