"""Is the EMR's name found quickly from this computer, and does it lead to the EMR?"""

from __future__ import annotations

from statistics import median

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.lookups import LookupAnswer, Lookups
from emrnetcheck.model import Check, Code, Contact, Fact, FailureKind, Finding, Segment, Severity
from emrnetcheck.placing.here import dead_addresses
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.misled import denying, exists_nowhere, named_elsewhere, wrong_addresses
from emrnetcheck.placing.words import unmeasured

CODES = {
    "name.ok": Code(Severity.OK, "The EMR's name is found in {ms:.0f} ms and leads to {address}{clinic}."),
    "name.by_address": Code(Severity.OK, "The EMR is given by its address, so there is no name to look up."),
    "name.wrong": Code(
        Severity.NOTICE,
        "This computer finds {address} for the EMR's name; others find {right}.",
        contact=Contact.ROUTER,
        why="A name server that keeps an old address sends people to where the EMR was before.",
    ),
    "name.old_at": Code(
        Severity.NOTICE,
        "The name server {server} gives {address} for the EMR's name; others give {right}.",
        contact=Contact.ROUTER,
    ),
    "name.other_machine": Code(
        Severity.NOTICE,
        "What answers at {address} does not show the clinic's certificate.",
        contact=Contact.DNS_PROVIDER,
        why="An address that was the clinic's may be somebody else's now.",
    ),
    "name.not_the_clinics": Code(
        Severity.NOTICE,
        "The name leads to {address}; when the clinic's report was made, its address was {right}.",
        contact=Contact.DNS_PROVIDER,
        why="The clinic's address may have changed since; then that is right.",
    ),
    "name.not_found": Code(
        Severity.NOTICE,
        "This computer does not find the EMR's name: {why}{elsewhere}.",
        contact=Contact.DNS_PROVIDER,
    ),
    "name.at_times": Code(
        Severity.NOTICE,
        "This computer finds the EMR's name at times, and at times not: {why}.",
        contact=Contact.ROUTER,
    ),
    "name.dead_address": Code(
        Severity.NOTICE,
        "The EMR's name leads to {dead} too, where the EMR does not answer; it does at {open}.",
        contact=Contact.DNS_PROVIDER,
        why="A browser takes one of the addresses by chance, and waits at a dead one before it tries the other.",
    ),
    "name.slow": Code(
        Severity.NOTICE,
        "Looking up the EMR's name takes {ms:.0f} ms (usual: under {limit_ms:g} ms).",
        contact=Contact.ROUTER,
    ),
    "name.slow_anew": Code(
        Severity.NOTICE,
        "The EMR's name is found at once while its answer is kept here; to fetch it anew takes {ms:.0f} ms"
        " (usual: under {limit_ms:g} ms).",
        contact=Contact.ROUTER,
        why="An answer is kept for a minute or so. The first page after that waits until it is fetched again.",
    ),
    "name.server_dead": Code(
        Severity.NOTICE,
        "The name server {server} of this computer does not answer, so each look-up waits for it.",
        contact=Contact.ROUTER,
    ),
    "name.unmeasured": unmeasured("The EMR's name could not be looked up: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """name.* for this computer's own look-up, and for each of its name servers that says something else."""
    found = need(case.seen.lookups)
    if not found.system:
        return [_not_found(found), *_dead(found)]
    usual_ms = median(found.system_ms) if found.system_ms else 0.0
    said = [*(_wrong(case, found) or _dead_beside(case, found)), *_dead(found)]
    if usual_ms > limits.name_ms:
        facts: dict[str, Fact] = {"ms": usual_ms, "limit_ms": limits.name_ms}
        said.append(Finding("name.slow", facts, f"up to {limits.name_ms:g} ms", f"{usual_ms:.0f} ms"))
    elif found.anew_ms is not None and found.anew_ms > limits.name_ms:
        fetched: dict[str, Fact] = {"ms": found.anew_ms, "limit_ms": limits.name_ms}
        said.append(Finding("name.slow_anew", fetched, f"up to {limits.name_ms:g} ms", f"{found.anew_ms:.0f} ms"))
    elif found.system_failure is not None:
        why = found.system_failure.in_words()
        said.append(Finding("name.at_times", {"why": why}, "an address each time", why))
    return said or [_fine(case, found, usual_ms)]


def _fine(case: Case, found: Lookups, usual_ms: float) -> Finding:
    clinic = case.seen.clinic
    same = clinic is not None and clinic.public_v4 in found.system
    facts: dict[str, Fact] = {
        "ms": usual_ms,
        "address": ", ".join(found.system),
        "clinic": ", the clinic's own address" if same else "",
    }
    return Finding("name.ok", facts)


def _wrong(case: Case, found: Lookups) -> list[Finding]:
    wrong = wrong_addresses(case.seen)
    others = sorted(named_elsewhere(found) - set(wrong))
    clinic = case.seen.clinic
    if wrong and others:
        facts: dict[str, Fact] = {"address": ", ".join(wrong), "right": ", ".join(others)}
        return [Finding("name.wrong", facts, ", ".join(others), ", ".join(wrong)), *_which(found, wrong, others)]
    if wrong:
        return [Finding("name.other_machine", {"address": ", ".join(wrong)}, "the clinic's certificate", "another")]
    if clinic is None or clinic.public_v4 is None or clinic.public_v4 in found.system or _private(case):
        return []
    if all(":" in address for address in found.system):
        return []  # of IPv6, which says nothing of that of IPv4
    told: dict[str, Fact] = {"address": ", ".join(found.system), "right": clinic.public_v4}
    return [Finding("name.not_the_clinics", told, clinic.public_v4, ", ".join(found.system))]


def _private(case: Case) -> bool:
    return case.seen.way is not None and case.seen.way.inside is True


def _which(found: Lookups, wrong: tuple[str, ...], others: list[str]) -> list[Finding]:
    """Which of this computer's name servers say so."""
    return [
        Finding(
            "name.old_at",
            {"server": answer.server, "address": ", ".join(answer.addresses), "right": ", ".join(others)},
            ", ".join(others),
            ", ".join(answer.addresses),
        )
        for answer in found.answers
        if answer.kind == "own" and set(answer.addresses) & set(wrong)
    ]


def _not_found(found: Lookups) -> Finding:
    why = found.system_failure.in_words() if found.system_failure is not None else "it has no address"
    others = sorted(named_elsewhere(found))
    elsewhere = f"; others find {', '.join(others)}" if others else ""
    if exists_nowhere(found):
        elsewhere = f"; {' and '.join(denying(found))} do not know it either"
    facts: dict[str, Fact] = {"why": why, "elsewhere": elsewhere}
    return Finding("name.not_found", facts, "an address", "none")


def _dead_beside(case: Case, found: Lookups) -> list[Finding]:
    dead, opened = ", ".join(dead_addresses(case.seen)), ", ".join(found.opened)
    if not dead:
        return []
    return [Finding("name.dead_address", {"dead": dead, "open": opened}, opened, f"{opened}, {dead}")]


def _dead(found: Lookups) -> list[Finding]:
    return [
        Finding("name.server_dead", {"server": answer.server}, "answers", "no answer")
        for answer in found.answers
        if answer.kind == "own" and answer.asked and not answer.answered and _is_silence(answer)
    ]


def _is_silence(answer: LookupAnswer) -> bool:
    return answer.failure is not None and answer.failure.kind in (FailureKind.NAME_TIMEOUT, FailureKind.REFUSED)


CHECK: Check[Case, LegLimits] = Check(
    id="name",
    title="The EMR's name",
    needs=("lookups",),
    uses=("clinic", "way", "pages"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    unmeasured={FailureKind.NOT_NEEDED: "name.by_address"},
    segment=Segment.NAME,
)
