"""Which doors are open that should be shut: a real database on the EMR host, and what the router offers outside?"""

from __future__ import annotations

import shutil
import sys
from enum import StrEnum
from pathlib import Path

from tests.lab.namespaces import Host, LabError

_ROOT = Path(__file__).resolve().parents[2]
_MARIADB_PORT = 3306
_TARPIT_PORT = 7777


class WanDoor(StrEnum):
    """What the router itself offers to the Internet."""

    TELNET = "telnet"
    PAGE = "page"
    """Its administration, over HTTP."""
    DNS = "dns"
    """Its forwarder resolves names for strangers."""
    EVERYTHING = "everything"
    """Something answers at each port that is not forwarded, as a SYN proxy or a tarpit does."""


_PORTS = {WanDoor.TELNET: 23, WanDoor.PAGE: 80, WanDoor.DNS: 53, WanDoor.EVERYTHING: _TARPIT_PORT}


def nat_rules(doors: tuple[WanDoor, ...], wan: str) -> list[str]:
    """For the router's prerouting chain, after its forwards."""
    return [f"iifname {wan} meta l4proto tcp redirect to :{_TARPIT_PORT}"] if WanDoor.EVERYTHING in doors else []


def input_rules(doors: tuple[WanDoor, ...], wan: str) -> list[str]:
    """For the router's input chain, before what is from outside is dropped."""
    lines = [f"iifname {wan} tcp dport {_PORTS[door]} accept" for door in doors]
    return [*lines, f"iifname {wan} udp dport 53 accept"] if WanDoor.DNS in doors else lines


def open_wan_doors(host: Host, doors: tuple[WanDoor, ...], address: str) -> None:
    """Start what answers there; the DNS forwarder is the router's own."""
    places = [f"{address}:{_PORTS[door]}" for door in doors if door in (WanDoor.TELNET, WanDoor.EVERYTHING)]
    if places:
        argv = [sys.executable, "-m", "tests.lab.listeners", *places]
        host.start(argv, log="wan-doors.log", env={"PYTHONPATH": str(_ROOT)})
    if WanDoor.PAGE in doors:
        argv = [sys.executable, "-m", "http.server", "80", "--bind", address]
        host.start(argv, log="wan-page.log", cwd=host.folder)
    for door in doors:
        host.wait_for(lambda port=_PORTS[door]: host.listening(port), timeout_s=10.0, what=f"the router's {door}")  # type: ignore[misc]


def start_mariadb(host: Host, bind: str) -> None:
    """A real MariaDB that has no tables and lets nobody stay: what counts is that it listens and greets."""
    program = shutil.which("mariadbd", path="/usr/local/sbin:/usr/sbin:/usr/bin:/bin")
    if program is None:
        raise LabError("mariadbd is missing (Debian: apt-get install mariadb-server-core)")
    folder = host.folder / "mariadb"
    folder.mkdir()
    small = ["--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--performance-schema=off"]
    host.start(
        [
            *(program, "--no-defaults", f"--datadir={folder}", "--user=root", "--skip-grant-tables", "--skip-log-bin"),
            *(f"--bind-address={bind}", f"--port={_MARIADB_PORT}", f"--socket={folder}/s", f"--pid-file={folder}/pid"),
            *small,
        ],
        log="mariadb.log",
    )
    host.wait_for(lambda: host.listening(_MARIADB_PORT), timeout_s=10.0, what="MariaDB", log="mariadb.log")
