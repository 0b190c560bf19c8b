"""Do the computers on the office network reach each other quickly, and if not, whose cable is it?"""

from __future__ import annotations

from emrnetcheck.checks.switch.codes import CODES
from emrnetcheck.checks.switch.limits import Limits
from emrnetcheck.checks.switch.under_load import under_load
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.model import Check, Fact, Finding, Segment
from emrnetcheck.office import Host, Office, loss_text, office_of
from emrnetcheck.office.cable import BAD_CABLE
from emrnetcheck.office.faults import Fault
from emrnetcheck.office.holders import rivals

_UNASKED_SHARE = 0.5
_SENT_SHARE = 0.1  # a transfer to here has an acknowledgement for every few packets
_BULK_BYTES = 700.0  # a transfer's packets are full, at 1500
_NAMED = ("peer", "emr_host")


def judge(case: Case, limits: Limits) -> list[Finding]:
    """switch.* for the LAN as a whole, and for each LAN host other than the gateway."""
    lan = need(case.seen.lan)
    office = office_of(case, lan, limits)
    found = _duplicates(case, lan)
    flood = _flood(lan, office, limits)
    if flood is not None and flood.code == "switch.storm":
        return [*found, flood]  # it explains all the rest
    found += [flood] if flood is not None else []
    found += _together(case, lan, office, limits)
    neighbours = [target for target in lan.targets if target.role != "gateway"]
    if not neighbours:
        return found or [Finding("switch.no_peer", expected="a computer to ask", actual="none known")]
    return [*found, *_each(lan, office, neighbours)]


def _together(case: Case, lan: Lan, office: Office, limits: Limits) -> list[Finding]:
    """What is of the network as a whole. Where the router answers, a Wi-Fi is told of with it."""
    if office.common and office.wifi and office.gateway is not None:
        return [Finding("switch.wifi")]
    return [*_common(office), *under_load(case, lan, limits)]


def _flood(lan: Lan, office: Office, limits: Limits) -> Finding | None:
    per_s, sent_per_s = lan.received_per_s, lan.sent_per_s
    if per_s is None or sent_per_s is None or per_s <= limits.storm_per_s or not _unasked(lan, per_s, sent_per_s):
        return None
    hosts = [*office.others, *([office.gateway] if office.gateway is not None else [])]
    silent = len(hosts) < len(lan.targets) and not hosts
    code = "switch.storm" if silent or any(host.bad for host in hosts) else "switch.flooded"
    facts: dict[str, Fact] = {"per_s": per_s, "sent_per_s": sent_per_s}
    return Finding(code, facts, f"up to {limits.storm_per_s:g} packets a second", f"{per_s:.0f}")


def _unasked(lan: Lan, per_s: float, sent_per_s: float) -> bool:
    """Whether most of it is for nobody here. Where the system does not tell: small packets without an answer."""
    if lan.unasked_ratio is not None:
        return lan.unasked_ratio > _UNASKED_SHARE
    small = lan.received_bytes is not None and lan.received_bytes < _BULK_BYTES
    return small and sent_per_s < _SENT_SHARE * per_s


def _common(office: Office) -> list[Finding]:
    hosts = [*([office.gateway] if office.gateway is not None else []), *office.others]
    if not office.common:
        return []
    losses = ", ".join(f"{host.target.address} {loss_text(host)}" for host in hosts)
    quickest = min(hosts, key=lambda host: host.target.p95_ms or 0.0)
    steadiest = min(hosts, key=lambda host: host.target.jitter_ms or 0.0)
    who = ", ".join(host.target.address for host in hosts)
    found = []
    if Fault.LOSS in office.common:
        code = "switch.all_heavy_loss" if office.heavy else "switch.all_loss"
        found.append(Finding(code, {"losses": losses}, "0 lost", losses))
    if Fault.SLOW in office.common:
        p95_ms = quickest.target.p95_ms
        slow: dict[str, Fact] = {"who": who, "p95_ms": p95_ms, "limit_ms": office.slow_ms}
        found.append(Finding("switch.all_slow", slow, f"p95 up to {office.slow_ms:g} ms", f"{p95_ms:.1f} ms"))
    if Fault.JITTER in office.common and not found:  # else it is a part of that, with the same advice
        jitter_ms = steadiest.target.jitter_ms
        uneven: dict[str, Fact] = {"who": who, "jitter_ms": jitter_ms, "limit_ms": office.jitter_ms}
        found.append(Finding("switch.all_jitter", uneven, f"up to {office.jitter_ms:g} ms", f"{jitter_ms:.1f} ms"))
    return found


def _each(lan: Lan, office: Office, neighbours: list[LanTarget]) -> list[Finding]:
    """What is one host's own: its cable, its port. One that we picked ourselves (a telephone, a printer asleep) proves
    a quick network by being quick, and nothing by being slow."""
    found: list[Finding] = []
    hosts = {host.target.address: host for host in office.others}
    picked = lan.peers_from != "settings"
    ours = [target for target in neighbours if picked and target.role == "peer"]
    quick = any(not host.bad for host in office.others if host.target in ours)
    reached = any(not host.bad for host in (*office.others, office.gateway) if host is not None)
    for target in neighbours:
        host = hosts.get(target.address)
        if host is None:
            if target not in ours or not office.others:
                found.append(Finding("switch.silent", {"address": target.address}, "answers", "no answer"))
        elif not host.faults - office.common:
            found += [] if host.bad else [Finding("switch.ok", _facts(host, office))]
        elif target in ours and reached:
            found += [] if quick else [_device(host, office)]
        else:
            found += _one(host, office)
    return found


def _device(host: Host, office: Office) -> Finding:
    facts = _facts(host, office)
    return Finding("switch.slow_device", facts, f"p95 up to {office.slow_ms:g} ms, 0 lost", str(facts["actual"]))


def _one(host: Host, office: Office) -> list[Finding]:
    facts = _facts(host, office)
    target, faults = host.target, host.faults - office.common
    is_emr = target.role == "emr_host"
    found: list[Finding] = []
    if Fault.LOSS in faults:
        code = ("switch.emr_heavy_loss" if host.heavy else "switch.emr_loss") if is_emr else "switch.loss"
        found.append(Finding(code, facts, "0 lost", loss_text(host)))
    if Fault.SLOW in faults:
        code = "switch.emr_slow" if is_emr and facts["quick"] else "switch.slow"
        found.append(Finding(code, facts, f"p95 up to {office.slow_ms:g} ms", f"{target.p95_ms:.1f} ms"))
    if Fault.JITTER in faults:
        uneven: dict[str, Fact] = facts | {"limit_ms": office.jitter_ms}
        found.append(Finding("switch.jitter", uneven, f"up to {office.jitter_ms:g} ms", f"{target.jitter_ms:.1f} ms"))
    return found


def _facts(host: Host, office: Office) -> dict[str, Fact]:
    target = host.target
    hosts = [each for each in (office.gateway, *office.others) if each is not None and not each.bad]
    jitter = f", jitter {target.jitter_ms:.1f} ms" if target.jitter_ms is not None else ""
    return {
        "address": target.address,
        "sent": host.sent,
        "lost": host.lost,
        "p50_ms": target.p50_ms,
        "p95_ms": target.p95_ms,
        "jitter_ms": target.jitter_ms,
        "method": target.method,
        "limit_ms": office.slow_ms,
        "quick": hosts[0].target.address if hosts else "",
        "actual": f"p95 {target.p95_ms:.1f} ms, {loss_text(host)}{jitter}",
    }


def _duplicates(case: Case, lan: Lan) -> list[Finding]:
    found = []
    own = case.seen.link.address if case.seen.link is not None else None
    if lan.own_holders and own is not None:
        holders = " and ".join(lan.own_holders)
        found.append(Finding("switch.duplicate_own", {"address": own, "holders": holders}, "nobody", holders))
    for target in lan.targets:
        claimed = rivals(target)
        if target.role in _NAMED and claimed:
            holders = " and ".join(claimed)
            facts: dict[str, Fact] = {"address": target.address, "holders": holders}
            found.append(Finding("switch.duplicate_address", facts, "one device", holders))
    return found


_LIES_BEYOND = (
    *(f"switch.all_{what}" for what in ("slow", "loss", "heavy_loss", "jitter")),
    *(f"switch.{what}" for what in ("slow", "loss", "jitter", "emr_slow", "emr_loss", "emr_heavy_loss")),
    *(f"switch.{what}" for what in ("slow_under_load", "load_loss", "throughput_low", "throughput_bad")),
    "switch.load_stopped",
)

CHECK: Check[Case, Limits] = Check(
    id="switch",
    title="Office network (switch)",
    needs=("lan",),
    uses=("link", "lan_load"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LAN,
    follows={"*": ("link.none",), **dict.fromkeys(_LIES_BEYOND, BAD_CABLE)},
)
