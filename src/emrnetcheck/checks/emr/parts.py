"""Does what belongs to the page (styles, programs, pictures) come slowly, and is it the server or the network?"""

from __future__ import annotations

from emrnetcheck.checks.emr.limits import Limits
from emrnetcheck.checks.emr.speed import rtt_ms
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.bulk import Bulk
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.evidence.series import loss_lower_ratio
from emrnetcheck.model import Fact, Finding
from emrnetcheck.office import office_of
from emrnetcheck.office.faults import OfficeLimits

_LEAST_BYTES = 50_000  # of less, the time is that of the server's answers, not of the way
_LEAST_LOST = 2  # one lost is chance


def slow_parts(case: Case, seen: Emr, limits: Limits, facts: dict[str, Fact]) -> list[Finding]:
    """emr.slow_parts, emr.slow_parts_network."""
    bulk = seen.bulk
    if bulk is None or not _is_slow(bulk, limits):
        return []
    code = "emr.slow_parts_network" if _way_is_slow(case, seen, bulk, limits) else "emr.slow_parts"
    came = f"{bulk.body_bytes / 1000:.0f} kB in {bulk.seconds:.1f} s"
    loaded_ms = bulk.loaded.p50_ms if bulk.loaded is not None else None
    told: dict[str, Fact] = facts | {
        "came": came,
        "parts": seen.assets_named,
        "seconds": bulk.seconds,
        "mbps": bulk.mbps or 0.0,
        "loaded_rtt": f"{loaded_ms:.0f} ms" if loaded_ms is not None else "no time",
    }
    return [Finding(code, told, f"at most {limits.parts_s:g} s, or {limits.parts_mbps:g} Mbps", came)]


def _is_slow(bulk: Bulk, limits: Limits) -> bool:
    """Over the time that anybody waits for a page, and not because there is much of it."""
    if bulk.seconds <= limits.parts_s:
        return False
    return bulk.body_bytes < _LEAST_BYTES or bulk.mbps is None or bulk.mbps < limits.parts_mbps


def _way_is_slow(case: Case, seen: Emr, bulk: Bulk, limits: Limits) -> bool:
    """Whether connections to the server got slow or lost meanwhile, or were so before; on the server itself there is no
    way."""
    own = case.seen.link is not None and case.seen.link.address == seen.address
    if own or address_class(seen.address) is AddressClass.LOOPBACK:
        return False
    if case.seen.lan is not None:
        office = office_of(case, case.seen.lan, OfficeLimits())
        if office.common or any(host.bad and host.target.address == seen.address for host in office.others):
            return True
    loaded = bulk.loaded
    if loaded is None:
        return False
    lossy = loaded.lost >= _LEAST_LOST and (loss_lower_ratio(loaded.sent, loaded.lost) or 0.0) > limits.loaded_loss
    return lossy or (loaded.p50_ms is not None and loaded.p50_ms > rtt_ms(seen) + limits.loaded_ms)
