"""Do those who see this office's address agree? Codes and judging of their answers."""

from __future__ import annotations

from emrnetcheck.checks.address.limits import Limits
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address, witnesses
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Access, Code, Contact, Fact, Finding, Severity, Urgency

CODES = {
    "address.nat_pool": Code(
        Severity.WARN,
        "The Internet sees different addresses for this office: {addresses}.",
        "If the office has two lines, tie the EMR server to one of them. If not, ask the provider for one fixed "
        "public address.",
        Contact.ISP,
        "The EMR's name can lead to one address only.",
        say="The Internet sees my office at different addresses: {addresses}. I need one fixed public address.",
    ),
    "address.odd_witness": Code(
        Severity.NOTICE,
        "{service} names another address ({other}) for this office; {agreeing} others agree on {address}.",
        "Nothing needs to be done. If it happens again, take that service out of the settings.",
        Contact.IT_HELPER,
    ),
    "address.proxied": Code(
        Severity.UNKNOWN,
        "Web requests leave from {web}, other traffic from {other}: a VPN or a proxy is in between.",
        "Turn off the VPN or the proxy on this computer and run the check again.",
        Contact.IT_HELPER,
        "The address that the EMR's name should have cannot be known while something stands in between.",
    ),
    "address.no_witness": Code(
        Severity.UNKNOWN,
        "The Internet answers, but none of the services that tell this office's IPv4 address did.",
        "Run the check again later. A firewall may block them; others can be set: [internet] address_services.",
        Contact.IT_HELPER,
        "Without the address it cannot be said whether the EMR's name is right.",
    ),
    "address.single_witness": Code(
        Severity.NOTICE, "Only one service told this office's address ({address}).", "Run the check again later."
    ),
    "address.ipv6_only": Code(
        Severity.WARN,
        "The office has an IPv6 address only.",
        "Ask your provider for an IPv4 address too.",
        Contact.ISP,
        "Many homes and clinics have IPv4 only. They could not reach the EMR.",
        say="My line has an IPv6 address only, {address}. I need a public IPv4 address too.",
    ),
    "address.behind_ipv6": Code(
        Severity.FAIL,
        "This line has IPv4 only through the provider's IPv6 network ({seen}): nobody outside gets in by IPv4.",
        "Ask your internet provider for a public IPv4 address of your own. If they have none, a VPN or a tunnel "
        "service is the way.",
        Contact.ISP,
        "The address that the Internet sees is shared by many customers.",
        say="I need a public IPv4 address of my own. Today my line has IPv4 only through your IPv6 network, seen as "
        "{seen} (DS-Lite or 464XLAT).",
        when=Urgency.TODAY,
    ),
    "address.proxy_set": Code(
        Severity.NOTICE,
        "This computer is told to use a proxy for {kinds}. This check went around it.",
        "If browsers on this computer do not find the EMR, turn the proxy off, or except the EMR's name from it.",
        Contact.IT_HELPER,
    ),
}


def disagreement(seen: Address, limits: Limits) -> list[Finding]:
    """What the witnesses say against each other; nothing where they agree. Name servers do not count: where they see
    another address, somebody asks them in our place, and the dns check says so."""
    told = witnesses(seen.sources)
    by_web = {source.address for source in told if source.method != "stun"}
    by_stun = {source.address for source in told if source.method == "stun"}
    if len(by_web) == 1 and len(by_stun) == 1 and by_web != by_stun and not _single_voice(seen, limits):
        facts: dict[str, Fact] = {"web": by_web.pop(), "other": by_stun.pop()}
        return [Finding("address.proxied", facts, "one address", "two")]
    odd = [source for source in told if source.address != seen.public_v4]
    agreeing = len(told) - len(odd)
    if seen.public_v4 is not None and len(odd) == 1 and agreeing >= limits.majority:
        said: dict[str, Fact] = {"service": odd[0].service, "other": odd[0].address, "agreeing": agreeing}
        return [Finding("address.odd_witness", said | {"address": seen.public_v4})]
    everyone = sorted(address for address in by_web | by_stun if address is not None)
    if len(everyone) > 1:
        return [Finding("address.nat_pool", {"addresses": ", ".join(everyone)}, "one address", f"{len(everyone)}")]
    return []


def _single_voice(seen: Address, limits: Limits) -> bool:
    """One side is one server against enough of the other: it is wrong, unless the router's own word is the same."""
    told = witnesses(seen.sources)
    by_stun = [source for source in told if source.method == "stun"]
    by_web = [source for source in told if source.method != "stun"]
    few, many = sorted((by_stun, by_web), key=len)
    return len(few) == 1 and len(many) >= limits.majority and few[0].address != seen.wan_v4


def this_computer(case: Case, seen: Address) -> list[Finding]:
    """What this computer's own address and settings tell of the way out. A tunnel goes out and needs nobody let in.

    An address of 100.64/10 on this computer is usually a VPN's (Tailscale), and says nothing of the provider.
    """
    found = []
    shared = seen.local_v4 is not None and address_class(seen.local_v4) is AddressClass.DSLITE
    if shared and case.site.access in (Access.DIRECT, Access.VPN):
        facts: dict[str, Fact] = {"seen": seen.local_v4}
        found.append(Finding("address.behind_ipv6", facts, "an IPv4 address of its own", seen.local_v4))
    if seen.proxies:
        found.append(Finding("address.proxy_set", {"kinds": ", ".join(seen.proxies)}))
    return found
