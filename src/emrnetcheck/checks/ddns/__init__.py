"""Does the EMR's public name lead to this office, everywhere?"""

from __future__ import annotations

from emrnetcheck.checks.ddns import beside, client, elsewhere, source
from emrnetcheck.checks.ddns.limits import Limits
from emrnetcheck.checks.ddns.return_codes import CODE_OF_WORD
from emrnetcheck.checks.ddns.words import ANSWERS, Facts
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Access, Check, Code, Contact, FailureKind, Finding, Severity

__all__ = ("CHECK", "CODES", "CODE_OF_WORD", "judge")

CODES = {
    "ddns.ok": Code(Severity.OK, "The name {hostname} leads to this office ({address}) everywhere that was asked."),
    "ddns.unset": Code(
        Severity.UNKNOWN,
        "The EMR's public name is not known, so it was not checked.",
        'Give it in the settings file: [emr] hostname = "emr.example.org".',
        Contact.IT_HELPER,
        "People outside find the EMR by this name.",
    ),
    "ddns.unmeasured": Code(
        Severity.UNKNOWN,
        "The EMR's public name could not be checked: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **client.advised({**source.CODES, **elsewhere.CODES, **beside.CODES}),
    **client.CODES,
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """ddns.* by netfacts.md 2.2, rows 12 to 28, as far as this version sees them."""
    names = need(case.seen.names)
    facts: Facts = {"hostname": names.hostname, "zone": names.zone or "its zone"}
    found = client.explained(case, names, _of_the_name(case, names, limits, facts), facts)
    bad = any(CODES[finding.code].severity not in (Severity.OK, Severity.NOTICE) for finding in found)
    public = source.office_address(case, _own(names))
    return found if bad else [Finding("ddns.ok", facts | {"address": public}), *found]


def _own(names: Names) -> list[NameAnswer]:
    """The answers of the name's own servers."""
    return [answer for answer in names.authoritative if answer.authoritative and answer.rcode in ANSWERS]


def _of_the_name(case: Case, names: Names, limits: Limits, facts: Facts) -> list[Finding]:
    """What is wrong with the name, and what else is to be said of it; empty where all is well."""
    own = _own(names)
    if not own:
        return [source.unheard(case, names, facts)]
    if all(not answer.addresses and not answer.addresses_v6 for answer in own):
        said = "NXDOMAIN" if any(answer.rcode == "NXDOMAIN" for answer in own) else "no address"
        return [Finding("ddns.name_missing", facts | {"rcode": said}, "an address", said)]
    if all(not answer.addresses for answer in own):
        return [Finding("ddns.no_ipv4", facts, "an IPv4 address", "IPv6 only")]
    public = source.office_address(case, own)
    found = source.against_office(own, public, facts)
    if not found:
        found = elsewhere.elsewhere(case, names, own, public or "", facts)
    return found + beside.beside(case, names, own, limits, facts)


CHECK: Check[Case, Limits] = Check(
    id="ddns",
    title="The EMR's public name",
    needs=("names",),
    uses=("address", "link", "dns", "ddns_client"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # The address that the others see is the VPN's or the proxy's then: the name cannot be compared with it.
        "ddns.stale": ("address.proxied",),
        "ddns.servers_disagree": ("address.proxied",),
        "ddns.propagating": ("address.proxied",),
        "ddns.local_differs": ("address.proxied",),
        "ddns.ok": ("address.proxied",),
        "ddns.no_comparison": ("address.proxied", "address.no_witness", "address.nat_pool", "address.unmeasured"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "ddns.unset"},
    needed_for=frozenset({Access.DIRECT, Access.VPN}),
)
