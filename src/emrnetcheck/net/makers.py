"""Who made the network card with this hardware address?"""

from __future__ import annotations

import re

from emrnetcheck.net.failures import clean

_NAME_MAX_CHARS = 60
_MAC = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_LOCAL, _GROUP = 0x02, 0x01


def maker_of(mac: str) -> str | None:
    """The maker's name by the list of IEEE's assignments that comes with scapy; None where it says nothing.

    mac: six bytes with colons or hyphens. None too for an address that was made up by software (its second bit says
    so: randomised Wi-Fi, virtual machines), and where scapy was left out.
    """
    text = mac.upper().replace("-", ":")
    if not _MAC.fullmatch(text) or int(text[:2], 16) & (_LOCAL | _GROUP):
        return None
    try:
        from scapy.libs.manuf import DATA
    except Exception:  # noqa: BLE001 - left out, or a version without the list
        return None
    # Small makers share a block: the longest prefix names the right one.
    for prefix in (f"{text[:13]}0/36", f"{text[:10]}0/28", text[:8]):
        name = _named(str(DATA), prefix)
        if name is not None:
            return name
    return None


def _named(listing: str, prefix: str) -> str | None:
    """A line is: prefix, spaces, tab, short name, spaces, tab, full name."""
    at = listing.find(f"\n{prefix} ")
    if at < 0:
        at = listing.find(f"\n{prefix}\t")
    if at < 0:
        return None
    columns = listing[at + 1 : listing.find("\n", at + 1)].split("\t")
    return clean(columns[-1], _NAME_MAX_CHARS) or None if len(columns) > 1 else None
