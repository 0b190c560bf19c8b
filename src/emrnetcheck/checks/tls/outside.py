"""Is the certificate that was seen from outside the one in the office, and is it trusted there?"""

from __future__ import annotations

import re

from emrnetcheck.checks.tls.certificate import clock_is_doubtful
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.port import OutsideCertificate
from emrnetcheck.evidence.tls import Tls
from emrnetcheck.model import Finding

_NAMES_SHOWN = 3
_UTC = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?:Z|\+00:?00)?")
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


def outside(case: Case, seen: Tls, *, fine_inside: bool, direct: bool) -> list[Finding]:
    """fine_inside: nothing is wrong with the certificate in the office, so what is wrong outside is news.

    direct: people come by the certificate that is seen outside, whoever shows it.
    """
    shown = certificates_outside(case)
    others = [one for one in shown if _is_other(one, seen)]
    if direct:
        expired = next((one for one in others if _has_expired(case, seen, one)), None)
        if expired is not None:
            date = f" on {expired.expires_at[:10]}" if expired.expires_at is not None else ""
            return [Finding("tls.outside_expired", {"date": date}, "a later end", date.strip() or "expired")]
        refused = next((one for one in others if one.trusted is False and not _names_only(one)), None)
        if refused is not None:
            return [_untrusted(refused, ", another than in the office,")]
    if others:
        names = ", ".join(others[0].names[:_NAMES_SHOWN]) or "it names nobody"
        facts = {"names_outside": names}
        found = [Finding("tls.differs_outside", facts, seen.fingerprint_sha256, others[0].fingerprint_sha256)]
    else:
        found = []
    same = [one for one in shown if not _is_other(one, seen)]
    refused = next((one for one in same if one.trusted is False and not _only_by_name(one, seen)), None)
    if refused is not None and fine_inside:
        found.append(_untrusted(refused, ", though trusted on this computer,"))
    return found


def _untrusted(refused: OutsideCertificate, which: str) -> Finding:
    error = refused.error or "no reason was told"
    return Finding("tls.outside_untrusted", {"error": error, "which": which}, "trusted", error)


def _has_expired(case: Case, seen: Tls, one: OutsideCertificate) -> bool:
    """By those who saw it, or by this computer's clock where that can be right."""
    if "EXPIRED" in one.error.upper():
        return True
    ends, now = _moment(one.expires_at), _moment(seen.clock)
    return ends is not None and now is not None and ends <= now and not clock_is_doubtful(case)


def _moment(told: str | None) -> str | None:
    """A moment of UTC to the second, in a form that compares as text; None where it is told in another way."""
    found = _UTC.fullmatch(told or "")
    return found[1].replace(" ", "T") if found is not None else None


def _names_only(one: OutsideCertificate) -> bool:
    return any(word in one.error.upper() for word in _ABOUT_THE_NAME)


def _is_other(one: OutsideCertificate, seen: Tls) -> bool:
    return seen.fingerprint_sha256 is not None and one.fingerprint_sha256 != seen.fingerprint_sha256


def _only_by_name(one: OutsideCertificate, seen: Tls) -> bool:
    """A service that dials the address complains of the name, which fits here."""
    return seen.name_matches is not False and _names_only(one)
