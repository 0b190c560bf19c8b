"""Is the certificate that was seen from outside the one in the office, and is it trusted there?"""

from __future__ import annotations

from emrnetcheck.evidence import Case
from emrnetcheck.evidence.port import OutsideCertificate
from emrnetcheck.evidence.tls import Tls
from emrnetcheck.model import Finding

_NAMES_SHOWN = 3
_ABOUT_THE_NAME = ("ALTNAME", "HOSTNAME")


def certificates_outside(case: Case) -> list[OutsideCertificate]:
    """Those that were seen at this office's own address, as far as that is known."""
    if case.seen.port is None:
        return []
    public = case.seen.address.public_v4 if case.seen.address is not None else None
    return [
        attempt.certificate
        for attempt in case.seen.port.outside
        if attempt.certificate is not None and not (attempt.address and public and attempt.address != public)
    ]


def others_trusted(case: Case, seen: Tls) -> bool:
    """People outside are shown another certificate, and it is trusted: a proxy or a tunnel is in front."""
    shown = certificates_outside(case)
    return bool(shown) and all(_is_other(one, seen) and one.trusted for one in shown)


def outside(case: Case, seen: Tls, *, fine_inside: bool) -> list[Finding]:
    """fine_inside: nothing is wrong with the certificate in the office, so what is wrong outside is news."""
    shown = certificates_outside(case)
    found = []
    other = next((one for one in shown if _is_other(one, seen)), None)
    if other is not None:
        names = ", ".join(other.names[:_NAMES_SHOWN]) or "it names nobody"
        facts = {"names_outside": names}
        found.append(Finding("tls.differs_outside", facts, seen.fingerprint_sha256, other.fingerprint_sha256))
    refused = next((one for one in shown if one.trusted is False and not _only_by_name(one, seen)), None)
    if refused is not None and fine_inside and not _is_other(refused, seen):
        error = refused.error or "no reason was told"
        found.append(Finding("tls.outside_untrusted", {"error": error}, "trusted", error))
    return found


def _is_other(one: OutsideCertificate, seen: Tls) -> bool:
    return seen.fingerprint_sha256 is not None and one.fingerprint_sha256 != seen.fingerprint_sha256


def _only_by_name(one: OutsideCertificate, seen: Tls) -> bool:
    """A service that dials the address complains of the name, which fits here."""
    return seen.name_matches is not False and any(word in one.error.upper() for word in _ABOUT_THE_NAME)
