"""The source is right; who outside still says otherwise?"""

from __future__ import annotations

from emrnetcheck.checks.ddns import inside
from emrnetcheck.checks.ddns.words import ANSWERS, duration, in_short
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity

_OLD_WHY = "Resolvers keep an answer until its time to live has run out."

CODES = {
    "ddns.propagating": Code(
        Severity.WARN,
        "The name {hostname} is right at its source, but {servers} still has the old answer.",
        "Wait {wait_time} and run the check again.",
        Contact.DNS_PROVIDER,
        _OLD_WHY,
    ),
    "ddns.negative_cached": Code(
        Severity.WARN,
        "The name {hostname} is there, but {servers} still remembers that it was not.",
        "Wait {wait_time} and run the check again.",
        Contact.DNS_PROVIDER,
        "Resolvers remember for a while that a name does not exist, when it was asked for too early.",
    ),
    "ddns.ttl_overridden": Code(
        Severity.WARN,
        "{servers} keeps the old answer for {hostname} longer than its source allows ({source_time}): {kept}.",
        "Wait, then run the check again. A shorter time to live at the DDNS provider does not help there.",
        Contact.DNS_PROVIDER,
        "Whoever uses that resolver is led to the old address for longer after each change.",
    ),
}


def elsewhere(case: Case, names: Names, source: list[NameAnswer], public: str, facts: dict[str, Fact]) -> list[Finding]:
    """The public resolvers, and those of the office that have an old answer just like them; then the office."""
    source_ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
    negative_ttl_s = max((answer.negative_ttl_s or 0 for answer in source), default=0)
    behind = [answer for answer in names.resolvers if answer.rcode in ANSWERS and answer.addresses != (public,)]
    old_everywhere = {answer.addresses for answer in behind}
    office = [
        answer
        for answer in names.local
        if answer.rcode in ANSWERS
        and answer.addresses != (public,)
        and answer not in behind
        and (answer.addresses in old_everywhere or _counts_down(answer) or _remembers_no(answer, negative_ttl_s))
        and not inside.leads_to_server(case, answer.addresses)
    ]
    everybody = [*behind, *office]
    no_address = [answer for answer in everybody if not answer.addresses]
    overriding = [answer for answer in everybody if answer.addresses and _overrides(answer, source_ttl_s)]
    old = [answer for answer in everybody if answer.addresses and answer not in overriding]
    found = []
    if old:
        wait_s = max(answer.ttl_s if answer.ttl_s is not None else source_ttl_s for answer in old)
        found.append(_finding("ddns.propagating", old, public, names, facts | {"wait_s": wait_s}))
    if overriding:
        kept = "; ".join(_kept(answer, source_ttl_s) for answer in overriding)
        told = facts | {"source_ttl_s": source_ttl_s, "source_time": duration(source_ttl_s), "kept": kept}
        told |= {"wait_s": max(answer.ttl_s or 0 for answer in overriding)}
        found.append(_finding("ddns.ttl_overridden", overriding, public, names, told))
    if no_address:
        left_s = [answer.negative_ttl_s for answer in no_address]
        # Who does not tell keeps it as long as the zone allows, at most.
        wait_s = max(negative_ttl_s or source_ttl_s if each is None else each for each in left_s)
        found.append(_finding("ddns.negative_cached", no_address, public, names, facts | {"wait_s": wait_s}))
    told_of = {answer.server for answer in office}
    return found + inside.inside(case, names, public, facts, told=told_of, negative_ttl_s=negative_ttl_s)


def _finding(code: str, answers: list[NameAnswer], public: str, names: Names, facts: dict[str, Fact]) -> Finding:
    said = "; ".join(f"{answer.server}: {in_short(answer)}" for answer in answers)
    wait_s = facts["wait_s"]
    until = names.asked_unix_s + wait_s if names.asked_unix_s is not None and isinstance(wait_s, int) else None
    told = facts | {"servers": ", ".join(answer.server for answer in answers), "until_unix_s": until}
    told |= {"wait_time": duration(wait_s) if isinstance(wait_s, int) else "a while"}
    return Finding(code, told, public, said)


def _counts_down(answer: NameAnswer) -> bool:
    """It was asked twice and its time ran: a cache, and nobody's own idea of the name."""
    return (
        bool(answer.addresses)
        and answer.ttl_s is not None
        and answer.again_ttl_s is not None
        and answer.again_ttl_s < answer.ttl_s
    )


def _remembers_no(answer: NameAnswer, negative_ttl_s: int) -> bool:
    """A cache shows whose "no" it is, and for how long (RFC 2308 section 6); who filters has nothing to show."""
    left_s = answer.negative_ttl_s
    return not answer.addresses and answer.rcode == "NXDOMAIN" and left_s is not None and left_s <= negative_ttl_s


def _overrides(answer: NameAnswer, source_ttl_s: int) -> bool:
    """netfacts.md 2.2, row 20. Only a TTL that stands still counts as not falling: behind one address may be several
    caches, of which each has its own."""
    if answer.ttl_s is None:
        return False
    return answer.ttl_s > source_ttl_s > 0 or answer.again_ttl_s == answer.ttl_s


def _kept(answer: NameAnswer, source_ttl_s: int) -> str:
    constant = ", and it does not count down" if answer.again_ttl_s == answer.ttl_s else ""
    time = duration(answer.ttl_s or 0)
    exactly = f" ({answer.ttl_s} s)" if time == duration(source_ttl_s) and answer.ttl_s != source_ttl_s else ""
    return f"{time}{exactly}{constant}"
