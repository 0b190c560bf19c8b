"""The certificate of the EMR's server, right or wrong, made as an authority or its owner would make it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.internet.certificates import Authority, write_pair
from tests.lab.plan import EmrCertificate

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_LIFETIME = dt.timedelta(days=90)
_BEGINS = {EmrCertificate.NOT_YET_VALID: dt.timedelta(days=3)}
_ENDS = {EmrCertificate.EXPIRED: dt.timedelta(days=-3), EmrCertificate.EXPIRING: dt.timedelta(days=10)}
_WRONG_NAME = "www.other-clinic.example"


def issue(kind: EmrCertificate, names: Sequence[str], authority: Authority, folder: Path) -> tuple[Path, Path]:
    """Files with what the server sends, and with its key."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if kind is EmrCertificate.WRONG_NAME:
        names = (_WRONG_NAME,)
    now = dt.datetime.now(dt.UTC)
    ends = now + _ENDS.get(kind, dt.timedelta(days=60))
    begins = now + _BEGINS[kind] if kind in _BEGINS else ends - _LIFETIME
    key: Key = ec.generate_private_key(ec.SECP256R1())
    if kind is EmrCertificate.WEAK_KEY:
        key = rsa.generate_private_key(65537, 1024)
    if kind is EmrCertificate.SELF_SIGNED:
        return write_pair(folder, [_signed(names, key, (begins, ends), None, key)], key)
    if kind in (EmrCertificate.INCOMPLETE_CHAIN, EmrCertificate.WHOLE_CHAIN):
        above, above_key = _intermediate(authority, (begins, ends))
        own = _signed(names, key, (begins, ends), above.subject, above_key)
        return write_pair(folder, [own] if kind is EmrCertificate.INCOMPLETE_CHAIN else [own, above], key)
    if kind is EmrCertificate.UNKNOWN_AUTHORITY:
        unknown = Authority.create(folder / "unknown")
        own = _signed(names, key, (begins, ends), unknown.name, unknown.key, issuer_named=False)
    else:
        own = _signed(names, key, (begins, ends), authority.name, authority.key)
    return write_pair(folder, [own], key)


def _intermediate(
    authority: Authority, dates: tuple[dt.datetime, dt.datetime]
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emrnetcheck lab intermediate")])
    builder = _begun(name, authority.name, key, dates).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return _finished(builder, key, authority.key), key


def _signed(
    names: Sequence[str],
    key: Key,
    dates: tuple[dt.datetime, dt.datetime],
    issuer: x509.Name | None,
    signer: Key,
    *,
    issuer_named: bool = True,
) -> x509.Certificate:
    """issuer None: it signs itself, as Java's keytool does. issuer_named: it says where its issuer's own is kept."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = _begun(subject, issuer or subject, key, dates)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    if issuer is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if issuer is not None and issuer_named:
        where = x509.UniformResourceIdentifier("http://ca.example.org/issuer.der")
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return _finished(builder, key, signer)


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, dates: tuple[dt.datetime, dt.datetime]
) -> x509.CertificateBuilder:
    from cryptography import x509

    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(dates[0]).not_valid_after(dates[1])


def _finished(builder: x509.CertificateBuilder, key: Key, signer: Key) -> x509.Certificate:
    """With both key identifiers: Python 3.13 verifies strictly and wants them."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    of_signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    of_own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(of_signer, critical=False).add_extension(of_own, critical=False)
    return builder.sign(signer, hashes.SHA256())
