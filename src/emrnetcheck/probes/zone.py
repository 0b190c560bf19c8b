"""Which zone holds a name, and which servers are its source?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence.names import Delegation
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import dns
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import as_they_come, together

TIMEOUT_S = 1.0
SERVERS_MAX = 6
_LABELS_MAX = 8
_PARENTS_MAX = 3
_TOLD = "the name of the EMR's zone"


@dataclass(frozen=True, slots=True)
class NameServer:
    """One server of a zone. address None: its own name has no IPv4 address."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that holds a name, its servers by address, and the names of all of them (more than are asked)."""

    name: str
    servers: tuple[NameServer, ...]
    all_names: tuple[str, ...] = ()


class Recursive:
    """Questions to recursive resolvers, group after group; the first group that gives a usable answer is kept."""

    def __init__(self, groups: tuple[tuple[str, ...], ...], context: Context) -> None:
        self.context = context
        self._groups = [group for group in groups if group]

    def ask(self, name: str, rdtype: str, usable: Callable[[dns.DnsAnswer], bool]) -> dns.DnsAnswer | Failure:
        """The quickest usable answer of a group, all of which are asked at once; else why there is none."""
        failure = Failure(FailureKind.NAME_TIMEOUT, "look up", name)
        for number, group in enumerate(self._groups):
            asked = [partial(dns.query, server, name, rdtype, timeout_s=TIMEOUT_S) for server in group]
            for _, answer in as_they_come(asked, self.context, limit_s=TIMEOUT_S + 0.5):
                if isinstance(answer, Failure):
                    failure = answer
                    continue
                declined = dns.failure_of(answer)
                if declined is None and usable(answer):
                    self._groups = self._groups[number:]
                    return answer
                failure = declined or Failure(FailureKind.NAME_NO_ADDRESS, "look up", name)
        return failure


def find_zone(hostname: str, recursive: Recursive) -> Zone | Failure:
    """The zone by its SOA record, from the name upwards; then its NS records, and the servers' addresses."""
    name = _zone_name(hostname, recursive)
    if isinstance(name, Failure):
        return name
    answer = recursive.ask(name or ".", "NS", _has_values)
    if isinstance(answer, Failure):
        return answer
    return Zone(name, with_addresses(answer.values[:SERVERS_MAX], recursive), answer.values)


def with_addresses(names: tuple[str, ...], recursive: Recursive) -> tuple[NameServer, ...]:
    """The servers with their IPv4 addresses, all looked up at once."""
    tasks = [partial(recursive.ask, name, "A", _has_values) for name in names]
    found = together(tasks, recursive.context, limit_s=2 * TIMEOUT_S)
    return tuple(
        NameServer(name, address.values[0] if isinstance(address, dns.DnsAnswer) else None)
        for name, address in zip(names, found, strict=True)
    )


def find_delegation(zone: str, recursive: Recursive) -> Delegation:
    """What the zone above says of this one: its servers are asked without recursion, and the first answer counts."""
    above = zone.partition(".")[2]
    parent = _zone_name(above, recursive) if above else Failure(FailureKind.UNSUPPORTED, "ask", "the root zone")
    if isinstance(parent, Failure):
        return Delegation(None, None, (), (), parent)
    servers = recursive.ask(parent, "NS", _has_values)
    if isinstance(servers, Failure):
        return Delegation(parent, None, (), (), servers)
    found = [server for server in with_addresses(servers.values[:_PARENTS_MAX], recursive) if server.address]
    for server in found:
        recursive.context.ledger.told(server.name, _TOLD)
    asked = [
        partial(dns.query, server.address or "", zone, "NS", timeout_s=TIMEOUT_S, tries=2, recursion_desired=False)
        for server in found
    ]
    failure: Failure = Failure(FailureKind.NAME_TIMEOUT, "ask", f"the name servers of {parent}")
    for _, answer in as_they_come(asked, recursive.context, limit_s=2 * TIMEOUT_S + 0.2):
        if isinstance(answer, Failure):
            failure = answer
            continue
        named = _name_servers_in(zone, answer)
        if named:
            return Delegation(parent, answer.server, named, _glue_in(named, answer), None)
    return Delegation(parent, None, (), (), failure)


def _name_servers_in(zone: str, answer: dns.DnsAnswer) -> tuple[str, ...]:
    """The NS records of the zone, in a referral or, where the server has the zone too, in the answer."""
    records = (*answer.answer, *answer.authority)
    found = sorted({record.value for record in records if record.type == "NS" and record.owner == zone})
    return tuple(found)


def _glue_in(names: tuple[str, ...], answer: dns.DnsAnswer) -> tuple[str, ...]:
    found = {(record.owner, record.value) for record in answer.additional if record.type == "A"}
    return tuple(f"{name} {address}" for name, address in sorted(found) if name in names)


def _has_values(answer: dns.DnsAnswer) -> bool:
    return bool(answer.values)


def _zone_name(hostname: str, recursive: Recursive) -> str | Failure:
    labels = hostname.split(".")
    for cut in range(min(len(labels), _LABELS_MAX)):
        name = ".".join(labels[cut:])
        answer = recursive.ask(name, "SOA", partial(_tells_zone, name))
        if isinstance(answer, Failure):
            return answer
        zone = _zone_in(name, answer)
        if zone is not None:
            return zone
    return Failure(FailureKind.NAME_NOT_FOUND, "find the zone of", hostname)


def _tells_zone(name: str, answer: dns.DnsAnswer) -> bool:
    return _zone_in(name, answer) is not None or bool(answer.cname) or answer.rcode == "NOERROR"


def _zone_in(name: str, answer: dns.DnsAnswer) -> str | None:
    """The owner of the SOA: in the answer for the zone itself, beside a negative answer for a name below it."""
    if answer.cname:
        return None  # the SOA would be of the zone that the alias leads to: the zone of `name` is found higher up
    for record in (*answer.answer, *answer.authority):
        if record.type == "SOA" and (name == record.owner or name.endswith(f".{record.owner}") or record.owner == "."):
            return record.owner
    return None
