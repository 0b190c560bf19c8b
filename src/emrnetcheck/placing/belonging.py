"""Are two reports of one EMR and of two places, and was the client led to the clinic?"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC
from enum import StrEnum

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Severity
from emrnetcheck.placing.misled import is_private, named_elsewhere
from emrnetcheck.placing.states import Sure

CLIENT = "client"
_APART_S = 86_400.0
_SAME_ADDRESS_S = 3600.0  # within which a dynamic address hardly changes unseen
AT_ONE_TIME_S = 3600.0  # what was open then is likely to be open still
_NAME_CHECKS = ("ddns.", "dns.")


_Known = ipaddress.IPv4Network | ipaddress.IPv6Network


class Doubt(StrEnum):
    """Why the two may not belong together."""

    APART = "apart"  # made at different times
    DIFFERENT = "different"  # of different EMRs
    INTERRUPTED = "interrupted"  # one was ended before it had measured all
    MOVED = "moved"  # the EMR's address was another at the other time


def is_one_computer(first: ClinicReport, second: ClinicReport) -> bool:
    """The same address behind the same router; many clinics number their computers alike."""
    links, ways = (first.evidence.link, second.evidence.link), (first.evidence.way, second.evidence.way)
    if links[0] is None or links[1] is None or ways[0] is None or ways[1] is None or links[0].address is None:
        return False
    if (links[0].address, links[0].gateway) != (links[1].address, links[1].gateway):
        return False
    if ways[0].public_v4 is not None and ways[1].public_v4 is not None:
        return ways[0].public_v4 == ways[1].public_v4
    routers = [
        {mac for held in way.holders if held.address == links[0].gateway for mac in held.macs} for way in ways if way
    ]
    return bool(routers[0] & routers[1])


def moment(report: ClinicReport) -> float:
    at = report.started_at
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def doubts_about(first: ClinicReport, second: ClinicReport, apart_s: float) -> tuple[Doubt, ...]:
    names = {name for name in (emr_of(first.evidence), emr_of(second.evidence)) if name is not None}
    found = []
    if len(names) > 1 or _are_other_addresses(first, second):
        found.append(Doubt.DIFFERENT)
    elif _has_moved(first, second, apart_s):
        found.append(Doubt.MOVED)
    if first.interrupted or second.interrupted:
        found.append(Doubt.INTERRUPTED)
    return (*found, Doubt.APART) if apart_s > _APART_S else tuple(found)


def _known_at(report: ClinicReport) -> frozenset[_Known]:
    """The EMR's public addresses by this report: where the clinic is and its name leads, or whom a client was led to.

    A name may lead to a tunnel's address by right; not where the clinic's own report says that it should not.
    """
    seen = report.evidence
    if report.vantage == CLIENT:
        led_to = seen.way.emr_address if seen.way is not None and not is_inside(report) else None
        return _public((led_to,))
    own = (seen.address.public_v4, seen.address.public_v6) if seen.address is not None else ()
    answers = seen.names.resolvers if seen.names is not None and not _name_is_bad(report) else ()
    return _public((*own, *(each for answer in answers for each in (*answer.addresses, *answer.addresses_v6))))


def _public(addresses: Iterable[str | None]) -> frozenset[_Known]:
    found = (_network(each) for each in addresses if each and not is_private(each))
    return frozenset(each for each in found if each is not None)


def _network(address: str) -> _Known | None:
    """An IPv4 address by itself; of IPv6 the office network: a computer has several addresses, and new ones each day.

    None: it is no address; a report may come from anybody.
    """
    try:
        return ipaddress.ip_network(f"{address.partition('%')[0]}/{64 if ':' in address else 32}", strict=False)
    except ValueError:
        return None


def _name_is_bad(host: ClinicReport) -> bool:
    return any(code.startswith(_NAME_CHECKS) for code in bad_codes(host))


def _fingerprints(report: ClinicReport) -> frozenset[str]:
    """The certificates that the EMR showed; of a client's pages, only where they came from the EMR's own address."""
    seen = report.evidence
    if report.vantage == CLIENT:
        direct = seen.pages is not None and seen.way is not None and seen.pages.address == seen.way.emr_address
        shown = [seen.pages.fingerprint_sha256] if seen.pages is not None and direct else []
    else:
        spoken = seen.port.spoken_lan if seen.port is not None else None
        shown = [
            seen.tls.fingerprint_sha256 if seen.tls is not None else None,
            *(spoken.fingerprints if spoken else ()),
        ]
    return frozenset(each for each in shown if each)


def _is_same_machine(first: ClinicReport, second: ClinicReport) -> bool:
    """Whether both saw one certificate."""
    return bool(_fingerprints(first) & _fingerprints(second))


def _is_trusted(report: ClinicReport) -> bool:
    """Whether what this client was led to has a certificate that its system trusts for the EMR's name."""
    pages, way = report.evidence.pages, report.evidence.way
    if report.vantage != CLIENT or pages is None or way is None or pages.address != way.emr_address:
        return False
    return pages.trusted is True and pages.host.rstrip(".").lower() == emr_of(report.evidence)


def _differ(first: ClinicReport, second: ClinicReport) -> bool:
    """Whether each knows the EMR at another public address, of those that can be compared: of one IP version."""
    one, other = _known_at(first), _known_at(second)
    versions = {each.version for each in one} & {each.version for each in other}
    return bool(versions) and not one & other


def _are_other_addresses(first: ClinicReport, second: ClinicReport) -> bool:
    """Whether one of them was given by an address alone, that is not the other's."""
    by_address = any(r.vantage == CLIENT and emr_of(r.evidence) is None for r in (first, second))
    return by_address and _differ(first, second) and not _is_same_machine(first, second)


def _has_moved(first: ClinicReport, second: ClinicReport, apart_s: float) -> bool:
    """Whether the clinic's address may have become another between the two: everybody was led there then."""
    return apart_s > _SAME_ADDRESS_S and _differ(first, second)


def emr_of(seen: Seen) -> str | None:
    """The name of the EMR that a report is about; None where it does not say, or has an address alone."""
    told = (
        seen.lookups.hostname if seen.lookups is not None else None,
        seen.names.hostname if seen.names is not None else None,
    )
    return next((name.rstrip(".").lower() for name in told if name), None)


def bad_codes(report: ClinicReport) -> tuple[str, ...]:
    """What is broken or bad, by code."""
    bad = (Severity.FAIL, Severity.WARN)
    return tuple(f.code for check in report.checks for f in check.findings if f.severity in bad)


def is_inside(report: ClinicReport) -> bool:
    return report.evidence.way is not None and report.evidence.way.inside is True


def leads_elsewhere(host: ClinicReport, client: ClinicReport, apart_s: float) -> Sure | None:
    """How sure it is that the client was led to somebody else than the clinic; None: it was not, or nobody knows."""
    found, address = client.evidence.lookups, host.evidence.address
    if found is None or not _differ(host, client) or _is_same_machine(host, client) or _is_trusted(client):
        return None
    own = _public((address.public_v4, address.public_v6)) if address is not None else frozenset()
    if own & _public(named_elsewhere(found)):
        return Sure.CERTAIN  # others are led to the clinic
    if _name_is_bad(host):
        return Sure.CERTAIN  # the clinic says so itself
    return None if apart_s > _SAME_ADDRESS_S else Sure.LIKELY
