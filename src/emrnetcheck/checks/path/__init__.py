"""Do packets of every size get out, and does delay or loss begin somewhere on the way?"""

from __future__ import annotations

from dataclasses import dataclass, field

from emrnetcheck.checks.path.codes import CODES, Limits
from emrnetcheck.checks.path.sizes import HERE, doubt, first_known, size_found
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.path import Entry, Path, Trace, steps, where_latency_enters
from emrnetcheck.evidence.path_loss import has_less, lost_on_the_way
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Access, Check, Fact, Finding, Segment
from emrnetcheck.office.cable import BAD_CABLE

_SLOW_CODES = {Segment.LAN: "path.slow_inside", Segment.LINE: "path.slow_line"}
_LOSS_CODES = {Segment.LAN: "path.loss_inside", Segment.LINE: "path.loss_line"}


@dataclass(slots=True)
class _Said:
    """The findings so far, each code once: what the way to the Internet shows, the way to a second site shows again."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding | None) -> None:
        if finding is not None and finding.code not in {other.code for other in self.findings}:
            self.findings.append(finding)


def judge(case: Case, limits: Limits) -> list[Finding]:
    """path.* for the way to the Internet, then for those to second sites."""
    path = need(case.seen.path)
    said = _Said()
    known = first_known(path, limits)
    said.add(size_found(known, path, limits) if known is not None else None)
    for mtu in path.mtus:
        if mtu.role != "outside" and not any(finding.code.startswith("path.mtu") for finding in said.findings):
            said.add(size_found(mtu, path, limits))
    for trace in path.traces:
        witnesses = path.witnesses if trace.role == "outside" else ()
        said.add(_slow(trace, witnesses, limits))
        said.add(_loss(case, trace, witnesses, limits))
        if trace.role != "outside" and trace.end.p50_ms is None:
            said.add(Finding("path.far_silent", {"towards": trace.towards}, "answers", "no answer"))
    if all(trace.role != "outside" for trace in path.traces):
        said.add(_loss(case, None, path.witnesses, limits))
    fine = _fine(path)
    if fine.code == "path.ok" and not any(finding.code.startswith("path.mtu") for finding in said.findings):
        said.add(doubt(case.seen, path, limits))
    if not any(finding.code != "path.far_silent" for finding in said.findings):
        said.findings.insert(0, fine)
    return said.findings


def _fine(path: Path) -> Finding:
    """Of those that answered the one that lost least, as the way lost no more; nobody at all: then nothing is known."""
    ends = [(trace.towards, trace.end) for trace in path.traces if trace.role == "outside"]
    ends += [(witness.address, witness) for witness in path.witnesses]
    answered = [each for each in ends if each[1].p50_ms is not None and each[1].lost < each[1].sent]
    if answered:
        towards, end = min(answered, key=lambda each: each[1].lost / each[1].sent)
        return Finding("path.ok", {"towards": towards, "p50_ms": end.p50_ms, "lost": end.lost, "sent": end.sent})
    return Finding("path.unmeasured", {"why": "no host on the Internet answers probes"})


def _slow(trace: Trace, witnesses: tuple[Series, ...], limits: Limits) -> Finding | None:
    """Slow is what no host behind the place can be reached without: the quickest of them counts."""
    entry = where_latency_enters(trace)
    if entry is None or entry.added_ms is None:
        return None
    medians = [series.p50_ms for series in (trace.end, *witnesses) if series.p50_ms is not None]
    lowest_ms = min(medians, default=None)
    before_ms = max((step.floor_ms for step in steps(trace) if step.ttl < entry.ttl), default=0.0)
    added_ms = min(entry.added_ms, lowest_ms - before_ms) if lowest_ms is not None else entry.added_ms
    stretch = added_ms > limits.slow_stretch_ms
    if not stretch and (lowest_ms is None or lowest_ms <= limits.slow_end_ms):
        return None
    limit_ms = limits.slow_stretch_ms if stretch else limits.slow_end_ms
    facts = _entry_facts(trace, entry) | {"added_ms": added_ms, "limit_ms": limit_ms, "p50_ms": lowest_ms}
    actual = f"{added_ms:.0f} ms on one stretch" if stretch else f"{lowest_ms:.0f} ms to the end"
    return Finding(_SLOW_CODES.get(entry.segment, "path.slow_hop"), facts, f"up to {limit_ms:g} ms", actual)


def _loss(case: Case, trace: Trace | None, witnesses: tuple[Series, ...], limits: Limits) -> Finding | None:
    loss = lost_on_the_way(trace, witnesses)
    if loss is None or loss.lower_ratio <= limits.loss_ratio:
        return None
    towards = trace.towards if trace is not None and loss.to == trace.address else loss.to
    facts: dict[str, Fact] = {"sent": loss.sent, "lost": loss.lost}
    code = "path.loss_somewhere"
    if trace is not None and loss.begins is not None:
        facts |= _entry_facts(trace, loss.begins)
        code = _LOSS_CODES.get(loss.begins.segment, "path.loss")
        if loss.begins.segment is Segment.LAN and _router_loses_less(case, loss.lost / loss.sent):
            code = "path.loss_somewhere"  # the router just does not answer everything
    return Finding(code, facts | {"towards": towards}, "0 lost", f"{loss.lost} of {loss.sent} lost")


def _router_loses_less(case: Case, ratio: float) -> bool:
    targets = case.seen.lan.targets if case.seen.lan is not None else ()
    return any(target.role == "gateway" and has_less(target.sent, target.lost, ratio) for target in targets)


def _entry_facts(trace: Trace, entry: Entry) -> dict[str, Fact]:
    return {"towards": trace.towards, "after": entry.after or HERE, "at": entry.at, "sure": entry.sure}


# What is slow or lossy in the office is on every way out of it.
_OFFICE_LOSES = (
    *("router.loss", "router.heavy_loss", "router.wifi", "router.wifi_bad", "router.duplicate"),
    *("switch.all_loss", "switch.all_heavy_loss", "switch.storm", "switch.duplicate_own"),
    *BAD_CABLE,
)
_OFFICE_IS_SLOW = ("router.slow", "router.wifi", "switch.all_slow", "switch.storm", *BAD_CABLE)

CHECK: Check[Case, Limits] = Check(
    id="path",
    title="The way out",
    needs=("path",),
    uses=("link", "lan"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.PATH,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        "path.slow_inside": _OFFICE_IS_SLOW,
        "path.slow_line": BAD_CABLE,
        "path.slow_hop": BAD_CABLE,
        "path.loss_inside": _OFFICE_LOSES,
        "path.loss_line": _OFFICE_LOSES,
        "path.loss": _OFFICE_LOSES,
        "path.loss_somewhere": _OFFICE_LOSES,
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
