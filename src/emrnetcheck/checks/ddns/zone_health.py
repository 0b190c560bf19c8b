"""How well do the zone's name servers stand together, where at least one of them answers?"""

from __future__ import annotations

from emrnetcheck.checks.ddns.words import ANSWERS, Facts
from emrnetcheck.evidence.names import NameAnswer, Names
from emrnetcheck.model import Code, Contact, Fact, FailureKind, Finding, Severity

CODES = {
    "ddns.lame_server": Code(
        Severity.WARN,
        "Not every name server of {zone} knows the name: {servers}.",
        "Tell your DDNS provider. If the zone is your own, remove that server at your registrar.",
        Contact.DNS_PROVIDER,
        "Now and then somebody asks just that one, and waits or does not find the EMR.",
        say="Not every name server of {zone} knows {hostname}: {servers}. Please mend those servers, or take them out.",
    ),
    "ddns.server_silent": Code(
        Severity.NOTICE,
        "Not all name servers of {zone} answer: {servers} did not.",
        "Nothing to do as long as another answers. If it stays, tell your DDNS provider.",
        Contact.DNS_PROVIDER,
    ),
    "ddns.serials_differ": Code(
        Severity.NOTICE,
        "The name servers of {zone} have different versions of it ({serials}), but the same address.",
        "Nothing to do: after an update this lasts some seconds, and some providers always do so.",
        Contact.DNS_PROVIDER,
    ),
    "ddns.delegation_mismatch": Code(
        Severity.NOTICE,
        "The zone above and {zone} itself do not name the same name servers: {difference}.",
        "Tell your DDNS provider, or correct the list at your registrar if the zone is your own.",
        Contact.DNS_PROVIDER,
        "A server that only one of the two lists name may be forgotten one day.",
    ),
    "ddns.cname": Code(
        Severity.OK,
        "The name {hostname} is an alias of {target} (kept {alias_ttl_s} s, its address {kept}).",
    ),
}

# Down, or not to be reached from here: another answers, and nobody is told anything wrong.
_SILENT = (
    FailureKind.NAME_TIMEOUT,
    FailureKind.TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.RESET,
    FailureKind.HOST_UNREACHABLE,
    FailureKind.NETWORK_UNREACHABLE,
)


def zone_health(names: Names, facts: Facts) -> list[Finding]:
    """Of the zone that holds the name, and of each that an alias leads into."""
    found: list[Finding] = []
    zones = [(names.zone, names.authoritative), *((alias.zone, alias.authoritative) for alias in names.aliases)]
    for zone, servers in zones:
        here = facts | {"zone": zone or "its zone"}
        own = [answer for answer in servers if answer.authoritative and answer.rcode in ANSWERS]
        if own:
            found += _servers(servers, here)
            found += _serials(own, here)
    return found + _delegation(names, facts)


def _servers(servers: tuple[NameAnswer, ...], facts: Facts) -> list[Finding]:
    lame = [f"{_name(answer)} ({why})" for answer in servers if (why := _why_lame(answer)) is not None]
    silent = [
        _name(answer)
        for answer in servers
        if answer.failure is not None and answer.failure.kind in _SILENT and not answer.cut
    ]
    found = []
    if lame:
        said = ", ".join(lame)
        found.append(Finding("ddns.lame_server", facts | {"servers": said}, "an answer of its own", said))
    if silent:
        found.append(Finding("ddns.server_silent", facts | {"servers": ", ".join(silent)}, "an answer", "none"))
    return found


def _why_lame(answer: NameAnswer) -> str | None:
    """Why this server is no use for the zone; None where it is, or where nobody can tell."""
    if answer.failure is not None and answer.cut:
        return "its answers are cut, and TCP fails"
    if answer.rcode is not None:
        if answer.authoritative and answer.rcode in ANSWERS:
            return None
        return answer.rcode if answer.rcode not in ANSWERS else "does not have the zone"
    if answer.failure is not None and answer.failure.kind is FailureKind.MALFORMED:
        return "what it says makes no sense"
    return None


def _name(answer: NameAnswer) -> str:
    return answer.server_name or answer.server


def _serials(own: list[NameAnswer], facts: Facts) -> list[Finding]:
    known = [answer for answer in own if answer.serial is not None]
    if len({answer.serial for answer in known}) < 2 or len({answer.addresses for answer in own}) > 1:  # noqa: PLR2004
        return []
    said = ", ".join(f"{_name(answer)}: {answer.serial}" for answer in known)
    return [Finding("ddns.serials_differ", facts | {"serials": said}, "the same", said)]


def _delegation(names: Names, facts: Facts) -> list[Finding]:
    above = names.delegation
    own = {server for answer in names.authoritative for server in answer.name_servers if answer.authoritative}
    if above is None or not above.name_servers or not own:
        return []
    if set(above.name_servers) != own:
        difference = f"above {', '.join(above.name_servers)}; itself {', '.join(sorted(own))}"
    else:
        difference = "; ".join(_glue_differs(names, above.glue))
    if not difference:
        return []
    return [Finding("ddns.delegation_mismatch", facts | {"difference": difference}, "the same", difference)]


def _glue_differs(names: Names, glue: tuple[str, ...]) -> list[str]:
    """Servers whose address above is another than the one that they have (glue, RFC 9471)."""
    above: dict[str, set[str]] = {}
    for entry in glue:
        name, _, address = entry.partition(" ")
        above.setdefault(name, set()).add(address)
    return [
        f"{answer.server_name} is {', '.join(sorted(above[answer.server_name]))} above, {answer.server} itself"
        for answer in names.authoritative
        if answer.server_name in above and answer.server not in above[answer.server_name]
    ]


def alias(names: Names, source: list[NameAnswer], facts: Facts) -> list[Finding]:
    """netfacts.md 2.2, row 16: an alias is nothing wrong, and both times count after a change."""
    led = [answer for answer in names.authoritative if answer.authoritative and answer.cname]
    if not led or not source:
        return []
    ttl_s = max((answer.ttl_s or 0 for answer in source), default=0)
    told: dict[str, Fact] = facts | {
        "target": names.aliases[-1].name if names.aliases else led[0].cname[-1],
        "alias_ttl_s": min(led[0].cname_ttls_s, default=0),
        "kept": f"{ttl_s} s",
    }
    return [Finding("ddns.cname", told)]
