"""What is a recipe?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TP_LINK = "TP-Link"
ASUS = "ASUS"
NETGEAR = "Netgear"
LINKSYS = "Linksys"
D_LINK = "D-Link"
FRITZ = "FRITZ!Box"
UNIFI = "UniFi"
MIKROTIK = "MikroTik"
OPENWRT = "OpenWrt"
PROVIDER = "a provider's box"

MENUS_DIFFER = "Menus differ by model and version; these are the usual places."


@dataclass(frozen=True, slots=True)
class Recipe:
    """steps: in order, one action each. menus: where it is on common routers, by family. seen: how to see that it
    worked."""

    id: str
    title: str
    steps: tuple[str, ...]
    seen: str
    menus: Mapping[str, str] = field(default_factory=dict)
