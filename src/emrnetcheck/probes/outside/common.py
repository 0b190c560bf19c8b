"""What all services outside have in common: how they are named in the settings, and many ports at once."""

from __future__ import annotations

import ipaddress
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import together

TOLD = "this office's Internet address, and which of its ports it was asked to try"

AT_ONCE = 20  # as many as the ports that must be shut: each silent one takes the service's whole time-out
_PORT_MAX = 65535
_DEFAULT_PORT = {"https": 443, "http": 80}
_NOT_OUTSIDE = frozenset(
    {AddressClass.PRIVATE, AddressClass.CGNAT, AddressClass.DSLITE, AddressClass.LOOPBACK, AddressClass.LINK_LOCAL}
)
_PAIR = "[0-9a-fA-F]{2}"
_NAMED = re.compile(
    r"(echoip|globalping|responder)\+(https?)://(\[[0-9a-fA-F:]+\]|[^/:\[\]#\s]+)(?::(\d{1,5}))?/?"
    rf"(?:#sha256=({_PAIR}(?::?{_PAIR}){{31}}))?"
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the settings. pin: the SHA-256 of the one certificate that it may have, 64 lower-case hex digits."""

    kind: str
    tls: bool
    host: str
    port: int
    pin: str | None = None


_GLOBALPING = Service("globalping", tls=True, host="api.globalping.io", port=443)


def parse(service: str) -> Service | None:
    """The service that this text of the settings names; None where it names none that is known."""
    if service == "globalping":
        return _GLOBALPING
    named = _NAMED.fullmatch(service)
    if named is None:
        return None
    kind, scheme, host, port, pin = named.groups()
    number = int(port or _DEFAULT_PORT[scheme])
    if not 0 < number <= _PORT_MAX or (pin is not None and (kind, scheme) != ("responder", "https")):
        return None
    return Service(kind, scheme == "https", host.strip("[]"), number, pin and pin.replace(":", "").lower())


def dialled(told: object) -> str | Failure:
    """The address that a service says it tried, an IPv4-mapped one as its IPv4 address.

    UNSUPPORTED where it is not on the Internet: that service is inside, too, and says nothing of outside.
    """
    try:
        address = ipaddress.ip_address(str(told))
    except ValueError:
        return Failure(FailureKind.MALFORMED, "read answer", detail="it does not tell which address it tried")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address_class(str(address)) in _NOT_OUTSIDE:
        why = f"it tried {address}, which is not on the Internet, so that is no test from outside"
        return Failure(FailureKind.UNSUPPORTED, "ask", detail=why)
    return str(address)


def untried(service: str, port: int, failure: Failure, *, seconds: float | None = None) -> OutsideTry:
    """The service gave no answer that counts."""
    return OutsideTry(service, None, port, None, failure, seconds=seconds)


def too_late(service: str) -> Failure:
    """It was not asked, or had not answered, when the time was over."""
    return Failure(FailureKind.OUT_OF_TIME, "ask", clean(service))


def at_once(
    service: str,
    ports: Sequence[int],
    ask: Callable[[int], OutsideTry],
    context: Context,
    *,
    ends_s: float,
    lanes: int = AT_ONCE,
) -> tuple[OutsideTry, ...]:
    """`ask` for each port, several side by side. Once the service says that it is too much, no more are asked."""
    done: dict[int, OutsideTry] = {}
    enough: list[Failure] = []
    lock = threading.Lock()

    def lane(mine: Sequence[int]) -> None:
        for port in mine:
            attempt = ask(port) if not enough else untried(service, port, enough[0])
            with lock:
                done[port] = attempt
                if attempt.failure is not None and attempt.failure.kind is FailureKind.RATE_LIMITED:
                    enough.append(attempt.failure)

    tasks = [partial(lane, ports[first::lanes]) for first in range(min(lanes, len(ports)))]
    together(tasks, context, limit_s=max(0.0, ends_s - time.monotonic()))
    with lock:
        return tuple(done.get(port, untried(service, port, too_late(service))) for port in ports)
