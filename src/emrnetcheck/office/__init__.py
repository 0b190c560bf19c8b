"""Which hosts of the office network are slow, lossy or uneven, and what do they have in common? Pure.

`router` and `switch` ask the same, so that what all hosts share is said once: by one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.series import Series
from emrnetcheck.office.beyond import beyond_of, single_ms
from emrnetcheck.office.faults import Fault, Marks, OfficeLimits

_BY_CHANCE = 0.05
_EXCUSED_BY_CHANCE = 0.01
"""Of a router that is called well though it loses: it is compared with several others, and one of them loses little by
chance, over the same bad cable."""
_STEADIER = 0.7  # of the router's own spread: clearly steadier, as both are noisy
_FEW, _MANY = 10, 40
_LEAST_LOADED = 20


@dataclass(frozen=True, slots=True)
class Host:
    """One that answered, with what was lost of all its probes: idle, and beside the loads that did not fill this
    network. faults: see Fault. heavy: so much is lost that nothing works."""

    target: LanTarget
    sent: int
    lost: int
    faults: frozenset[Fault]
    heavy: bool

    @property
    def bad(self) -> bool:
        return bool(self.faults)


@dataclass(frozen=True, slots=True)
class Office:
    """gateway: the router, if it answered. others: everybody else who answered. common: what the router (if it
    answered) and all others have; there are two hosts at least. excused: what the router's answers to probes have, but
    neither connections to it nor what it forwards. confirmed: more than its answers to probes, which it may limit,
    shows the router's heavy loss. slow_ms, jitter_ms: the limits that hold here."""

    wifi: bool
    gateway: Host | None
    others: tuple[Host, ...]
    common: frozenset[Fault]
    excused: frozenset[Fault]
    confirmed: bool
    slow_ms: float
    jitter_ms: float

    @property
    def heavy(self) -> bool:
        """What they have in common is that nothing works."""
        hosts = [*((self.gateway,) if self.gateway and self.confirmed else ()), *self.others]
        return Fault.LOSS in self.common and any(host.heavy for host in hosts)


def office_of(case: Case, lan: Lan, limits: OfficeLimits) -> Office:
    """The picture, from the evidence of the whole run."""
    seen = case.seen
    wifi = seen.link is not None and seen.link.medium == "wifi"
    marks = Marks.of(limits, wifi=wifi)
    hosts = [_host_of(target, seen, marks) for target in lan.targets if target.p50_ms is not None]
    gateway = next((host for host in hosts if host.target.role == "gateway"), None)
    others = tuple(host for host in hosts if host.target.role != "gateway")
    if gateway is None:
        none: frozenset[Fault] = frozenset()
        return Office(wifi, None, others, _common(None, others), none, False, marks.slow_ms, marks.jitter_ms)
    by_tcp = _better_by_tcp(gateway, lan.router_by_tcp, marks)
    common = _common(_without(gateway, by_tcp, lan.router_by_tcp), others)
    excused = (by_tcp | _excused(gateway, seen, marks.slow_ms)) - common
    confirmed = _confirmed(gateway, others, lan.router_by_tcp, seen, marks)
    return Office(wifi, gateway, others, common, excused, confirmed, marks.slow_ms, marks.jitter_ms)


def _host_of(target: LanTarget, seen: Seen, marks: Marks) -> Host:
    sent, lost = _counted(target, seen, wifi=marks.wifi)
    # A router may drop probes while it has to forward much: heavy is what is lost while it has nothing to do.
    return Host(target, sent, lost, marks.faults(target, sent, lost), marks.heavy(target.sent, target.lost))


def _better_by_tcp(gateway: Host, by_tcp: Series | None, marks: Marks) -> frozenset[Fault]:
    """What its answers to probes have and connections to it, in the same seconds, have not: many routers answer probes
    last, or only so many a second."""
    if by_tcp is None or by_tcp.p50_ms is None or by_tcp.sent - by_tcp.lost < _LEAST_LOADED:
        return frozenset()
    better = gateway.faults - marks.faults(by_tcp, by_tcp.sent, by_tcp.lost)
    if _may_be_the_same((gateway.sent, gateway.lost), (by_tcp.sent, by_tcp.lost), _EXCUSED_BY_CHANCE):
        better -= {Fault.LOSS}
    return better


def _without(gateway: Host, excused: frozenset[Fault], by_tcp: Series | None) -> Host:
    """The router as connections see it, for comparing it with the others."""
    if by_tcp is None or Fault.LOSS not in excused:
        return replace(gateway, faults=gateway.faults - excused)
    return replace(gateway, sent=by_tcp.sent, lost=by_tcp.lost, faults=gateway.faults - excused)


def _confirmed(gateway: Host, others: tuple[Host, ...], by_tcp: Series | None, seen: Seen, marks: Marks) -> bool:
    """Whether it is more than a limit on answers to probes: connections to the router, another computer, or what comes
    through it is lost, too."""
    if gateway.target.method.startswith("tcp:"):
        return True
    if by_tcp is not None and by_tcp.p50_ms is not None and marks.loses(by_tcp.sent, by_tcp.lost):
        return True
    mine = (gateway.sent, gateway.lost)
    if any(host.lost and _may_be_the_same(mine, (host.sent, host.lost)) for host in others):
        return True
    ends = [each for each in beyond_of(seen) if not each.router]
    return any(each.tried_again or marks.loses(each.sent, each.lost or 0) for each in ends)


def loss_text(host: Host) -> str:
    """ "5 of 100 lost"."""
    return f"{host.lost} of {host.sent} lost"


def _counted(target: LanTarget, seen: Seen, *, wifi: bool) -> tuple[int, int]:
    """(sent, lost), idle and beside the transfers over the line: that is far slower than a cable of this network, but
    may fill a Wi-Fi."""
    sent, lost = target.sent, target.lost
    if not wifi:
        for load in (seen.upload, seen.download):
            for series in load.office if load is not None else ():
                if series.address == target.address:
                    sent, lost = sent + series.sent, lost + series.lost
    return sent, lost


def _common(gateway: Host | None, others: tuple[Host, ...]) -> frozenset[Fault]:
    """What they all have. Of losses: where the others' fewer may be chance, they have them in common; but where of one
    computer alone some are lost, it is its own cable."""
    hosts = [*((gateway,) if gateway is not None else ()), *others]
    if len(hosts) < 2:  # noqa: PLR2004 - one alone has nothing in common with anybody
        return frozenset()
    found = {fault for fault in Fault if all(fault in host.faults for host in hosts)}
    worst = max(hosts, key=lambda host: host.lost / host.sent if host.sent else 0.0)
    rest = [host for host in hosts if host is not worst]
    shared = worst is gateway or all(host.lost for host in rest)
    if (
        Fault.LOSS in worst.faults
        and shared
        and all(_may_be_the_same((worst.sent, worst.lost), (host.sent, host.lost)) for host in rest)
    ):
        found.add(Fault.LOSS)
    return frozenset(found)


def _may_be_the_same(worse: tuple[int, int], better: tuple[int, int], by_chance: float = _BY_CHANCE) -> bool:
    """Whether as much may be lost on the way to both (sent, lost): given all that was lost, the better one's share is
    no less than chance gives it (the exact test of two counts, conditional on their sum)."""
    lost = worse[1] + better[1]
    share = better[0] / (worse[0] + better[0])
    term = total = (1.0 - share) ** lost
    for number in range(1, better[1] + 1):
        term *= (lost - number + 1) / number * share / (1.0 - share)
        total += term
    return total > by_chance


def _excused(gateway: Host, seen: Seen, slow_ms: float) -> frozenset[Fault]:
    """What comes through the router is no slower than the router: better answers from behind it are the proof."""
    target = gateway.target
    if target.p50_ms is None or target.p95_ms is None:
        return frozenset()
    beyond = beyond_of(seen)
    spread_ms = target.p95_ms - target.p50_ms
    quicker = any(each.p50_ms < target.p50_ms for each in beyond) or single_ms(seen) < target.p50_ms
    steadier = sum(each.sent for each in beyond if each.p95_ms - each.p50_ms < _STEADIER * spread_ms)
    # Of something rare 16 probes may see nothing; what is as late as a rule shows itself to each.
    steady = steadier >= (_FEW if quicker else _MANY)
    found = set()
    if quicker or (steady and target.p50_ms <= slow_ms):
        found.add(Fault.SLOW)
    if steady:
        found.add(Fault.JITTER)
    counted = [each for each in beyond if each.lost is not None]
    longest = max(counted, key=lambda each: each.sent, default=None)
    mine = (gateway.sent, gateway.lost)
    if longest is not None and not _may_be_the_same(mine, (longest.sent, longest.lost or 0), _EXCUSED_BY_CHANCE):
        found.add(Fault.LOSS)
    return frozenset(found) & gateway.faults


def loaded(series: Series, idle: LanTarget) -> float | None:
    """By how much longer the slow answers of a host took during a load, in ms (p95 less p95); None: not known, or of so
    few answers that one late one would be the p95."""
    if series.p95_ms is None or idle.p95_ms is None or series.sent - series.lost < _LEAST_LOADED:
        return None
    return series.p95_ms - idle.p95_ms
