"""The source is right; who still says otherwise: public resolvers, or somebody in the office?"""

from __future__ import annotations

from emrnetcheck.checks.ddns.words import ANSWERS, Facts, in_short
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity

CODES = {
    "ddns.propagating": Code(
        Severity.WARN,
        "The name {hostname} is right at its source, but {servers} still has the old answer.",
        "Wait {wait_s} seconds and run the check again.",
        Contact.DNS_PROVIDER,
        "Resolvers keep an answer until its time to live has run out.",
    ),
    "ddns.local_differs": Code(
        Severity.WARN,
        "Inside the office the name {hostname} leads to {named}, outside to {address}.",
        "Look at the router's DNS settings and at the hosts file of this computer.",
        Contact.ROUTER,
        "Computers in the office may not find the EMR by its name.",
    ),
    "ddns.rebind_protection": Code(
        Severity.WARN,
        "The office's name server hides the address of {hostname}, which exists outside.",
        "Add an exception for the name in the router (dnsmasq: rebind-domain-ok).",
        Contact.ROUTER,
        "Computers in the office do not find the EMR by its name.",
    ),
    "ddns.split_horizon": Code(
        Severity.OK, "Inside the office the name leads straight to the server ({named}), as it should."
    ),
}


def elsewhere(case: Case, names: Names, source: list[NameAnswer], public: str, facts: dict[str, Fact]) -> list[Finding]:
    """The source is right; who still says otherwise?"""
    found = []
    behind = [answer for answer in names.resolvers if answer.rcode in ANSWERS and answer.addresses != (public,)]
    if behind:
        source_ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
        wait_s = max(answer.ttl_s if answer.ttl_s is not None else source_ttl_s for answer in behind)
        said = "; ".join(f"{answer.server}: {in_short(answer)}" for answer in behind)
        told: dict[str, Fact] = facts | {"servers": ", ".join(answer.server for answer in behind), "wait_s": wait_s}
        found.append(Finding("ddns.propagating", told, public, said))
    behind_servers = {answer.addresses for answer in behind}
    return found + [
        finding
        for finding in _inside(case, names, public, facts)
        # The office's resolver that still has the same old answer is part of the same propagation.
        if not (
            finding.code == "ddns.local_differs" and any(_inside_answers(names) & set(old) for old in behind_servers)
        )
    ]


def _inside_answers(names: Names) -> set[str]:
    return {address for answer in names.local for address in answer.addresses} | set(names.system)


def _inside(case: Case, names: Names, public: str, facts: Facts) -> list[Finding]:
    answered = [answer for answer in names.local if answer.rcode in ANSWERS]
    empty = [answer for answer in answered if answer.rcode == "NOERROR" and not answer.addresses]
    if empty and len(empty) == len(answered):
        return [Finding("ddns.rebind_protection", facts, public, "no address")]
    seen = _inside_answers(names)
    other = sorted(seen - {public})
    if other and set(other) <= _server_addresses(case, other):
        return [Finding("ddns.split_horizon", facts | {"named": ", ".join(other)})]
    missing = [answer for answer in answered if answer.rcode == "NXDOMAIN"]
    if not other and missing:
        return [Finding("ddns.local_differs", facts | {"named": "nothing", "address": public}, public, "NXDOMAIN")]
    if other:
        named: dict[str, Fact] = facts | {"named": ", ".join(other), "address": public}
        return [Finding("ddns.local_differs", named, public, ", ".join(other))]
    return []


def _server_addresses(case: Case, named: list[str]) -> set[str | None]:
    """The EMR server's addresses in the office; on the server itself loopback is one of them (its own hosts file)."""
    own = {
        case.seen.address.local_v4 if case.seen.address else None,
        case.seen.link.address if case.seen.link else None,
    }
    if case.site.lan_address is not None and case.site.lan_address not in own:
        return {case.site.lan_address}
    loopback = {address for address in named if address_class(address) is AddressClass.LOOPBACK}
    return {case.site.lan_address, *own, *loopback}
