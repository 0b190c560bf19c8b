"""How many bytes have gone through the interface that leads to a host, whoever on this computer sent them?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.net import host, routes


@dataclass(frozen=True, slots=True)
class Counters:
    """Bytes of frames since the interface came up, headers included."""

    sent_bytes: int
    received_bytes: int


def interface_towards(address: str) -> str | None:
    """The interface whose address the system would send from; None where it has no way there."""
    source = routes.source_address(address, version=6 if ":" in address else 4)
    return routes.own_addresses().get(source) if isinstance(source, str) else None


def read(interface: str) -> Counters | None:
    """The interface's counters now; None where the system does not tell.

    Linux: /proc/net/dev, the same numbers as /sys/class/net/NAME/statistics. Some Wi-Fi and USB drivers bring them up
    to date only once a second or so.
    """
    seen = host.byte_counters(interface)
    return None if seen is None else Counters(*seen)
