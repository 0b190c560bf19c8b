"""What was seen of doors that must be shut: from outside, and by whom they are held open on the EMR host."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure


class HeldBack(StrEnum):
    """Why nobody outside was asked to try a door of this office."""

    OFFLINE = "offline"
    NO_CONSENT = "no_consent"
    NO_SERVICE = "no_service"
    """The settings name none."""
    NO_ADDRESS = "no_address"
    """The office's address on the Internet is not known, or only one witness told it."""
    VPN = "vpn"
    """This computer's way out is a VPN's: its address is not the office's."""
    NOT_ONE_ADDRESS = "not_one_address"
    """The witnesses differ: a proxy, a VPN or two lines are in between."""
    SHARED = "shared"
    """The address is the provider's, and shared with others."""
    BEHIND_ANOTHER = "behind_another"
    """The router is behind another box, and nothing shows that the address leads to this office."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of the list at which something on this computer accepts connections.

    bind: the addresses. programs: which, as far as the system lets this user see.
    """

    port: int
    bind: tuple[str, ...]
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """Doors that must be shut.

    ports: what was on the list. address: the office's own verified address, the only one that is tried.
    held_back: why nobody outside was asked; None: somebody was. control_port: one that is surely shut, tried as well.
    tries: one for each port and service; a second service is asked only for what the first left open.
    is_emr_host: this computer is the server, as far as the settings say. listeners: there, at these ports; None: not
    the server, or the table cannot be read (listeners_failure).
    """

    ports: tuple[int, ...]
    address: str | None
    held_back: HeldBack | None
    control_port: int | None
    tries: tuple[OutsideTry, ...]
    is_emr_host: bool
    listeners: tuple[Listener, ...] | None
    listeners_failure: Failure | None = None
    seconds: float | None = None
