"""With which protocols, ciphers and authorities is a server spoken to that is only looked at?"""

from __future__ import annotations

import functools
import ssl

# What today's browsers take, and a little more: from TLS 1.2 on, with RSA key exchange, without RC4, 3DES, small DH.
_TODAY = "DEFAULT:@SECLEVEL=1"
# Without SECLEVEL=0 OpenSSL speaks no TLS 1.0, and an old Tomcat looks dead.
_ANY = "ALL:@SECLEVEL=0"
_LEGACY_SERVER = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)  # named from Python 3.12 on


@functools.lru_cache(maxsize=2)
def looking(*, oldest: bool) -> ssl.SSLContext:
    """Takes any certificate; with oldest, any protocol and cipher that OpenSSL has still."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if oldest else ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_ANY if oldest else _TODAY)
    # Browsers take servers without RFC 5746 (safe renegotiation); OpenSSL would not.
    context.options |= _LEGACY_SERVER
    return context


@functools.lru_cache(maxsize=8)
def trusting(authorities: tuple[str | None, str | None, str | None], *, check_name: bool) -> ssl.SSLContext:
    """authorities: a file of them, and what the environment says (SSL_CERT_FILE, SSL_CERT_DIR)."""
    # Loading the authorities takes tens of ms: once. The environment is part of the key only.
    context = ssl.create_default_context(cafile=authorities[0])
    context.check_hostname = check_name
    # Browsers take certificates that are not to the letter of RFC 5280; from 3.13 on Python would not.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(_ANY)
    context.options |= _LEGACY_SERVER
    return context
