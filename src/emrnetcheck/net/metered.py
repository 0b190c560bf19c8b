"""Has this computer been told that what goes over its connection costs money?"""

from __future__ import annotations

import sys

from emrnetcheck.model import Failure
from emrnetcheck.net.programs import output_of

# Windows.Networking.Connectivity.NetworkCostType, as a number: 0 unknown, 1 unrestricted, 2 fixed, 3 variable.
# Windows PowerShell 5.1, which every Windows has, knows these classes; PowerShell 7 does not.
_COST = (
    "[int][Windows.Networking.Connectivity.NetworkInformation,Windows.Networking.Connectivity,"
    "ContentType=WindowsRuntime]::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType"
)
_COSTS = {"1": False, "2": True, "3": True}


def metered(interface: str) -> bool | None:
    """By NetworkManager on Linux, by the connection's cost on Windows; None where nobody tells, as on macOS."""
    if sys.platform == "linux":
        text = output_of(["nmcli", "-t", "-f", "GENERAL.METERED", "device", "show", interface])
        return None if isinstance(text, Failure) else parse_nmcli(text)
    if sys.platform == "win32":
        text = output_of(["powershell", "-NoProfile", "-NonInteractive", "-Command", _COST], timeout_s=5.0)
        return None if isinstance(text, Failure) else _COSTS.get(text.strip())
    return None


def parse_nmcli(text: str) -> bool | None:
    """NMMetered in words: "GENERAL.METERED:no (guessed)". A guess comes from the other end, such as a telephone's."""
    said = text.strip().removeprefix("GENERAL.METERED:").split()
    return {"yes": True, "no": False}.get(said[0]) if said else None
