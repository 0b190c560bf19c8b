"""Is there Internet, and does the office have a public address that can be reached from outside?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """witnesses: how many must name the same address before it is believed without a remark. majority: how many
    outweigh a single one that says otherwise (a service can be wrong; two lines or an address pool show up in more)."""

    witnesses: float = 2
    majority: float = 3


_ASK_FOR_PUBLIC = (
    'Call your internet provider and say: "I need a public IPv4 address of my own, if possible a static one. Today '
    'my line is behind carrier-grade NAT." If they cannot, a VPN or a tunnel service is the way.'
)

CODES = {
    "address.ok": Code(Severity.OK, "The office's address on the Internet is {address} ({witnesses} agree)."),
    "address.no_internet": Code(
        Severity.FAIL,
        "There is no Internet access from here: nothing that was asked on the Internet answered.",
        "Look at the modem and the router: is the Internet light on? Restart both. If it stays, call your provider.",
        Contact.ISP,
        "Without Internet nobody outside reaches the EMR.",
    ),
    "address.cgnat": Code(
        Severity.FAIL,
        "The line has no public address of its own: the provider shares one among customers (carrier-grade NAT, "
        "seen as {seen}).",
        _ASK_FOR_PUBLIC,
        Contact.ISP,
        "Behind carrier-grade NAT no setting of your router can let anybody in from outside.",
    ),
    "address.cgnat_suspected": Code(
        Severity.WARN,
        "The line may have no public address of its own: the next router outside is {seen}.",
        "Read the Internet (WAN) address on your router's status page. If it begins with 100.64 to 100.127, call your "
        "provider and ask for a public address. You can give it in the settings: [internet] wan_address.",
        Contact.ISP,
        "Behind carrier-grade NAT no setting of your router can let anybody in from outside.",
    ),
    "address.double_nat": Code(
        Severity.FAIL,
        "There is a second router in front of yours: your router's outside address is {seen}, a private one.",
        "Set the provider's modem to bridge mode, or forward the EMR's port on it to your router. If there is only "
        "one box in the office, ask the provider for a public address.",
        Contact.ROUTER,
        "A connection from outside stops at the first of the two routers.",
    ),
    "address.wan_differs": Code(
        Severity.WARN,
        "The router says that its address is {wan}, but the Internet sees {address}.",
        "Compare with the router's status page. The test from outside decides whether it matters.",
        Contact.ROUTER,
        "If the two differ, somebody in between translates addresses.",
    ),
    "address.nat_pool": Code(
        Severity.WARN,
        "The Internet sees different addresses for this office: {addresses}.",
        "If the office has two lines, tie the EMR server to one of them. If not, ask the provider for one fixed "
        "public address.",
        Contact.ISP,
        "The EMR's name can lead to one address only.",
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
        "The Internet answers, but none of the services that tell this office's address did.",
        "Run the check again later. A firewall may block them; others can be set: [internet] address_services.",
        Contact.IT_HELPER,
        "Without the address it cannot be said whether the EMR's name is right.",
    ),
    "address.single_witness": Code(
        Severity.NOTICE, "Only one service told this office's address ({address}).", "Run the check again later."
    ),
    "address.unknown_wan": Code(
        Severity.NOTICE,
        "Your router was not asked for its own Internet address, so a second NAT could not be ruled out.",
        "Read the Internet (WAN) address on the router's status page. Give it as [internet] wan_address.",
        Contact.IT_HELPER,
        "If it differs from the address that the Internet sees, nobody outside can get in.",
    ),
    "address.no_nat": Code(
        Severity.NOTICE,
        "This computer is directly on the Internet ({address}), without a router in between.",
        "Make sure that its firewall is on.",
        Contact.IT_HELPER,
        "Everything that listens on this computer can be tried from everywhere.",
    ),
    "address.ipv6_only": Code(
        Severity.WARN,
        "The office has an IPv6 address only.",
        "Ask your provider for an IPv4 address too.",
        Contact.ISP,
        "Many homes and clinics have IPv4 only. They could not reach the EMR.",
    ),
    "address.unmeasured": Code(
        Severity.UNKNOWN,
        "The office's Internet address could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """address.* from the witnesses, the router's own word and the first hops."""
    seen = need(case.seen.address)
    witnesses = [source for source in seen.sources if source.address is not None]
    if not witnesses and not seen.outside_reached:
        return [Finding("address.no_internet", {"asked": len(seen.sources)}, "an answer", "none")]
    if not witnesses:
        code = "address.ipv6_only" if seen.public_v6 else "address.no_witness"
        return [Finding(code, {"reached": seen.outside_reached}, "a public address", "none")]
    found = _disagreement(seen, limits)
    if all(finding.code != "address.proxied" for finding in found):  # else nothing that is compared with it holds
        found = _nat(case, seen) + found
    public = seen.public_v4
    if public is not None:
        agreeing = sum(source.address == public for source in witnesses)
        if agreeing < limits.witnesses:
            found.append(Finding("address.single_witness", {"address": public}))
        if seen.local_v4 == public:
            found.append(Finding("address.no_nat", {"address": public}))
        worst = any(CODES[finding.code].severity not in (Severity.OK, Severity.NOTICE) for finding in found)
        if not worst:
            found.insert(0, Finding("address.ok", {"address": public, "witnesses": f"{agreeing} services"}))
    return found


def _nat(case: Case, seen: Address) -> list[Finding]:
    """What stands between the router and the Internet, if that can be told and somebody has to get in."""
    outside_in = _reached_from_outside(case)
    if outside_in or case.site.access in (Access.TUNNEL, Access.LAN_ONLY):
        # Somebody outside got in, so whatever stands in the way is passed; or nobody needs to: a tunnel goes out.
        return []
    if seen.wan_v4 is not None:
        kind = address_class(seen.wan_v4)
        if kind in (AddressClass.CGNAT, AddressClass.DSLITE):
            return [Finding("address.cgnat", {"seen": seen.wan_v4}, "a public address", seen.wan_v4)]
        if kind is AddressClass.PRIVATE:
            return [Finding("address.double_nat", {"seen": seen.wan_v4}, "a public address", seen.wan_v4)]
        if seen.public_v4 is not None and seen.wan_v4 != seen.public_v4:
            facts: dict[str, Fact] = {"wan": seen.wan_v4, "address": seen.public_v4}
            return [Finding("address.wan_differs", facts, seen.public_v4, seen.wan_v4)]
        return []
    shared = [hop.address for hop in seen.hops if hop.address and address_class(hop.address) is AddressClass.CGNAT]
    if shared:
        # Some providers number their own routers from 100.64/10 while customers have public addresses, so the hop
        # alone is a suspicion; together with a port that nobody outside reaches it is the cause.
        code = "address.cgnat" if outside_in is False else "address.cgnat_suspected"
        return [Finding(code, {"seen": shared[0]}, "a public address", f"next router {shared[0]}")]
    return [Finding("address.unknown_wan")] if seen.local_v4 != seen.public_v4 else []


def _reached_from_outside(case: Case) -> bool | None:
    """True: an outside service got through to the port. False: it did not, though the EMR listens. None: not told."""
    port = case.seen.port
    if port is None:
        return None
    public = case.seen.address.public_v4 if case.seen.address is not None else None
    here = [attempt for attempt in port.outside if not (attempt.address and public and attempt.address != public)]
    answers = [attempt.reachable for attempt in here if attempt.reachable is not None]
    if any(answers):
        return True
    inside_ok = port.listening or (port.lan is not None and port.lan.open)
    return False if answers and inside_ok else None


def _disagreement(seen: Address, limits: Limits) -> list[Finding]:
    told = [source for source in seen.sources if source.address is not None]
    by_web = {source.address for source in told if source.method != "stun"}
    by_stun = {source.address for source in told if source.method == "stun"}
    if len(by_web) == 1 and len(by_stun) == 1 and by_web != by_stun:
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


CHECK: Check[Case, Limits] = Check(
    id="address",
    title="Internet and public address",
    needs=("address",),
    uses=("port",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={"*": ("link.none", "link.vpn", "router.none", "router.unreachable")},
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
