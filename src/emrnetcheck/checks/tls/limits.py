"""By which numbers is a certificate judged?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """expiring_days, expiring_share: a warning when fewer days are left than this many, and than this share of all.

    expiring_days: Let's Encrypt's first notice used to come 20 days ahead (letsencrypt.org/docs/expiration-emails).
    expiring_share: it advises to renew at two thirds of the lifetime, so at a fifth left renewal has failed for a
    while; that is 18 days of 90, 9 of 45, and one of 6. rsa_bits, ec_bits: CA/Browser Forum Baseline Requirements,
    6.1.5.
    """

    expiring_days: float = 20
    expiring_share: float = 0.2
    rsa_bits: float = 2048
    ec_bits: float = 256
