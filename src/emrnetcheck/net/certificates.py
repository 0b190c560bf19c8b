"""What does a certificate say of itself? The one module that reads X.509, whatever is in it."""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean

NAMES_MAX = 20
_NAME_MAX_CHARS = 100
_DER_MAX_BYTES = 100_000
_DAY_S = 86_400.0

# All that reading a broken certificate raises; parts of it are only read when asked for.
_BROKEN = (
    ValueError,
    TypeError,
    OverflowError,
    LookupError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read:
    """A certificate's facts; what could not be read is None or empty. Times are ISO 8601, UTC.

    names: of the subject's alternative names, the first NAMES_MAX of names_total. self_signed: the issuer is the
    subject, and its own key signed it. issuer_named: it says where its issuer's certificate is kept, as those of
    public authorities do.
    """

    names: tuple[str, ...]
    names_total: int
    common_name: str | None
    issuer: str
    not_before: str
    not_after: str
    days_left: float
    days_old: float
    self_signed: bool
    is_authority: bool
    issuer_named: bool
    key_type: str
    key_bits: int | None
    signature_hash: str | None


def read(der: bytes, now: datetime) -> Read | Failure:
    """The facts of one certificate at the time `now`; MALFORMED where it is none."""
    try:
        certificate = _load(der)
        not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        names = [str(name.value) for name in _general_names(certificate)]
        key = _tolerant(lambda: _key(certificate), None)
        return Read(
            names=tuple(clean(name, _NAME_MAX_CHARS) for name in names[:NAMES_MAX]),
            names_total=len(names),
            common_name=_tolerant(lambda: _first(certificate.subject, NameOID.COMMON_NAME), None),
            issuer=_tolerant(lambda: _issuer(certificate), ""),
            not_before=not_before.isoformat(),
            not_after=not_after.isoformat(),
            days_left=(not_after - now.astimezone(UTC)).total_seconds() / _DAY_S,
            days_old=(now.astimezone(UTC) - not_before).total_seconds() / _DAY_S,
            self_signed=_tolerant(lambda: _issued(certificate, certificate), False),
            is_authority=_tolerant(lambda: _is_authority(certificate), False),
            issuer_named=_tolerant(lambda: _issuer_named(certificate), False),
            key_type=key[0] if key else "unknown",
            key_bits=key[1] if key else None,
            signature_hash=_tolerant(lambda: _hash(certificate), None),
        )
    except _BROKEN as error:
        return Failure(FailureKind.MALFORMED, "read certificate", detail=clean(str(error)))


def issuer_sent(chain_der: Sequence[bytes]) -> bool:
    """Whether the issuer of the first certificate is among the others."""
    if not chain_der:
        return False
    return any(_tolerant(partial(_issued_der, other, chain_der[0]), False) for other in chain_der[1:])


def is_for(der: bytes, host: str) -> bool:
    """Whether the certificate is for this name or address, as browsers see it (RFC 9525): never by its common name."""
    names = _tolerant(lambda: _general_names(_load(der)), None) or ()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(isinstance(name, x509.DNSName) and _covers(name.value, host) for name in names)
    return any(isinstance(name, x509.IPAddress) and name.value == address for name in names)


def _covers(pattern: str, host: str) -> bool:
    pattern, host = pattern.lower().rstrip("."), host.lower().rstrip(".")
    if pattern == host:
        return True
    first, dot, rest = host.partition(".")
    # A star stands for one whole label, and at least two follow it.
    return bool(first and dot and "." in rest) and pattern == f"*.{rest}"


def _load(der: bytes) -> x509.Certificate:
    if len(der) > _DER_MAX_BYTES:
        raise ValueError("too large")
    with warnings.catch_warnings():
        # What is odd in a stranger's certificate is not to be written on the terminal by a library.
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(der)


def _tolerant(get: Callable[[], T], otherwise: T) -> T:
    try:
        return get()
    except _BROKEN:
        return otherwise


def _general_names(certificate: x509.Certificate) -> tuple[x509.DNSName | x509.IPAddress, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _BROKEN:
        return ()
    return tuple(name for name in found if isinstance(name, x509.DNSName | x509.IPAddress))


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return clean(str(found[0].value), _NAME_MAX_CHARS) if found else None


def _issuer(certificate: x509.Certificate) -> str:
    parts = (_first(certificate.issuer, oid) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _issued_der(issuer: bytes, certificate: bytes) -> bool:
    return _issued(_load(issuer), _load(certificate))


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except UnsupportedAlgorithm:
        return True  # by the names alone: an old signature cannot be verified any more
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def _issuer_named(certificate: x509.Certificate) -> bool:
    told = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return any(one.access_method == AuthorityInformationAccessOID.CA_ISSUERS for one in told)


def _key(certificate: x509.Certificate) -> tuple[str, int | None]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return "EdDSA", None
    return "unknown", None


def _hash(certificate: x509.Certificate) -> str | None:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm is not None else None
