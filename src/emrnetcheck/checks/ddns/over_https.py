"""Port 53 tells nothing here (taken by somebody, or shut): what do the services say that answer over HTTPS?"""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.checks.ddns import beside, elsewhere, source
from emrnetcheck.checks.ddns.limits import Limits
from emrnetcheck.checks.ddns.words import ANSWERS, Facts
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity

CODES = {
    "ddns.over_https": Code(
        Severity.NOTICE,
        "Name servers outside {how}, so {hostname} was looked up over HTTPS instead ({services}).",
        "Nothing to do: that is what people outside see. The name's own servers could not be asked.",
        Contact.ROUTER,
    ),
    "ddns.by_resolvers": Code(
        Severity.NOTICE,
        "The name's own servers cannot be asked from here, so {hostname} was judged by what {services} say.",
        "Nothing to do: a firewall seems to let only some name servers through.",
        Contact.ROUTER,
    ),
}


def needed(case: Case, names: Names, own: list[NameAnswer]) -> bool:
    """Whether port 53 must not be believed, or gave nothing of the name's own servers while others know the name."""
    if is_intercepted(case, names):
        return True
    return not own and (any(answer.rcode in ANSWERS for answer in names.over_https) or _only_resolvers_heard(names))


def _only_resolvers_heard(names: Names) -> bool:
    """Some public resolvers give an address, and no name server of any zone was heard, not even one of the zone above:
    then it is the way to them that is shut, and not they that are dead."""
    known = [answer for answer in names.resolvers if answer.rcode in ANSWERS and answer.addresses]
    heard = any(answer.rcode is not None for answer in names.authoritative)
    above_is_silent = names.delegation is not None and names.delegation.asked is None
    return len(known) > 1 and not heard and above_is_silent


def is_intercepted(case: Case, names: Names) -> bool:
    return bool(names.intercepted_at) or (case.seen.dns is not None and bool(case.seen.dns.intercepted_at))


def judged(case: Case, names: Names, limits: Limits, facts: Facts) -> list[Finding]:
    """The rows of netfacts.md 2.2 that need no name server of the zone, from resolvers that nobody can speak for."""
    heard = [answer for answer in names.over_https if answer.rcode in ANSWERS]
    by_https = bool(heard)
    if not heard and not is_intercepted(case, names):
        heard = [answer for answer in names.resolvers if answer.rcode in ANSWERS]
    if not heard:
        failing = [answer for answer in names.over_https if answer.rcode == "SERVFAIL"]
        if len(failing) > 1:
            return [Finding("ddns.provider_down", facts, "an answer", "SERVFAIL")]
        why = "somebody between here and the name's own servers answers in their place"
        return [Finding("ddns.unmeasured", facts | {"why": why})]
    taken = is_intercepted(case, names)
    told: dict[str, Fact] = facts | {
        "how": "cannot be asked: somebody answers in their place" if taken else "do not answer",
        "services": ", ".join(answer.server for answer in heard),
    }
    notice = Finding("ddns.over_https" if by_https else "ddns.by_resolvers", told)
    # A random name under the zone was asked of servers that are not the zone's.
    also = beside.beside(case, replace(names, wildcard=False), heard, limits, facts)
    if (missing := source.without_address(heard, facts)) is not None:
        return [missing, *(also if missing.code == "ddns.no_ipv4" else []), notice]
    public = source.office_address(case, heard)
    if public is not None and any(answer.addresses == (public,) for answer in heard):
        view = replace(names, resolvers=tuple(heard))
        found = elsewhere.elsewhere(
            case, view, [answer for answer in heard if answer.addresses == (public,)], public, facts
        )
    else:
        found = source.against_office(case, heard, public, facts)
    return [*found, *also, notice]
