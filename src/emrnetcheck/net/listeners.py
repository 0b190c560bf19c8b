"""What on this computer accepts TCP connections, at which addresses and ports?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psutil

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify, clean

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Bound:
    """A port that something listens on. programs: their names, where the system lets this user see them."""

    port: int
    addresses: tuple[str, ...]
    programs: tuple[str, ...]


def listening_on(port: int) -> tuple[str, ...] | Failure:
    """The addresses that listeners on the port are bound to; () if there is none.

    Linux and Windows show them to every user. PERMISSION where the table may not be read (macOS without root).
    """
    table = _listeners()
    if isinstance(table, Failure):
        return table
    return tuple(sorted({address for number, address, _ in table if number == port}))


def listening_at(ports: Collection[int]) -> tuple[Bound, ...] | Failure:
    """Those of the ports that something listens on, in order. Docker's published ports are its proxy's."""
    table = _listeners()
    if isinstance(table, Failure):
        return table
    found = []
    for port in sorted(set(ports)):
        rows = [(address, pid) for number, address, pid in table if number == port]
        if rows:
            names = {_program_name(pid) for _, pid in rows if pid is not None} - {""}
            found.append(Bound(port, tuple(sorted({address for address, _ in rows})), tuple(sorted(names))))
    return tuple(found)


def _listeners() -> list[tuple[int, str, int | None]] | Failure:
    """(port, address, process id where it may be seen) of every listener."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return Failure(FailureKind.PERMISSION, "read the list of listeners")
    except (psutil.Error, OSError) as error:
        return classify(error, "read the list of listeners")
    return [
        (connection.laddr.port, connection.laddr.ip, connection.pid)
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr
    ]


def _program_name(pid: int) -> str:
    """A program may call itself what it likes, so the name is made harmless; "" where it has ended or is hidden."""
    try:
        return clean(psutil.Process(pid).name())[:_LONGEST_NAME]
    except (psutil.Error, OSError):
        return ""
