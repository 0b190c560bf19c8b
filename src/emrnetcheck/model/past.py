"""What is known of past runs without opening their reports?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from emrnetcheck.model.words import Mode, Segment, Status, Verdict

THROUGH_A_TUNNEL = frozenset({"link.vpn", "address.proxied"})
"""Findings with which the run's upload, answer times and address were another line's: that of the VPN or the proxy."""


WITHOUT_A_NETWORK = frozenset({"link.none", "router.none"})
"""Findings with which the run could ask nobody: it says something of this computer, and nothing of the office."""


def through_a_tunnel(codes: Iterable[str]) -> bool:
    """Whether a run that found these says nothing of the office's own line."""
    return not THROUGH_A_TUNNEL.isdisjoint(codes)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One line of the history.

    started_at: in UTC. whole: nothing was left out by an option or by Ctrl-C, so that its verdict answers the whole
    question. codes: what was found, in the report's order. public_v4: the office's address then, None: not known.
    statuses: what came of each check by its id, in the report's order; {} where the kept report could not be read.
    """

    id: str
    site: str
    vantage: str
    mode: Mode
    started_at: datetime
    verdict: Verdict
    headline: str
    segment: Segment | None
    whole: bool
    goodput_mbps: float | None
    idle_rtt_ms: float | None
    loaded_rtt_ms: float | None
    codes: tuple[str, ...]
    public_v4: str | None = None
    statuses: Mapping[str, Status] = field(default_factory=dict)

    @property
    def by_tunnel(self) -> bool:
        """Whether its figures and its address are not those of the office's own line."""
        return through_a_tunnel(self.codes)

    @property
    def unconnected(self) -> bool:
        """Whether this computer had no network connection, as just after waking: such a run answers nothing."""
        return not WITHOUT_A_NETWORK.isdisjoint(self.codes)


class PastFigures(NamedTuple):
    """What a trend needs of a run: bare, because there may be tens of thousands. verdict: a word of Verdict.
    by_tunnel: as of PastRun."""

    site: str
    vantage: str
    started_unix_s: int
    verdict: str
    whole: bool
    goodput_mbps: float | None
    idle_rtt_ms: float | None
    loaded_rtt_ms: float | None
    by_tunnel: bool = False


@dataclass(frozen=True, slots=True)
class PastWatch:
    """A watch that is over. started_at: in UTC. segment: what was bad for longest, None where nothing was.

    measured: it is known how the way was. troubles: how often something was bad.
    """

    id: str
    site: str
    started_at: datetime
    watched_s: float
    measured: bool
    segment: Segment | None
    troubles: int
