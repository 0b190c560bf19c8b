"""Do the resolvers that this office uses answer, quickly and honestly?"""

from __future__ import annotations

from emrnetcheck.checks.dns import dead, on_the_way, system
from emrnetcheck.checks.dns.limits import Limits
from emrnetcheck.checks.dns.words import is_here, listed
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.dns import ResolverHealth
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Segment, Severity, Urgency
from emrnetcheck.office.cable import BAD_CABLE

__all__ = ("CHECK", "CODES", "judge")

CODES = {
    "dns.ok": Code(Severity.OK, "Names are looked up quickly ({rtt_ms:.0f} ms by {server})."),
    "dns.none_configured": Code(
        Severity.FAIL,
        "This computer has no name server set.",
        "Set this computer to get its network settings automatically. Or set the router's address as its DNS server.",
        Contact.IT_HELPER,
        "Without name look-up this computer finds nothing by name.",
        say="This computer has no name server set. Please let it get its network settings automatically.",
        when=Urgency.TODAY,
    ),
    "dns.resolver_slow": Code(
        Severity.WARN,
        "The office's name server {server} is slow: {rtt_ms:.0f} ms (usual: under {limit_ms:g} ms).",
        "Restart the router. If it stays slow, use another DNS server in the router's settings.",
        Contact.ROUTER,
        "Each new page waits for a name look-up first.",
        say="The name server {server} takes {rtt_ms:.0f} ms to answer; under {limit_ms:g} ms is usual. Please set "
        "another DNS server in the router.",
    ),
    "dns.loss": Code(
        Severity.WARN,
        "The office's name server {server} answered only {answered} of {asked} questions.",
        "Run the check again; if it stays, restart the router or use another DNS server.",
        Contact.ROUTER,
        "A lost question costs several seconds each time.",
        say="The name server {server} answered only {answered} of {asked} questions. Please set another DNS server in "
        "the router.",
    ),
    "dns.nxdomain_hijack": Code(
        Severity.NOTICE,
        "{servers} invents addresses for names that do not exist.",
        "Use another DNS server in the router's settings, for example 9.9.9.9.",
        Contact.ISP,
        "A wrong name then seems to exist, which hides mistakes and leads to advertising pages.",
    ),
    "dns.unmeasured": Code(
        Severity.UNKNOWN,
        "The office's name look-up could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **dead.CODES,
    **system.CODES,
    **on_the_way.CODES,
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """dns.* for the configured resolvers."""
    dns = need(case.seen.dns)
    if not dns.office:
        return [Finding("dns.none_configured", expected="a name server", actual="none")]
    asked = [resolver for resolver in dns.office if resolver.asked]
    alive = [resolver for resolver in asked if resolver.answered]
    silent = [resolver for resolver in asked if not resolver.answered]
    if not asked:
        return [Finding("dns.unmeasured", {"why": "no question was asked"})]
    found = dead.dead_servers(case, silent, limits, some_alive=bool(alive))
    others = [resolver for resolver in asked if not is_here(resolver)]
    for resolver in alive:
        if resolver in others or not others:  # a service here is as slow as those that it asks; else the system is
            found += _alive(resolver, limits)
    if alive:
        found += system.by_the_system(dns, found, limits)
    found += on_the_way.on_the_way(case, dns, some_alive=bool(alive))
    # Public ones are beside as a measure only: nobody in the office would meet what they invent.
    inventing = [resolver for resolver in dns.office if resolver.server in dns.invented_by]
    if inventing:
        origin = [resolver for resolver in inventing if not is_here(resolver)] or inventing
        facts: dict[str, Fact] = {"servers": listed(tuple(resolver.server for resolver in origin))}
        found.append(Finding("dns.nxdomain_hijack", facts, "no such name", "an address"))
    return found or [Finding("dns.ok", {"server": alive[0].server, "rtt_ms": alive[0].rtt_ms or 0.0})]


def _alive(resolver: ResolverHealth, limits: Limits) -> list[Finding]:
    found = []
    if resolver.answered < resolver.asked - 1:
        facts: dict[str, Fact] = {"server": resolver.server, "answered": resolver.answered, "asked": resolver.asked}
        found.append(Finding("dns.loss", facts, f"{resolver.asked} answers", f"{resolver.answered} answers"))
    if resolver.rtt_ms is not None and resolver.rtt_ms > limits.slow_ms:
        slow: dict[str, Fact] = {"server": resolver.server, "rtt_ms": resolver.rtt_ms, "limit_ms": limits.slow_ms}
        found.append(Finding("dns.resolver_slow", slow, f"up to {limits.slow_ms:g} ms", f"{resolver.rtt_ms:.0f} ms"))
    return found


CHECK: Check[Case, Limits] = Check(
    id="dns",
    title="Name look-up in the office",
    needs=("dns",),
    uses=("address",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.NAME,
    required=True,
    follows={
        "*": ("link.none", "router.none", "router.unreachable", "address.no_internet"),
        # A question that the network card or its cable loses is asked again, and late.
        **dict.fromkeys(("dns.loss", "dns.resolver_slow", "dns.lookup_slow"), BAD_CABLE),
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
