"""What the office's router said of its own side of the Internet. Facts, as it told them; it can be wrong or lie."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.model import Failure


class Told(StrEnum):
    """What one way of asking the router came to."""

    ADDRESS = "address"
    NONE = "none"
    """It answered that it has no address: empty, 0.0.0.0, or NAT-PMP's result 3."""
    NOT_TOLD = "not_told"
    """It answered, but this way of asking cannot tell an address."""
    NO_ANSWER = "no_answer"
    """failure says why."""


@dataclass(frozen=True, slots=True)
class WanAnswer:
    """One way of asking. method: "upnp", "natpmp", "pcp" or "ddwrt". service: the UPnP service, such as
    "WANIPConnection:1". state: the state of the line in the router's own word, such as "Connected", or a result number.
    """

    method: str
    told: Told
    address: str | None = None
    service: str | None = None
    state: str | None = None
    rtt_ms: float | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class UpnpDevice:
    """How the router describes itself; igd_version 1 or 2, None where it does not call itself a gateway."""

    location: str
    igd_version: int | None
    friendly_name: str
    manufacturer: str
    model: str


@dataclass(frozen=True, slots=True)
class PortMapping:
    """The EMR's port as a program had it opened by UPnP. A forward typed into the router is not among these."""

    external_port: int
    internal_client: str
    internal_port: int | None
    enabled: bool | None
    description: str
    lease_s: int | None


@dataclass(frozen=True, slots=True)
class SecondBox:
    """The next router outside, where its address is a private one. answered: by which ways it answered to somebody in
    the office ("http", "https" and the methods of WanAnswer): a consumer router does. hops_apart_ms: how much
    farther it is than the own router; None: not known. address_outside: the outside address that it tells."""

    address: str
    answered: tuple[str, ...]
    hops_apart_ms: float | None
    address_outside: str | None


@dataclass(frozen=True, slots=True)
class Wan:
    """gateway None: no router is known to ask. mapping None: none, or it was not told (mapping_failure says why)."""

    gateway: str | None
    answers: tuple[WanAnswer, ...] = ()
    device: UpnpDevice | None = None
    mapping: PortMapping | None = None
    mapping_failure: Failure | None = None
    second_box: SecondBox | None = None

    def addresses(self) -> tuple[str, ...]:
        """The different addresses that the router named, in the order of the answers."""
        return tuple(dict.fromkeys(answer.address for answer in self.answers if answer.address is not None))

    def outside(self, public: str | None) -> str | None:
        """The address towards the Internet: the one that the Internet sees, if it is among those that the router named;
        it has others for telephone and television. Else the only one; None where they contradict each other."""
        named = self.addresses()
        if public is not None and public in named:
            return public
        return named[0] if len(named) == 1 else None

    def named_by(self, address: str) -> tuple[str, ...]:
        """The methods that named this address."""
        return tuple(dict.fromkeys(answer.method for answer in self.answers if answer.address == address))

    def opens_ports(self) -> tuple[str, ...]:
        """The methods that answered and by which any program may ask the router to open a port."""
        named = {answer.method for answer in self.answers if answer.told is not Told.NO_ANSWER}
        return tuple(method for method in ("upnp", "natpmp", "pcp") if method in named)

    def says_none(self) -> bool:
        """The router answered that it has no address, and no other way of asking gave one."""
        return not self.addresses() and any(answer.told is Told.NONE for answer in self.answers)

    def line_state(self) -> str | None:
        """The state of the line by UPnP: "Connected" if any service says so."""
        states = [answer.state for answer in self.answers if answer.method == "upnp" and answer.state]
        return "Connected" if "Connected" in states else next(iter(states), None)
