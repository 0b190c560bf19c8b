"""Which certificate does the responder show, where it makes one itself? The client knows it by its fingerprint."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

_VALID_DAYS = 3650
"""Nobody checks it but by its fingerprint: an end of its own would only be one more thing that breaks."""
_FILE_MAX_BYTES = 1_000_000
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Files:
    """A certificate and its key, as PEM."""

    certificate: Path
    key: Path


class CertificateError(Exception):
    """What is wrong with a file, as one sentence."""


def self_made(name: str, folder: Path) -> Files:
    """The one of this name in the folder, made where there is none: it stays the same over restarts."""
    stem = re.sub(r"[^A-Za-z0-9.-]", "_", name)[:100]
    files = Files(folder / f"{stem}.pem", folder / f"{stem}.key")
    try:
        if not (files.certificate.is_file() and files.key.is_file()):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            certificate, key = _make(name)
            _write_private(files.key, key)
            _write_private(files.certificate, certificate)
    except OSError as error:
        raise CertificateError(f"The certificate cannot be kept in {folder}: {error.strerror}.") from error
    return files


def fingerprint(certificate: Path) -> str:
    """SHA-256 of the first certificate of the file: 64 lower-case hex digits."""
    try:
        with certificate.open("rb") as file:
            text = file.read(_FILE_MAX_BYTES).decode("ascii")
        begin = text.index(_BEGIN) + len(_BEGIN)
        return hashlib.sha256(base64.b64decode(text[begin : text.index(_END, begin)])).hexdigest()
    except OSError as error:
        raise CertificateError(f"The certificate {certificate} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CertificateError(f"{certificate} is no certificate in PEM form.") from error


def _write_private(path: Path, content: bytes) -> None:
    """Nobody else may ever read it, not even for a moment; written whole or not at all."""
    made = path.with_name(f".{path.name}.new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    made.replace(path)


def _make(name: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(encoding), secret


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
