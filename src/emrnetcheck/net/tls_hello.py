"""Does a server still take TLS 1.1 or older? A client hello of our own, and the first message of the answer.

By hand, because an operating system may have forbidden its own OpenSSL to offer what is asked here.
"""

from __future__ import annotations

import ipaddress
import os
import socket

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify
from emrnetcheck.net.tcp import endpoint_text
from emrnetcheck.net.tls import what_else

_OPERATION = "old TLS"
_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1"}
_TLS_1_0, _TLS_1_1 = 0x0301, 0x0302
_ALERT, _HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO = 21, 22, 1, 2
_RECORD_HEAD_BYTES = 5
_NEEDED_BYTES = 11  # record head, handshake head of 4, version of 2
_RECORD_MAX_BYTES = 16 * 1024 + 256

# What servers of that time offer: ECDHE, DHE and RSA key exchange with AES, 3DES and RC4 (RFC 4346, 4492, 5246).
_CIPHERS = (
    *(0xC014, 0xC013, 0xC00A, 0xC009, 0x0039, 0x0033, 0x0038, 0x0032),
    *(0x0035, 0x002F, 0xC012, 0xC008, 0x0016, 0x000A, 0x0005, 0x0004),
    0x00FF,
)
_CURVES = (0x001D, 0x0017, 0x0018, 0x0019)


def old_version(address: str, port: int, *, server_name: str | None, timeout_s: float) -> str | Failure:
    """The newest of TLS 1.1, TLS 1.0 and SSL 3 that the server takes; TLS_PROTOCOL where it takes none of them."""
    target = endpoint_text(address, port)
    deadline = Deadline.after(timeout_s)
    data = b""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(max(deadline.remaining_s(), 0.001))
            sock.connect((address, port))
            sock.sendall(client_hello(server_name))
            while (said := read_answer(data, target)) is None:
                if deadline.passed():
                    raise TimeoutError
                sock.settimeout(max(deadline.remaining_s(), 0.001))
                piece = sock.recv(_NEEDED_BYTES - len(data))
                if not piece:
                    raise ConnectionResetError
                data += piece
    except ConnectionResetError:
        # Some servers just hang up on what they do not take.
        return Failure(FailureKind.TLS_PROTOCOL, _OPERATION, target, "it hung up")
    except OSError as error:
        return classify(error, _OPERATION, target)
    return said


def read_answer(data: bytes, target: str = "") -> str | Failure | None:
    """The version of a server hello; a Failure for an alert or anything else; None while more bytes are needed."""
    other = what_else(data, target)
    if other is not None:
        return other
    if len(data) < _RECORD_HEAD_BYTES:
        return None
    kind, length = data[0], int.from_bytes(data[3:5])
    if kind == _ALERT:
        return Failure(FailureKind.TLS_PROTOCOL, _OPERATION, target)
    if kind != _HANDSHAKE or length > _RECORD_MAX_BYTES:
        return Failure(FailureKind.MALFORMED, _OPERATION, target)
    if len(data) < _NEEDED_BYTES:
        return None
    version = int.from_bytes(data[9:11])
    if data[5] != _SERVER_HELLO or version not in _VERSIONS:
        return Failure(FailureKind.MALFORMED, _OPERATION, target)
    return _VERSIONS[version]


def client_hello(server_name: str | None) -> bytes:
    """One record with a TLS 1.1 client hello (RFC 4346) and the extensions that servers of today want to see."""
    extensions = b"".join((_server_name(server_name), _extension(10, _list(_pairs(_CURVES))), _extension(11, b"\1\0")))
    body = b"".join(
        (
            _TLS_1_1.to_bytes(2),
            os.urandom(32),
            b"\0",  # no session to resume
            _list(_pairs(_CIPHERS)),
            b"\1\0",  # no compression
            _list(extensions),
        )
    )
    message = bytes([_CLIENT_HELLO]) + len(body).to_bytes(3) + body
    return bytes([_HANDSHAKE]) + _TLS_1_0.to_bytes(2) + _list(message)


def _server_name(name: str | None) -> bytes:
    """RFC 6066: a host name, never an address."""
    if not name or _is_address(name):
        return b""
    try:
        ascii_name = name.encode("idna") if not name.isascii() else name.encode("ascii")
    except UnicodeError:
        return b""
    return _extension(0, _list(b"\0" + _list(ascii_name)))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _pairs(numbers: tuple[int, ...]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)


def _list(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2) + _list(data)
