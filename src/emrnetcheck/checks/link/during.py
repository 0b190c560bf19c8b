"""What happened to this computer's own connection while the run went on? What was before it says nothing of today."""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.checks.link.limits import Limits
from emrnetcheck.evidence.link import CardCounters, Link
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Fact, Finding

_BYTES_PER_MB = 1e6


def damage(name: str, wear: Wear | None, limits: Limits) -> Iterator[Finding]:
    """What the card counted while the run went on; what it had counted before says nothing about today."""
    if wear is None or wear.grown is None or wear.seconds is None:
        return
    seconds = f"{wear.seconds:.0f}"
    errors = damaged_frames(wear.grown)
    if errors is not None and errors >= limits.damaged_frames:
        code = "link.many_errors" if errors > limits.many_damaged_frames else "link.errors"
        facts: dict[str, Fact] = {"interface": name, "errors": errors, "seconds": seconds}
        yield Finding(code, facts, "0 damaged frames", f"{errors} in {seconds} s")
    late = wear.grown.late_collisions
    if late is not None and late >= limits.late_collisions:
        facts = {"interface": name, "collisions": late, "seconds": seconds}
        yield Finding("link.late_collisions", facts, "0 late collisions", f"{late} in {seconds} s")


def damaged_frames(counters: CardCounters) -> int | None:
    """Both directions; None where neither is told. Some drivers count a kind of damage, but not in the sum."""
    received = [counters.receive_errors, added(counters.crc_errors, counters.frame_errors)]
    sent = [counters.transmit_errors, added(counters.carrier_errors, counters.late_collisions)]
    most = [max(each for each in side if each is not None) for side in (received, sent) if side != [None, None]]
    return sum(most) if most else None


def nothing_came(wear: Wear | None) -> bool:
    """Whether not one frame arrived while the run went on, as far as the card counts: an address is kept without."""
    return wear is not None and wear.grown is not None and wear.grown.received_frames == 0


def added(*parts: int | None) -> int | None:
    """Of what is known; None where nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def steadiness(link: Link, wear: Wear | None, limits: Limits) -> Iterator[Finding]:
    """Whether the way out stayed as it was, and the cable or the Wi-Fi connected."""
    if wear is None:
        return
    changes = wear.grown.carrier_changes if wear.grown is not None else None
    losses = (changes + 1) // 2 if changes is not None else 0  # it goes and it comes
    before = (link.interface, link.address)
    was, is_ = (" ".join(each or "unknown" for each in pair) for pair in (before, (wear.interface, wear.address)))
    told = 0
    if wear.address is None:
        told = 1
        yield Finding("link.lost", {"before": was}, was, "none")
    elif wear.address != link.address or wear.interface not in (None, link.interface):
        yield Finding("link.changed", {"before": was, "after": is_}, was, is_)
    if changes is not None and changes >= limits.carrier_changes and losses > told:
        code = "link.wifi_unsteady" if link.medium == "wifi" else "link.unsteady"
        times = {1: "once", 2: "twice"}.get(losses, f"{losses} times")
        facts: dict[str, Fact] = {"interface": link.card or link.interface, "times": times, "carrier_changes": changes}
        yield Finding(code, facts, "a steady connection", f"lost {times}")


def used(wear: Wear | None) -> str:
    """A sentence about the bytes that went over the card, whoever on this computer sent them."""
    grown = wear.grown if wear is not None else None
    both = None if grown is None else (grown.sent_bytes, grown.received_bytes)
    if both is None or both[0] is None or both[1] is None:
        return "How much this check used is not known"
    return f"About {sum(part or 0 for part in both) / _BYTES_PER_MB:.0f} MB went over it during this check"
