"""What does this computer's hosts file say of a name?"""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

from emrnetcheck.model import Failure
from emrnetcheck.net.failures import classify, clean

_SIZE_MAX_BYTES = 1024 * 1024  # lists that block advertising have tens of thousands of lines
_FOUND_MAX = 20


def path() -> Path:
    """Where it is on this system (Windows: below the folder that SystemRoot names)."""
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "drivers" / "etc" / "hosts"
    return Path("/etc/hosts")


def lines_for(hostname: str, file: Path | None = None) -> tuple[str, ...] | Failure:
    """The lines about the name, each as "line 3: 10.0.0.1 emr.example.org"; a Failure where it cannot be read."""
    file = file or path()
    try:
        with file.open("rb") as opened:
            data = opened.read(_SIZE_MAX_BYTES)
    except FileNotFoundError:
        return ()
    except OSError as error:
        return classify(error, "read", str(file))
    return lines_in(data, hostname)


def lines_in(data: bytes, hostname: str) -> tuple[str, ...]:
    """The lines (hosts(5): address, names, "#" begins a remark) that give the name an address; whatever the bytes."""
    wanted = hostname.rstrip(".").lower()
    found = []
    for number, line in enumerate(data.decode("utf-8-sig", errors="replace").split("\n"), start=1):
        words = line.partition("#")[0].split()
        if len(words) > 1 and wanted in (word.lower() for word in words[1:]) and _is_address(words[0]):
            found.append(clean(f"line {number}: {words[0]} {wanted}"))
    return tuple(found[:_FOUND_MAX])


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
