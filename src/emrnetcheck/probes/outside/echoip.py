"""What does an echoip service say about a port? It dials nobody but whoever asks it."""

from __future__ import annotations

import ipaddress
import json
import re
import time
from functools import partial

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.outside.common import DEFAULT_PORT, Place, untried

_TIMEOUT_S = 6.0
_NAMED = re.compile(r"echoip\+(https?)://(\[[0-9a-fA-F:]+\]|[^/:\[\]]+)(?::(\d{1,5}))?/?")
_TOLD = "this office's Internet address, and which of its ports it was asked to try"


def place(service: str) -> Place | None:
    """Where this service of the settings is; None where it is not of this kind."""
    named = _NAMED.fullmatch(service)
    if named is None:
        return None
    scheme, host = named.group(1), named.group(2).strip("[]")
    return Place(scheme, host, int(named.group(3) or DEFAULT_PORT[scheme]))


def ask(service: str, where: Place, port: int, context: Context, *, ends_s: float) -> OutsideTry:
    """One GET /port/N."""
    no_answer = partial(untried, service, port)
    found = context.lookup.resolve(where.host)
    if isinstance(found, Failure):
        return no_answer(found)
    context.ledger.told(where.host, _TOLD)
    started_s = time.monotonic()
    timeout_s = max(0.1, min(_TIMEOUT_S, ends_s - started_s - 0.1))
    answer = http.get(found.addresses[0], where.port, where.host, f"/port/{port}", tls=where.tls, timeout_s=timeout_s)
    if isinstance(answer, Failure):
        return no_answer(answer)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    said = parse(answer.response.body, port)
    if isinstance(said, Failure):
        return no_answer(Failure(said.kind, "ask", where.host, said.detail))
    address, reachable = said
    return OutsideTry(service, address, port, reachable, None, seconds=time.monotonic() - started_s)


def parse(body: bytes, port: int) -> tuple[str, bool] | Failure:
    """(the address that was dialled, whether it was reached) out of echoip's answer for this port; else MALFORMED."""
    try:
        said = json.loads(body)
        if not isinstance(said, dict):
            raise ValueError("no object")
        address = str(ipaddress.ip_address(str(said.get("ip"))))
    except (ValueError, RecursionError) as error:
        return Failure(FailureKind.MALFORMED, "read answer", detail=clean(str(error)))
    its_port, reachable = said.get("port"), said.get("reachable")
    if not isinstance(reachable, bool) or isinstance(its_port, bool) or its_port != port:
        return Failure(FailureKind.MALFORMED, "read answer", detail="it is about something else")
    return address, reachable
