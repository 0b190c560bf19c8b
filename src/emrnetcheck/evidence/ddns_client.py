"""What was seen of the DDNS client on this computer: the program that tells the provider the office's address."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class ClientName:
    """One name that a client keeps. address: what it last published.

    result: the provider's last word ("good", "badauth" ..., help.dyn.com "return codes"), or one of the client's own
    ("failed"). Times in seconds since 1970; None: not told."""

    name: str
    address: str | None
    result: str | None
    updated_unix_s: float | None
    tried_unix_s: float | None


@dataclass(frozen=True, slots=True)
class Client:
    """One program.

    running: a process of it is there; None where processes cannot be listed. settings_failure: why its settings were
    not read; names and the rest are then not known. interval_s: how often it looks for a new address.
    address_from: where it takes the address from: "web", "interface", "router", "fixed" or "command".
    names: the EMR's name and what it is an alias of, where the client keeps them. other_names: how many more it keeps;
    which ones does not matter here, and a misread password could be among them.
    """

    program: str
    running: bool | None
    settings_failure: Failure | None
    interval_s: int | None
    address_from: str | None
    protocol: str | None
    server: str | None
    names: tuple[ClientName, ...]
    log_failure: Failure | None
    other_names: int = 0


@dataclass(frozen=True, slots=True)
class DdnsClient:
    """The DDNS clients of this computer; () if none was found. looked_at: the files and lists that were looked at."""

    clients: tuple[Client, ...]
    looked_at: tuple[str, ...]
