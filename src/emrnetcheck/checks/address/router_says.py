"""What does the router say of itself, beside its address?"""

from __future__ import annotations

from collections.abc import Iterable

from emrnetcheck.evidence.address import Address
from emrnetcheck.model import Code, Contact, Finding, Severity

CODES = {
    "address.line_down": Code(
        Severity.NOTICE,
        "Your router itself says that its line is down ({state}).",
        "Look at the modem and its cable, then call your provider.",
        Contact.ISP,
    ),
    "address.upnp_enabled": Code(
        Severity.NOTICE,
        "Your router lets any program in the office open ports to the Internet ({by}).",
        "Forward the EMR's port by hand. Then turn UPnP, NAT-PMP and PCP off on the router.",
        Contact.ROUTER,
        "A harmful program on any computer in the office could open the way in.",
    ),
}


_METHOD_WORDS = {"upnp": "UPnP", "natpmp": "NAT-PMP", "pcp": "PCP", "ddwrt": "its DD-WRT page"}


def open_to_programs(seen: Address) -> list[Finding]:
    """Whether programs may open ports: of any router that offers it, whoever gets in."""
    ways = seen.router.opens_ports() if seen.router is not None else ()
    return [Finding("address.upnp_enabled", {"by": in_words(ways)}, "none", in_words(ways))] if ways else []


def line_down(seen: Address) -> list[Finding]:
    """Where nothing on the Internet answers: what the router itself says of its line."""
    state = seen.router.line_state() if seen.router is not None else None
    if state is None or state in ("Connected", "Unconfigured"):
        return []
    return [Finding("address.line_down", {"state": state}, "Connected", state)]


def in_words(methods: Iterable[str]) -> str:
    return ", ".join(_METHOD_WORDS.get(method, method) for method in methods)
