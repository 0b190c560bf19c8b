"""What was seen of the way out: its routers, where delay and loss begin, and how large a packet may be."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, Segment

_LINE_LEAST_MS = 2.0
_INSIDE = (AddressClass.PRIVATE, AddressClass.LINK_LOCAL, AddressClass.LOOPBACK)


@dataclass(frozen=True, slots=True)
class TraceHop:
    """One router on the way, or the target (end). address None: nobody answered at this distance.

    others: more addresses that answered at the same distance, where the way is shared among several.
    probed: packets that die there; routers answer those when they have time, so a loss here is none of the way.
    asked: echo requests to the router itself; None where it was not asked so.
    """

    ttl: int
    address: str | None
    others: tuple[str, ...]
    probed: Series
    asked: Series | None
    end: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """The way to one host. towards: as it was named. role: "outside" or "second_site".

    hops: from this computer outwards, without the silence after the last answer. end: how the target itself answered,
    asked like any host. method: of the hops: "icmp", "icmp_raw", "udp_errors", "traceroute", "tracert" or "none".
    failure: why there are no hops.
    """

    towards: str
    role: str
    address: str
    hops: tuple[TraceHop, ...]
    end: Series
    method: str
    rounds: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SizeTried:
    """Packets of one size (IP header included) that must not be cut up on the way.

    answered: of `sent`, by the target. told_mtu: the largest size, as a router (told_by) said that this one is too
    large for it; told_by None with a told_mtu: this computer's own connection takes no larger ones.
    """

    size_bytes: int
    sent: int
    answered: int
    told_mtu: int | None = None
    told_by: str | None = None


@dataclass(frozen=True, slots=True)
class Mtu:
    """How large a packet to one host may be. sizes: the larger ones first.

    tcp_packet_bytes: the largest that TCP sends to that host, as agreed at the start of a connection: routers on a line
    that takes less often see to it that it is small enough; None: not known, asked only where large ones vanish.
    lost_after, lost_before: between which two routers the large packets vanish (lost_after None: before the first);
    lost_before None: nothing vanishes, or it is not known where.
    """

    towards: str
    role: str
    address: str
    sizes: tuple[SizeTried, ...]
    method: str
    tcp_packet_bytes: int | None = None
    lost_after: str | None = None
    lost_before: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """The ways out, idle. witnesses: more hosts on the Internet, asked at the same time as the ends of the traces: a
    loss that one of them does not share is none of the line. router_holders: the hardware addresses that this
    computer's table named for the router meanwhile; more than one: two devices take turns with its address."""

    traces: tuple[Trace, ...]
    mtus: tuple[Mtu, ...]
    witnesses: tuple[Series, ...] = ()
    router_holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where on the way something begins: behind `after` (None: this computer), and seen from `at` on.

    ttl: of `at`. at_end: `at` is the target itself. sure: False where silent routers lie between the two, so that the
    segment is a guess. added_ms: by how much the round trip grows there; None where it is not about delay.
    """

    after: str | None
    at: str
    ttl: int
    segment: Segment
    sure: bool
    at_end: bool
    added_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A router that answered, or the target, and its floor: what the way up to it costs at most.

    floor_ms: the least median of it and of all behind it, because nobody behind can be nearer: a router that answers
    late and forwards at once is so seen through.
    """

    ttl: int
    address: str
    floor_ms: float
    inside: bool
    end: bool


def steps(trace: Trace) -> tuple[Step, ...]:
    """The routers that answered and at last the target, if it did, each with its floor and whether it is in the office.

    In the office are the first router, and those behind it with private addresses until the way gets longer by 2 ms:
    a provider may number its own routers so, but they are at the other end of a line.
    """
    rows: list[tuple[int, str, float, bool]] = [
        (hop.ttl, hop.address, hop.probed.p50_ms, False)
        for hop in trace.hops
        if hop.address is not None and hop.probed.p50_ms is not None and not hop.end
    ]
    last_ttl = max((hop.ttl for hop in trace.hops), default=0)
    end_ms = trace.end.p50_ms or next((hop.probed.p50_ms for hop in trace.hops if hop.end), None)
    if end_ms is not None:
        reached = any(hop.end for hop in trace.hops)
        rows.append((last_ttl if reached else last_ttl + 1, trace.address, end_ms, True))
    found: list[Step] = []
    inside = True
    for number, (ttl, address, _, end) in enumerate(rows):
        floor_ms = min(median for _, _, median, _ in rows[number:])
        # By IPv6 the office has public addresses, too: only its own router is known to be in it.
        private = address_class(address) in _INSIDE or (":" in address and ttl == 1)
        near = not found or floor_ms - found[0].floor_ms < _LINE_LEAST_MS
        inside = inside and private and near
        found.append(Step(ttl, address, floor_ms, inside, end))
    return tuple(found)


def where_latency_enters(trace: Trace) -> Entry | None:
    """The place of the way that adds most to the round trip; None where the trace has no answers at all.

    The jump between two neighbours that answer, by their floors. Up to the first router it is the office network (LAN);
    between the office and the first router outside it is the line; behind that it is the path.
    """
    best: Entry | None = None
    before: Step | None = None
    for step in steps(trace):
        added_ms = step.floor_ms - (before.floor_ms if before else 0.0)
        if best is None or best.added_ms is None or added_ms > best.added_ms:
            best = entry_between(before, step, added_ms)
        before = step
    return best


def entry_between(before: Step | None, step: Step, added_ms: float | None = None) -> Entry:
    """What lies between two neighbouring steps, in words; before None: this computer."""
    gap = step.ttl - (before.ttl if before else 0) > 1
    if step.inside:
        segment = Segment.LAN
    elif before is None or before.inside:
        segment = Segment.LINE
    else:
        segment = Segment.PATH
    sure = not gap or segment is Segment.PATH
    return Entry(before.address if before else None, step.address, step.ttl, segment, sure, step.end, added_ms)


@dataclass(frozen=True, slots=True)
class BlackHole:
    """Packets up to passed_bytes get through; those from least_lost_bytes on vanish, and nobody says why."""

    passed_bytes: int
    least_lost_bytes: int


_LEAST_TRIES = 3
_CHANCE_MOST = 0.001


def black_hole(mtu: Mtu) -> BlackHole | None:
    """Whether large packets vanish without a word: all of a size and above, while all below get answers.

    Every size is tried several times, so that a line that just loses packets does not look like it: by chance, at the
    rate at which the smaller ones got lost, it must have a probability under 0.1 %.
    """
    silent = [size for size in mtu.sizes if size.sent and not size.answered and size.told_mtu is None]
    passed = [size for size in mtu.sizes if size.answered]
    if not silent or not passed or max(s.size_bytes for s in passed) > min(s.size_bytes for s in silent):
        return None
    sent, answered = sum(size.sent for size in passed), sum(size.answered for size in passed)
    lost_in_vain = sum(size.sent for size in silent)
    # One more lost than was seen: that none of a few was lost does not mean that none ever is.
    by_chance = ((sent - answered + 1) / (sent + 1)) ** lost_in_vain
    if lost_in_vain < _LEAST_TRIES or by_chance > _CHANCE_MOST:
        return None
    return BlackHole(max(s.size_bytes for s in passed), min(s.size_bytes for s in silent))


def largest_passed_bytes(mtu: Mtu) -> int | None:
    """The largest packet that the target answered, None where it answered none."""
    return max((size.size_bytes for size in mtu.sizes if size.answered), default=None)
