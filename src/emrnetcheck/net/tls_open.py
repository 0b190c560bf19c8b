"""What did a server say in the open part of a TLS handshake, up to 1.2: its certificates, and does it ask for one?

For handshakes that break off, of which OpenSSL tells nothing more than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_HANDSHAKE = 22
_RECORD_HEAD_BYTES = 5
_MESSAGE_HEAD_BYTES = 4
_SERVER_HELLO, _CERTIFICATE, _CERTIFICATE_REQUEST, _SERVER_HELLO_DONE = 2, 11, 13, 14
_VERSIONS = {b"\3\1": "TLSv1", b"\3\2": "TLSv1.1", b"\3\3": "TLSv1.2"}
_CHAIN_MAX = 20


@dataclass(frozen=True, slots=True)
class AskedInTheOpen:
    """A server that showed its certificates, asked for the visitor's own, and was done speaking (RFC 5246, 7.4)."""

    protocol: str
    chain_der: tuple[bytes, ...]


def asks_for_certificate(received: bytes) -> AskedInTheOpen | None:
    """What the server had said, if it asked for a certificate; None if it did not, or did not say all that."""
    said = dict(_messages(received))
    protocol = _VERSIONS.get(said.get(_SERVER_HELLO, b"")[:2])
    chain = tuple(_certificates(said.get(_CERTIFICATE, b"")))
    if protocol is None or not chain or not {_CERTIFICATE_REQUEST, _SERVER_HELLO_DONE} <= said.keys():
        return None
    return AskedInTheOpen(protocol, chain)


def _messages(received: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, body) of each whole handshake message, up to the first record that is none."""
    spoken = bytearray()
    while len(received) >= _RECORD_HEAD_BYTES and received[0] == _HANDSHAKE:
        end = _RECORD_HEAD_BYTES + int.from_bytes(received[3:5])
        spoken += received[_RECORD_HEAD_BYTES:end]
        received = received[end:]
    at = 0
    while at + _MESSAGE_HEAD_BYTES <= len(spoken):
        end = at + _MESSAGE_HEAD_BYTES + int.from_bytes(spoken[at + 1 : at + _MESSAGE_HEAD_BYTES])
        if end > len(spoken):
            return
        yield spoken[at], bytes(spoken[at + _MESSAGE_HEAD_BYTES : end])
        at = end


def _certificates(body: bytes) -> Iterator[bytes]:
    """A list of them, each and the whole with a length of three bytes before it."""
    at = 3
    for _ in range(_CHAIN_MAX):
        end = at + 3 + int.from_bytes(body[at : at + 3])
        if end <= at + 3 or end > len(body):
            return
        yield body[at + 3 : end]
        at = end
