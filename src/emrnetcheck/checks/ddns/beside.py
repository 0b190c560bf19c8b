"""What else is to be said of the name: IPv6, its time to live, wildcards?"""

from __future__ import annotations

import ipaddress

from emrnetcheck.checks.ddns.limits import Limits
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity

CODES = {
    "ddns.stale_aaaa": Code(
        Severity.FAIL,
        "The name {hostname} also leads to the IPv6 address {named}, which is not this office's.",
        "Delete the AAAA record at the DDNS provider, or let the client keep it up to date.",
        Contact.DNS_PROVIDER,
        "Browsers prefer the IPv6 address and then wait for nothing.",
    ),
    "ddns.aaaa_unchecked": Code(
        Severity.NOTICE,
        "The name {hostname} also has an IPv6 address ({named}), which was not checked.",
        "If the office has no IPv6, delete the AAAA record at the DDNS provider.",
        Contact.DNS_PROVIDER,
        "Browsers prefer the IPv6 address.",
    ),
    "ddns.ttl_long": Code(
        Severity.WARN,
        "Resolvers may keep the name's address for {ttl_s} seconds after it has changed.",
        "Set the time to live (TTL) of the name to 300 seconds or less at the DDNS provider.",
        Contact.DNS_PROVIDER,
        "After each change of the address the EMR cannot be found for that long.",
    ),
    "ddns.wildcard": Code(
        Severity.NOTICE,
        "Every name under {zone} gets an answer, even wrong ones.",
        "Check at the provider that {hostname} itself is there.",
        Contact.DNS_PROVIDER,
        "A deleted or misspelt name would seem to exist.",
    ),
}


def beside(case: Case, names: Names, source: list[NameAnswer], limits: Limits, facts: dict[str, Fact]) -> list[Finding]:
    found = []
    v6 = sorted({address for answer in source for address in answer.addresses_v6})
    public_v6 = case.seen.address.public_v6 if case.seen.address is not None else None
    foreign = [address for address in v6 if public_v6 is not None and not _same_office_v6(address, public_v6)]
    if foreign:
        told: dict[str, Fact] = facts | {"named": ", ".join(foreign)}
        found.append(Finding("ddns.stale_aaaa", told, public_v6, ", ".join(foreign)))
    elif v6 and v6 != [public_v6]:
        found.append(Finding("ddns.aaaa_unchecked", facts | {"named": ", ".join(v6)}))
    ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
    if case.site.addressing == "dynamic" and ttl_s > limits.ttl_s:
        found.append(Finding("ddns.ttl_long", facts | {"ttl_s": ttl_s}, f"up to {limits.ttl_s:g} s", f"{ttl_s} s"))
    if names.wildcard:
        found.append(Finding("ddns.wildcard", facts))
    return found


def _same_office_v6(one: str, other: str) -> bool:
    """IPv6 has no NAT: other computers here, and this one's own changing privacy address, share the /64 only."""
    network = ipaddress.IPv6Network((other, _OFFICE_PREFIX), strict=False)
    return ipaddress.IPv6Address(one) in network


_OFFICE_PREFIX = 64
