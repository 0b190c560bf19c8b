"""From when on is an EMR slow?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on is an EMR slow?"""

    sluggish_ms: float = limit(
        800.0,
        "The server's own time for a page, and for what sends on to it, is longer: a note.",
        "web.dev, Time to First Byte: up to 800 ms is good. That is said with a line between; here there is none",
    )
    slow_ms: float = limit(
        1800.0,
        "The server's own time for a page, and for what sends on to it, is longer: a warning.",
        "web.dev, Time to First Byte: over 1800 ms is poor",
    )
    line_s: float = limit(
        4.0,
        "The log-in page alone would take longer over this office's upload: a warning.",
        "web.dev, Largest Contentful Paint: over 4 s is poor",
    )
    office_mbps: float = limit(
        10.0,
        "What a poor office network carries: for as long as a page takes by that, slowness is not the server's doing.",
    )
    first_packets: float = limit(
        10.0,
        "So many packets a server may send before it must wait for an answer.",
        "RFC 6928, initial window",
        unit="packets",
    )
    parts_s: float = limit(
        4.0,
        "The page's styles, programs and pictures take longer, at less than parts_mbps: a warning.",
        "web.dev, Largest Contentful Paint: over 4 s is poor",
    )
    parts_mbps: float = limit(
        2.0,
        "They come at less than this, and take longer than parts_s: a warning.",
        "rule of thumb; a page of 1 MB takes 4 s then",
    )
    loaded_ms: float = limit(
        100.0,
        "The round trip grows by more while they come: it is the network.",
        "rule of thumb; a network that is not full adds a few milliseconds",
    )
    loaded_loss: float = limit(
        0.01, "More than this is lost for sure while they come: it is the network.", unit="share"
    )
