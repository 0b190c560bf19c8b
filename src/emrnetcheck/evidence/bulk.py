"""What belongs to a page (styles, programs, pictures), and how it came."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class Asset:
    """One style sheet, program or picture of the page. total_ms: from the request to its end; None: not read so far."""

    path: str
    status: int | None
    body_bytes: int
    total_ms: float | None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """The page's assets, loaded side by side on `connections` kept connections.

    seconds: from the first request to the end of the last answer. body_bytes: what came in that time. loaded: round
    trips to the server meanwhile, by connecting. cut_short: the limit on time or on data ended it.
    """

    assets: tuple[Asset, ...]
    connections: int
    seconds: float
    body_bytes: int
    cut_short: bool
    loaded: Series | None

    @property
    def mbps(self) -> float | None:
        """Bits of payload per microsecond; None of nothing."""
        return self.body_bytes * 8 / self.seconds / 1_000_000 if self.seconds > 0 and self.body_bytes else None
