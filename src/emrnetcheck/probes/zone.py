"""Which zone holds a name, and which servers are its source?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import dns
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import as_they_come, together

TIMEOUT_S = 1.0
_SERVERS_MAX = 6
_LABELS_MAX = 8


@dataclass(frozen=True, slots=True)
class NameServer:
    """One server of a zone. address None: its own name has no IPv4 address."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that holds a name, and its servers by address."""

    name: str
    servers: tuple[NameServer, ...]


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
    servers = answer.values[:_SERVERS_MAX]
    tasks = [partial(recursive.ask, server, "A", _has_values) for server in servers]
    found = together(tasks, recursive.context, limit_s=2 * TIMEOUT_S)
    return Zone(
        name,
        tuple(
            NameServer(server, address.values[0] if isinstance(address, dns.DnsAnswer) else None)
            for server, address in zip(servers, found, strict=True)
        ),
    )


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
