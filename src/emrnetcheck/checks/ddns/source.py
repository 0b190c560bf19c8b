"""What do the name's own servers say, beside the office's address?"""

from __future__ import annotations

from emrnetcheck.checks.ddns.proxies import proxy_of
from emrnetcheck.checks.ddns.words import ANSWERS, Facts, in_short, listed
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import witnesses
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Access, Code, Contact, Fact, FailureKind, Finding, Severity, Urgency

_CLIENT = "See in the client's log how the last update was answered, then force one update."

CODES = {
    "ddns.stale": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named}, but this office's address is {address}.",
        _CLIENT,
        Contact.IT_HELPER,
        "People outside who use the name end up at the wrong place.",
        say="The name {hostname} leads to {named}. Our address is {address} now. Please see why the last update "
        "failed, and force one.",
        when=Urgency.TODAY,
    ),
    "ddns.name_missing": Code(
        Severity.FAIL,
        "The name {hostname} does not exist.",
        "Log in at your DDNS provider and look whether the name has expired or was deleted (free names often must be "
        "confirmed every month). Check the spelling in the settings: [emr] hostname.",
        Contact.DNS_PROVIDER,
        "Nobody outside finds the EMR by its name.",
        say="The name {hostname} does not exist. Has it expired in our account, or was it deleted?",
        when=Urgency.TODAY,
    ),
    "ddns.alias_broken": Code(
        Severity.FAIL,
        "The name {hostname} is an alias of {target}, which has no address.",
        "Correct the alias (CNAME) where the name is managed, or mend {target} at its DDNS provider.",
        Contact.DNS_PROVIDER,
        "Nobody outside finds the EMR by its name.",
        say="The name {hostname} is an alias of {target}, and {target} has no address. What is wrong with {target}?",
        when=Urgency.TODAY,
    ),
    "ddns.private_address": Code(
        Severity.FAIL,
        "The name {hostname} leads to {named}, an address that does not exist on the Internet.",
        "Tell the DDNS client to ask the Web for its address instead of the network card.",
        Contact.DNS_PROVIDER,
        "Outside the office this address leads nowhere.",
        say="The name {hostname} leads to {named}, which does not exist on the Internet. How do we publish our public "
        "address instead?",
        when=Urgency.TODAY,
    ),
    "ddns.no_ipv4": Code(
        Severity.WARN,
        "The name {hostname} has an IPv6 address only.",
        "Let the DDNS client publish the IPv4 address too.",
        Contact.DNS_PROVIDER,
        "Many homes and clinics have IPv4 only.",
        say="The name {hostname} has an IPv6 address only. How do we add our IPv4 address to it?",
    ),
    "ddns.provider_down": Code(
        Severity.FAIL,
        "None of the name servers of {zone} answers for {hostname}.",
        "Look at the status page of your DDNS provider. If it happens often, choose another provider.",
        Contact.DNS_PROVIDER,
        "As soon as the resolvers have forgotten the name, nobody outside finds the EMR.",
        say="None of your name servers for {zone} answers. Since when, and when will they be back?",
        when=Urgency.TODAY,
    ),
    "ddns.servers_disagree": Code(
        Severity.WARN,
        "The name servers of {zone} do not agree about {hostname}: {answers}.",
        "Wait some minutes and run the check again. If it stays, tell your DDNS provider.",
        Contact.DNS_PROVIDER,
        "Some people reach the EMR, others do not.",
        say="Your name servers for {zone} do not agree about {hostname}: {answers}. Please bring them in line.",
    ),
    "ddns.several_addresses": Code(
        Severity.NOTICE,
        "The name {hostname} leads to {named}, and this office is seen at each of them.",
        "With two lines that is right if the EMR can be reached by both. Else take the other address out.",
        Contact.DNS_PROVIDER,
    ),
    "ddns.behind_proxy": Code(
        Severity.UNKNOWN,
        "The name {hostname} leads to {named}, a proxy of {proxy}. Where that leads to cannot be seen from here.",
        "Compare the address that is kept for the name at {proxy} with this office's: {address}. They have to be the "
        "same. Or turn the proxy off for this name.",
        Contact.DNS_PROVIDER,
        "If the proxy has an old address of the office, nobody outside reaches the EMR.",
        say="Which address do you keep for {hostname} behind the proxy of {proxy}? It has to be {address}.",
    ),
    "ddns.vpn_address": Code(
        Severity.NOTICE,
        "The name {hostname} leads to the server's address in the office ({named}): right for those on the VPN.",
    ),
    "ddns.no_comparison": Code(
        Severity.UNKNOWN,
        "The name {hostname} leads to {named}, but this office's own address is not known for sure.",
        "Mend what is said about the Internet address first, then run the check again.",
        Contact.IT_HELPER,
        "The two have to be the same.",
    ),
}


def office_address(case: Case, source: list[NameAnswer]) -> str | None:
    """The office's address. With two lines it has two: the one that the name leads to counts, if a witness saw it."""
    seen = case.seen.address
    if seen is None:
        return None
    named = {address for answer in source for address in answer.addresses}
    ours = named & _seen_as(case)
    return ours.pop() if len(named) == 1 and ours else seen.public_v4


def without_address(own: list[NameAnswer], facts: Facts) -> Finding | None:
    """What there is to say where no server gives an IPv4 address; None where one does."""
    if any(answer.addresses for answer in own):
        return None
    if any(answer.addresses_v6 for answer in own):
        return Finding("ddns.no_ipv4", facts, "an IPv4 address", "IPv6 only")
    said = "NXDOMAIN" if any(answer.rcode == "NXDOMAIN" for answer in own) else "no address"
    led = [answer.cname[-1] for answer in own if answer.cname]
    if led:
        return Finding("ddns.alias_broken", facts | {"target": led[0]}, "an address", said)
    return Finding("ddns.name_missing", facts | {"rcode": said}, "an address", said)


def unheard(case: Case, names: Names, facts: Facts) -> Finding:
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
    answering = [answer for answer in names.resolvers if answer.rcode in ANSWERS]
    return len(failing) > 1 and not answering


def against_office(case: Case, source: list[NameAnswer], public: str | None, facts: Facts) -> list[Finding]:
    """What the name's own servers say, beside the office's address. Empty: they say just this address."""
    everything = sorted({address for answer in source for address in answer.addresses})
    named: dict[str, Fact] = facts | {"named": listed(everything), "named_all": tuple(everything), "address": public}
    wrong_kind = [address for address in everything if address_class(address) not in _USABLE]
    if wrong_kind:
        if case.site.access is Access.VPN and set(everything) <= _server_addresses(case):
            return [Finding("ddns.vpn_address", named)]
        return [Finding("ddns.private_address", named, public or "a public address", listed(wrong_kind))]
    if public is None:
        return [Finding("ddns.no_comparison", named, "this office's address", listed(everything))]
    if public not in everything:
        services = {proxy_of(address) for address in everything}
        if len(services) == 1 and (service := services.pop()) is not None:
            return [Finding("ddns.behind_proxy", named | {"proxy": service}, public, listed(everything))]
        return [Finding("ddns.stale", named, public, listed(everything))]
    if len({(answer.rcode, frozenset(answer.addresses)) for answer in source}) > 1:
        said = "; ".join(f"{answer.server_name or answer.server}: {in_short(answer)}" for answer in source)
        return [Finding("ddns.servers_disagree", named | {"answers": said}, public, said)]
    if everything == [public]:
        return []
    if set(everything) <= _seen_as(case):
        return [Finding("ddns.several_addresses", named)]
    return [Finding("ddns.stale", named, public, listed(everything))]


def _seen_as(case: Case) -> set[str | None]:
    return {witness.address for witness in witnesses(case.seen.address.sources)} if case.seen.address else set()


def _server_addresses(case: Case) -> set[str | None]:
    return {case.site.lan_address or (case.seen.address.local_v4 if case.seen.address else None)}


# Documentation ranges are refused by no lab and no provider: they are judged as what they claim to be, public.
_USABLE = (AddressClass.PUBLIC, AddressClass.DOCUMENTATION)
