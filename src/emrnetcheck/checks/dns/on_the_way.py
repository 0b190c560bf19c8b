"""Does somebody between here and the name servers outside answer in their place, or shut the way?"""

from __future__ import annotations

from emrnetcheck.checks.dns.words import listed
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import witnesses
from emrnetcheck.evidence.dns import Dns
from emrnetcheck.model import Code, Contact, Finding, Severity

CODES = {
    "dns.intercepted": Code(
        Severity.WARN,
        "Somebody on the way answers in place of name servers outside: {how}.",
        "Ask whoever runs the router, then your provider, whether DNS is redirected. Switch it off if you can.",
        Contact.ROUTER,
        "What name servers outside say about the EMR's name cannot be seen from here.",
        say="Somebody answers in place of name servers outside: {how}. Does the router redirect DNS? Please switch it "
        "off.",
    ),
    "dns.perhaps_intercepted": Code(
        Severity.WARN,
        "Questions to name servers outside take another way than all else: {how}.",
        "Ask whoever runs the router, then your provider, whether DNS is redirected. Switch it off if you can.",
        Contact.ROUTER,
        "Somebody on that way could give other answers than the real ones.",
        say="Our questions to name servers outside take another way than all else: {how}. Does the router redirect "
        "DNS? Please switch it off.",
    ),
    "dns.outside_blocked": Code(
        Severity.NOTICE,
        "Name servers outside do not answer here on port 53; the office's own do.",
        "Nothing to do: some networks allow only their own name servers.",
        Contact.ROUTER,
    ),
}

_AGREEING = 2  # one witness alone may be the one that is wrong


def on_the_way(case: Case, dns: Dns, *, some_alive: bool) -> list[Finding]:
    """netfacts.md 2.2, row 29; or all of port 53 is shut, but for the office's own servers."""
    if dns.intercepted_at:
        how = f"questions to {listed(dns.intercepted_at)}, where no name server is, were answered"
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
