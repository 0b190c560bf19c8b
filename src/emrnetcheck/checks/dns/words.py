"""What several parts of the dns check call by the same name."""

from __future__ import annotations

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.dns import ResolverHealth
from emrnetcheck.model import FailureKind

NO_ANSWER = (
    FailureKind.TIMEOUT,
    FailureKind.NAME_TIMEOUT,
    FailureKind.REFUSED,
    FailureKind.RESET,
    FailureKind.HOST_UNREACHABLE,
    FailureKind.NETWORK_UNREACHABLE,
    FailureKind.NO_ROUTE,
)
ONLY_ERRORS = (
    FailureKind.NAME_SERVER_FAILED,
    FailureKind.NAME_SERVER_REFUSED,
    FailureKind.NAME_NOT_FOUND,
    FailureKind.NAME_NO_ADDRESS,
    FailureKind.MALFORMED,
)


def is_here(resolver: ResolverHealth) -> bool:
    """It runs on this computer (systemd-resolved, dnsmasq, a filter), and asks others for what it does not know."""
    return address_class(resolver.server) is AddressClass.LOOPBACK


def listed(servers: tuple[str, ...]) -> str:
    return ", ".join(servers)
