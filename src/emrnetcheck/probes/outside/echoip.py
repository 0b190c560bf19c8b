"""What does an echoip service say about a port? It dials nobody but whoever asks it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.outside.api import Api
from emrnetcheck.probes.outside.common import dialled, untried


def ask(service: str, api: Api, port: int, *, ends_s: float) -> OutsideTry:
    """One GET /port/N."""
    started_s = time.monotonic()
    said = api.ask(f"/port/{port}", ends_s=ends_s)
    found = said if isinstance(said, Failure) else read(said, port)
    seconds = time.monotonic() - started_s
    if isinstance(found, Failure):
        return untried(service, port, found, seconds=seconds)
    address, reachable = found
    return OutsideTry(service, address, port, reachable, None, seconds=seconds)


def read(said: Mapping[str, Any], port: int) -> tuple[str, bool] | Failure:
    """(the address that was dialled, whether it was reached) out of echoip's answer for this port; else MALFORMED."""
    address = dialled(said.get("ip"))
    if isinstance(address, Failure):
        return address
    its_port, reachable = said.get("port"), said.get("reachable")
    if not isinstance(reachable, bool) or isinstance(its_port, bool) or its_port != port:
        return Failure(FailureKind.MALFORMED, "read answer", detail="it is about something else")
    return address, reachable
