"""What else is to be said of the name: IPv6, its time to live, wildcards?"""

from __future__ import annotations

import ipaddress

from emrnetcheck.checks.ddns.limits import Limits
from emrnetcheck.checks.ddns.words import duration, listed
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import AddressTry, NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity, Urgency

CODES = {
    "ddns.stale_aaaa": Code(
        Severity.FAIL,
        "The name {hostname} also leads to the IPv6 address {named}, which is not this office's.",
        "Delete the AAAA record at the DDNS provider, or let the client keep it up to date.",
        Contact.DNS_PROVIDER,
        "Browsers prefer the IPv6 address and then wait for nothing.",
        say="The name {hostname} also leads to the IPv6 address {named}, which is not ours. Please delete that AAAA "
        "record.",
        when=Urgency.TODAY,
    ),
    "ddns.aaaa_dead": Code(
        Severity.FAIL,
        "The name {hostname} also leads to the IPv6 address {named} of this office, where the EMR does not answer.",
        "Delete the AAAA record at the DDNS provider, or let the EMR listen on IPv6 and publish its own address.",
        Contact.DNS_PROVIDER,
        "Browsers prefer the IPv6 address and then wait for nothing.",
        say="The name {hostname} also leads to the IPv6 address {named}, where nothing answers. Please delete that "
        "AAAA record.",
        when=Urgency.TODAY,
    ),
    "ddns.aaaa_ok": Code(
        Severity.NOTICE,
        "The name {hostname} also has an IPv6 address ({named}), where the EMR answers from inside the office.",
        "Try it from outside over IPv6: the router's firewall may still shut it.",
        Contact.IT_HELPER,
        "Browsers prefer the IPv6 address.",
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
        "Resolvers may keep the name's address for {keep_time} after it has changed.",
        "Set the time to live (TTL) of the name to 300 seconds or less at the DDNS provider.",
        Contact.DNS_PROVIDER,
        "After each change of the address the EMR cannot be found for that long.",
        say="Answers for {hostname} may be kept for {keep_time}. Please set its time to live (TTL) to 300 seconds.",
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
    found += _v6(case, names, source, facts)
    ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
    if case.site.addressing == "dynamic" and ttl_s > limits.ttl_s:
        told = facts | {"ttl_s": ttl_s, "keep_time": duration(ttl_s)}
        found.append(Finding("ddns.ttl_long", told, f"up to {limits.ttl_s:g} s", f"{ttl_s} s"))
    if names.wildcard:
        found.append(Finding("ddns.wildcard", facts))
    return found


def _v6(case: Case, names: Names, source: list[NameAnswer], facts: dict[str, Fact]) -> list[Finding]:
    """netfacts.md 2.2, row 23: whose each IPv6 address of the name is, and whether the EMR answers there."""
    seen = case.seen.address
    own = (seen.public_v6 or seen.local_v6) if seen is not None else None
    without_v6 = _is_server(case) and seen is not None and seen.local_v6 is None
    tried = {each.address: each for each in names.by_v6}
    groups: dict[str, list[str]] = {}
    for address in sorted({address for answer in source for address in answer.addresses_v6}):
        code = "ddns.stale_aaaa" if without_v6 else _v6_code(address, own, tried.get(address))
        groups.setdefault(code, []).append(address)
    expected = {"ddns.stale_aaaa": own or "an address of this office", "ddns.aaaa_dead": "the EMR"}
    return [
        Finding(code, facts | {"named": listed(group), "named_all": tuple(group)}, expected.get(code), listed(group))
        for code, group in groups.items()
    ]


def _is_server(case: Case) -> bool:
    own = {
        case.seen.address.local_v4 if case.seen.address else None,
        case.seen.link.address if case.seen.link else None,
    }
    return case.site.emr_declared and (case.site.lan_address is None or case.site.lan_address in own)


def _v6_code(address: str, own: str | None, tried: AddressTry | None) -> str:
    if address_class(address) is not AddressClass.PUBLIC:
        return "ddns.stale_aaaa"  # nobody outside gets there, whoever has it
    if own is not None and not _same_office_v6(address, own):
        return "ddns.stale_aaaa"
    if own is None or tried is None:
        return "ddns.aaaa_unchecked"
    return "ddns.aaaa_ok" if tried.open else "ddns.aaaa_dead"


def _same_office_v6(one: str, other: str) -> bool:
    """IPv6 has no NAT: the office's computers share its network only, which is a /48 at the most (RFC 6177). Another
    office's can be in the same /48: whether the EMR answers there is tried."""
    network = ipaddress.IPv6Network((other, _OFFICE_PREFIX), strict=False)
    return ipaddress.IPv6Address(one) in network


_OFFICE_PREFIX = 48
