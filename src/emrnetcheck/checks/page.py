"""How fast do the EMR's pages come to this computer: the first byte, the whole page, and all that belongs to it?"""

from __future__ import annotations

import math
from statistics import median

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.bulk import Bulk
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.placing import Fault, Health, Leg, State
from emrnetcheck.placing.answers import Before, late_answer, page_totals_ms, server_time_ms, why_no_page
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.words import unmeasured
from emrnetcheck.profiles import FOREIGN, LOOKS

_NOT_FOUND = 400
_BEFORE = {
    Before.PAGE: "it begins to answer",
    Before.TLS: "the encryption is agreed on (TLS)",
    Before.SENT_ON: "the address that was given sends on to the page",
}

CODES = {
    "page.ok": Code(
        Severity.OK,
        "The EMR's page begins after {server_ms:.0f} ms of the server's own time; a new visit takes {fresh_ms:.0f} ms"
        " (95 % within {fresh_p95_ms:.0f} ms).",
    ),
    "page.begins_late": Code(
        Severity.NOTICE,
        "The EMR's program {often}takes {server_s:.1f} s before {what} (usual: under {limit_s:g} s).",
        contact=Contact.EMR_HOST,
    ),
    "page.comes_slowly": Code(
        Severity.NOTICE,
        "What the EMR sends comes slowly: {what}.",
        contact=Contact.EMR_HOST,
    ),
    "page.error": Code(Severity.NOTICE, "The EMR answers with an error ({status}).", contact=Contact.EMR_HOST),
    "page.refused": Code(
        Severity.NOTICE,
        "The server answers {status} at this address, so the EMR's page was not seen: check what comes after the host's"
        " name.",
        contact=Contact.IT_HELPER,
    ),
    "page.other": Code(
        Severity.NOTICE,
        "What answers is {looks}, not the EMR, so how quick the EMR's own page is was not seen.",
        contact=Contact.IT_HELPER,
    ),
    "page.none": Code(Severity.NOTICE, "No page comes: {why}.", contact=Contact.EMR_HOST),
    "page.untrusted": Code(
        Severity.NOTICE,
        "This computer does not trust the EMR's certificate: {why}. That makes nothing slow.",
        contact=Contact.EMR_HOST,
    ),
    "page.unencrypted": Code(
        Severity.NOTICE,
        "The address begins with http: what is typed there can be read on the way.",
        contact=Contact.EMR_HOST,
    ),
    "page.sent_on": Code(
        Severity.NOTICE,
        "The page sends on to {host}, which was not followed: what comes there was not seen. Check the address that was"
        " typed.",
        contact=Contact.IT_HELPER,
    ),
    "page.unmeasured": unmeasured("The EMR's page could not be asked for: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """page.* for the time of the pages, then what else is worth knowing of them."""
    pages = need(case.seen.pages)
    legs = legs_of(case.seen, limits)
    return [*_speed(case, pages, legs, limits), *_remarks(pages)]


def _speed(case: Case, pages: Pages, legs: dict[Leg, State], limits: LegLimits) -> list[Finding]:
    server_ms = server_time_ms(case.seen)
    if (no_page := why_no_page(pages)) is not None:
        return [Finding("page.none", {"why": no_page}, "a page", "none")]
    if server_ms is None:
        why = pages.failure.in_words() if pages.failure is not None else "nothing was answered"
        return [Finding("page.none", {"why": why}, "a page", "none")]
    found = []
    if pages.kind in FOREIGN:
        return [Finding("page.other", {"looks": LOOKS[pages.kind]}, "the EMR's page", LOOKS[pages.kind])]
    if legs[Leg.SERVER_ANSWER].fault is Fault.WRONG:
        found.append(Finding("page.error", {"status": pages.status}, "a page", f"{pages.status}"))
    elif pages.status is not None and pages.status >= _NOT_FOUND:
        found.append(Finding("page.refused", {"status": pages.status}, "a page", f"{pages.status}"))
    if legs[Leg.SERVER_ANSWER].fault is Fault.LATENCY:
        found += _late(case, limits)
    if legs[Leg.SERVER_BULK].fault is Fault.DEAD:
        found.append(Finding("page.none", {"why": "it does not come to its end"}, "a page", "part of one"))
    elif legs[Leg.SERVER_BULK].health is Health.BAD:
        what = _slowness(pages)
        found.append(Finding("page.comes_slowly", {"what": what}, f"up to {limits.page_s:g} s", what))
    totals_ms = page_totals_ms(pages.fresh)
    if found or not totals_ms:
        return found or [Finding("page.none", {"why": "it does not come to its end"}, "a page", "part of one")]
    fine: dict[str, Fact] = {"server_ms": server_ms, "fresh_ms": median(totals_ms), "kept_ms": _kept_ms(pages)}
    fine["fresh_p95_ms"] = _p95(totals_ms)
    return [Finding("page.ok", fine)]


def _late(case: Case, limits: LegLimits) -> list[Finding]:
    late = late_answer(case.seen, limits)
    if late is None:
        return []
    facts: dict[str, Fact] = {"often": "" if late.always else "at times ", "what": _BEFORE[late.before]}
    facts |= {"server_s": late.own_ms / 1000.0, "limit_s": limits.answer_ms / 1000.0}
    return [Finding("page.begins_late", facts, f"up to {limits.answer_ms:g} ms", f"{late.own_ms:.0f} ms")]


def _p95(values_ms: list[float]) -> float:
    """By the nearest rank: of a few values the largest."""
    return sorted(values_ms)[math.ceil(0.95 * len(values_ms)) - 1]


def _kept_ms(pages: Pages) -> float | None:
    totals_ms = page_totals_ms(pages.kept)
    return median(totals_ms) if totals_ms else None


def _slowness(pages: Pages) -> str:
    bulk: Bulk | None = pages.bulk
    if bulk is not None and bulk.mbps is not None:
        whole = "" if not bulk.cut_short else ", not all of it"
        return f"{bulk.body_bytes / 1000:.0f} kB in {bulk.seconds:.1f} s ({bulk.mbps:.1f} Mbps{whole})"
    totals_ms = page_totals_ms(pages.fresh)
    late = f"the page takes {median(totals_ms) / 1000.0:.1f} s, and up to {max(totals_ms, default=0.0) / 1000.0:.1f} s"
    return late if totals_ms else "the page does not end"


def _remarks(pages: Pages) -> list[Finding]:
    found = []
    if pages.scheme == "http":
        found.append(Finding("page.unencrypted", {}, "https", "http"))
    if pages.trusted is False:
        why = pages.trust_failure.in_words() if pages.trust_failure is not None else "unknown"
        found.append(Finding("page.untrusted", {"why": why}, "a trusted certificate", why))
    if pages.redirects and not pages.redirects[-1].followed and why_no_page(pages) is None:
        host = pages.redirects[-1].host or "another place"
        found.append(Finding("page.sent_on", {"host": host}, "a page", f"sent on to {host}"))
    return found


CHECK: Check[Case, LegLimits] = Check(
    id="page",
    title="The EMR's pages",
    needs=("pages",),
    uses=("way", "link", "download"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    segment=Segment.SERVER,
)
