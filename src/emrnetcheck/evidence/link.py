"""What was seen of this computer's own connection. Facts, no opinions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardCounters:
    """What a network card counts; None where the system or the driver does not tell.

    sent_*, received_*: whole frames and the bytes in them, whoever on this computer sent them. receive_errors,
    transmit_errors: damaged frames of every kind. Of these, where told: crc_errors (wrong check sum on arrival),
    frame_errors (not whole bytes), carrier_errors (no carrier while sending), late_collisions (after the first 64
    bytes: there are none where both ends agree on duplex). collisions are ordinary on a half-duplex link and no
    errors. carrier_changes: how often the link went or came, so that a loss that ended counts twice.
    """

    sent_frames: int | None = None
    received_frames: int | None = None
    sent_bytes: int | None = None
    received_bytes: int | None = None
    receive_errors: int | None = None
    transmit_errors: int | None = None
    crc_errors: int | None = None
    frame_errors: int | None = None
    carrier_errors: int | None = None
    collisions: int | None = None
    late_collisions: int | None = None
    carrier_changes: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The interface that leads towards the Internet.

    speed_mbps and duplex are None where the system does not report them (a virtual machine, a driver): that is not a
    fault. medium: "wired", "wifi" or "unknown". vpn: the way out leaves by a tunnel interface.
    errors_*: the interface's counters at the time, since it came up; None where not readable.
    card: the one network card below the interface, where that is a bridge, a bond or a VLAN; speed, duplex, medium
    and counters are the card's then.
    signal_dbm, or else signal_percent (Windows, 0 to 100), band ("2.4 GHz", "5 GHz", "6 GHz") and rate_mbps (what the
    radio sends at, not what gets through): Wi-Fi only. metered: the system has been told that traffic costs.
    counters: since the interface came up, read at counted_at_s on a clock of which only differences mean anything.
    method: of speed, duplex and medium: "sysfs", "ifconfig", "Get-NetAdapter" or "psutil"; None: nothing was read.
    ipv6: packets of IPv6 leave for the Internet, tunnels aside; None: an older version did not look.
    radio_method: of the signal and the band: "iw", "/proc/net/wireless", "system_profiler" or "netsh"; None: nothing.
    """

    interface: str | None
    address: str | None
    gateway: str | None
    medium: str
    speed_mbps: int | None
    duplex: str | None
    vpn: bool
    is_up: bool
    receive_errors: int | None
    transmit_errors: int | None
    card: str | None = None
    signal_dbm: int | None = None
    signal_percent: int | None = None
    band: str | None = None
    rate_mbps: float | None = None
    metered: bool | None = None
    counters: CardCounters | None = None
    counted_at_s: float | None = None
    method: str | None = None
    radio_method: str | None = None
    ipv6: bool | None = None
