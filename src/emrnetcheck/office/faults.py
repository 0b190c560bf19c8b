"""From when on are a host's answers slow, lossy or uneven? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.evidence.series import Series, loss_lower_ratio
from emrnetcheck.model.limits import limit

_LEAST_LOST = 2  # one lost probe is chance, of however many


class Fault(StrEnum):
    """What can be wrong with a host's answers."""

    LOSS = "loss"
    SLOW = "slow"
    JITTER = "jitter"


@dataclass(frozen=True, slots=True)
class OfficeLimits:
    """By cable and by Wi-Fi. Loss counts where at least two probes were lost."""

    slow_wired_ms: float = limit(
        5.0,
        "By cable, 95 of 100 answers within this, or it is a warning.",
        "rule of thumb; many devices answer probes last and forward well",
    )
    slow_wifi_ms: float = limit(
        30.0,
        "By Wi-Fi, 95 of 100 answers within this, or it is a warning.",
        "rule of thumb; many devices answer probes last and forward well",
    )
    loss_ratio: float = limit(
        0.001,
        "By cable, more than this is lost for sure (95 %): a warning.",
        "rule of thumb: two of 300 probes are a warning, one of 60 is chance",
    )
    loss_wifi_ratio: float = limit(0.005, "By Wi-Fi, more than this is lost for sure (95 %): a warning.")
    bad_loss_ratio: float = limit(
        0.02, "By cable, beside that, more than this was lost while idle: a fault.", "rule of thumb: 13 of 600 probes"
    )
    bad_loss_wifi_ratio: float = limit(0.05, "By Wi-Fi, beside that, more than this was lost while idle: a fault.")
    jitter_wired_ms: float = limit(3.0, "By cable, the mean change from one answer to the next is more: a warning.")
    jitter_wifi_ms: float = limit(30.0, "By Wi-Fi, the mean change from one answer to the next is more: a warning.")


@dataclass(frozen=True, slots=True)
class Marks:
    """The limits that hold on this medium."""

    wifi: bool
    slow_ms: float
    jitter_ms: float
    loss_ratio: float
    bad_loss_ratio: float

    @staticmethod
    def of(limits: OfficeLimits, *, wifi: bool) -> Marks:
        if wifi:
            loss = (limits.loss_wifi_ratio, limits.bad_loss_wifi_ratio)
            return Marks(True, limits.slow_wifi_ms, limits.jitter_wifi_ms, *loss)
        return Marks(False, limits.slow_wired_ms, limits.jitter_wired_ms, limits.loss_ratio, limits.bad_loss_ratio)

    def faults(self, seen: LanTarget | Series, sent: int, lost: int) -> frozenset[Fault]:
        """Of the figures of a host, and of what was lost in all."""
        found = {
            Fault.LOSS: self.loses(sent, lost),
            Fault.SLOW: seen.p95_ms is not None and seen.p95_ms > self.slow_ms,
            Fault.JITTER: seen.jitter_ms is not None and seen.jitter_ms > self.jitter_ms,
        }
        return frozenset(fault for fault, is_so in found.items() if is_so)

    def loses(self, sent: int, lost: int) -> bool:
        return lost >= _LEAST_LOST and (loss_lower_ratio(sent, lost) or 0.0) > self.loss_ratio

    def heavy(self, sent: int, lost: int) -> bool:
        return self.loses(sent, lost) and lost > self.bad_loss_ratio * sent
