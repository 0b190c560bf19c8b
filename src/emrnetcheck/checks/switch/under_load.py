"""What happens on the office network while it, or the line, is busy? Cables and duplex show only then. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emrnetcheck.checks.switch.limits import Limits
from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.lan_load import LanLoad, LanWay
from emrnetcheck.evidence.series import Series, loss_lower_ratio
from emrnetcheck.model import Fact, Failure, FailureKind, Finding
from emrnetcheck.office import loaded

_LEAST_LOST = 2
_LEAST_HOSTS = 2
_SENDING, _RECEIVING = "this computer sends much", "this computer receives much"
# Nobody asked for it: the second PC is not meant to run its responder all the time.
_NOT_TRIED = (FailureKind.OFFLINE, FailureKind.LEFT_OUT, FailureKind.INTERRUPTED)

_TRANSFERS = ("upload", "download")  # as a failure's operation: it had got further than the connection


def under_load(case: Case, lan: Lan, limits: Limits) -> list[Finding]:
    """switch.* of the transfers: to a second PC, where there was one, and over the line."""
    seen = case.seen
    found: list[Finding] = []
    if seen.lan_load is not None:
        found += _throughput(seen.lan_load, limits)
        found += _load_loss(seen.lan_load, limits)
    slower = _slower(lan, seen, limits)
    return [*found, slower] if slower is not None else found


def _throughput(load: LanLoad, limits: Limits) -> list[Finding]:
    """The slower direction of those that this computer did not limit; and each that tells nothing, with the reason."""
    ways = {"sending": load.upload, "receiving": load.download}
    known = {name: way.goodput_mbps for name, way in ways.items() if way.goodput_mbps is not None}
    low = {name: mbps for name, mbps in known.items() if mbps < limits.low_mbps}
    sure = {name: mbps for name, mbps in low.items() if ways[name].tester_limited is None}
    found: list[Finding] = []
    if sure:
        direction = min(sure, key=lambda name: sure[name])
        facts: dict[str, Fact] = _carried(load, direction, sure[direction])
        facts |= {f"{name}_mbps": value for name, value in known.items()}
        code = "switch.throughput_bad" if sure[direction] < limits.bad_mbps else "switch.throughput_low"
        found.append(Finding(code, facts, f"{limits.low_mbps:g} Mbps or more", f"{sure[direction]:.1f} Mbps"))
    for direction, mbps in low.items():
        if direction not in sure:
            busy = _carried(load, direction, mbps) | {"why": ways[direction].tester_limited}
            expected = f"{limits.low_mbps:g} Mbps or more"
            found.append(Finding("switch.throughput_unclear", busy, expected, f"{mbps:.1f} Mbps"))
    return [*found, *_failed(load, ways)]


def _carried(load: LanLoad, direction: str, mbps: float) -> dict[str, Fact]:
    way = load.upload if direction == "sending" else load.download
    return {
        "address": load.address,
        "mbps": mbps,
        "direction": direction,
        "resent": way.resent,
        "damaged_frames": load.damaged_frames,
    }


def _failed(load: LanLoad, ways: Mapping[str, LanWay]) -> list[Finding]:
    """What has no figure. One that could not begin is no fault; one that stood, and then carried nothing more, is."""
    failures = {name: way.failure for name, way in ways.items() if way.goodput_mbps is None and way.failure is not None}
    wanted = {name: why for name, why in failures.items() if why.kind not in _NOT_TRIED}
    stopped = [name for name, why in wanted.items() if _has_stopped(why)]
    rest = {name: why for name, why in wanted.items() if name not in stopped}
    found: list[Finding] = []
    if stopped:
        direction = " and ".join(stopped)
        facts: dict[str, Fact] = {"address": load.address, "direction": direction}
        facts |= {"why": wanted[stopped[0]].in_words(), "damaged_frames": load.damaged_frames}
        found.append(Finding("switch.load_stopped", facts, f"data {direction}", "it stopped"))
    if len(rest) == len(ways):  # nothing was moved at all: mostly nobody is there
        found.append(Finding("switch.load_unmeasured", {"why": next(iter(rest.values())).in_words()}))
    else:
        for direction, why in rest.items():
            found.append(Finding("switch.load_one_way", {"direction": direction, "why": why.in_words()}))
    return found


def _has_stopped(why: Failure) -> bool:
    """It had begun: the other end was reached, then nothing came through any more."""
    return why.kind is FailureKind.STALLED or (why.kind is FailureKind.TIMEOUT and why.operation in _TRANSFERS)


def _load_loss(load: LanLoad, limits: Limits) -> list[Finding]:
    """The host that most was lost to, of both directions together."""
    by_address: dict[str, tuple[int, int]] = {}
    for series in (*load.upload.hosts, *load.download.hosts):
        sent, lost = by_address.get(series.address, (0, 0))
        # Of one that answers nothing nothing was lost.
        if series.p50_ms is not None:
            by_address[series.address] = (sent + series.sent, lost + series.lost)
    if not by_address:
        return []
    address, (sent, lost) = max(by_address.items(), key=lambda item: item[1][1] / item[1][0] if item[1][0] else 0.0)
    if lost < _LEAST_LOST or (loss_lower_ratio(sent, lost) or 0.0) <= limits.load_loss_ratio:
        return []
    facts: dict[str, Fact] = {"address": address, "sent": sent, "lost": lost, "damaged_frames": load.damaged_frames}
    return [Finding("switch.load_loss", facts, "0 lost", f"{lost} of {sent} lost")]


def _slower(lan: Lan, seen: Seen, limits: Limits) -> Finding | None:
    """Whether the router and all others answered later in one of the transfers; one alone is not the network."""
    idle: dict[str, LanTarget] = {target.address: target for target in lan.targets}

    def more_ms(hosts: Sequence[Series]) -> list[float]:
        known = [loaded(each, idle[each.address]) for each in hosts if each.address in idle]
        return [ms for ms in known if ms is not None]

    loads: list[tuple[str, list[float]]] = []
    if seen.lan_load is not None:
        for busy, way in ((_SENDING, seen.lan_load.upload), (_RECEIVING, seen.lan_load.download)):
            loads.append((busy, [*more_ms(way.hosts), *_of_the_other_end(way)]))
    if seen.upload is not None:
        loads.append((_SENDING, more_ms(seen.upload.office)))
    if seen.download is not None:
        loads.append((_RECEIVING, more_ms(seen.download.office)))
    for busy, increases_ms in loads:
        if len(increases_ms) >= _LEAST_HOSTS and min(increases_ms) > limits.more_under_load_ms:
            increase_ms = min(increases_ms)
            facts: dict[str, Fact] = {"busy": busy, "increase_ms": increase_ms}
            expected = f"up to {limits.more_under_load_ms:g} ms more"
            return Finding("switch.slow_under_load", facts, expected, f"{increase_ms:.0f} ms more")
    return None


def _of_the_other_end(way: LanWay) -> list[float]:
    """The second PC itself, by connections to it."""
    if way.idle_rtt_ms is None or way.loaded_rtt_ms is None:
        return []
    return [way.loaded_rtt_ms - way.idle_rtt_ms]
