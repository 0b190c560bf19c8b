"""Do the other computers on the office network answer quickly through the switch?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """Rules of thumb (netfacts.md 5.2); p95 of the round trip to a neighbour, and the share of probes lost."""

    slow_wired_ms: float = 5.0
    slow_wifi_ms: float = 30.0
    loss_ratio: float = 0.02


CODES = {
    "switch.ok": Code(Severity.OK, "The office network is quick: {address} answers in {p50_ms:.2f} ms."),
    "switch.slow": Code(
        Severity.WARN,
        "Another computer on the office network ({address}) is slow to answer: {p95_ms:.1f} ms "
        "(usual: under {limit_ms:g} ms).",
        "Try another cable and another port of the switch for that computer, then restart the switch.",
        Contact.LAN,
        "Inside the office the network should never be what makes the EMR slow.",
    ),
    "switch.loss": Code(
        Severity.WARN,
        "{lost} of {sent} probes to {address} on the office network were lost.",
        "Try another cable and another port of the switch for that computer.",
        Contact.LAN,
        "On an office network nothing should be lost.",
    ),
    "switch.silent": Code(
        Severity.UNKNOWN,
        "{address} on the office network did not answer, so the switch could not be judged by it.",
        "Switch that computer on, or name another one in the settings ([lan] peers).",
        Contact.IT_HELPER,
        "A computer that is off or has a firewall does not answer. That is no fault of the switch.",
    ),
    "switch.no_peer": Code(
        Severity.NOTICE,
        "No other computer on the office network is known, so the switch was not measured.",
        'Name one in the settings: [lan] peers = ["192.168.1.20"].',
        Contact.IT_HELPER,
        "The switch can only be judged by talking through it.",
    ),
    "switch.unmeasured": Code(
        Severity.UNKNOWN,
        "The office network could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """switch.* for each LAN host other than the gateway."""
    lan = need(case.seen.lan)
    neighbours = [target for target in lan.targets if target.role != "gateway"]
    if not neighbours:
        return [Finding("switch.no_peer", expected="a computer to ask", actual="none known")]
    wifi = case.seen.link is not None and case.seen.link.medium == "wifi"
    slow_ms = limits.slow_wifi_ms if wifi else limits.slow_wired_ms
    found = [finding for target in neighbours for finding in _judge_one(target, slow_ms, limits.loss_ratio)]
    answered = [target for target in neighbours if target.p50_ms is not None]
    if answered and lan.peers_from != "settings":
        # Neighbours that we picked ourselves and that stay silent (telephones, printers asleep) say nothing.
        found = [finding for finding in found if finding.code != "switch.silent"]
        picked = {target.address for target in neighbours if target.role == "peer"}
        quick = any(finding.code == "switch.ok" and finding.facts["address"] in picked for finding in found)
        if quick:
            # One that is quick shows that the switch is; a telephone asleep on Wi-Fi is no fault of it.
            found = [f for f in found if f.code == "switch.ok" or f.facts["address"] not in picked]
    return found


def _judge_one(target: LanTarget, slow_ms: float, loss_limit: float) -> list[Finding]:
    if target.p50_ms is None or target.p95_ms is None:
        return [Finding("switch.silent", {"address": target.address}, "answers", "no answer")]
    facts: dict[str, Fact] = {
        "address": target.address,
        "sent": target.sent,
        "lost": target.lost,
        "p50_ms": target.p50_ms,
        "p95_ms": target.p95_ms,
        "method": target.method,
        "limit_ms": slow_ms,
    }
    found = []
    if target.lost / target.sent > loss_limit:
        found.append(Finding("switch.loss", facts, "0 lost", f"{target.lost} of {target.sent} lost"))
    if target.p95_ms > slow_ms:
        found.append(Finding("switch.slow", facts, f"p95 up to {slow_ms:g} ms", f"{target.p95_ms:.1f} ms"))
    return found or [Finding("switch.ok", facts)]


CHECK: Check[Case, Limits] = Check(
    id="switch",
    title="Office network (switch)",
    needs=("lan",),
    uses=("link",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    follows={"*": ("link.none",)},
)
