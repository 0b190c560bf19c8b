"""What does an IT helper want to see of the EMR's certificate and protocol?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.tls import Certificate, Tls
from emrnetcheck.reports.line import Line

_LEAD = "tls: "
_NAMES_SHOWN = 5
_KNOWN = {True: "yes", False: "no", None: "not known"}


def certificate_lines(seen: Seen) -> Iterator[Line]:
    """The handshake, the certificate in the office, then each one that was seen outside."""
    if seen.tls is not None:
        yield from _inside(seen.tls)
    for attempt in seen.port.outside if seen.port is not None else ():
        if attempt.certificate is not None:
            shown = attempt.certificate
            same = seen.tls is not None and shown.fingerprint_sha256 == seen.tls.fingerprint_sha256
            error = f" ({shown.error})" if shown.error else ""
            yield Line(
                f"outside by {attempt.service}: {'the same' if same else 'another'} certificate, "
                f"SHA-256 {shown.fingerprint_sha256}, trusted there: {_KNOWN[shown.trusted]}{error}",
                lead=_LEAD,
            )


def _inside(tls: Tls) -> Iterator[Line]:
    where = f"{tls.address} port {tls.port}, asked for {tls.server_name or 'no name'}"
    if tls.failure is not None:
        yield Line(f"{where}: {tls.failure.in_words()}", lead=_LEAD)
        return
    only = ", only when old versions were offered" if tls.only_old else ""
    took = f", {tls.handshake_ms:.1f} ms" if tls.handshake_ms is not None else ""
    yield Line(f"{where}: {tls.protocol} with {tls.cipher}{only}{took}", lead=_LEAD)
    if not tls.only_old:
        not_known = f"not known ({tls.old_failure.in_words()})" if tls.old_failure is not None else "refused"
        yield Line(f"TLS 1.1 and older: {tls.old_version or not_known}", lead=_LEAD)
    if tls.certificate is not None:
        yield from _certificate(tls.certificate)
    elif tls.certificate_failure is not None:
        yield Line(tls.certificate_failure.in_words(), lead=_LEAD)
    why = f" ({tls.trust_failure.in_words()})" if tls.trust_failure is not None else ""
    chain = "not known" if tls.chain_length is None else str(tls.chain_length)
    yield Line(
        f"trusted here: {_KNOWN[tls.trusted]}{why}; for that name: {_KNOWN[tls.name_matches]}; "
        f"certificates sent: {chain}",
        lead=_LEAD,
    )
    yield Line(f"SHA-256 {tls.fingerprint_sha256}, by this computer's clock of {tls.clock}", lead=_LEAD)


def _certificate(certificate: Certificate) -> Iterator[Line]:
    names = ", ".join(certificate.names[:_NAMES_SHOWN]) or f"nobody (common name {certificate.common_name or 'none'})"
    more = certificate.names_total - _NAMES_SHOWN
    issuer = "itself" if certificate.self_signed else certificate.issuer or "nobody that it names"
    bits = f" {certificate.key_bits}" if certificate.key_bits is not None else ""
    signed = f", signed with {certificate.signature_hash}" if certificate.signature_hash is not None else ""
    yield Line(f"for {names}{f' and {more} more' if more > 0 else ''}, by {issuer}", lead=_LEAD)
    yield Line(
        f"valid from {certificate.not_before} to {certificate.not_after}, {certificate.days_left:.1f} days left; "
        f"key {certificate.key_type}{bits}{signed}",
        lead=_LEAD,
    )
