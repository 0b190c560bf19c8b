"""How much upload does one person outside need, by what people do there; and how many does a line carry? Data, pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.model import Site

_ROUNDING = 1e-9  # 0.3 Mbps for people of 0.1 Mbps each are three people, though 0.3 / 0.1 is below 3


@dataclass(frozen=True, slots=True)
class Workload:
    """What people outside do with the EMR. mbps: goodput up the clinic's line for each of them.

    who: "who ...", of several people; one: the same, of one person.
    """

    name: str
    who: str
    one: str
    mbps: float
    source: str


_BY_TASK = "FCC figures by task, second hand (chiroeco.com)"

# No source gives a figure for OSCAR itself; each can be replaced: [limits] capacity.per_user_mbps.
WORKLOADS: Mapping[str, Workload] = {
    work.name: work
    for work in (
        Workload(
            "text",
            "who read and write text only",
            "who reads and writes text only",
            0.025,
            f"{_BY_TASK}: text of an electronic record",
        ),
        Workload("records", "who open records", "who opens records", 1.0, f"{_BY_TASK}: use of the Web"),
        Workload(
            "documents",
            "who open scanned pages",
            "who opens scanned pages",
            2.0,
            "own reckoning: a scanned page of 2 MB in 8 seconds",
        ),
        Workload(
            "video",
            "who see patients by video",
            "who sees patients by video",
            3.0,
            f"{_BY_TASK}: video (2) beside use of the Web (1)",
        ),
        Workload(
            "hd_video",
            "who see patients by HD video",
            "who sees patients by HD video",
            10.0,
            f"{_BY_TASK}; a maker of EMRs (TELUS) asks the same",
        ),
    )
}


def each(site: Site) -> Workload:
    """The workload of the settings; their own figure for one person goes before it."""
    own_mbps = site.limits.get("capacity", {}).get("per_user_mbps")
    if own_mbps is None:
        return WORKLOADS[site.workload]
    return Workload(
        "custom", f"who need {own_mbps:g} Mbps each", f"who needs {own_mbps:g} Mbps", own_mbps, "the settings"
    )


def carried(goodput_mbps: float, per_user_mbps: float) -> int:
    """How many people at once this goodput is enough for."""
    return math.floor(goodput_mbps / per_user_mbps + _ROUNDING)


def in_people(number: int) -> str:
    """ "about 4 people", "about 1 person", "less than one person"."""
    if number == 0:
        return "less than one person"
    return f"about {number} {'person' if number == 1 else 'people'}"


def in_mbps(mbps: float) -> str:
    """A figure with a decimal; two where one would say that nothing gets through, or too little to be told apart."""
    if mbps >= 1:
        return f"{mbps:.1f}"
    exact = f"{mbps:.2f}"
    return "less than 0.01" if exact == "0.00" else exact


def line_rate_for(site: Site, per_line_rate: float) -> int:
    """Whole Mbps to order, so that everybody planned has enough. per_line_rate: the share of it that arrives."""
    return math.ceil(site.users * each(site).mbps / per_line_rate - _ROUNDING)
