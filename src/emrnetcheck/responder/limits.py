"""How much does the responder do for anybody, at the most?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.profiles import CONTROL_PORTS, EVERY_CLOSED_PORT

MIB = 1024 * 1024
HOUR_S = 3600.0

DEFAULT_PORTS = frozenset(
    {443, 8443}  # where an EMR is meant to be reached
    | EVERY_CLOSED_PORT  # what should be shut, asked for by `exposure`
    | set(CONTROL_PORTS)  # what is surely shut, by which it tells a service that says "open" to everything
)
"""What a clinic asks for. Nothing else is dialled unless whoever runs the responder says so."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket: so much at once, and so much more each second."""

    burst: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """All of them. Of whom each is: see peers.Keys.

    connects: a delay is measured with ten connections a second (throughput/delays.py). dials: a run asks for up to 22
    ports, and four runs in a row are to work. dials_new: kept for sites that have had less than dials_new_each lately,
    whatever the others do; so are dials_new_at_once. A transfer's bytes are those of a bucket that an hour fills; no
    site has more than an eighth of all.
    """

    connections: int = 128
    connections_address: int = 32
    connections_prefix: int = 64
    connects_address: Rate = Rate(128, 16)
    connects_prefix: Rate = Rate(256, 32)
    requests_address: Rate = Rate(600, 20)
    requests_prefix: Rate = Rate(1200, 40)

    dials: int = 72
    dials_new_at_once: int = 48
    dials_site_at_once: int = 24
    dials_address: Rate = Rate(96, 1 / 15)
    dials_prefix: Rate = Rate(192, 2 / 15)
    dials_site: Rate = Rate(288, 3 / 15)
    dials_all: Rate = Rate(480, 8)
    dials_new: Rate = Rate(240, 4)
    dials_new_each: int = 48
    dial_s: float = 3.0

    transfers: int = 32
    transfers_site_at_once: int = 8
    transfer_bytes: int = 64 * MIB
    transfer_s: float = 30.0
    transfer_silence_s: float = 5.0
    transfer_least_bytes_s: int = 1024
    transfer_bytes_site_hour: int = 256 * MIB
    transfer_bytes_hour: int = 2048 * MIB

    table_entries: int = 4096
    head_bytes: int = 8 * 1024
    ahead_bytes: int = 16 * 1024
    target_chars: int = 512
    handshake_s: float = 5.0
    head_s: float = 5.0
    idle_s: float = 5.0
    linger_s: float = 1.0
    connection_s: float = 120.0
    log_lines: Rate = Rate(300, 0.5)


OFFICE = Limits(
    transfers_site_at_once=16,
    transfer_bytes_site_hour=16 * 1024 * MIB,
    transfer_bytes_hour=16 * 1024 * MIB,
)
"""On a second PC in the office: a gigabit takes more, and nobody pays for it."""
