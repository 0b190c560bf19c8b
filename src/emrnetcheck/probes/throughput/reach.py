"""Under which one address is a throughput server reached, and why could none be used?"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from emrnetcheck import __version__
from emrnetcheck.evidence.upload import ServerTry
from emrnetcheck.model import FAILURE_WORDS, Failure, FailureKind
from emrnetcheck.net.failures import DETAIL_MAX_CHARS, clean
from emrnetcheck.net.stoppable import until_stopped
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import host_of
from emrnetcheck.probes.throughput.target import Source, Target

AGENT = f"emrnetcheck/{__version__}"
_NOT_FOUND_DETAIL = "HTTP 404"


def endpoint_of(server: Target | Source, context: Context, told: str, ca_file: str | None) -> Endpoint | Failure:
    """Its address, IPv4 if there is one: the report names it. told: what a server on the Internet learns by it."""
    address = address_of(server, context)
    if isinstance(address, Failure):
        return address
    if ipaddress.ip_address(address).is_global:
        context.ledger.told(server.host, told)
    return Endpoint(address, server.port, server.host if server.tls else None, ca_file, server.pin)


def address_of(server: Target | Source, context: Context) -> str | Failure:
    """Where it is; nobody but the name servers learns of that."""
    return until_stopped(lambda: _address(server.host, context), lambda: context.stopped("look up"))


def _address(host: str, context: Context) -> str | Failure:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name
    found = context.lookup.resolve(host)
    if isinstance(found, Failure) and found.kind is FailureKind.NAME_NO_ADDRESS:
        found = context.lookup.resolve(host, version=6)
    if isinstance(found, Failure):
        return found
    return found.addresses[0]


def is_not_found(failure: Failure) -> bool:
    """Whether the server says that it has no such path: another kind of it may have another."""
    return failure.kind is FailureKind.HTTP_STATUS and failure.detail.startswith(_NOT_FOUND_DETAIL)


def stopped(context: Context, operation: str) -> Failure | None:
    """Why to give up now, if so."""
    return context.stopped(operation)


def reasons(skipped: Sequence[ServerTry]) -> str:
    """Why none could be used, each in a few words; with what the servers said if there is room for it."""
    named = [(host_of(entry.server), entry.failure) for entry in skipped]
    full = "; ".join(f"{name}: {Failure(why.kind, detail=why.detail).in_words()}" for name, why in named)
    short = "; ".join(f"{name}: {FAILURE_WORDS[why.kind]}" for name, why in named)
    return clean((full if len(full) <= DETAIL_MAX_CHARS else short) or "no server is set")
