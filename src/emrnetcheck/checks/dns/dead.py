"""Whose fault is it that a name server does not answer?"""

from __future__ import annotations

from emrnetcheck.checks.dns.limits import Limits
from emrnetcheck.checks.dns.system import is_slow, waited_for
from emrnetcheck.checks.dns.words import NO_ANSWER, ONLY_ERRORS, is_here, listed
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.dns import ResolverHealth
from emrnetcheck.model import NO_SUCH_NAME, Code, Contact, Fact, Finding, Severity, Urgency

CODES = {
    "dns.resolver_down": Code(
        Severity.FAIL,
        "The office's name look-up is dead: {servers} does not answer{though}.",
        "Restart the router. If it stays, set the router's DNS server to 1.1.1.1 or 9.9.9.9, or ask your provider.",
        Contact.ROUTER,
        "Without name look-up no browser in the office finds the EMR by name, or anything else.",
        say="Our name server does not answer: {servers}. Please set the router's DNS server to 1.1.1.1 or 9.9.9.9.",
        when=Urgency.TODAY,
    ),
    "dns.own_service_down": Code(
        Severity.FAIL,
        "This computer's own name service ({servers}) finds no names{though}: {why}.",
        "Restart this computer. If it stays, restart the router, then have your IT helper look at that service.",
        Contact.IT_HELPER,
        "Programs on this computer find nothing by name.",
        say="This computer's own name service ({servers}) finds no names. Please look at that service.",
        when=Urgency.TODAY,
    ),
    "dns.one_resolver_down": Code(
        Severity.WARN,
        "Not all of the office's name servers work: {servers} does not.",
        "Ask your IT helper to replace it in the router's settings. Look-ups wait for it now and then.",
        Contact.ROUTER,
        "Each look-up that happens to ask the dead one first waits for seconds.",
        say="The name server {servers} does not work. Please replace it in the router's settings.",
    ),
    "dns.first_resolver_down": Code(
        Severity.WARN,
        "The first of the office's name servers is dead: {servers} does not answer, so most look-ups wait{long}.",
        "Ask your IT helper to remove it from the router's settings, or to put a working one first.",
        Contact.ROUTER,
        "Computers ask the first one first, and wait for seconds before they ask the next.",
        say="The first name server, {servers}, does not answer. Please remove it from the router's settings, or put a "
        "working one first.",
    ),
    "dns.resolver_failing": Code(
        Severity.FAIL,
        "The office's name server {servers} answers, but only with errors ({why}).",
        "Restart the router. If it stays, set the router's DNS server to 1.1.1.1 or 9.9.9.9, or ask your provider.",
        Contact.ROUTER,
        "Without name look-up no browser in the office finds the EMR by name, or anything else.",
        say="Our name server answers only with errors: {servers}. Please set the router's DNS server to 1.1.1.1 or "
        "9.9.9.9.",
        when=Urgency.TODAY,
    ),
}

# A "no" is an answer to every computer: none asks the next server then.


def dead_servers(case: Case, dead: list[ResolverHealth], limits: Limits, *, some_alive: bool) -> list[Finding]:
    """A dead service on this computer is the cause only where those that it asks are not dead too."""
    here = [resolver for resolver in dead if is_here(resolver)]
    elsewhere = [resolver for resolver in dead if not is_here(resolver)]
    found = _dead_here(case, here, some_alive=some_alive) if here and (some_alive or not elsewhere) else []
    return found + _dead_elsewhere(case, elsewhere, limits, some_alive=some_alive)


def _dead_here(case: Case, dead: list[ResolverHealth], *, some_alive: bool) -> list[Finding]:
    dns = need(case.seen.dns)
    if some_alive and dns.system_ms is not None and dns.system_failure is None:
        return []  # programs find names without it
    failures = [resolver.failure for resolver in dead if resolver.failure is not None]
    not_tried = [failure for failure in failures if failure.kind not in (*NO_ANSWER, *ONLY_ERRORS)]
    if not_tried:
        return [] if some_alive else [Finding("dns.unmeasured", {"why": not_tried[0].in_words()})]
    why = failures[0].in_words() if failures else "no answer"
    servers = listed(tuple(resolver.server for resolver in dead))
    facts: dict[str, Fact] = {"servers": servers, "why": why, "though": _though(case, some_alive=some_alive)}
    return [Finding("dns.own_service_down", facts, "an answer", why)]


def _dead_elsewhere(case: Case, dead: list[ResolverHealth], limits: Limits, *, some_alive: bool) -> list[Finding]:
    if not dead:
        return []
    servers = listed(tuple(resolver.server for resolver in dead))
    if some_alive:
        dns = need(case.seen.dns)
        first = next(resolver for resolver in dns.office if resolver.answered or resolver in dead)
        if first.failure is not None and first in dead and first.failure.kind in NO_SUCH_NAME:
            said = first.failure.in_words()
            return [Finding("dns.resolver_failing", {"servers": first.server, "why": said}, "an answer", said)]
        if dead[0] is not first:
            return [Finding("dns.one_resolver_down", {"servers": servers}, "an answer", "none")]
        long = f" ({waited_for(dns)})" if is_slow(dns, limits) else ""
        return [Finding("dns.first_resolver_down", {"servers": servers, "long": long}, "an answer", "none")]
    failures = [resolver.failure for resolver in dead if resolver.failure is not None]
    failing = [failure for failure in failures if failure.kind in ONLY_ERRORS]
    not_tried = [failure for failure in failures if failure.kind not in (*NO_ANSWER, *ONLY_ERRORS)]
    if not_tried:  # out of time, interrupted, ...: that says nothing about the server
        return [Finding("dns.unmeasured", {"why": not_tried[0].in_words()})]
    why = next((failure.in_words() for failure in (*failing, *failures)), "no answer")
    facts: dict[str, Fact] = {"servers": servers, "why": why, "though": _though(case)}
    return [Finding("dns.resolver_failing" if failing else "dns.resolver_down", facts, "an answer", why)]


def _though(case: Case, *, some_alive: bool = False) -> str:
    if some_alive:
        return ", though the office's name servers do"
    works = case.seen.address is not None and bool(case.seen.address.outside_reached)
    return ", though the Internet works" if works else ""
