"""What does a responder say about a port? It is this program at another site, and dials nobody but whoever asks it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Any

from emrnetcheck.evidence.port import HowShut, OutsideCertificate, OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import secrets
from emrnetcheck.probes.outside.api import Api
from emrnetcheck.probes.outside.common import Service, dialled, untried

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_STATES = {"open": None, "refused": HowShut.REFUSED, "timeout": HowShut.SILENT}


def token_headers(where: Service, token_source: str | None) -> tuple[tuple[str, str], ...] | Failure:
    """What makes it known who asks; none over plain HTTP, where everybody on the way could read it."""
    if token_source is None or not where.tls:
        return ()
    token = secrets.read(token_source)
    return token if isinstance(token, Failure) else (("Authorization", f"Bearer {token}"),)


def ask(service: str, api: Api, port: int, *, ends_s: float, certificate: bool) -> OutsideTry:
    """One GET /port/N."""
    started_s = time.monotonic()
    said = api.ask(f"/port/{port}{'?certificate=1' if certificate else ''}", ends_s=ends_s)
    seconds = time.monotonic() - started_s
    if isinstance(said, Failure):
        return untried(service, port, said, seconds=seconds)
    return read(service, said, port, seconds=seconds)


def read(service: str, said: Mapping[str, Any], port: int, *, seconds: float | None = None) -> OutsideTry:
    """The responder's answer for this port; with a failure where it is not one."""
    its_port, state, dial_ms = said.get("port"), said.get("state"), said.get("dial_ms")
    fingerprint, speaks_tls = said.get("fingerprint_sha256"), said.get("speaks_tls")
    address = dialled(said.get("address"))
    if isinstance(address, Failure):
        return untried(service, port, address)
    if isinstance(its_port, bool) or its_port != port or not isinstance(state, str) or state not in _STATES:
        return _malformed(service, port, "it is about something else")
    if fingerprint is not None and not (isinstance(fingerprint, str) and _FINGERPRINT.fullmatch(fingerprint)):
        return _malformed(service, port, "no fingerprint")
    if dial_ms is not None and not _is_time(dial_ms):
        return _malformed(service, port, "no time")
    is_open = state == "open"
    no_tls = is_open and fingerprint is None and speaks_tls is False
    return OutsideTry(
        service,
        address,
        port,
        is_open,
        None,
        how_shut=_STATES[state],
        certificate=OutsideCertificate(fingerprint) if fingerprint is not None and is_open else None,
        seconds=seconds,
        certificate_failure=Failure(FailureKind.NOT_TLS, "TLS handshake", address) if no_tls else None,
    )


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _malformed(service: str, port: int, why: str) -> OutsideTry:
    return untried(service, port, Failure(FailureKind.MALFORMED, "read answer", detail=why))
