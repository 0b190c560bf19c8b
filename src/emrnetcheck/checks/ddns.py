"""Does the EMR's public name lead to this office, everywhere?"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Access, Check, Code, Contact, Fact, FailureKind, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """ttl_s: a longer time to live keeps a changed address wrong for that long (netfacts.md 5.2, rule of thumb)."""

    ttl_s: float = 3600.0


_Facts = dict[str, Fact]

_CLIENT = (
    "Look at the DDNS client (on the EMR server, or in the router). Is it running? Does its log say badauth, nohost "
    "or abuse? Force one update. A client on the server is simpler than new router firmware."
)

CODES = {
    "ddns.ok": Code(Severity.OK, "The name {hostname} leads to this office ({address}) everywhere that was asked."),
    "ddns.stale": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named}, but this office's address is {address}.",
        _CLIENT,
        Contact.DNS_PROVIDER,
        "People outside who use the name end up at the wrong place.",
    ),
    "ddns.propagating": Code(
        Severity.WARN,
        "The name {hostname} is right at its source, but {servers} still has the old answer.",
        "Wait {wait_s} seconds and run the check again.",
        Contact.DNS_PROVIDER,
        "Resolvers keep an answer until its time to live has run out.",
    ),
    "ddns.name_missing": Code(
        Severity.FAIL,
        "The name {hostname} does not exist.",
        "Log in at your DDNS provider and look whether the name has expired or was deleted (free names often must be "
        "confirmed every month). Check the spelling in the settings: [emr] hostname.",
        Contact.DNS_PROVIDER,
        "Nobody outside finds the EMR by its name.",
    ),
    "ddns.private_address": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named}, an address that does not exist on the Internet.",
        "Tell the DDNS client to ask the Web for its address instead of the network card (ddclient: use=web).",
        Contact.DNS_PROVIDER,
        "Outside the office this address leads nowhere.",
    ),
    "ddns.no_ipv4": Code(
        Severity.WARN,
        "The name {hostname} has an IPv6 address only.",
        "Let the DDNS client publish the IPv4 address too.",
        Contact.DNS_PROVIDER,
        "Many homes and clinics have IPv4 only.",
    ),
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
    "ddns.provider_down": Code(
        Severity.FAIL,
        "None of the name servers of {zone} answers for {hostname}.",
        "Look at the status page of your DDNS provider. If it happens often, choose another provider.",
        Contact.DNS_PROVIDER,
        "As soon as the resolvers have forgotten the name, nobody outside finds the EMR.",
    ),
    "ddns.servers_disagree": Code(
        Severity.WARN,
        "The name servers of {zone} do not agree about {hostname}: {answers}.",
        "Wait some minutes and run the check again. If it stays, tell your DDNS provider.",
        Contact.DNS_PROVIDER,
        "Some people reach the EMR, others do not.",
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
    "ddns.wildcard": Code(
        Severity.NOTICE,
        "Every name under {zone} gets an answer, even wrong ones.",
        "Check at the provider that {hostname} itself is there.",
        Contact.DNS_PROVIDER,
        "A deleted or misspelt name would seem to exist.",
    ),
    "ddns.no_comparison": Code(
        Severity.UNKNOWN,
        "The name {hostname} leads to {named}, but this office's own address is not known for sure.",
        "Mend what is said about the Internet address first, then run the check again.",
        Contact.IT_HELPER,
        "The two have to be the same.",
    ),
    "ddns.unset": Code(
        Severity.UNKNOWN,
        "The EMR's public name is not known, so it was not checked.",
        'Give it in the settings file: [emr] hostname = "emr.example.org".',
        Contact.IT_HELPER,
        "People outside find the EMR by this name.",
    ),
    "ddns.unmeasured": Code(
        Severity.UNKNOWN,
        "The EMR's public name could not be checked: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """ddns.* by netfacts.md 2.2, rows 12 to 28, as far as this version sees them."""
    names = need(case.seen.names)
    facts: dict[str, Fact] = {"hostname": names.hostname, "zone": names.zone or "its zone"}
    source = [answer for answer in names.authoritative if answer.authoritative and answer.rcode in _ANSWERS]
    if not source:
        return [_no_source(case, names, facts)]
    if all(not answer.addresses and not answer.addresses_v6 for answer in source):
        said = "NXDOMAIN" if any(answer.rcode == "NXDOMAIN" for answer in source) else "no address"
        return [Finding("ddns.name_missing", facts | {"rcode": said}, "an address", said)]
    if all(not answer.addresses for answer in source):
        return [Finding("ddns.no_ipv4", facts, "an IPv4 address", "IPv6 only")]
    public = _office_address(case, source)
    found = _source_against_office(source, public, facts)
    if not found:
        found = _elsewhere(case, names, source, public or "", facts)
    found += _beside(case, names, source, limits, facts)
    bad = any(CODES[finding.code].severity not in (Severity.OK, Severity.NOTICE) for finding in found)
    return found if bad else [Finding("ddns.ok", facts | {"address": public}), *found]


_ANSWERS = ("NOERROR", "NXDOMAIN")


def _office_address(case: Case, source: list[NameAnswer]) -> str | None:
    """The office's address. With two lines it has two: the one that the name leads to counts, if a witness saw it."""
    seen = case.seen.address
    if seen is None:
        return None
    named = {address for answer in source for address in answer.addresses}
    ours = named & {witness.address for witness in seen.sources}
    return ours.pop() if len(named) == 1 and ours else seen.public_v4


def _no_source(case: Case, names: Names, facts: _Facts) -> Finding:
    heard = [answer for answer in names.resolvers if answer.rcode is not None]
    if heard and all(answer.rcode == "NXDOMAIN" for answer in heard):
        return Finding("ddns.name_missing", facts | {"rcode": "NXDOMAIN"}, "an address", "NXDOMAIN")
    if any(answer.addresses for answer in names.authoritative):
        # netfacts.md 2.2, row 29: the answers come, but from somebody who does not own the name.
        why = "somebody between here and the name's own servers answers in their place"
        return Finding("ddns.unmeasured", facts | {"why": why})
    if _nobody_finds_it(case, names):
        return Finding("ddns.provider_down", facts, "an answer", "SERVFAIL")
    unfinished = (FailureKind.OUT_OF_TIME, FailureKind.INTERRUPTED)
    asked = not any(answer.failure and answer.failure.kind in unfinished for answer in names.authoritative)
    if names.zone is not None and names.authoritative and heard and asked:
        # Other name servers were heard, so it is not our own way out that is shut.
        return Finding("ddns.provider_down", facts, "an answer", "none")
    failures = [answer.failure for answer in (*names.authoritative, *names.resolvers) if answer.failure is not None]
    failure = names.zone_failure or (failures[0] if failures else None)
    return Finding("ddns.unmeasured", facts | {"why": failure.in_words() if failure else "nobody answered"})


def _nobody_finds_it(case: Case, names: Names) -> bool:
    """Several public resolvers tried and failed with this name (SERVFAIL), while they answer for another one: then the
    name's own servers do not answer them either, and which those are cannot even be found out."""
    dns = case.seen.dns
    well = {resolver.server for resolver in dns.public if resolver.answered} if dns is not None else set()
    failing = [answer.server for answer in names.resolvers if answer.rcode == "SERVFAIL" and answer.server in well]
    answering = [answer for answer in names.resolvers if answer.rcode in _ANSWERS]
    return len(failing) > 1 and not answering


def _source_against_office(source: list[NameAnswer], public: str | None, facts: _Facts) -> list[Finding]:
    """What the name's own servers say, beside the office's address. Empty: they say just this address."""
    everything = sorted({address for answer in source for address in answer.addresses})
    named: dict[str, Fact] = facts | {"named": ", ".join(everything), "address": public}
    wrong_kind = [address for address in everything if address_class(address) not in _USABLE]
    if wrong_kind:
        return [Finding("ddns.private_address", named, public or "a public address", ", ".join(wrong_kind))]
    if public is None:
        return [Finding("ddns.no_comparison", named, "this office's address", ", ".join(everything))]
    if public not in everything:
        return [Finding("ddns.stale", named, public, ", ".join(everything))]
    if len({(answer.rcode, frozenset(answer.addresses)) for answer in source}) > 1:
        said = "; ".join(f"{answer.server_name or answer.server}: {_said(answer)}" for answer in source)
        return [Finding("ddns.servers_disagree", named | {"answers": said}, public, said)]
    if everything != [public]:
        return [Finding("ddns.stale", named, public, ", ".join(everything))]
    return []


# Documentation ranges are refused by no lab and no provider: they are judged as what they claim to be, public.
_USABLE = (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)


def _said(answer: NameAnswer) -> str:
    return ", ".join(answer.addresses) or answer.rcode or "nothing"


def _elsewhere(
    case: Case, names: Names, source: list[NameAnswer], public: str, facts: dict[str, Fact]
) -> list[Finding]:
    """The source is right; who still says otherwise?"""
    found = []
    behind = [answer for answer in names.resolvers if answer.rcode in _ANSWERS and answer.addresses != (public,)]
    if behind:
        source_ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
        wait_s = max(answer.ttl_s if answer.ttl_s is not None else source_ttl_s for answer in behind)
        said = "; ".join(f"{answer.server}: {_said(answer)}" for answer in behind)
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


def _inside(case: Case, names: Names, public: str, facts: _Facts) -> list[Finding]:
    answered = [answer for answer in names.local if answer.rcode in _ANSWERS]
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


def _same_office_v6(one: str, other: str) -> bool:
    """IPv6 has no NAT: other computers here, and this one's own changing privacy address, share the /64 only."""
    network = ipaddress.IPv6Network((other, _OFFICE_PREFIX), strict=False)
    return ipaddress.IPv6Address(one) in network


_OFFICE_PREFIX = 64


def _beside(
    case: Case, names: Names, source: list[NameAnswer], limits: Limits, facts: dict[str, Fact]
) -> list[Finding]:
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


CHECK: Check[Case, Limits] = Check(
    id="ddns",
    title="The EMR's public name",
    needs=("names",),
    uses=("address", "link", "dns"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # The address that the others see is the VPN's or the proxy's then: the name cannot be compared with it.
        "ddns.stale": ("address.proxied",),
        "ddns.servers_disagree": ("address.proxied",),
        "ddns.propagating": ("address.proxied",),
        "ddns.local_differs": ("address.proxied",),
        "ddns.ok": ("address.proxied",),
        "ddns.no_comparison": ("address.proxied", "address.no_witness", "address.nat_pool", "address.unmeasured"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "ddns.unset"},
    needed_for=frozenset({Access.DIRECT, Access.VPN}),
)
