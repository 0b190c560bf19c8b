"""Do packets of every size get out, and if that is not known, why not?"""

from __future__ import annotations

from emrnetcheck.checks.path.codes import Limits
from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.path import Mtu, Path, black_hole, largest_passed_bytes, steps
from emrnetcheck.model import Fact, Finding

HERE = "this computer"
_LARGE_TRANSFER_BYTES = 100_000  # some seventy packets of full size


def first_known(path: Path, limits: Limits) -> Mtu | None:
    """The first host on the Internet that showed something of the sizes; the others only confirm it."""
    outside = [mtu for mtu in path.mtus if mtu.role == "outside"]
    return next((mtu for mtu in outside if _is_known(mtu, limits)), outside[0] if outside else None)


def _is_known(mtu: Mtu, limits: Limits) -> bool:
    passed = largest_passed_bytes(mtu)
    if passed is None:
        return False
    told = any(size.told_mtu is not None for size in mtu.sizes)
    return passed >= limits.usual_bytes or told or black_hole(mtu) is not None


def doubt(seen: Seen, path: Path, limits: Limits) -> Finding | None:
    """Why it is not known whether large packets get out; None where it is: by the sizes, or as a large upload did."""
    if _uploaded(seen):
        return None
    outside = [mtu for mtu in path.mtus if mtu.role == "outside"]
    known = [mtu for mtu in outside if _is_known(mtu, limits)]
    if any(black_hole(mtu) is None for mtu in known):
        return None
    passed = [
        mtu for mtu in path.mtus if mtu.role != "outside" and (largest_passed_bytes(mtu) or 0) >= limits.usual_bytes
    ]
    if passed:
        return None
    return Finding("path.mtu_unmeasured", {"why": _why(outside, known)})


def _why(outside: list[Mtu], known: list[Mtu]) -> str:
    if known:
        mtu = known[0]
        place = f" {_where(mtu)}" if mtu.lost_before is not None else ""
        larger = f"those larger than {largest_passed_bytes(mtu)} bytes to {mtu.towards} vanish{place}"
        return f"{larger}, but no second host confirms it"
    failure = next((mtu.failure for mtu in outside if mtu.failure is not None), None)
    if failure is not None:
        return failure.in_words()
    if any(largest_passed_bytes(mtu) is not None for mtu in outside):
        return "too many packets got lost"
    return "no host answered packets of any size" if outside else "no host on the Internet was asked"


def _uploaded(seen: Seen) -> bool:
    """Whether a large upload got out, which is made of the largest packets that TCP sends."""
    upload = seen.upload
    return upload is not None and bool(upload.goodput_mbps) and upload.sent_bytes >= _LARGE_TRANSFER_BYTES


def size_found(mtu: Mtu, path: Path, limits: Limits) -> Finding | None:
    passed = largest_passed_bytes(mtu)
    if passed is None:
        return None
    hole = black_hole(mtu)
    facts: dict[str, Fact] = {"towards": mtu.towards, "passed_bytes": passed, "where": _where(mtu)}
    if hole is not None:
        return _hole(mtu, path, facts)
    told = any(size.told_mtu is not None for size in mtu.sizes)
    if not told or passed >= limits.usual_bytes:
        return None
    code = "path.mtu_small" if passed >= limits.least_bytes else "path.mtu_tiny"
    return Finding(code, facts, f"at least {limits.usual_bytes:g} bytes", f"{passed} bytes")


def _hole(mtu: Mtu, path: Path, facts: dict[str, Fact]) -> Finding | None:
    """Large packets vanish: what it means for the EMR, whose packets are TCP's.

    One host alone may not answer large packets: then it takes a second one, or TCP that makes packets of that size
    (which is so wherever nobody keeps it from it). Where TCP's packets are small enough, no harm is done.
    """
    hole = black_hole(mtu)
    if hole is None:
        return None
    facts |= {"tcp_packet_bytes": mtu.tcp_packet_bytes}
    if mtu.tcp_packet_bytes is not None and mtu.tcp_packet_bytes < hole.least_lost_bytes:
        return Finding("path.mtu_clamped", facts, "all sizes answered", f"none above {hole.passed_bytes} bytes")
    others = [other for other in path.mtus if other is not mtu and largest_passed_bytes(other) is not None]
    fine = [other for other in others if black_hole(other) is None]
    if mtu.role == "outside" and (fine or not others):
        return None  # this host alone does not answer large packets, or nobody else could be asked: see doubt
    beyond = _beyond_the_line(mtu, path) or (mtu.role != "outside" and (fine or not others))
    code = "path.mtu_black_hole_far" if beyond else "path.mtu_black_hole"
    return Finding(code, facts, "all sizes answered", f"none above {hole.passed_bytes} bytes")


def _beyond_the_line(mtu: Mtu, path: Path) -> bool:
    """Whether the last router that large packets reach is one outside the office."""
    if mtu.lost_before is None or mtu.lost_after is None:
        return False
    inside = {step.address for trace in path.traces for step in steps(trace) if step.inside}
    return mtu.lost_after not in inside and address_class(mtu.lost_after) is not AddressClass.PRIVATE


def _where(mtu: Mtu) -> str:
    if mtu.lost_before is None:
        return "it could not be seen where"
    return f"between {mtu.lost_after or HERE} and {mtu.lost_before}"
