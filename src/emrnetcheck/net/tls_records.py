"""How many bytes does TLS add to what it carries?"""

from __future__ import annotations

import ssl

RECORD_BYTES = 16384  # RFC 8446 section 5.1: the most plaintext that one record may hold
# Header 5 + content type 1 + tag 16 (RFC 8446 5.2); TLS 1.2: header 5 + nonce 8 + tag 16 (RFC 5288), ChaCha20 without
# the nonce (RFC 7905).
_TLS_13_OVERHEAD_BYTES = 22
_TLS_12_GCM_OVERHEAD_BYTES = 29
_TLS_12_CHACHA_OVERHEAD_BYTES = 21


def record_overhead_bytes(sock: ssl.SSLSocket) -> int:
    """Beside the plaintext, in each record of this connection."""
    if sock.version() == "TLSv1.3":
        return _TLS_13_OVERHEAD_BYTES
    cipher = sock.cipher()
    return _TLS_12_CHACHA_OVERHEAD_BYTES if cipher and "CHACHA20" in cipher[0] else _TLS_12_GCM_OVERHEAD_BYTES
