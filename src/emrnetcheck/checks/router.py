"""Does the office's router answer quickly, always, and evenly?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.model import Check, Code, Contact, Fact, FailureKind, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """Rules of thumb (netfacts.md 5.2: no published limit for an EMR was found), by cable and by Wi-Fi.

    slow_*: p95 of the round trip above which it is a warning; that table's "fail", because many routers answer probes
    last and forward well. loss: more than this share lost is a warning, more than bad_loss a failure; wider than that
    table, because one lost of 60 probes is 1.7 % already. jitter_*: mean change from one round trip to the next.
    """

    slow_wired_ms: float = 5.0
    slow_wifi_ms: float = 30.0
    loss_ratio: float = 0.02
    bad_loss_ratio: float = 0.1
    jitter_wired_ms: float = 3.0
    jitter_wifi_ms: float = 30.0


CODES = {
    "router.ok": Code(
        Severity.OK, "The router ({address}) answers in {p50_ms:.1f} ms; {lost} of {sent} probes were lost."
    ),
    "router.slow": Code(
        Severity.WARN,
        "The router ({address}) is slow to answer: {p95_ms:.1f} ms (usual: under {limit_ms:g} ms).",
        "Restart the router. If it stays slow, ask who set it up to look at its load and its cable.",
        Contact.ROUTER,
        "Everything that goes to the Internet passes through the router. Some routers answer probes slowly and still "
        "forward well, so this alone is a warning.",
    ),
    "router.loss": Code(
        Severity.WARN,
        "{lost} of {sent} probes to the router ({address}) were lost.",
        "Try another network cable and another port of the router; on Wi-Fi, repeat the check by cable.",
        Contact.LAN,
        "On an office network nothing should be lost. Each loss makes the EMR pause.",
    ),
    "router.heavy_loss": Code(
        Severity.FAIL,
        "{lost} of {sent} probes to the router ({address}) were lost: the office network is faulty.",
        "Try another network cable and another port of the router; on Wi-Fi, repeat the check by cable.",
        Contact.LAN,
        "On an office network nothing should be lost. With this much lost the EMR is unusable.",
    ),
    "router.jitter": Code(
        Severity.WARN,
        "The router's answer times change by {jitter_ms:.1f} ms from one to the next (usual: under {limit_ms:g} ms).",
        "Look for somebody using the line or the Wi-Fi heavily; repeat the check by cable and in a quiet hour.",
        Contact.LAN,
        "Uneven answer times are felt as stutter.",
    ),
    "router.unreachable": Code(
        Severity.FAIL,
        "The router ({address}) does not answer at all.",
        "Check that the router is on and that the cable between it and this computer is plugged in at both ends.",
        Contact.LAN,
        "Without the router nobody outside reaches the EMR.",
    ),
    "router.none": Code(
        Severity.FAIL,
        "This computer knows no router: there is no way out of the office network.",
        "Check the cable to the router and that this computer gets its network settings automatically.",
        Contact.LAN,
        "Without a router nobody outside reaches the EMR.",
    ),
    "router.silent": Code(
        Severity.UNKNOWN,
        "The router ({address}) does not answer probes, though it forwards: its answer time could not be measured.",
        "This may be a setting of the router. Nothing needs to be done if the rest of the report is fine.",
        Contact.ROUTER,
        "Some routers are set not to answer.",
    ),
    "router.unmeasured": Code(
        Severity.UNKNOWN,
        "The router's answer time could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """router.* for the default gateway."""
    lan = need(case.seen.lan)
    gateways = [target for target in lan.targets if target.role == "gateway"]
    if not gateways and _forwards(case):
        return [Finding("router.unmeasured", {"why": "the Internet is reached, but by no router that is known here"})]
    if not gateways:
        return [Finding("router.none", expected="a router", actual="none")]
    found: list[Finding] = []
    for gateway in gateways:
        found += _judge_one(case, gateway, limits)
    return found


def _judge_one(case: Case, gateway: LanTarget, limits: Limits) -> list[Finding]:
    if gateway.sent == 0 or gateway.p95_ms is None or gateway.p50_ms is None:
        return [_silent(case, gateway)]
    wifi = case.seen.link is not None and case.seen.link.medium == "wifi"
    facts: dict[str, Fact] = {
        "address": gateway.address,
        "sent": gateway.sent,
        "lost": gateway.lost,
        "p50_ms": gateway.p50_ms,
        "p95_ms": gateway.p95_ms,
        "jitter_ms": gateway.jitter_ms,
        "method": gateway.method,
    }
    found: list[Finding] = []
    loss_ratio = gateway.lost / gateway.sent
    if loss_ratio > limits.loss_ratio:
        code = "router.heavy_loss" if loss_ratio > limits.bad_loss_ratio else "router.loss"
        found.append(Finding(code, facts, "0 lost", f"{gateway.lost} of {gateway.sent} lost"))
    slow_ms = limits.slow_wifi_ms if wifi else limits.slow_wired_ms
    if gateway.p95_ms > slow_ms:
        slow: dict[str, Fact] = facts | {"limit_ms": slow_ms}
        found.append(Finding("router.slow", slow, f"p95 up to {slow_ms:g} ms", f"{gateway.p95_ms:.1f} ms"))
    limit_ms = limits.jitter_wifi_ms if wifi else limits.jitter_wired_ms
    if gateway.jitter_ms is not None and gateway.jitter_ms > limit_ms:
        uneven: dict[str, Fact] = facts | {"limit_ms": limit_ms}
        found.append(Finding("router.jitter", uneven, f"up to {limit_ms:g} ms", f"{gateway.jitter_ms:.1f} ms"))
    return found or [Finding("router.ok", facts)]


def _forwards(case: Case) -> bool:
    return case.seen.address is not None and bool(case.seen.address.outside_reached)


def _silent(case: Case, gateway: LanTarget) -> Finding:
    """No answer is a fault only beside other evidence: a router may be set not to answer probes (netfacts.md 5.3)."""
    facts: dict[str, Fact] = {"address": gateway.address}
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


CHECK: Check[Case, Limits] = Check(
    id="router",
    title="Router",
    needs=("lan",),
    uses=("link", "address"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    # A tunnel's way out has no router's address in it.
    follows={"*": ("link.none",), "router.none": ("link.vpn",), "router.unmeasured": ("link.vpn",)},
)
