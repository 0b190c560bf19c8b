"""What do the records of a DNS message say, as text and numbers?"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from emrnetcheck.net.failures import clean

_RECORDS_MAX = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record, its owner and value as text in lower case without the final dot."""

    owner: str
    type: str
    ttl_s: int
    value: str


def records_of(section: list[dns.rrset.RRset]) -> tuple[Record, ...]:
    """The first of them: writing out thousands would take a hostile server's victim half a second of its processor."""
    rows = ((rrset, clean(value.to_text()).lower().rstrip(".")) for rrset in section for value in rrset)
    return tuple(
        Record(plain_name(rrset.name), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, value)
        for rrset, value in itertools.islice(rows, _RECORDS_MAX)
    )


def plain_name(name: dns.name.Name) -> str:
    """As text in lower case without the final dot."""
    return clean(name.to_text(omit_final_dot=True)).lower()


def followed(name: str, records: tuple[Record, ...]) -> tuple[tuple[str, ...], list[int], str]:
    """The aliases from `name` on, their TTLs, and where they end; a loop ends where it closes."""
    alias = {record.owner: record for record in records if record.type == "CNAME"}
    chain: list[str] = []
    ttls_s: list[int] = []
    while name in alias:
        record = alias.pop(name)
        chain.append(record.value)
        ttls_s.append(record.ttl_s)
        name = record.value
    return tuple(chain), ttls_s, name


def negative_ttl_s_of(records: tuple[Record, ...]) -> int | None:
    """How long the first SOA with such a number lets a "no" be kept (RFC 2308 section 5)."""
    for record in records:
        minimum = record.value.split()[-1:] if record.type == "SOA" else []
        if minimum and minimum[0].isascii() and minimum[0].isdigit():
            return min(record.ttl_s, int(minimum[0]))
    return None


def serial_of(records: list[Record]) -> int | None:
    """That of the first SOA."""
    for record in records:
        fields = record.value.split()
        if record.type == "SOA" and len(fields) > 2 and fields[2].isdigit():  # noqa: PLR2004 - mname rname serial
            return int(fields[2])
    return None
