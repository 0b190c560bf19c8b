"""Is the certificate that answers the very one that the settings name by its fingerprint?"""

from __future__ import annotations

import functools
import hashlib
import ssl

from emrnetcheck.model import Failure, FailureKind


@functools.lru_cache(maxsize=1)
def pinned_context() -> ssl.SSLContext:
    """Who signed it says nothing where the one certificate that may answer is known: see `other_than`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


def other_than(pin: str, secure: ssl.SSLSocket, target: str) -> Failure | None:
    """After the handshake and before anything is sent: why it is not the one with this SHA-256 (lower-case hex)."""
    certificate = secure.getpeercert(binary_form=True)
    if certificate is not None and hashlib.sha256(certificate).hexdigest() == pin:
        return None
    return Failure(FailureKind.TLS_UNTRUSTED, "TLS handshake", target, "it is not the one in the settings")
