"""What a probe of Globalping tells of the certificate that it is shown, whoever made it and however old the TLS is."""

from __future__ import annotations

import hashlib
import socket
import ssl
from typing import Any

_NAME_CODES = (62, 64)
_CODES = {10: "CERT_HAS_EXPIRED", 18: "DEPTH_ZERO_SELF_SIGNED_CERT", 19: "SELF_SIGNED_CERT_IN_CHAIN"}


def certificate_seen(target: str, port: int, source: str, ca_path: str, *, timeout_s: float) -> dict[str, Any]:
    """As in the result of an http test: it asks by the address, and verifies without refusing. OSError: no TLS."""
    from cryptography import x509  # on use: the lab's servers must start fast

    lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lenient.check_hostname = False
    lenient.verify_mode = ssl.CERT_NONE
    lenient.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    lenient.set_ciphers("ALL:@SECLEVEL=0")
    with _connected(target, port, source, timeout_s) as plain, lenient.wrap_socket(plain) as secure:
        secure.sendall(f"HEAD / HTTP/1.1\r\nHost: {target}:{port}\r\nConnection: close\r\n\r\n".encode())
        secure.recv(4096)
        der = secure.getpeercert(binary_form=True) or b""
        protocol = secure.version()
    certificate = x509.load_der_x509_certificate(der)
    error = _why_untrusted(target, port, source, ca_path, timeout_s)
    digits = hashlib.sha256(der).hexdigest().upper()
    told: dict[str, Any] = {
        "authorized": not error,
        "protocol": protocol,
        "createdAt": certificate.not_valid_before_utc.isoformat().replace("+00:00", ".000Z"),
        "expiresAt": certificate.not_valid_after_utc.isoformat().replace("+00:00", ".000Z"),
        "subject": {"CN": certificate.subject.rfc4514_string().removeprefix("CN="), "alt": _alternatives(certificate)},
        "issuer": {"CN": certificate.issuer.rfc4514_string().removeprefix("CN=")},
        "fingerprint256": ":".join(digits[at : at + 2] for at in range(0, len(digits), 2)),
    }
    return {**told, "error": error} if error else told


def _alternatives(certificate: Any) -> str | None:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    names = [f"DNS:{name}" for name in found.get_values_for_type(x509.DNSName)]
    return ", ".join([*names, *(f"IP Address:{each}" for each in found.get_values_for_type(x509.IPAddress))])


def _why_untrusted(target: str, port: int, source: str, ca_path: str, timeout_s: float) -> str:
    strict = ssl.create_default_context(cafile=ca_path)
    try:
        with _connected(target, port, source, timeout_s) as plain, strict.wrap_socket(plain, server_hostname=target):
            return ""
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _NAME_CODES:
            return "ERR_TLS_CERT_ALTNAME_INVALID"
        return _CODES.get(error.verify_code, "UNABLE_TO_VERIFY_LEAF_SIGNATURE")
    except OSError:
        return "UNKNOWN"


def _connected(target: str, port: int, source: str, timeout_s: float) -> socket.socket:
    return socket.create_connection((target, port), timeout_s, (source, 0))
