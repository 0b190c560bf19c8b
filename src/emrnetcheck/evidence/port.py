"""What was seen of the EMR's port, from here, on the LAN, and from outside."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class PortTry:
    """One attempt to connect. open None: could not be tried (failure says why)."""

    address: str
    port: int
    open: bool | None
    rtt_ms: float | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class OutsideTry:
    """What a service outside said about the port.

    address: the address that the service dialled, as it says. reachable None: it gave no answer that counts
    (failure says why). The service cannot tell refused from filtered unless refused is set.
    """

    service: str
    address: str | None
    port: int
    reachable: bool | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Port:
    """The EMR's port.

    is_emr_host: this computer is the server. listening: a listener exists on this computer (None where this is not
    the server or the table cannot be read). bind: the addresses that the listeners are bound to.
    loopback: connecting to 127.0.0.1 on the server. lan: connecting to the server's LAN address.
    hairpin: connecting to the public name or address from inside; proves nothing about outside.
    """

    port: int
    is_emr_host: bool
    listening: bool | None
    bind: tuple[str, ...]
    loopback: PortTry | None
    lan: PortTry | None
    hairpin: PortTry | None
    outside: tuple[OutsideTry, ...]
    syn_seen: bool | None = None
    fingerprint_lan: str | None = None
    fingerprint_outside: str | None = None
