"""Do the resolvers that this office uses answer, quickly and honestly?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address import witnesses
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.dns import Dns, ResolverHealth
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Failure, FailureKind, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """slow_ms: median answer time of a resolver above which it is a warning (netfacts.md 5.2, rule of thumb).

    system_slow_ms: time of a whole look-up by the operating system, by which people notice that it waits for a server
    before it asks the next one (rule of thumb; the common resolvers wait for 1 to 5 s).
    """

    slow_ms: float = 200.0
    system_slow_ms: float = 1000.0


CODES = {
    "dns.ok": Code(Severity.OK, "Names are looked up quickly ({rtt_ms:.0f} ms by {server})."),
    "dns.resolver_down": Code(
        Severity.FAIL,
        "The office's name look-up is dead: {servers} does not answer{though}.",
        "Restart the router. If it stays, set the router's DNS server to 1.1.1.1 or 9.9.9.9, or ask your provider.",
        Contact.ROUTER,
        "Without name look-up no browser in the office finds the EMR by name, or anything else.",
    ),
    "dns.own_service_down": Code(
        Severity.FAIL,
        "This computer's own name service ({servers}) finds no names{though}: {why}.",
        "Restart this computer. If it stays, restart the router, then have your IT helper look at that service.",
        Contact.IT_HELPER,
        "Programs on this computer find nothing by name.",
    ),
    "dns.one_resolver_down": Code(
        Severity.WARN,
        "Not all of the office's name servers work: {servers} does not.",
        "Ask your IT helper to replace it in the router's settings. Look-ups wait for it now and then.",
        Contact.ROUTER,
        "Each look-up that happens to ask the dead one first waits for seconds.",
    ),
    "dns.first_resolver_down": Code(
        Severity.WARN,
        "The first of the office's name servers is dead: {servers} does not answer, so most look-ups wait{long}.",
        "Ask your IT helper to remove it from the router's settings, or to put a working one first.",
        Contact.ROUTER,
        "Computers ask the first one first, and wait for seconds before they ask the next.",
    ),
    "dns.lookup_slow": Code(
        Severity.WARN,
        "This computer waits for {waited} when it looks up a name, though the name servers answer quickly.",
        "Restart this computer. If it stays, have your IT helper look at its DNS settings.",
        Contact.IT_HELPER,
        "Each new page waits for a name look-up first.",
    ),
    "dns.system_fails": Code(
        Severity.WARN,
        "This computer's own name look-up fails ({why}), though the name servers answer.",
        "Restart this computer. If it stays, have your IT helper look for name rules of a VPN or a security program.",
        Contact.IT_HELPER,
        "Programs on this computer find nothing by name.",
    ),
    "dns.intercepted": Code(
        Severity.WARN,
        "Somebody on the way answers in place of name servers outside: {how}.",
        "Ask whoever runs the router, then your provider, whether DNS is redirected. Switch it off if you can.",
        Contact.ROUTER,
        "What name servers outside say about the EMR's name cannot be seen from here.",
    ),
    "dns.perhaps_intercepted": Code(
        Severity.WARN,
        "Questions to name servers outside take another way than all else: {how}.",
        "Ask whoever runs the router, then your provider, whether DNS is redirected. Switch it off if you can.",
        Contact.ROUTER,
        "Somebody on that way could give other answers than the real ones.",
    ),
    "dns.outside_blocked": Code(
        Severity.NOTICE,
        "Name servers outside do not answer here on port 53; the office's own do.",
        "Nothing to do: some networks allow only their own name servers.",
        Contact.ROUTER,
    ),
    "dns.resolver_failing": Code(
        Severity.FAIL,
        "The office's name server {servers} answers, but only with errors ({why}).",
        "Restart the router. If it stays, set the router's DNS server to 1.1.1.1 or 9.9.9.9, or ask your provider.",
        Contact.ROUTER,
        "Without name look-up no browser in the office finds the EMR by name, or anything else.",
    ),
    "dns.none_configured": Code(
        Severity.FAIL,
        "This computer has no name server set.",
        "Set this computer to get its network settings automatically, or set the router's address as its DNS server.",
        Contact.IT_HELPER,
        "Without name look-up this computer finds nothing by name.",
    ),
    "dns.resolver_slow": Code(
        Severity.WARN,
        "The office's name server {server} is slow: {rtt_ms:.0f} ms (usual: under {limit_ms:g} ms).",
        "Restart the router. If it stays slow, use another DNS server in the router's settings.",
        Contact.ROUTER,
        "Each new page waits for a name look-up first.",
    ),
    "dns.loss": Code(
        Severity.WARN,
        "The office's name server {server} answered only {answered} of {asked} questions.",
        "Run the check again; if it stays, restart the router or use another DNS server.",
        Contact.ROUTER,
        "A lost question costs several seconds each time.",
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
}

_NO_ANSWER = (
    FailureKind.TIMEOUT,
    FailureKind.NAME_TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.RESET,
    FailureKind.HOST_UNREACHABLE,
    FailureKind.NETWORK_UNREACHABLE,
    FailureKind.NO_ROUTE,
)
_ONLY_ERRORS = (
    FailureKind.NAME_SERVER_FAILED,
    FailureKind.NAME_SERVER_REFUSED,
    FailureKind.NAME_NOT_FOUND,
    FailureKind.NAME_NO_ADDRESS,
    FailureKind.MALFORMED,
)
_SAYS_NOTHING = (
    FailureKind.OUT_OF_TIME,
    FailureKind.INTERRUPTED,
    FailureKind.LOCAL_RESOURCE,
)  # of the system's look-up
# A "no" is an answer to every computer: none asks the next server then.
_BELIEVED = (FailureKind.NAME_NOT_FOUND, FailureKind.NAME_NO_ADDRESS)


def judge(case: Case, limits: Limits) -> list[Finding]:
    """dns.* for the configured resolvers."""
    dns = need(case.seen.dns)
    if not dns.office:
        return [Finding("dns.none_configured", expected="a name server", actual="none")]
    asked = [resolver for resolver in dns.office if resolver.asked]
    alive = [resolver for resolver in asked if resolver.answered]
    dead = [resolver for resolver in asked if not resolver.answered]
    if not asked:
        return [Finding("dns.unmeasured", {"why": "no question was asked"})]
    found = _dead(case, dead, limits, some_alive=bool(alive))
    others = [resolver for resolver in asked if not _is_here(resolver)]
    for resolver in alive:
        if resolver in others or not others:  # a service here is as slow as those that it asks; else the system is
            found += _alive(resolver, limits)
    if alive:
        found += _by_the_system(dns, found, limits)
    found += _on_the_way(case, dns, some_alive=bool(alive))
    # Public ones are beside as a measure only: nobody in the office would meet what they invent.
    inventing = [resolver for resolver in dns.office if resolver.server in dns.invented_by]
    if inventing:
        origin = [resolver for resolver in inventing if not _is_here(resolver)] or inventing
        facts: dict[str, Fact] = {"servers": _list(tuple(resolver.server for resolver in origin))}
        found.append(Finding("dns.nxdomain_hijack", facts, "no such name", "an address"))
    return found or [Finding("dns.ok", {"server": alive[0].server, "rtt_ms": alive[0].rtt_ms or 0.0})]


def _is_here(resolver: ResolverHealth) -> bool:
    """It runs on this computer (systemd-resolved, dnsmasq, a filter), and asks others for what it does not know."""
    return address_class(resolver.server) is AddressClass.LOOPBACK


def _dead(case: Case, dead: list[ResolverHealth], limits: Limits, *, some_alive: bool) -> list[Finding]:
    """A dead service on this computer is the cause only where those that it asks are not dead too."""
    here = [resolver for resolver in dead if _is_here(resolver)]
    elsewhere = [resolver for resolver in dead if not _is_here(resolver)]
    if here and (some_alive or not elsewhere):
        return _dead_here(case, here, some_alive=some_alive) + _dead_elsewhere(
            case, elsewhere, limits, some_alive=some_alive
        )
    return _dead_elsewhere(case, elsewhere, limits, some_alive=some_alive)


def _dead_here(case: Case, dead: list[ResolverHealth], *, some_alive: bool) -> list[Finding]:
    dns = need(case.seen.dns)
    if some_alive and dns.system_ms is not None and dns.system_failure is None:
        return []  # programs find names without it
    failures = [resolver.failure for resolver in dead if resolver.failure is not None]
    not_tried = [failure for failure in failures if failure.kind not in (*_NO_ANSWER, *_ONLY_ERRORS)]
    if not_tried:
        return [] if some_alive else [Finding("dns.unmeasured", {"why": not_tried[0].in_words()})]
    why = failures[0].in_words() if failures else "no answer"
    servers = _list(tuple(resolver.server for resolver in dead))
    facts: dict[str, Fact] = {"servers": servers, "why": why, "though": _though(case, some_alive=some_alive)}
    return [Finding("dns.own_service_down", facts, "an answer", why)]


def _though(case: Case, *, some_alive: bool = False) -> str:
    if some_alive:
        return ", though the office's name servers do"
    works = case.seen.address is not None and bool(case.seen.address.outside_reached)
    return ", though the Internet works" if works else ""


def _dead_elsewhere(case: Case, dead: list[ResolverHealth], limits: Limits, *, some_alive: bool) -> list[Finding]:
    if not dead:
        return []
    servers = _list(tuple(resolver.server for resolver in dead))
    if some_alive:
        dns = need(case.seen.dns)
        first = next(resolver for resolver in dns.office if resolver.answered or resolver in dead)
        if first.failure is not None and first in dead and first.failure.kind in _BELIEVED:
            said = first.failure.in_words()
            return [Finding("dns.resolver_failing", {"servers": first.server, "why": said}, "an answer", said)]
        if dead[0] is not first:
            return [Finding("dns.one_resolver_down", {"servers": servers}, "an answer", "none")]
        long = f" ({_waited(dns)})" if _system_is_slow(dns, limits) else ""
        return [Finding("dns.first_resolver_down", {"servers": servers, "long": long}, "an answer", "none")]
    failures = [resolver.failure for resolver in dead if resolver.failure is not None]
    failing = [failure for failure in failures if failure.kind in _ONLY_ERRORS]
    not_tried = [failure for failure in failures if failure.kind not in (*_NO_ANSWER, *_ONLY_ERRORS)]
    if not_tried:  # out of time, interrupted, ...: that says nothing about the server
        return [Finding("dns.unmeasured", {"why": not_tried[0].in_words()})]
    why = next((failure.in_words() for failure in (*failing, *failures)), "no answer")
    facts: dict[str, Fact] = {"servers": servers, "why": why, "though": _though(case)}
    return [Finding("dns.resolver_failing" if failing else "dns.resolver_down", facts, "an answer", why)]


def _waited(dns: Dns) -> str:
    return f"{dns.system_ms / 1000:.1f} s" if dns.system_ms is not None else "several seconds"


def _system_is_slow(dns: Dns, limits: Limits) -> bool:
    if dns.system_failure is not None and dns.system_failure.kind is FailureKind.OUT_OF_TIME:
        return True
    return dns.system_ms is not None and dns.system_ms > limits.system_slow_ms


def _by_the_system(dns: Dns, found: list[Finding], limits: Limits) -> list[Finding]:
    """Failing or slow although no server is: where one is dead, slow or loses questions, that was said, and is why."""
    failure = dns.system_failure
    if failure is not None and failure.kind not in _SAYS_NOTHING and not _explained(failure, found):
        why = failure.in_words()
        return [Finding("dns.system_fails", {"why": why}, "an address", why)]
    if found or not _system_is_slow(dns, limits):
        return []
    waited = _waited(dns)
    return [Finding("dns.lookup_slow", {"waited": waited}, f"up to {limits.system_slow_ms / 1000:g} s", waited)]


def _explained(failure: Failure, found: list[Finding]) -> bool:
    """A server that is silent explains a silence; one that denies the name explains a "no"."""
    denied = any(finding.code in ("dns.resolver_failing", "dns.own_service_down") for finding in found)
    return denied or (bool(found) and failure.kind in _NO_ANSWER)


def _on_the_way(case: Case, dns: Dns, *, some_alive: bool) -> list[Finding]:
    """netfacts.md 2.2, row 29; or all of port 53 is shut, but for the office's own servers."""
    if dns.intercepted_at:
        how = f"questions to {_list(dns.intercepted_at)}, where no name server is, were answered"
        return [Finding("dns.intercepted", {"how": how}, "no answer", how)]
    if (seen_as := _seen_as(case)) is not None:
        return [Finding("dns.perhaps_intercepted", {"how": seen_as}, "the same address", seen_as)]
    silent = [resolver for resolver in dns.public if resolver.asked and not resolver.answered]
    works = case.seen.address is not None and bool(case.seen.address.outside_reached)
    if some_alive and works and len(silent) > 1 and len(silent) == len(dns.public):
        return [Finding("dns.outside_blocked", {}, "an answer", "none")]
    return []


def _seen_as(case: Case) -> str | None:
    """By DNS the office is seen at another address than by everything else, which agrees."""
    sources = case.seen.address.sources if case.seen.address else ()
    by_dns = {source.address for source in sources if source.method == "dns" and source.address is not None}
    others = [source.address for source in witnesses(sources)]
    if not by_dns or len(others) < _AGREEING or len(set(others)) > 1 or by_dns & set(others):
        return None
    return f"by DNS this office is seen at {', '.join(sorted(str(each) for each in by_dns))}, else at {others[0]}"


_AGREEING = 2  # one witness alone may be the one that is wrong


def _alive(resolver: ResolverHealth, limits: Limits) -> list[Finding]:
    found = []
    if resolver.answered < resolver.asked - 1:
        facts: dict[str, Fact] = {"server": resolver.server, "answered": resolver.answered, "asked": resolver.asked}
        found.append(Finding("dns.loss", facts, f"{resolver.asked} answers", f"{resolver.answered} answers"))
    if resolver.rtt_ms is not None and resolver.rtt_ms > limits.slow_ms:
        slow: dict[str, Fact] = {"server": resolver.server, "rtt_ms": resolver.rtt_ms, "limit_ms": limits.slow_ms}
        found.append(Finding("dns.resolver_slow", slow, f"up to {limits.slow_ms:g} ms", f"{resolver.rtt_ms:.0f} ms"))
    return found


def _list(servers: tuple[str, ...]) -> str:
    return ", ".join(servers)


CHECK: Check[Case, Limits] = Check(
    id="dns",
    title="Name look-up in the office",
    needs=("dns",),
    uses=("address",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={"*": ("link.none", "router.none", "router.unreachable", "address.no_internet")},
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
