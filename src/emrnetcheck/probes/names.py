"""Where does the EMR's name lead: at its source, at public resolvers, and in this office?"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, lookup
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.together import together
from emrnetcheck.probes.zone import TIMEOUT_S, NameServer, Recursive, find_zone

_TRIES = 2
_SYSTEM_DEADLINE_S = 3.0
_SPARE_S = 0.5  # kept of the deadline for putting the evidence together
_TOLD = "the EMR's name"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the zone's own servers say."""

    zone: str | None
    failure: Failure | None
    answers: tuple[NameAnswer, ...]
    wildcard: bool


@dataclass(frozen=True, slots=True)
class _System:
    """What the operating system's own look-up gives."""

    addresses: tuple[str, ...]
    failure: Failure | None


_Part = _Source | _System | NameAnswer


def measure(site: Site, seen: Seen, context: Context) -> Names | Failure:  # noqa: ARG001 - the shape of every probe
    """The three places side by side. NOT_CONFIGURED where no name is set."""
    if site.hostname is None:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's name", detail="[emr] hostname")
    hostname = site.hostname.rstrip(".").lower()
    configured = dns.system_resolvers()
    office = configured if isinstance(configured, tuple) else ()
    context.progress(f"looking up {hostname}", None, None)
    for server in site.resolvers:
        context.ledger.told(server, _TOLD)
    servers = (*site.resolvers, *office)
    tasks: list[Callable[[], _Part]] = [
        *(partial(_ask, NameServer("", server), hostname, context) for server in servers),
        partial(_source, hostname, Recursive((site.resolvers, office), context), context),
        partial(_system, hostname),
    ]
    parts = together(tasks, context, limit_s=max(0.0, context.remaining_s() - _SPARE_S))
    answers = [
        part if isinstance(part, NameAnswer) else _failed(NameServer("", server), _out_of_time(server))
        for server, part in zip(servers, parts, strict=False)
    ]
    late = _out_of_time(hostname)
    source = next((part for part in parts if isinstance(part, _Source)), _Source(None, late, (), wildcard=False))
    system = next((part for part in parts if isinstance(part, _System)), _System((), late))
    return Names(
        hostname=hostname,
        zone=source.zone,
        zone_failure=source.failure,
        authoritative=source.answers,
        resolvers=tuple(answers[: len(site.resolvers)]),
        local=tuple(answers[len(site.resolvers) :]),
        system=system.addresses,
        system_failure=system.failure,
        wildcard=source.wildcard,
    )


def _out_of_time(target: str) -> Failure:
    return Failure(FailureKind.OUT_OF_TIME, "ask", target)


def _source(hostname: str, recursive: Recursive, context: Context) -> _Source:
    zone = find_zone(hostname, recursive)
    if isinstance(zone, Failure):
        return _Source(None, zone, (), wildcard=False)
    for server in zone.servers:
        context.ledger.told(server.name, _TOLD)
    tasks: list[Callable[[], NameAnswer | bool]] = [
        *(partial(_ask, server, hostname, context, zone=zone.name) for server in zone.servers),
        *(partial(_knows_anything, server, zone.name, context) for server in zone.servers if server.address),
    ]
    parts = together(tasks, context, limit_s=max(0.0, context.remaining_s() - 2 * _SPARE_S))
    answers = tuple(
        part if isinstance(part, NameAnswer) else _failed(server, _out_of_time(server.name))
        for server, part in zip(zone.servers, parts, strict=False)
    )
    return _Source(zone.name, None, answers, wildcard=any(part is True for part in parts))


def _knows_anything(server: NameServer, zone: str, context: Context) -> bool:
    """Whether a random name in the zone has an address too."""
    name = f"{secrets.token_hex(10)}.{zone}"
    answer = dns.query(server.address or "", name, "A", timeout_s=TIMEOUT_S, recursion_desired=False)
    if isinstance(answer, Failure):
        return False
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return bool(answer.values or answer.cname)


def _ask(server: NameServer, hostname: str, context: Context, *, zone: str | None = None) -> NameAnswer:
    """A, AAAA and, of a server of the zone, the SOA: one after the other; without an A answer no further question."""
    if server.address is None:
        return _failed(server, Failure(FailureKind.NAME_NO_ADDRESS, "look up", server.name))
    ask = partial(dns.query, server.address, timeout_s=TIMEOUT_S, tries=_TRIES, recursion_desired=zone is None)
    v4 = ask(hostname, "A")
    if isinstance(v4, Failure):
        return _failed(server, v4)
    v6 = ask(hostname, "AAAA") if not context.stopping() else None
    soa = ask(zone, "SOA") if zone is not None and not context.stopping() else None
    for answer in (v4, v6, soa):
        if isinstance(answer, dns.DnsAnswer):
            context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return NameAnswer(
        server=server.address,
        server_name=server.name or None,
        rcode=v4.rcode,
        addresses=v4.values,
        addresses_v6=v6.values if isinstance(v6, dns.DnsAnswer) else (),
        cname=v4.cname,
        ttl_s=v4.ttl_s,
        authoritative=v4.authoritative,
        serial=soa.serial if isinstance(soa, dns.DnsAnswer) else None,
        rtt_ms=v4.rtt_ms,
        failure=dns.failure_of(v4),
    )


def _failed(server: NameServer, failure: Failure) -> NameAnswer:
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
    )


def _system(hostname: str) -> _System:
    found = lookup.system_addresses(hostname, version=4, deadline_s=_SYSTEM_DEADLINE_S)
    return _System(found, None) if isinstance(found, tuple) else _System((), found)


PROBE = Probe(
    name="names",
    title="The EMR's public name",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 8.0),
    leaves_office=True,
)
