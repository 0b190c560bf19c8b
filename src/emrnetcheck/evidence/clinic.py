"""What the clinic's own report says that can be compared with what is seen from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

RECENT_S = 86_400.0  # a dynamic address may be another tomorrow, and so may a certificate


@dataclass(frozen=True, slots=True)
class ClinicSays:
    """Out of a report that `emrnetcheck run` made at the clinic. None: it does not say.

    made_at: ISO 8601, UTC; age_s: how old it was, by this computer's clock. hostname: the EMR's name that it was made
    for. fingerprints: SHA-256 of the certificates that the EMR showed there. upload_mbps: payload that the clinic's
    line carried upwards. by_tunnel: the report was made through a VPN or a proxy, so that it says neither address nor
    upload of the clinic's own line.
    """

    report_id: str
    site: str
    made_at: str
    age_s: float
    hostname: str | None
    public_v4: str | None
    fingerprints: tuple[str, ...]
    upload_mbps: float | None
    by_tunnel: bool = False

    @property
    def is_recent(self) -> bool:
        """Whether the clinic's address is still likely to be the one told; not known where a clock is far off."""
        return abs(self.age_s) <= RECENT_S
