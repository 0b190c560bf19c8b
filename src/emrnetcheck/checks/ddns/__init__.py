"""Does the EMR's public name lead to this office, everywhere?"""

from __future__ import annotations

from emrnetcheck.checks.ddns import beside, client, elsewhere, inside, over_https, source, static, zone_health
from emrnetcheck.checks.ddns.limits import Limits
from emrnetcheck.checks.ddns.return_codes import CODE_OF_WORD
from emrnetcheck.checks.ddns.words import ANSWERS, Facts
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.names import Alias, NameAnswer, Names
from emrnetcheck.model import Access, Check, Code, Contact, FailureKind, Finding, Segment, Severity

__all__ = ("CHECK", "CODES", "CODE_OF_WORD", "judge")

CODES = {
    "ddns.ok": Code(Severity.OK, "The name {hostname} leads to this office ({address}), by all who answered."),
    "ddns.unset": Code(
        Severity.UNKNOWN,
        "The EMR's public name is not known, so it was not checked.",
        'Run emrnetcheck setup, which asks for it. In the settings file it is: [emr] hostname = "emr.example.org".',
        Contact.IT_HELPER,
        "People outside find the EMR by this name.",
    ),
    "ddns.unmeasured": Code(
        Severity.UNKNOWN,
        "The EMR's public name could not be checked: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **client.advised(
        {
            **source.CODES,
            **elsewhere.CODES,
            **inside.CODES,
            **over_https.CODES,
            **zone_health.CODES,
            **beside.CODES,
            **static.CODES,
        }
    ),
    **client.CODES,
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """ddns.* by netfacts.md 2.2, rows 12 to 29, as far as this version sees them."""
    names = need(case.seen.names)
    facts: Facts = {"hostname": names.hostname, "zone": names.zone or "its zone"}
    own = _own(names.authoritative)
    if over_https.needed(case, names, own):
        found = over_https.judged(case, names, limits, facts)
    else:
        found = _by_its_servers(case, names, own, limits, facts)
    found = client.explained(case, names, found + inside.by_address(names, facts), facts)
    bad = any(CODES[finding.code].severity not in (Severity.OK, Severity.NOTICE) for finding in found)
    if bad:
        return found
    public = source.office_address(case, own or list(names.over_https or names.resolvers))
    return [Finding("ddns.ok", facts | {"address": public}), *found, *static.looks_dynamic(case, names, facts)]


def _own(answers: tuple[NameAnswer, ...]) -> list[NameAnswer]:
    return [answer for answer in answers if answer.authoritative and answer.rcode in ANSWERS]


def _by_its_servers(case: Case, names: Names, own: list[NameAnswer], limits: Limits, facts: Facts) -> list[Finding]:
    """The name's own servers can be asked, and believed."""
    if not own:
        return [source.unheard(case, names, facts)]
    health = zone_health.zone_health(names, facts)
    if names.aliases:
        last = names.aliases[-1]
        own = _own(last.authoritative)
        if not own:
            return [_alias_unheard(last, facts), *health]
        if all(not answer.addresses and not answer.addresses_v6 for answer in own):
            said = "NXDOMAIN" if any(answer.rcode == "NXDOMAIN" for answer in own) else "no address"
            return [Finding("ddns.alias_broken", facts | {"target": last.name}, "an address", said), *health]
    missing = source.without_address(own, facts)
    if missing is not None:
        also = beside.beside(case, names, own, limits, facts) if missing.code == "ddns.no_ipv4" else []
        return [missing, *also, *health]
    public = source.office_address(case, own)
    found = source.against_office(case, own, public, facts)
    if not found:
        found = elsewhere.elsewhere(case, names, own, public or "", facts)
    elif found[0].code == "ddns.private_address":
        found += inside.rebind(names, own, facts)
    found += zone_health.alias(names, own, facts)
    return found + beside.beside(case, names, own, limits, facts) + health


def _alias_unheard(last: Alias, facts: Facts) -> Finding:
    """The zone that the alias leads into: it is not there, or its servers do not answer."""
    if last.zone is None:
        why = last.zone_failure.in_words() if last.zone_failure is not None else "no such zone"
        return Finding("ddns.alias_broken", facts | {"target": last.name}, "an address", why)
    return Finding("ddns.provider_down", facts | {"zone": last.zone, "hostname": last.name}, "an answer", "none")


CHECK: Check[Case, Limits] = Check(
    id="ddns",
    title="The EMR's public name",
    needs=("names",),
    uses=("address", "link", "dns", "ddns_client"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.NAME,
    required=True,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # The address that the others see is the VPN's or the proxy's then: the name cannot be compared with it.
        "ddns.stale": ("address.proxied",),
        "ddns.servers_disagree": ("address.proxied",),
        "ddns.propagating": ("address.proxied",),
        "ddns.local_differs": ("address.proxied",),
        "ddns.negative_cached": ("address.proxied",),
        "ddns.ttl_overridden": ("address.proxied",),
        "ddns.hosts_file": ("address.proxied",),
        "ddns.local_filter": ("address.proxied",),
        "ddns.ok": ("address.proxied",),
        "ddns.unmeasured": ("address.ipv6_only",),  # name servers are asked by IPv4
        "ddns.no_comparison": ("address.proxied", "address.no_witness", "address.nat_pool", "address.unmeasured"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "ddns.unset"},
    needed_for=frozenset({Access.DIRECT, Access.VPN}),
)
