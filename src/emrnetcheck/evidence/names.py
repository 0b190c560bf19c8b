"""What was seen of the EMR's public name, at its source, at public resolvers and in the office."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What one server said of the name.

    rcode: "NOERROR", "NXDOMAIN", ... or None without an answer. addresses are IPv4 (A), addresses_v6 are AAAA.
    cname: the chain of aliases in order. ttl_s: the smallest TTL on the way to the A records.
    authoritative: the AA bit. serial: the zone's SOA serial as this server has it (authoritative servers only).
    """

    server: str
    server_name: str | None
    rcode: str | None
    addresses: tuple[str, ...]
    addresses_v6: tuple[str, ...]
    cname: tuple[str, ...]
    ttl_s: int | None
    authoritative: bool
    serial: int | None
    rtt_ms: float | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Names:
    """The name as seen from three places.

    zone: the zone that holds the name, None if it could not be found (zone_failure says why).
    local: the office's configured resolvers, one by one. system: the addresses the operating system's own look-up
    gives (hosts file and all), with its failure. wildcard: a name that surely does not exist, asked of the
    authoritative servers, was answered.
    """

    hostname: str
    zone: str | None
    zone_failure: Failure | None
    authoritative: tuple[NameAnswer, ...]
    resolvers: tuple[NameAnswer, ...]
    local: tuple[NameAnswer, ...]
    system: tuple[str, ...]
    system_failure: Failure | None
    wildcard: bool
