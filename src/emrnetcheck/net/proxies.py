"""Is this computer told to send Web traffic through a proxy?"""

from __future__ import annotations

import urllib.request

_KINDS = ("http", "https", "all", "socks")


def proxies() -> tuple[str, ...]:
    """For which kinds of address ("http", "https", "all", "socks"), by the environment or the system's own settings
    (macOS, Windows). Not which proxy: its address can hold a password."""
    return tuple(kind for kind in urllib.request.getproxies() if kind in _KINDS)
