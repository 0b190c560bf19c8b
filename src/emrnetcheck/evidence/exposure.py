"""What was seen of doors that must be shut: from outside, and by whom they are held open on the EMR host."""

from __future__ import annotations

from collections.abc import Collection
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
    OFFICE_ONLY = "office_only"
    """The EMR is for the office alone, so the address on the Internet is not looked up."""
    QUICK = "quick"
    """The run is a quick one, and the only services that are named take half a minute for it."""
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


def here(tries: tuple[OutsideTry, ...], address: str | None) -> list[OutsideTry]:
    """Answers that count: about the office's own address, as far as the service says which one it dialled."""
    return [each for each in tries if each.reachable is not None and each.address in (None, address)]


def says_all_open(service: str, answers: list[OutsideTry], control_port: int | None) -> bool:
    """The service found the control port open, or could not try it and found most others open: it tells nothing."""
    said = {each.port: bool(each.reachable) for each in answers if each.service == service}
    control = said.pop(control_port, None) if control_port is not None else None
    if control is not None:
        return control
    return 2 * sum(said.values()) > len(said)


def believed(
    tries: tuple[OutsideTry, ...], address: str | None, control_port: int | None, blind: Collection[str] = ()
) -> list[OutsideTry]:
    """The answers that count; those about the control port are left out.

    blind: services whose "shut" counts for nothing. One that found a door open is not blind, and open is open.
    """
    answers = here(tries, address)
    liars = {each.service for each in answers if says_all_open(each.service, answers, control_port)}
    told = [each for each in answers if each.service not in liars and each.port != control_port]
    seeing = {each.service for each in told if each.reachable}
    return [each for each in told if each.service in seeing or each.service not in blind]


def answered(
    tries: tuple[OutsideTry, ...], address: str | None, control_port: int | None, blind: Collection[str] = ()
) -> dict[int, bool]:
    """Port -> whether it is open, by the services that can be believed."""
    found: dict[int, bool] = {}
    for each in believed(tries, address, control_port, blind):
        found[each.port] = found.get(each.port, False) or bool(each.reachable)
    return found
