"""By which numbers is a certificate judged?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """By which numbers is a certificate judged?"""

    expiring_days: float = limit(
        20.0,
        "Fewer days left than this, and than expiring_share, are a warning.",
        "Let's Encrypt's first notice used to come 20 days ahead (letsencrypt.org/docs/expiration-emails)",
    )
    expiring_share: float = limit(
        0.2,
        "A smaller share of its lifetime left than this, and fewer days than expiring_days, are a warning.",
        "Let's Encrypt advises to renew at two thirds of the lifetime: at a fifth left, renewal has failed for a while",
    )
    rsa_bits: float = limit(2048.0, "A shorter RSA key is a warning.", "CA/Browser Forum Baseline Requirements, 6.1.5")
    ec_bits: float = limit(
        256.0, "A shorter elliptic-curve key is a warning.", "CA/Browser Forum Baseline Requirements, 6.1.5"
    )
