"""Does this computer's own look-up find the name, and in time, where the name servers do?"""

from __future__ import annotations

from emrnetcheck.checks.dns.limits import Limits
from emrnetcheck.checks.dns.words import NO_ANSWER
from emrnetcheck.evidence.dns import Dns
from emrnetcheck.model import Code, Contact, Failure, FailureKind, Finding, Severity

CODES = {
    "dns.lookup_slow": Code(
        Severity.WARN,
        "This computer waits for {waited} when it looks up a name, though the name servers answer quickly.",
        "Restart this computer. If it stays, have your IT helper look at its DNS settings.",
        Contact.IT_HELPER,
        "Each new page waits for a name look-up first.",
        say="This computer waits for {waited} when it looks up a name, though the name servers answer quickly. "
        "Please look at its DNS settings.",
    ),
    "dns.system_fails": Code(
        Severity.WARN,
        "This computer's own name look-up fails ({why}), though the name servers answer.",
        "Restart this computer. If it stays, have your IT helper look for name rules of a VPN or a security program.",
        Contact.IT_HELPER,
        "Programs on this computer find nothing by name.",
        say="This computer's own name look-up fails, though the name servers answer. Please look for name rules "
        "of a VPN or a security program.",
    ),
}

# Of the look-up: it was given up, or could not begin.
_SAYS_NOTHING = (FailureKind.OUT_OF_TIME, FailureKind.INTERRUPTED, FailureKind.LOCAL_RESOURCE)


def by_the_system(dns: Dns, found: list[Finding], limits: Limits) -> list[Finding]:
    """Failing or slow although no server is: where one is dead, slow or loses questions, that was said, and is why."""
    failure = dns.system_failure
    if failure is not None and failure.kind not in _SAYS_NOTHING and not _explained(failure, found):
        why = failure.in_words()
        return [Finding("dns.system_fails", {"why": why}, "an address", why)]
    if found or not is_slow(dns, limits):
        return []
    waited = waited_for(dns)
    return [Finding("dns.lookup_slow", {"waited": waited}, f"up to {limits.system_slow_ms / 1000:g} s", waited)]


def _explained(failure: Failure, found: list[Finding]) -> bool:
    """A server that is silent explains a silence; one that denies the name explains a "no"."""
    denied = any(finding.code in ("dns.resolver_failing", "dns.own_service_down") for finding in found)
    return denied or (bool(found) and failure.kind in NO_ANSWER)


def waited_for(dns: Dns) -> str:
    return f"{dns.system_ms / 1000:.1f} s" if dns.system_ms is not None else "several seconds"


def is_slow(dns: Dns, limits: Limits) -> bool:
    if dns.system_failure is not None and dns.system_failure.kind is FailureKind.OUT_OF_TIME:
        return True
    return dns.system_ms is not None and dns.system_ms > limits.system_slow_ms
