"""What is wrong with the certificate that the EMR shows in the office?"""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.checks.tls.limits import Limits
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.tls import Certificate, Tls
from emrnetcheck.model import Fact, FailureKind, Finding

_BAD_HASHES = {"md5": "MD5", "sha1": "SHA-1"}
_NOT_YET = "not yet valid"
_NAMES_SHOWN = 3


def faults(case: Case, seen: Tls, certificate: Certificate, limits: Limits) -> list[Finding]:
    """One fault of what browsers check, the first that a new certificate must mend; then the date and the key."""
    facts = facts_of(seen, certificate)
    dated = _by_date(case, certificate, facts)
    if dated is not None:
        return [dated]
    found = [_by_name(seen, certificate, facts) or _by_authority(seen, certificate, facts)]
    found += [_expiring(certificate, facts, limits), _weak(certificate, facts, limits)]
    return [finding for finding in found if finding is not None]


def facts_of(seen: Tls, certificate: Certificate) -> dict[str, Fact]:
    return {
        "clock": seen.clock[:16].replace("T", " "),
        "days": max(0, int(certificate.days_left)),
        "issuer": certificate.issuer or "an issuer without a name",
        "name": seen.server_name or "this server",
        "names": _names(certificate),
        "self_signed": certificate.self_signed,
    }


def _names(certificate: Certificate) -> str:
    if not certificate.names:
        return f"{certificate.common_name} (by its common name only)" if certificate.common_name else "no name at all"
    shown = ", ".join(certificate.names[:_NAMES_SHOWN])
    more = certificate.names_total - _NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _by_date(case: Case, certificate: Certificate, facts: Mapping[str, Fact]) -> Finding | None:
    if certificate.days_left > 0 and certificate.days_old >= 0:
        return None
    if clock_is_doubtful(case):
        return Finding("tls.clock_wrong", facts)
    if certificate.days_left <= 0:
        date = certificate.not_after[:10]
        return Finding("tls.expired", {**facts, "date": date}, "a later end", date)
    date = certificate.not_before[:10]
    return Finding("tls.not_yet_valid", {**facts, "date": date}, "an earlier beginning", date)


def clock_is_doubtful(case: Case) -> bool:
    """Others are out of date too by this computer's clock, and nobody is in date."""
    sources = case.seen.address.sources if case.seen.address is not None else ()
    asked = [source for source in sources if source.method == "https"]
    return not any(source.address for source in asked) and any(
        source.failure is not None
        and (source.failure.kind is FailureKind.TLS_EXPIRED or _NOT_YET in source.failure.detail)
        for source in asked
    )


def _by_name(seen: Tls, certificate: Certificate, facts: Mapping[str, Fact]) -> Finding | None:
    """What names itself and is vouched for by nobody says nothing by its name: then trust is the fault."""
    if seen.name_matches is not False or (certificate.self_signed and seen.trusted is False):
        return None
    return Finding("tls.name_mismatch", facts, seen.server_name, str(facts["names"]))


def _by_authority(seen: Tls, certificate: Certificate, facts: Mapping[str, Fact]) -> Finding | None:
    if seen.trusted is not False:
        return None
    # Those of an office's own authority do not say where their issuer's certificate is: there it need not be sent.
    if seen.issuer_sent is False and certificate.issuer_named and not certificate.self_signed:
        return Finding("tls.incomplete_chain", facts, "the issuer's certificate too", f"{seen.chain_length} sent")
    reason = "it vouches for itself" if certificate.self_signed else f"its issuer ({facts['issuer']}) is not known"
    if seen.trust_failure is not None and seen.trust_failure.kind is FailureKind.TLS_EXPIRED:
        reason = "a certificate above it has expired"
    return Finding("tls.untrusted", {**facts, "reason": reason}, "an authority that is known here", reason)


def _expiring(certificate: Certificate, facts: Mapping[str, Fact], limits: Limits) -> Finding | None:
    limit_days = min(limits.expiring_days, limits.expiring_share * certificate.lifetime_days)
    if certificate.days_left >= limit_days:
        return None
    date = certificate.not_after[:10]
    left = f"{certificate.days_left:.1f} days"
    return Finding("tls.expiring", {**facts, "date": date}, f"{limit_days:.1f} days or more", left)


def _weak(certificate: Certificate, facts: Mapping[str, Fact], limits: Limits) -> Finding | None:
    least_bits = {"RSA": limits.rsa_bits, "EC": limits.ec_bits}.get(certificate.key_type)
    hash_name = _BAD_HASHES.get(certificate.signature_hash or "")
    if certificate.key_type == "DSA":
        weak = "a key of the kind DSA"
    elif least_bits is not None and certificate.key_bits is not None and certificate.key_bits < least_bits:
        weak = f"a key of the kind {certificate.key_type} with {certificate.key_bits} bits"
    elif hash_name is not None and not certificate.self_signed:  # nobody looks at one's signature of oneself
        weak = f"signed with {hash_name}"
    else:
        return None
    return Finding("tls.weak_key", {**facts, "weak": weak}, "RSA with 2048 bits, or EC with 256, and SHA-256", weak)
