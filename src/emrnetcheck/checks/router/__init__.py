"""Does the office's router answer quickly, always, and evenly; and if not, is it the router?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.checks.router.codes import CODES
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.series import loss_lower_ratio, loss_upper_ratio
from emrnetcheck.model import Check, Fact, FailureKind, Finding, Segment
from emrnetcheck.model.limits import limit
from emrnetcheck.office import Host, Office, loaded, loss_text, office_of
from emrnetcheck.office.beyond import beyond_of
from emrnetcheck.office.cable import BAD_CABLE
from emrnetcheck.office.faults import Fault, OfficeLimits
from emrnetcheck.office.holders import rivals


@dataclass(frozen=True, slots=True)
class Limits(OfficeLimits):
    """Beside those of OfficeLimits."""

    more_under_load_ms: float = limit(
        30.0, "The router's slow answers take by more than this longer while the line is busy: a note."
    )


def judge(case: Case, limits: Limits) -> list[Finding]:
    """router.* for the default gateway."""
    lan = need(case.seen.lan)
    gateway = next((target for target in lan.targets if target.role == "gateway"), None)
    if gateway is None and _forwards(case):
        return [Finding("router.unmeasured", {"why": "the Internet is reached, but by no router that is known here"})]
    if gateway is None:
        return [Finding("router.none", expected="a router", actual="none")]
    return [*_addresses(case, lan, gateway, limits), *_judge_one(case, lan, gateway, limits)]


def _addresses(case: Case, lan: Lan, gateway: LanTarget, limits: Limits) -> list[Finding]:
    found = []
    claimed = rivals(gateway, case.seen.path.router_holders if case.seen.path is not None else ())
    if claimed:
        holders = " and ".join(claimed)
        facts: dict[str, Fact] = {"address": gateway.address, "holders": holders}
        code = "router.duplicate" if _harms(case, lan, gateway, limits) else "router.duplicate_maybe"
        found.append(Finding(code, facts, "one device", holders))
    if len(lan.gateways) > 1:
        gateways = " and ".join(lan.gateways)
        found.append(Finding("router.two_gateways", {"gateways": gateways}, "one router", gateways))
    return found


def _harms(case: Case, lan: Lan, gateway: LanTarget, limits: Limits) -> bool:
    """Whether the second holder shows in more than its hardware address: one router may have two. It may answer pings
    as the router does; then what should go through the router is lost."""
    ends = [each for each in beyond_of(case.seen) if not each.router]
    if any((loss_lower_ratio(each.sent, each.lost or 0) or 0.0) > limits.bad_loss_ratio for each in ends):
        return True
    if _is_cut_off(case):
        return True
    office = office_of(case, lan, limits)
    if office.gateway is None:
        return gateway.sent > 0 and not _forwards(case)
    return gateway.moved or Fault.LOSS in office.gateway.faults - office.excused


def _judge_one(case: Case, lan: Lan, gateway: LanTarget, limits: Limits) -> list[Finding]:
    office = office_of(case, lan, limits)
    host = office.gateway
    if host is None or gateway.sent == 0:
        return [_silent(case, gateway)]
    facts = _facts(host)
    faults = host.faults - office.common - office.excused
    found: list[Finding] = []
    alone = not any(not other.bad for other in office.others)  # nobody shows that this computer's own way is fine
    if office.wifi and (faults or host.faults & office.common) and alone:
        code = "router.wifi_bad" if host.heavy and office.confirmed else "router.wifi"
        found.append(Finding(code, facts, _expected(office), _actual(host)))
    else:
        if host.faults & office.common:
            found.append(Finding("router.as_all", facts, _expected(office), _actual(host)))
        found += _own_faults(host, office, faults, facts)
    if host.faults & office.excused:
        found.append(Finding("router.slow_icmp", facts, _expected(office), _actual(host)))
    found += _under_load(case, office, host, limits)
    return found or [Finding("router.ok", facts)]


def _own_faults(host: Host, office: Office, faults: frozenset[Fault], facts: dict[str, Fact]) -> list[Finding]:
    target = host.target
    found: list[Finding] = []
    if Fault.LOSS in faults:
        heavy = "router.heavy_loss" if office.confirmed else "router.loss_unclear"
        code = heavy if host.heavy else "router.loss"
        found.append(Finding(code, facts, "0 lost", loss_text(host)))
    if Fault.SLOW in faults:
        slow: dict[str, Fact] = facts | {"limit_ms": office.slow_ms}
        found.append(Finding("router.slow", slow, f"p95 up to {office.slow_ms:g} ms", f"{target.p95_ms:.1f} ms"))
    if Fault.JITTER in faults:
        uneven: dict[str, Fact] = facts | {"limit_ms": office.jitter_ms}
        found.append(Finding("router.jitter", uneven, f"up to {office.jitter_ms:g} ms", f"{target.jitter_ms:.1f} ms"))
    return found


def _under_load(case: Case, office: Office, host: Host, limits: Limits) -> list[Finding]:
    """While the line was busy: the router alone was slower. Both slower is `switch`'s."""
    for load in (case.seen.upload, case.seen.download):
        by_address = {series.address: series for series in load.office} if load is not None else {}
        mine = by_address.get(host.target.address)
        more_ms = loaded(mine, host.target) if mine is not None else None
        if mine is None or more_ms is None or more_ms <= limits.more_under_load_ms:
            continue
        others = [
            loaded(by_address[other.target.address], other.target)
            for other in office.others
            if other.target.address in by_address
        ]
        if any(other_ms is not None and other_ms <= limits.more_under_load_ms for other_ms in others):
            facts: dict[str, Fact] = _facts(host) | {"increase_ms": more_ms, "loaded_p95_ms": mine.p95_ms}
            expected = f"up to {limits.more_under_load_ms:g} ms more"
            return [Finding("router.slow_under_load", facts, expected, f"{more_ms:.0f} ms more")]
    return []


def _facts(host: Host) -> dict[str, Fact]:
    target = host.target
    return {
        "address": target.address,
        "who": _who(target),
        "sent": host.sent,
        "lost": host.lost,
        "loss_most": 100.0 * (loss_upper_ratio(host.sent, host.lost) or 0.0),
        "p50_ms": target.p50_ms,
        "p95_ms": target.p95_ms,
        "jitter_ms": target.jitter_ms,
        "method": target.method,
    }


def _who(target: LanTarget) -> str:
    return f"{target.address}, by {target.maker}" if target.maker else target.address


def _expected(office: Office) -> str:
    return f"p95 up to {office.slow_ms:g} ms, 0 lost, jitter up to {office.jitter_ms:g} ms"


def _actual(host: Host) -> str:
    target = host.target
    jitter = f", jitter {target.jitter_ms:.1f} ms" if target.jitter_ms is not None else ""
    return f"p95 {target.p95_ms:.1f} ms, {loss_text(host)}{jitter}"


def _is_cut_off(case: Case) -> bool:
    """Whether nothing on the Internet answers, and the router does not say that its line is down: what should go out
    goes to the other holder, who answers pings as the router does."""
    seen = case.seen.address
    if seen is None or seen.outside_reached:
        return False
    state = seen.router.line_state() if seen.router is not None else None
    return state in (None, "Connected", "Unconfigured")


def _forwards(case: Case) -> bool:
    return case.seen.address is not None and bool(case.seen.address.outside_reached)


def _silent(case: Case, gateway: LanTarget) -> Finding:
    """No answer is a fault only beside other evidence: a router may be set not to answer probes (netfacts.md 5.3)."""
    facts: dict[str, Fact] = {"address": gateway.address, "who": _who(gateway)}
    if gateway.sent == 0:
        why = gateway.failure.in_words() if gateway.failure else "nothing was sent"
        return Finding("router.unmeasured", facts | {"why": why})
    if _forwards(case):
        return Finding("router.silent", facts, "answers", "no answer")
    if gateway.answers_arp:
        return Finding("router.unmeasured", facts | {"why": "it is there, but does not answer probes"})
    no_arp = gateway.answers_arp is False or (
        gateway.failure is not None and gateway.failure.kind is FailureKind.HOST_UNREACHABLE
    )
    if case.seen.address is None and not no_arp:
        return Finding("router.unmeasured", facts | {"why": "it does not answer probes, which may be a setting of it"})
    return Finding("router.unreachable", facts, "answers", "no answer")


_LIES_BEYOND = (
    "router.as_all",
    "router.slow",
    "router.loss",
    "router.heavy_loss",
    "router.loss_unclear",
    "router.jitter",
)

CHECK: Check[Case, Limits] = Check(
    id="router",
    title="Router",
    needs=("lan",),
    uses=("link", "address", "path"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.ROUTER,
    required=True,
    # Where a VPN replaced the default route, no router's address is told.
    follows={
        "*": ("link.none",),
        "router.none": ("link.vpn",),
        "router.unmeasured": ("link.vpn",),
        **dict.fromkeys(_LIES_BEYOND, BAD_CABLE),
    },
)
