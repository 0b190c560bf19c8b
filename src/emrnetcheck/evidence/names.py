"""What was seen of the EMR's public name, at its source, at public resolvers and in the office."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What one server said of the name.

    rcode: "NOERROR", "NXDOMAIN", ... or None without an answer. addresses are IPv4 (A), addresses_v6 are AAAA.
    cname: the chain of aliases in order, cname_ttls_s: their TTLs. ttl_s: the smallest TTL on the way to the A records.
    authoritative: the AA bit. serial: the zone's SOA serial as this server has it (authoritative servers only).
    negative_ttl_s: how long a "no" is kept (RFC 2308 section 5): of a negative answer what is left of it; of a server
    of the zone what the zone says; None where nobody told. name_servers: the zone's own list of its servers, as this
    server has it. cut: the answer did not fit into a datagram, so TCP was needed. again_ttl_s: the TTL of the same
    answer again_after_s later, where it was asked twice.
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
    cname_ttls_s: tuple[int, ...] = ()
    negative_ttl_s: int | None = None
    name_servers: tuple[str, ...] = ()
    cut: bool = False
    again_ttl_s: int | None = None
    again_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delegation:
    """What the zone above says of the zone: its name servers, and their addresses there ("name address"), the glue.

    parent: the zone above. asked: the server of it that was asked, None if none answered (failure says why).
    """

    parent: str | None
    asked: str | None
    name_servers: tuple[str, ...]
    glue: tuple[str, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Alias:
    """Where an alias leads that ends in another zone: the name there, its zone, and what the zone's servers say."""

    name: str
    zone: str | None
    zone_failure: Failure | None
    authoritative: tuple[NameAnswer, ...]


@dataclass(frozen=True, slots=True)
class AddressTry:
    """Whether the EMR's port opens at an address, tried from this computer without any name."""

    address: str
    port: int
    open: bool
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Reverse:
    """The names that an address has by itself (PTR, RFC 1035 section 3.5): its ISP gives them. server: who told."""

    address: str
    names: tuple[str, ...]
    server: str | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Names:
    """The name as seen from three places.

    zone: the zone that holds the name, None if it could not be found (zone_failure says why).
    local: the office's configured resolvers, one by one. system: the addresses the operating system's own look-up
    gives (hosts file and all), with its failure. wildcard: a name that surely does not exist, asked of the
    authoritative servers, was answered.

    delegation: the zone as the zone above sees it. aliases: each other zone that the name is led into, in order.
    intercepted_at: addresses at which no name server is, and which answered: somebody takes port 53 for himself.
    over_https: what public resolvers say over HTTPS (server is the URL); asked only where port 53 cannot be trusted, or
    no public resolver answers there. hosts_lines: what this computer's hosts file says of the name.
    asked_unix_s: when the resolvers were asked: the times that they still keep an answer count from then.
    by_address: the EMR tried at its address, where this computer did not find the name. by_v6: the EMR tried at the
    IPv6 addresses of the name; () where this computer has no IPv6 of its own to try from. reverse: what the name's
    addresses are called by their ISP; asked only where the settings say that the address is static.
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
    delegation: Delegation | None = None
    aliases: tuple[Alias, ...] = ()
    intercepted_at: tuple[str, ...] = ()
    over_https: tuple[NameAnswer, ...] = ()
    hosts_lines: tuple[str, ...] = ()
    asked_unix_s: float | None = None
    by_address: AddressTry | None = None
    by_v6: tuple[AddressTry, ...] = ()
    reverse: tuple[Reverse, ...] = ()


def published_v6(names: Names) -> frozenset[str]:
    """The IPv6 addresses of the name, by the servers of the zone in which its aliases end."""
    source = names.aliases[-1].authoritative if names.aliases else names.authoritative
    return frozenset(address for answer in source if answer.authoritative for address in answer.addresses_v6)
