"""What went wrong? The one place where an exception becomes a Failure."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import unicodedata

from emrnetcheck.model import Failure, FailureKind

DETAIL_MAX_CHARS = 200

# Windows numbers (WSAE...) are listed beside the POSIX names: errno has them only on Windows, tests run everywhere.
_BY_ERRNO: dict[int, FailureKind] = {
    errno.ECONNREFUSED: FailureKind.REFUSED,
    10061: FailureKind.REFUSED,
    errno.ECONNRESET: FailureKind.RESET,
    errno.ECONNABORTED: FailureKind.RESET,
    errno.EPIPE: FailureKind.RESET,
    10053: FailureKind.RESET,
    10054: FailureKind.RESET,
    errno.ETIMEDOUT: FailureKind.TIMEOUT,
    errno.EAGAIN: FailureKind.TIMEOUT,
    10060: FailureKind.TIMEOUT,
    errno.EHOSTUNREACH: FailureKind.HOST_UNREACHABLE,
    errno.EHOSTDOWN: FailureKind.HOST_UNREACHABLE,
    10064: FailureKind.HOST_UNREACHABLE,
    10065: FailureKind.HOST_UNREACHABLE,
    errno.ENETUNREACH: FailureKind.NO_ROUTE,
    errno.ENETDOWN: FailureKind.NO_ROUTE,
    errno.EADDRNOTAVAIL: FailureKind.NO_ROUTE,
    10049: FailureKind.NO_ROUTE,
    10050: FailureKind.NO_ROUTE,
    10051: FailureKind.NO_ROUTE,
    errno.EACCES: FailureKind.PERMISSION,
    errno.EPERM: FailureKind.PERMISSION,
    10013: FailureKind.PERMISSION,
    errno.EMFILE: FailureKind.LOCAL_RESOURCE,
    errno.ENFILE: FailureKind.LOCAL_RESOURCE,
    errno.ENOBUFS: FailureKind.LOCAL_RESOURCE,
    errno.ENOMEM: FailureKind.LOCAL_RESOURCE,
    10024: FailureKind.LOCAL_RESOURCE,
    10055: FailureKind.LOCAL_RESOURCE,
    errno.EAFNOSUPPORT: FailureKind.UNSUPPORTED,
    errno.EPROTONOSUPPORT: FailureKind.UNSUPPORTED,
    10047: FailureKind.UNSUPPORTED,
}

ERRNOS = tuple(_BY_ERRNO)
"""The error numbers that have a kind of their own."""

_BY_GAI: dict[int, FailureKind] = {
    socket.EAI_NONAME: FailureKind.NAME_NOT_FOUND,
    socket.EAI_AGAIN: FailureKind.NAME_TIMEOUT,
    socket.EAI_FAIL: FailureKind.NAME_SERVER_FAILED,
    11001: FailureKind.NAME_NOT_FOUND,
    11002: FailureKind.NAME_TIMEOUT,
    11004: FailureKind.NAME_NO_ADDRESS,
}
if hasattr(socket, "EAI_NODATA"):
    _BY_GAI[socket.EAI_NODATA] = FailureKind.NAME_NO_ADDRESS

# OpenSSL's X509_V_ERR numbers (x509_vfy.h).
_TLS_EXPIRED = 10
_TLS_NAME = (62, 64)


# What OpenSSL calls it when the server ends the handshake, and what it is in plain words.
_ALERTS = {
    "CERTIFICATE_REQUIRED": FailureKind.TLS_CERTIFICATE_WANTED,
    "BAD_CERTIFICATE": FailureKind.TLS_CERTIFICATE_WANTED,
}
_TLS_WORDS = {
    "PROTOCOL_VERSION": "no common TLS version",
    "UNSUPPORTED_PROTOCOL": "no common TLS version",
    "HANDSHAKE_FAILURE": "the server ends it, without a reason (alert 40)",
    "NO_SHARED_CIPHER": "no common cipher",
    "WRONG_VERSION_NUMBER": "the answer is no TLS",
    "UNRECOGNIZED_NAME": "the server does not know this name",
    "INTERNAL_ERROR": "the server has an error of its own",
}


class CertificateWantedError(ssl.SSLError):
    """The server chose how to encrypt, then ended the handshake: it wants a certificate of the visitor's own."""


def wants_certificate(error: ssl.SSLError, *, chosen: bool) -> bool:
    """Whether that is why TLS failed. chosen: the server had already chosen how to encrypt, so it was not that."""
    return chosen and (error.reason or "").endswith("ALERT_HANDSHAKE_FAILURE")


def clean(text: str, limit_chars: int = DETAIL_MAX_CHARS) -> str:
    """Text from the network made safe to show: no control, format or surrogate characters, one line, cut."""
    kept = "".join(ch if unicodedata.category(ch)[0] != "C" else " " for ch in text[: limit_chars * 4])
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit_chars else kept[: limit_chars - 1] + "…"


def classify(error: BaseException, operation: str, target: str = "") -> Failure:
    """The Failure for an exception of the network, TLS or HTTP libraries; an unknown one is OTHER, with its text."""
    kind, detail = _kind_and_detail(error)
    return Failure(kind, operation, clean(target), clean(detail))


def _kind_and_detail(error: BaseException) -> tuple[FailureKind, str]:
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    if isinstance(error, socket.gaierror):
        return _BY_GAI.get(error.errno or 0, FailureKind.NAME_SERVER_FAILED), ""
    if isinstance(error, TimeoutError):
        return FailureKind.TIMEOUT, ""
    if isinstance(error, http.client.HTTPException):
        return FailureKind.MALFORMED, f"{type(error).__name__}"
    if isinstance(error, OSError):
        known = _BY_ERRNO.get(getattr(error, "winerror", None) or error.errno or 0)
        return (known, "") if known else (FailureKind.OTHER, error.strerror or str(error))
    if isinstance(error, UnicodeError | ValueError):
        return FailureKind.MALFORMED, str(error)
    return FailureKind.OTHER, f"{type(error).__name__}: {error}"


def _tls(error: ssl.SSLError) -> tuple[FailureKind, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _TLS_EXPIRED:
            return FailureKind.TLS_EXPIRED, ""
        if error.verify_code in _TLS_NAME:
            return FailureKind.TLS_NAME_MISMATCH, ""
        return FailureKind.TLS_UNTRUSTED, error.verify_message
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return FailureKind.RESET, ""
    if isinstance(error, CertificateWantedError):
        return FailureKind.TLS_CERTIFICATE_WANTED, ""
    reason = error.reason or ""
    if "TIMED OUT" in str(error).upper():
        return FailureKind.TIMEOUT, ""
    _, _, alert = reason.rpartition("ALERT_")
    if alert in _ALERTS and alert != reason:
        return _ALERTS[alert], ""
    return FailureKind.TLS_PROTOCOL, _TLS_WORDS.get(alert, reason.replace("_", " ").lower())
