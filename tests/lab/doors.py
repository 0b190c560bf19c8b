"""Which doors are shut that should be open: the EMR host's own firewall, and a filter at the ISP?"""

from __future__ import annotations

from enum import StrEnum

_OFFICE = "192.168.1.0/24"


class HostFirewall(StrEnum):
    """What the EMR host's own firewall does with connections to the EMR's port from other computers."""

    NONE = "none"
    DROP = "drop"
    """Nobody gets an answer."""
    REJECT = "reject"
    """A reset, as if nothing listened."""
    PROHIBITED = "prohibited"
    """An ICMP message that says that it is forbidden."""
    LAN_ONLY = "lan_only"
    """The office gets in; what comes from outside arrives, and is not answered."""
    FEW = "few"
    """Six new connections a second get an answer, and twelve at once after a pause."""


class UpstreamFilter(StrEnum):
    """What the ISP does with connections to TCP 8443 of its customers."""

    NONE = "none"
    DROP = "drop"
    REJECT = "reject"
    """A reset in the customer's name."""


_VERDICTS = {
    HostFirewall.DROP: "drop",
    HostFirewall.REJECT: "reject with tcp reset",
    HostFirewall.PROHIBITED: "reject with icmpx type admin-prohibited",
    HostFirewall.LAN_ONLY: "drop",
    HostFirewall.FEW: "drop",
}

_MANY = "tcp flags syn / fin,syn,rst,ack limit rate over 6/second burst 12 packets "


def host_firewall(kind: HostFirewall, port: int) -> str:
    """nftables rules for the EMR host. Itself it may connect, by any of its addresses, as with every usual firewall."""
    lines = ["table inet firewall {", "chain input {", "type filter hook input priority filter", "iif lo accept"]
    if kind is HostFirewall.LAN_ONLY:
        lines.append(f"ip saddr {_OFFICE} accept")
    new = (
        "tcp flags syn / fin,syn,rst,ack limit rate over 6/second burst 12 packets " if kind is HostFirewall.FEW else ""
    )
    lines.append(f"tcp dport {port} {new}{_VERDICTS[kind]}")
    return "\n".join([*lines, "}", "}", ""])


def upstream_filter(kind: UpstreamFilter, port: int, core: str) -> str:
    """nftables rules for the ISP, whose other side is `core`: what comes from there to the port goes no further."""
    verdict = "drop" if kind is UpstreamFilter.DROP else "reject with tcp reset"
    head = ["table inet upstream {", "chain forward {", "type filter hook forward priority filter - 1"]
    return "\n".join([*head, f"iifname {core} tcp dport {port} {verdict}", "}", "}", ""])
