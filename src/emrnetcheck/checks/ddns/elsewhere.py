"""The source is right; who outside still says otherwise?"""

from __future__ import annotations

from emrnetcheck.checks.ddns import inside
from emrnetcheck.checks.ddns.words import ANSWERS, duration, in_short
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import NO_SUCH_NAME, Code, Contact, Fact, FailureKind, Finding, Severity, Urgency

_OLD_WHY = "Resolvers keep an answer until its time to live has run out."

CODES = {
    "ddns.propagating": Code(
        Severity.WARN,
        "The name {hostname} is right at its source, but {servers} still has the old answer.",
        "Wait {wait_time} and run the check again.",
        Contact.DNS_PROVIDER,
        _OLD_WHY,
        say="The name {hostname} has changed, but {servers} still has the old answer. Can you shorten how long its "
        "answers are kept?",
    ),
    "ddns.negative_cached": Code(
        Severity.WARN,
        "The name {hostname} is there, but {servers} still remembers that it was not.",
        "Wait {wait_time} and run the check again.",
        Contact.DNS_PROVIDER,
        "Resolvers remember for a while that a name does not exist, when it was asked for too early.",
        say="{servers} still remembers that {hostname} was missing. Can you shorten how long that is remembered for "
        "{zone}?",
    ),
    "ddns.ttl_overridden": Code(
        Severity.WARN,
        "{servers} keeps the old answer for {hostname} longer than its source allows ({source_time}): {kept}.",
        "Wait, then run the check again. A shorter time to live at the DDNS provider does not help there.",
        Contact.IT_HELPER,
        "Whoever uses that resolver is led to the old address for longer after each change.",
        say="{servers} keeps the old answer for {hostname} longer than its source allows. Please look at that "
        "resolver's cache.",
    ),
    "ddns.public_filter": Code(
        Severity.WARN,
        "{servers} has its own answer for {hostname} ({said}), and it is none that was kept from before.",
        "Whoever uses that resolver does not reach the EMR: it may filter the name. Its operator can say why.",
        Contact.IT_HELPER,
        "Some people outside, who use this resolver, are led elsewhere.",
        say="{servers} has its own answer for {hostname}: {said}. Please ask its operator why.",
    ),
    "ddns.resolvers_fail": Code(
        Severity.FAIL,
        "{servers} cannot look up {hostname} ({why}), though other names work there.",
        "Tell your DDNS provider: many resolvers cannot find the name. A signature of the zone (DNSSEC) may be "
        "broken, or its name servers may not answer everybody.",
        Contact.DNS_PROVIDER,
        "Whoever uses these resolvers does not find the EMR.",
        say="{servers} cannot look up {hostname}: {why}. Is the signature of {zone} in order, and do all your name "
        "servers answer everybody?",
        when=Urgency.TODAY,
    ),
    "ddns.resolver_fails": Code(
        Severity.WARN,
        "{servers} cannot look up {hostname} ({why}), though other names work there.",
        "Run the check again. If it stays, tell your DDNS provider.",
        Contact.DNS_PROVIDER,
        "Whoever uses this resolver does not find the EMR.",
        say="{servers} cannot look up {hostname}: {why}. Is the signature of {zone} in order, and do all your name "
        "servers answer everybody?",
    ),
    "ddns.office_fails": Code(
        Severity.WARN,
        "The office's name server {servers} cannot look up {hostname} ({why}), though other names work there.",
        "Restart the router. If it stays, use another DNS server in the router's settings.",
        Contact.ROUTER,
        "Computers in the office do not find the EMR by its name.",
        say="The office's name server {servers} cannot look up {hostname}, though other names work there. Please set "
        "another DNS server in the router.",
    ),
    "ddns.system_fails": Code(
        Severity.WARN,
        "This computer does not find {hostname} ({why}), though the office's name servers know it.",
        "Look at this computer's own settings for name look-up: hosts file, DNS policy, VPN or security programs.",
        Contact.IT_HELPER,
        "This computer does not find the EMR by its name.",
        say="This computer does not find {hostname}, though the office's name servers know it. Please look at its "
        "own settings for name look-up.",
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
    filtering = [answer for answer in behind if _on_its_own_account(answer, source_ttl_s)]
    everybody = [answer for answer in everybody if answer not in filtering]
    no_address = [answer for answer in everybody if not answer.addresses]
    overriding = [answer for answer in everybody if answer.addresses and _overrides(answer, source_ttl_s)]
    old = [answer for answer in everybody if answer.addresses and answer not in overriding]
    found = _failing(case, names, facts)
    if filtering:
        said = "; ".join(sorted({in_short(answer) for answer in filtering}))
        told = facts | {"servers": ", ".join(answer.server for answer in filtering), "said": said}
        found.append(Finding("ddns.public_filter", told, public, said))
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
    within = inside.inside(case, names, public, facts, told=told_of, negative_ttl_s=negative_ttl_s)
    return found + (within or _by_the_system(names, public, facts))


# Nobody's fault: our own time was over.
_UNFINISHED = (FailureKind.OUT_OF_TIME, FailureKind.INTERRUPTED)


def _failing(case: Case, names: Names, facts: dict[str, Fact]) -> list[Finding]:
    """Resolvers that answer for a well-known name and fail for this one: a signature that is broken, or servers of the
    zone that do not answer them. One that only times out may have been unlucky."""
    dns = case.seen.dns
    well = {each.server for each in (*dns.public, *dns.office) if each.answered} if dns is not None else set()
    found = []
    for places, is_office in ((names.resolvers, False), (names.local, True)):
        failing = [
            answer
            for answer in places
            if answer.rcode not in ANSWERS
            and answer.server in well
            and not (answer.failure is not None and answer.failure.kind in _UNFINISHED)
        ]
        refusing = [answer for answer in failing if answer.rcode is not None]
        if len(failing) < len(places):  # one that is silent may have lost the question, where others answer
            failing = refusing
        if not failing:
            continue
        many = len(failing) > 1
        why = failing[0].rcode or (failing[0].failure.in_words() if failing[0].failure is not None else "no answer")
        told = facts | {"servers": ", ".join(answer.server for answer in failing), "why": why}
        code = "ddns.office_fails" if is_office else "ddns.resolvers_fail" if many else "ddns.resolver_fails"
        found.append(Finding(code, told, "an answer", why))
    return found


def _by_the_system(names: Names, public: str, facts: dict[str, Fact]) -> list[Finding]:
    """The office's name servers are right, and yet this computer's own look-up says that there is no such name."""
    failure = names.system_failure
    right = [answer for answer in names.local if answer.addresses == (public,)]
    if failure is None or failure.kind not in NO_SUCH_NAME or not right:
        return []
    return [Finding("ddns.system_fails", facts | {"why": failure.in_words()}, public, failure.in_words())]


def _on_its_own_account(answer: NameAnswer, source_ttl_s: int) -> bool:
    """A cache counts down, and shows whose "no" it remembers (RFC 2308 section 6); who filters does neither."""
    if not answer.addresses:
        return answer.negative_ttl_s is None
    stands = answer.again_ttl_s is not None and answer.again_ttl_s == answer.ttl_s
    return stands and (answer.ttl_s or 0) <= source_ttl_s


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
    """netfacts.md 2.2, row 20: it keeps the answer for longer than the source allows."""
    return answer.ttl_s is not None and answer.ttl_s > source_ttl_s > 0


def _kept(answer: NameAnswer, source_ttl_s: int) -> str:
    constant = ", and it does not count down" if answer.again_ttl_s == answer.ttl_s else ""
    time = duration(answer.ttl_s or 0)
    exactly = f" ({answer.ttl_s} s)" if time == duration(source_ttl_s) and answer.ttl_s != source_ttl_s else ""
    return f"{time}{exactly}{constant}"
