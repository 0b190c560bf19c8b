"""From when on is an EMR slow?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """sluggish_ms, slow_ms: of the server's own time for a page, 800 and 1800 ms: of the first byte, up to the first
    it is "good", over the second "poor" (web.dev, Time to First Byte). That is said of visitors with a line between;
    here there is none, so a server over it has no excuse. line_s: the log-in page's time over this office's upload, 4:
    over it a page's main part comes "poor"ly (web.dev, Largest Contentful Paint). The page alone is counted,
    without its pictures and programs, and as it is without compression. office_mbps: what a poor office network
    carries, 10: for that long the rest of a page is not the server's doing. first_packets: how many a server may
    send before it must wait for an answer, 10 (RFC 6928).
    """

    sluggish_ms: float = 800.0
    slow_ms: float = 1800.0
    line_s: float = 4.0
    office_mbps: float = 10.0
    first_packets: float = 10.0
